"""What the command line says of what is wrong."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.engine.progress import PlainLines
from vfxai.models.manifest import read_manifest, write_manifest
from vfxai.models.store import Store
from vfxai.schema import registry
from vfxai.schema.events import Done, ErrorEvent, FrameDone, Progress, Start
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import Encoding


class Breaks(Node):
    """Fails on frame 2; for tests."""

    encoding = Encoding.STORED

    def process(self, at, analysis, tools):
        if at.number == 2:
            raise ZeroDivisionError("two")
        return at.center.with_color(at.center.color * 2)


@pytest.fixture
def plate(tmp_path: Path):
    registry.register(Breaks)
    for frame in (1, 2):
        channels = {n: np.full((6, 8), 0.25, np.float16) for n in "RGB"}
        header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
        OpenEXR.File(header, channels).write(str(tmp_path / f"a.{frame}.exr"))
    yield str(tmp_path / "a.#.exr")
    registry._nodes.pop("breaks")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["denoize"], "there is no command 'denoize', did you mean denoise?"),
        (["denoise", "--stength", "0.5", "a", "b"], "there is no option --stength, did you mean --strength?"),
        (["denoise", "--frame", "1", "a", "b"], "there is no option --frame, did you mean --frames?"),
        (["info", "--jsn", "a"], "there is no option --jsn, did you mean --json?"),
        (["denoise", "a.exr"], "vfxai denoise: OUTPUT is missing\n  write vfxai denoise INPUT OUTPUT [options]"),
        (["denoise", "a", "b", "c"], "'c' is one word too many"),
        (["denoise", "a", "b", "--strength"], "--strength: expected one argument"),
        (["denoise", "a", "b", "--strength", "7"], "--strength: expected a number from 0 to 2, got '7'"),
        (["denoise", "a", "b", "--region-frame", "x"], "--region-frame: expected a whole number"),
        (["denoise", "a", "b", "--region", "-5,0,8"], "--region: expected x,y,width,height in pixels, got '-5,0,8'"),
        (["denoise", "a", "b", "--frames", "1001.5"], "--frames: '1001.5' is no frame range"),
        (["denoise", "a", "b", "--frames", "1-9999999"], "--frames: '1-9999999' are 9999999 frames, more than 1000000"),
        (["denoise", "a", "b", "--missing", "hld"], "--missing: expected one of error, hold, skip, got 'hld'"),
        (["upscale", "a", "b", "--size", "2k"], "--size: expected WIDTHxHEIGHT, got '2k'"),
        (["run", "/dev/zero"], "/dev/zero is no recipe: it has more than 16 MiB"),
    ],
)
def test_what_is_wrong_and_what_was_meant(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "node 1" not in said and "Traceback" not in said


def test_values_may_begin_with_a_minus_sign(plate: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--frames", "-2-1", "--missing", "skip", "--region", "-5,0,8,8", "--region-frame", "-2", "--strength", "0"]
    assert main(["denoise", plate, str(tmp_path / "out/b.#.exr"), *arguments]) == 0
    assert [p.name for p in (tmp_path / "out").glob("*.exr")] == ["b.1.exr"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[node]]\nid = 'breaks'", "source is missing; output is missing"),
        ("source = 'a'\noutput = 'b'\n[[node]]\nid = 'denoise'\nmask = 5", "node 1: mask: expected PATTERN, got 5"),
        ("source = 'a'\noutput = 'b'\nnode = 'denoise'", "[[node]]: expected one table or more, got 'denoise'"),
        ("source = 'a'\noutput = 'b'\nnode = ['denoise']", "node 1: expected a table, got 'denoise'"),
        ("source = 'a'\noutput = 'b'\n[[node]]\nid = 'denoise'\nself = 1", "node 1: self: denoise has no 'self'"),
        ("source = 'a'\noutput = 'b'\n[[node]]\nid = 'denoise'\nmsk = 'm'", "denoise has no 'msk', did you mean 'mask'?"),
        ("source = 'a'\noutput = 'b'\nfrmes = '1'\n[[node]]\nid = 'denoise'", "a job has no 'frmes', did you mean 'frames'?"),
        (
            "source = 'a'\noutput = 'b'\n[[node]]\nid = 'denoise'\nstrength = {1001 = 0.5, 1002 = 9}",
            "expected a number from 0 to 2, got 9",
        ),
        (
            "source = 'a'\noutput = 'b'\ntile = 1e400\n[[node]]\nid = 'denoise'",
            "tile: expected auto or a number of pixels, got inf",
        ),
        ("a = " + "[" * 100_000, "cannot be read: it is nested too deeply"),
        ("source = 1" + "0" * 5000, "cannot be read: Exceeds the limit"),
        ("source", "cannot be read"),
    ],
)
def test_recipes_that_are_wrong(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.toml").write_text(text)
    assert main(["run", str(tmp_path / "r.toml")]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert len(said) < 1500


def test_a_file_that_is_no_text_is_no_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.toml").write_bytes(bytes(range(256)))
    assert main(["run", str(tmp_path / "r.toml")]) == 2
    said = capsys.readouterr().err
    assert "r.toml is no recipe: it is no text in UTF-8" in said and "name a TOML or JSON file" in said and "codec" not in said


def test_a_byte_order_mark_is_no_part_of_a_recipe(plate: str, tmp_path: Path) -> None:
    text = f'source = "{plate}"\noutput = "{tmp_path}/out/b.#.exr"\nframes = 1\n[[node]]\nid = "breaks"\n'
    (tmp_path / "r.toml").write_text(text, encoding="utf-8-sig")
    assert main(["run", str(tmp_path / "r.toml"), "--depth", "float"]) == 0
    assert [p.name for p in (tmp_path / "out").glob("*.exr")] == ["b.1.exr"]


def test_debug_shows_where_a_frame_failed(plate: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["breaks", plate, str(tmp_path / "out/b.#.exr"), "--overwrite"]
    assert main(command) == 6
    assert "Traceback" not in capsys.readouterr().err
    assert main([*command, "--debug"]) == 6
    said = capsys.readouterr().err
    assert 'raise ZeroDivisionError("two")' in said
    assert "error: frame 2: unexpected ZeroDivisionError: two" in said
    assert main([*command, "--debug", "--json"]) == 6
    failed = [e for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "error"]
    assert 'raise ZeroDivisionError("two")' in failed[0]["traceback"]
    assert failed[0]["number"] == 2


def test_a_model_whose_licence_forbids_paid_work_is_refused_where_that_is_asked(
    plate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models/denoise-s"
    shutil.copytree(Store().folder("denoise-s"), folder)
    write_manifest(folder / "manifest.toml", replace(read_manifest(folder / "manifest.toml"), licence="CC-BY-NC-4.0"))
    monkeypatch.setenv("VFXAI_MODELS", str(tmp_path / "models"))
    command = ["denoise", plate, str(tmp_path / "out/b.#.exr"), "--frames", "1"]
    assert main([*command, "--license", "commercial"]) == 4
    assert "denoise-s is under CC-BY-NC-4.0, which does not allow paid work" in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*.exr"))
    monkeypatch.setenv("VFXAI_LICENSE", "commercial")
    assert main(command) == 4
    assert main([*command, "--license", "any"]) == 0


def test_long_steps_and_frames_are_told_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    lines = PlainLines(clock=lambda: now)
    for done in range(0, 101, 10):
        lines.event(Progress(done, 100, "following the camera"))
        now += 2
    lines.event(Start(2, 0, ("remove",), "ACEScg", "the file", "vfxai", "cpu"))
    now += 4
    lines.event(FrameDone(1001, "b.1001.exr", 4.0))
    lines.event(ErrorEvent("InputError", "frame 1002: lost", "find it", 1002))
    lines.event(Done(1, 0, (1002,), 4.0, 0.25))
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "following the camera: 30 of 100, 14 s left",
        "following the camera: 60 of 100, 8 s left",
        "following the camera: 90 of 100, 2 s left",
        "2 frames; ACEScg (the file); cpu",
        "frame 1001  4.00 s  0.25 frames/s  4 s left  b.1001.exr",
        "done: 1 frames in 4.0 s, 0.25 frames/s, 1 failed",
    ]
    assert said.err == "error: frame 1002: lost\n  find it\n"


def test_a_path_that_a_terminal_cannot_show_does_not_stop_a_run(plate: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "vfxai", "denoise", plate, str(tmp_path / "für/b.#.exr"), "--strength", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "f\\xfcr" in done.stdout


def test_a_closed_stdout_stops_nothing(plate: str, tmp_path: Path) -> None:
    command = f"exec '{sys.executable}' -m vfxai denoise '{plate}' '{tmp_path}/out/b.#.exr' --strength 0 >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.exr"))) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("asked", [["--json"], []])
def test_a_full_stdout_is_told_in_words(plate: str, tmp_path: Path, asked: list[str]) -> None:
    command = [sys.executable, "-m", "vfxai", "denoise", plate, str(tmp_path / "x.#.exr"), "--radius", "0", *asked]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 5, ended.stderr
    assert "error: the system refused: no space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr and "Exception ignored" not in ended.stderr


def test_names_that_are_no_text_are_told(plate: str, tmp_path: Path) -> None:
    output = os.fsencode(tmp_path / "b") + b"\xff/b.#.exr"
    done = subprocess.run(
        [sys.executable, "-m", "vfxai", "denoise", plate, output, "--strength", "0"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "the name holds bytes that are no UTF-8" in done.stderr
