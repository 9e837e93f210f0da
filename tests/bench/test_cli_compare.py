"""`vfxai compare` on files: table, JSON lines, report, errors."""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import pytest

from vfxai.bench.plates import write_sequence
from vfxai.cli import compare
from vfxai.errors import InputError, MissingInputError, ParameterError


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    compare.add_parser(parser.add_subparsers())
    options = parser.parse_args(["compare", *arguments])
    return int(options.run(options))


@pytest.fixture
def sequences(tmp_path: Path) -> tuple[str, str]:
    """Two EXR sequences of three frames, the second 0.25 brighter from the second frame on."""
    from dataclasses import replace

    from vfxai.image.files import read_frame, write_frame

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    pattern = write_sequence(tmp_path / "a", (32, 24), 3)
    for number in (1001, 1002, 1003):
        frame = read_frame(tmp_path / f"a/plate.{number}.exr")
        color = frame.color + (0.0 if number == 1001 else 0.25)
        write_frame(tmp_path / f"b/plate.{number}.exr", replace(frame, color=color))
    return pattern, str(tmp_path / "b/plate.####.exr")


def test_a_table_names_encoding_and_every_frame(sequences: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*sequences) == 0
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.splitlines()[:5]] == ["frame", "1001", "1002", "1003", "all"]
    assert "identical" in text.splitlines()[1]
    assert "Values as-stored, peak 1" in text


def test_json_lines_have_start_frames_and_done(sequences: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*sequences, "--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["event"] for e in events] == ["start", "frame", "frame", "frame", "done"]
    assert events[1]["identical"] is True
    assert events[2]["psnr"] == pytest.approx(20 * math.log10(4), abs=0.02)
    assert events[2]["flicker"] == pytest.approx(0.25, abs=0.003)
    assert events[3]["flicker"] == pytest.approx(0, abs=0.003)
    assert events[-1]["max_error"] == pytest.approx(0.25, rel=0.1)


def test_frames_choose_a_range_and_a_report_is_written(sequences: tuple[str, str], tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    assert run(*sequences, "--frames", "1002-1003", "--report", str(report)) == 0
    text = report.read_text(encoding="utf-8")
    assert text.count("<h3>") == 2
    assert "Frame 1001" not in text


def test_different_sizes_are_refused(sequences: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    small = write_sequence(tmp_path / "small", (30, 24), 3)
    with pytest.raises(InputError, match="frame 1001 differs in size: A has 32x24"):
        run(sequences[0], small)


def test_a_missing_sequence_and_a_bad_peak_are_clear_errors(sequences: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(MissingInputError):
        run(sequences[0], str(tmp_path / "nowhere.####.exr"))
    with pytest.raises(ParameterError, match="--peak"):
        run(*sequences, "--peak", "0")


@pytest.mark.parametrize("encoding", ["scene-linear", "log", "display"])
def test_values_are_compared_in_the_asked_encoding(
    sequences: tuple[str, str], encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vfxai.color.encoding")
    assert run(*sequences, "--encoding", encoding, "--colorspace", "Linear Rec.709 (sRGB)", "--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0]["encoding"] == encoding
    assert (events[-1]["hdr_psnr"] is not None) == (encoding == "scene-linear")
    stored = 20 * math.log10(4)
    assert (abs(events[2]["psnr"] - stored) > 0.2) == (encoding != "scene-linear")
    assert np.isfinite(events[-1]["flicker"])
