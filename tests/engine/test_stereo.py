"""Stereo files that hold several views: all are processed, and one that is left alone is said."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main

SIDE = (48, 64)
HEADER = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
FAST = ("--strength", "2", "--quality", "fast", "--radius", "0")


def picture(seed: int) -> dict[str, np.ndarray]:
    y, x = np.mgrid[: SIDE[0], : SIDE[1]]
    smooth = 0.4 + 0.2 * np.sin((x + seed) / 9) * np.cos(y / 7)
    noise = 0.03 * np.random.default_rng(seed).standard_normal((*SIDE, 3))
    pixels = (smooth[..., None] * (1, 0.8, 0.6) + noise).astype(np.float16)
    return {c: np.ascontiguousarray(pixels[..., i]) for i, c in enumerate("RGB")}


def both(path: Path, parts: bool) -> Path:
    """A file with two views and a depth for each."""
    left, right = picture(1), picture(2)
    depth = np.full(SIDE, 5, np.float32)
    if parts:
        made = [
            OpenEXR.Part({**HEADER, "view": view}, {**planes, "Z": depth.copy()}, f"rgba_{view}")
            for view, planes in (("left", left), ("right", right))
        ]
        OpenEXR.File(made).write(str(path))
    else:
        planes = {**left, "Z": depth, **{f"right.{c}": p for c, p in right.items()}, "right.Z": depth.copy()}
        OpenEXR.File({**HEADER, "multiView": ["left", "right"]}, planes).write(str(path))
    return path


def planes(path: Path, parts: bool) -> dict[str, dict[str, np.ndarray]]:
    with OpenEXR.File(str(path), separate_channels=True) as file:
        if parts:
            return {p.header["view"]: {n: c.pixels for n, c in p.channels.items()} for p in file.parts}
        found = {n: c.pixels for n, c in file.channels().items()}
    right = {n.removeprefix("right."): p for n, p in found.items() if n.startswith("right.")}
    return {"left": {n: p for n, p in found.items() if "." not in n}, "right": right}


def run(capsys: pytest.CaptureFixture[str], *words: object) -> list[dict[str, object]]:
    assert main([*map(str, words), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def alone(folder: Path, seed: int, *words: object) -> dict[str, np.ndarray]:
    """What the node makes of one of the pictures in a file of its own."""
    OpenEXR.File(HEADER, picture(seed)).write(str(folder / f"alone{seed}.exr"))
    assert main([words[0], str(folder / f"alone{seed}.exr"), str(folder / f"made{seed}.exr"), *map(str, words[1:])]) == 0  # type: ignore[list-item]
    with OpenEXR.File(str(folder / f"made{seed}.exr"), separate_channels=True) as file:
        return {n: c.pixels for n, c in file.channels().items()}


@pytest.mark.parametrize("parts", [False, True])
@pytest.mark.parametrize("node", [("denoise", *FAST), ("upscale", "--radius", 0)])
def test_both_views_of_a_file_are_processed_into_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], parts: bool, node: tuple[object, ...]
) -> None:
    source, out = both(tmp_path / "s.exr", parts), tmp_path / "o.exr"
    wanted = {"left": alone(tmp_path, 1, *node), "right": alone(tmp_path, 2, *node)}
    capsys.readouterr()
    events = run(capsys, node[0], source, out, *node[1:])
    made = planes(out, parts)
    for view, found in made.items():
        for name in "RGB":
            assert np.array_equal(found[name], wanted[view][name]), (view, name)
        assert (found["Z"] == 5).all()
    assert [e["event"] for e in events].count("frame") == 1
    again = run(capsys, node[0], source, out, *node[1:])
    assert next(e for e in again if e["event"] == "done")["kept"] == 1, "a second run has nothing to do"


def test_a_view_that_is_left_alone_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = both(tmp_path / "s.exr", False), tmp_path / "o.exr"
    events = run(capsys, "denoise", source, out, *FAST, "--layer", "right")
    assert any("left" in str(e.get("message")) for e in events if e["event"] == "warning")
    made, before = planes(out, False), planes(source, False)
    assert np.array_equal(made["left"]["R"], before["left"]["R"])
    assert not np.array_equal(made["right"]["R"], before["right"]["R"])
    run(capsys, "denoise", source, tmp_path / "p.exr", *FAST, "--views", "left")
    chosen = planes(tmp_path / "p.exr", False)
    assert np.array_equal(chosen["right"]["R"], before["right"]["R"])
    assert not np.array_equal(chosen["left"]["R"], before["left"]["R"])


def test_a_stereo_file_can_be_written_as_one_file_a_view(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = both(tmp_path / "s.exr", False)
    run(capsys, "denoise", source, tmp_path / "o_%V.png", *FAST)
    assert (tmp_path / "o_left.png").is_file() and (tmp_path / "o_right.png").is_file()


def looks(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.glob("*.cube")}


def pair(folder: Path, view: str, gain: float) -> None:
    """A picture and a grade of it, which differs by view."""
    for name, factor in (("before", 1.0), ("after", gain)):
        planes = {c: (p.astype(np.float32) * factor).astype(np.float16) for c, p in picture(3).items()}
        OpenEXR.File(HEADER, planes).write(str(folder / f"{name}.{view}.exr"))


def test_every_view_keeps_a_look_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for view, seed, gain in (("left", 1, 0.5), ("right", 2, 0.8)):
        OpenEXR.File(HEADER, picture(seed)).write(str(tmp_path / f"s.{view}.exr"))
        pair(tmp_path, view, gain)
    words = [
        "tone",
        f"{tmp_path}/s.%V.exr",
        f"{tmp_path}/out/o.%V.exr",
        "--pair",
        f"{tmp_path}/before.%V.exr",
        f"{tmp_path}/after.%V.exr",
    ]
    assert main([*words, "--export", f"{tmp_path}/look.cube"]) == 2
    said = capsys.readouterr().err
    assert "one place for the views left, right" in said and "write %V" in said
    assert not looks(tmp_path) and not list(tmp_path.glob("out/*.exr")), "nothing is made before it is refused"
    run(capsys, *words, "--export", f"{tmp_path}/%V.look.cube")
    found = looks(tmp_path)
    assert sorted(found) == ["left.look.cube", "right.look.cube"]
    assert found["left.look.cube"] != found["right.look.cube"]


def test_views_of_one_file_keep_looks_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = both(tmp_path / "s.exr", False)
    for name, gains in (("before", (1, 1)), ("after", (0.5, 0.8))):
        views = zip(("", "right."), gains, strict=True)
        graded = {f"{view}{c}": (p * np.float16(gain)) for view, gain in views for c, p in picture(3).items()}
        OpenEXR.File({**HEADER, "multiView": ["left", "right"]}, graded).write(str(tmp_path / f"{name}.exr"))
    words = ["tone", source, tmp_path / "o.exr", "--pair", tmp_path / "before.exr", tmp_path / "after.exr", "--export"]
    events = run(capsys, *words, tmp_path / "look.cube")
    found = looks(tmp_path)
    assert sorted(found) == ["look.cube", "look.right.cube"]
    assert found["look.cube"] != found["look.right.cube"]
    chosen = next(e["chosen"] for e in events if e["event"] == "start")
    assert [c["taken"] for c in chosen if c["what"] == "export of the view right"] == [str(tmp_path / "look.right.cube")]  # type: ignore[union-attr]
    run(capsys, *words, tmp_path / "%V.cube")
    assert sorted(looks(tmp_path)) == ["left.cube", "look.cube", "look.right.cube", "right.cube"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("o.png",), "holds one picture"),
        (("o.exr", "--views", "up"), "no view up"),
        (("o_%V.exr", "--views", "up"), "no view up"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    both(tmp_path / "both.exr", False)
    assert main(["denoise", "both.exr", *words, "--strength", "0"]) in (2, 3)
    assert said in capsys.readouterr().err
