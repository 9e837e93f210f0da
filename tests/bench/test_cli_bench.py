"""`vfxai bench`: parsing, a whole small run with storing and rendering."""

import argparse
import json
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from vfxai.cli import bench
from vfxai.errors import MissingInputError, OutputError, ParameterError


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    bench.add_parser(parser.add_subparsers())
    options = parser.parse_args(["bench", *arguments])
    return int(options.run(options))


@pytest.fixture
def stills(tmp_path: Path) -> Path:
    folder = tmp_path / "stills"
    folder.mkdir()
    for name in ("a", "b"):
        cv2.imwrite(
            str(folder / f"{name}.png"),
            cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8), (0, 0), 3),
        )
    return folder


def test_results_are_printed_stored_and_rendered(
    stills: Path, tiny_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "quality.md"
    code = run(
        "quality", "--only", "denoise", "--data", str(stills), "--limit", "1", "--peers", "none",
        "--json", str(tmp_path / "quality" / "stills.json"), "--write", str(page),
    )  # fmt: skip
    assert code == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("## Blind denoising of stills")
    assert "sigma 15, a (1 of 1)" in printed.err
    rows = json.loads((tmp_path / "quality" / "stills.json").read_text())[0]["rows"]
    assert len(rows) == 18  # at their own size and reduced
    assert "## Blind denoising of stills" in page.read_text(encoding="utf-8")


def test_all_quality_parts_take_any_folder(
    stills: Path, tiny_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each measures little here; what it measures is tested beside it."""
    from vfxai.bench import noise_kinds, quality_denoise, quality_fields, quality_impulse, quality_real, quality_tone
    from vfxai.bench.plates import write_sequence

    plates = tmp_path / "plates"
    plates.mkdir()
    write_sequence(plates, (64, 48), 1)
    monkeypatch.setattr(quality_fields, "STRUCTURES", {"2:3": ((2, 3), 0)})
    monkeypatch.setattr(quality_fields, "UNDER_NOISES", ())
    monkeypatch.setattr(quality_fields, "UNDER_OVERLAYS", ())
    monkeypatch.setattr(quality_tone, "GRADES", 1)
    monkeypatch.delitem(quality_tone.PAIRED, "vfxai tone, scene-linear")
    monkeypatch.setattr(quality_fields, "LEVELS", (0.0,))
    monkeypatch.setattr(quality_denoise, "run", partial(quality_denoise.run, sigmas=[25.0]))
    monkeypatch.setattr(quality_impulse, "run", partial(quality_impulse.run, levels=[0.05]))
    kinds = {"white, float": noise_kinds.KINDS["white, float"]}
    monkeypatch.setattr(quality_real, "run", partial(quality_real.run, kinds=kinds, levels=[1]))
    folders = ("--data", str(stills), "--clips", str(stills), "--plates", str(plates))
    assert run("quality", *folders, "--limit", "2", "--crop", "48x32", "--clip-crop", "48x32", "--peers", "none") == 0
    heads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("## ")]
    assert heads == [
        "## Colorize",
        "## Costs of field detection",
        "## Deinterlace",
        "## Blind denoising of stills",
        "## Field order and cadence",
        "## Optical flow",
        "## Denoise does no harm",
        "## Scene-linear HDR plates",
        "## Film noise and impulses",
        "## Noise of cameras, codecs and scanners",
        "## Remove",
        "## Television restored",
        "## Inverse telecine",
        "## Tone",
        "## Upscale",
        "## Video at sigma 30",
        "## Wires",
    ]


def test_write_alone_measures_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no stored results"):
        run("quality", "--write", str(tmp_path / "quality.md"))


def test_sizes_and_peers_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.size("481x321") == (481, 321)
    assert bench.size("none") is None
    for wrong in ("0x3", "481", "ax3"):
        with pytest.raises(SystemExit):
            run("quality", "--crop", wrong)
    assert "expected WIDTHxHEIGHT" in capsys.readouterr().err
    with pytest.raises(ParameterError, match="got bm4d"):
        run("quality", "--peers", "bm4d")
    with pytest.raises(MissingInputError, match="no pictures"):
        run("quality", "--only", "denoise", "--data", str(tmp_path))
