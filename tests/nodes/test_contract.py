"""What every node promises about plates, run through the command line as a user would."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from plates import SIZE, color_of, noisy, painted, read, sequence, texture, write

from vfxai.cli.main import main
from vfxai.schema import registry

registry.discover()
NODES = registry.names()
Options = tuple[str, ...] | Callable[[Path], tuple[str, ...]]
"""Of a command line, or what makes them, and the files they name, for the plate in a folder."""
WITH_MASK = [n for n in NODES if registry.get(n).masks()]
PAIR = [str(Path(__file__).parent / "tone" / name) for name in ("before.png", "after.png")]
NEEDED: dict[str, Options] = {
    "remove": ("--mask-layer", "wire"),
    "wires": ("--form", "channel"),
    "tone": ("--pair", *PAIR),
    "colorize": lambda folder: ("--key", f"1001={painted(folder)}", "--steps", "5"),
}
"""Options without which a node has nothing to do, or makes something else than a plate."""
ACTING: dict[str, Options] = {
    **NEEDED,
    "deinterlace": ("--rate", "same"),
    "upscale": ("--scale", "1", "--restore", "0.3"),
    "tone": ("--look", str(Path(__file__).parent / "tone/look.cc")),  # a pair takes a second to fit
}
"""Options with which a node makes as many frames as it gets, of the same size; none where its defaults do."""
KEEPS = frozenset({"deinterlace", "wires"})
"""Nodes that leave plates such as these as they are: progressive ones, and those that only get a channel more."""
RENUMBERS = frozenset({"deinterlace"})
"""Nodes that number their output on from the first frame, whatever is missing."""
WITH_STRENGTH = [n for n in NODES if "strength" in registry.get(n).parameters()]


@pytest.fixture(params=NODES)
def node(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def given(table: dict[str, Options], node: str, folder: Path) -> tuple[str, ...]:
    options = table.get(node, ())
    return options(folder) if callable(options) else options


def events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@pytest.mark.parametrize("node", WITH_STRENGTH)
def test_strength_zero_is_bit_identical(node: str, tmp_path: Path) -> None:
    color = noisy()
    color[3, 4] = [np.nan, np.inf, -np.inf]
    color[5, 6] = [-3.5, 65504, 1e-7]
    alpha = np.linspace(0, 1, SIZE[0] * SIZE[1]).reshape(SIZE)
    write(tmp_path / "in.1001.exr", color, alpha)
    assert main([node, str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), "--strength", "0"]) == 0
    before, header_before = read(tmp_path / "in.1001.exr")
    after, header_after = read(tmp_path / "out.1001.exr")
    assert list(before) == list(after)
    assert all(same_bits(before[n], after[n]) for n in before)
    for name, value in header_before.items():
        if name not in ("channels",):
            assert repr(header_after[name]) == repr(value), name
    assert any(name.startswith("vfxai/") for name in header_after)


def test_what_is_not_processed_survives(node: str, tmp_path: Path) -> None:
    alpha = np.clip(np.linspace(-0.2, 1.2, SIZE[0] * SIZE[1]), 0, 1).reshape(SIZE)
    write(tmp_path / "in.1001.exr", noisy(sigma=0 if node in KEEPS else 0.05) * alpha[..., None], alpha, frame=7)
    assert main([node, str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), *given(ACTING, node, tmp_path)]) == 0
    before, header_before = read(tmp_path / "in.1001.exr")
    after, header_after = read(tmp_path / "out.1001.exr")
    assert node in KEEPS or not same_bits(before["R"], after["R"])
    for name in ("depth.Z", "id", "wire", "A"):
        assert same_bits(before[name], after[name]), name
    for name in ("dataWindow", "displayWindow", "pixelAspectRatio", "timeCode", "owner", "camera/iso", "compression"):
        assert repr(header_after[name]) == repr(header_before[name]), name


def test_premultiplied_colour_stays_within_its_alpha(node: str, tmp_path: Path) -> None:
    alpha = np.zeros(SIZE)
    alpha[:, 20:44] = 0.5
    write(tmp_path / "in.1001.exr", noisy(sigma=0.02) * alpha[..., None], alpha)
    assert main([node, str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), *given(ACTING, node, tmp_path)]) == 0
    result = color_of(tmp_path / "out.1001.exr")
    support = 8 if registry.get(node).associated else 4  # of the filter that brings a size back, from alpha's edge at 20
    assert not result[:, : 20 - support].any()
    assert np.abs(result - texture() * alpha[..., None])[:, 24:40].mean() < 0.02


def test_highlights_and_negatives_are_not_clamped(node: str, tmp_path: Path) -> None:
    ramp = np.linspace(-2, 100, SIZE[0] * SIZE[1], dtype=np.float32).reshape(SIZE)
    color = np.stack([ramp, ramp * 0.5, ramp * 0.25], -1)
    color = color + 0.05 * np.sqrt(np.abs(color) + 0.1) * np.random.default_rng(0).standard_normal(color.shape)
    write(tmp_path / "in.1001.exr", color.astype(np.float32))
    assert main([node, str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), *given(ACTING, node, tmp_path)]) == 0
    result = color_of(tmp_path / "out.1001.exr")
    assert np.isfinite(result).all()
    assert np.abs(result - np.stack([ramp, ramp * 0.5, ramp * 0.25], -1)).max() < 6
    assert result.max() > 95
    assert result.min() < -1


def test_not_a_number_is_repaired_and_counted(node: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    color = noisy()
    color[10, 10] = np.nan
    color[20:23, 30:33, 1] = np.inf
    write(tmp_path / "in.1001.exr", color)
    assert (
        main([node, str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), "--json", *given(ACTING, node, tmp_path)]) == 0
    )
    result = color_of(tmp_path / "out.1001.exr")
    assert np.isfinite(result).all()
    assert np.abs(result - texture())[8:24, 8:34].max() < 0.3
    told = [e for e in events(capsys.readouterr().out) if "repaired" in json.dumps(e).lower()]
    assert told, "the repair is reported"
    assert any("10" in json.dumps(e) for e in told), "with the count of pixels: 1 + 9"


def test_data_windows_that_change_from_frame_to_frame(node: str, tmp_path: Path) -> None:
    display = np.array([0, 0], np.int32), np.array([SIZE[1] + 9, SIZE[0] + 5], np.int32)
    boxes = ((0, 0, 64, 48), (6, 4, 50, 40), (2, 0, 60, 48), (10, 9, 40, 36))  # as renders that were cropped to what they show
    for frame, (x, y, width, height) in enumerate(boxes, 1001):
        window = np.array([x - 5, y + 3], np.int32), np.array([x - 6 + width, y + 2 + height], np.int32)
        color = noisy(0, 0.02)[y : y + height, x : x + width]
        write(tmp_path / f"in.{frame}.exr", color, dataWindow=window, displayWindow=display)
    assert main([node, str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), *given(ACTING, node, tmp_path)]) == 0
    for frame, (x, y, width, height) in enumerate(boxes, 1001):
        _, header = read(tmp_path / f"out.{frame}.exr")
        assert repr(header["dataWindow"]) == repr(read(tmp_path / f"in.{frame}.exr")[1]["dataWindow"])
        wrong = np.abs(color_of(tmp_path / f"out.{frame}.exr") - texture()[y : y + height, x : x + width])
        assert wrong.mean() < 0.025, "no worse than the noise"
        assert wrong[2:-2, 2:-2].max() < 0.15, "nothing of what lies outside the windows of neighbours"


@pytest.mark.parametrize("node", WITH_MASK)
def test_pixels_outside_the_mask_are_bit_identical(node: str, tmp_path: Path) -> None:
    write(tmp_path / "in.1001.exr", noisy())
    mask = np.zeros((*SIZE, 3), np.float32)
    mask[:, 32:] = 1
    write(tmp_path / "mask.1001.exr", mask)
    arguments = [
        node,
        str(tmp_path / "in.####.exr"),
        str(tmp_path / "out.####.exr"),
        "--mask",
        str(tmp_path / "mask.####.exr"),
        *given(ACTING, node, tmp_path),
    ]
    assert main(arguments) == 0
    before, after = read(tmp_path / "in.1001.exr")[0], read(tmp_path / "out.1001.exr")[0]
    assert same_bits(before["R"][:, :32].copy(), after["R"][:, :32].copy())
    assert node in KEEPS or not same_bits(before["R"][:, 32:].copy(), after["R"][:, 32:].copy())


def test_tiles_equal_the_whole_frame(node: str, tmp_path: Path) -> None:
    size = (160, 208)
    write(tmp_path / "in.1001.exr", noisy(size=size))
    for name, tile in (("whole", "auto"), ("tiles", "64")):
        options = ("--tile", tile, "--depth", "float", *given(NEEDED, node, tmp_path))
        assert main([node, str(tmp_path / "in.####.exr"), str(tmp_path / f"{name}.####.exr"), *options]) == 0
    assert np.abs(color_of(tmp_path / "whole.1001.exr") - color_of(tmp_path / "tiles.1001.exr")).max() < 1e-3


def test_torch_equals_onnx(node: str, tmp_path: Path) -> None:
    pattern = sequence(tmp_path, range(1001, 1004))
    for backend in ("torch", "onnx"):
        output = str(tmp_path / f"{backend}.####.exr")
        options = ("--backend", backend, "--precision", "fp32", "--depth", "float", *given(NEEDED, node, tmp_path))
        assert main([node, pattern, output, *options]) == 0
    for frame in range(1001, 1004):
        assert np.abs(color_of(tmp_path / f"torch.{frame}.exr") - color_of(tmp_path / f"onnx.{frame}.exr")).max() < 1e-3


def test_a_second_run_keeps_finished_frames_until_something_changes(
    node: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern, output = sequence(tmp_path), str(tmp_path / "out/dn.####.exr")
    assert main([node, pattern, output, *given(ACTING, node, tmp_path), "--frames", "1001-1003", "--json"]) == 0
    times = {f: (tmp_path / f"out/dn.{f}.exr").stat().st_mtime_ns for f in (1001, 1002, 1003)}
    capsys.readouterr()
    assert main([node, pattern, output, *given(ACTING, node, tmp_path), "--frames", "1001-1003", "--json"]) == 0
    assert not [e for e in events(capsys.readouterr().out) if e["event"] == "frame" and not e.get("kept")]
    assert times == {f: (tmp_path / f"out/dn.{f}.exr").stat().st_mtime_ns for f in times}
    changed = tmp_path / "plate.1002.exr"
    write(changed, noisy(1002, 0.06))
    os.utime(changed, ns=(1, 1))
    assert main([node, pattern, output, *given(ACTING, node, tmp_path), "--frames", "1001-1003"]) == 0
    assert (tmp_path / "out/dn.1002.exr").stat().st_mtime_ns != times[1002]


class StopsAtAFrame(io.StringIO):
    """A stdout that gives this process SIGINT when the first frame is told."""

    def write(self, text: str) -> int:
        if '"event": "frame"' in text and '"event": "frame"' not in self.getvalue():
            os.kill(os.getpid(), signal.SIGINT)
        return super().write(text)


def test_cancelling_leaves_only_whole_frames(node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = sequence(tmp_path, range(1001, 1061))
    monkeypatch.setattr(sys, "stdout", StopsAtAFrame())
    before = signal.signal(signal.SIGINT, lambda *_: None)  # whatever comes after the command has its end stops no other test
    try:
        assert main([node, pattern, str(tmp_path / "out/dn.####.exr"), "--json", *given(NEEDED, node, tmp_path)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    only_whole_frames(tmp_path / "out")


def test_a_process_that_is_interrupted_leaves_only_whole_frames(tmp_path: Path) -> None:
    pattern = sequence(tmp_path, range(1001, 1061))
    command = [sys.executable, "-m", "vfxai", "denoise", pattern, str(tmp_path / "out/dn.####.exr"), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "frame":
            process.send_signal(signal.SIGINT)
            break
    process.communicate()
    assert process.returncode == 130
    only_whole_frames(tmp_path / "out")


def only_whole_frames(folder: Path) -> None:
    """Some of 60, and nothing beside them."""
    written = [p for p in folder.iterdir() if p.is_file()]
    assert 0 < len(written) < 60
    for path in written:
        assert np.isfinite(color_of(path)).all()


def test_a_missing_frame_is_an_error_a_held_frame_or_a_gap(node: str, tmp_path: Path) -> None:
    pattern = sequence(tmp_path)
    (tmp_path / "plate.1003.exr").unlink()
    arguments = [node, pattern, str(tmp_path / "out/dn.####.exr"), *given(ACTING, node, tmp_path), "--frames", "1001-1005"]
    assert main([*arguments, "--missing", "error"]) == 3
    assert main([*arguments, "--missing", "skip", "--overwrite"]) == 0
    expected = (1001, 1002, 1003, 1004) if node in RENUMBERS else (1001, 1002, 1004, 1005)
    assert sorted(p.name for p in (tmp_path / "out").glob("*.exr")) == [f"dn.{f}.exr" for f in expected]
    assert main([*arguments, "--missing", "hold", "--overwrite"]) == 0
    assert (tmp_path / "out/dn.1003.exr").exists()


def test_bad_input_is_a_clear_error_without_output(node: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out/dn.####.exr"
    (tmp_path / "text.1001.exr").write_text("not a picture")
    sequence(tmp_path, range(1001, 1002))
    whole = (tmp_path / "plate.1001.exr").read_bytes()
    (tmp_path / "cut.1001.exr").write_bytes(whole[: len(whole) // 2])
    for name, code in (("nothing", 3), ("text", 3), ("cut", 3)):
        assert main([node, str(tmp_path / f"{name}.####.exr"), str(output)]) in (code, 6), name
        message = capsys.readouterr().err
        assert name in message
        assert "Traceback" not in message
        assert not list((tmp_path / "out").glob("*.exr")) if (tmp_path / "out").exists() else True
    assert main([node, str(tmp_path / "plate.####.exr"), str(tmp_path / "plate.####.exr")]) == 2
    assert main([node, str(tmp_path / "plate.####.exr"), str(output), "--no-such-option"]) == 2
