"""Stereo shots: views in files of their own and in one file are checked and reported alike, each with figures of its own."""

import json
import shutil
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from tests.engine.test_stereo import both
from tests.publish.test_checks import edit
from vfxai.cli.main import main

FAST = ("--quality", "fast", "--radius", "0")


def denoised(source: str, output: str) -> str:
    assert main(["denoise", source, output, *FAST]) == 0
    return output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """apart/%V/sh.####.exr and one file of both views, as parts and as prefixes, denoised into out/ beside them."""
    folder = tmp_path_factory.mktemp("stereo")
    for name, parts in (("parts", True), ("prefixed", False)):
        (folder / name).mkdir()
        for frame in (1001, 1002):
            both(folder / name / f"sh.{frame}.exr", parts)
        denoised(f"{folder}/{name}/sh.####.exr", f"{folder}/{name}/out/sh.####.exr")
    for view, seed in (("left", 3), ("right", 4)):
        (folder / "apart" / view).mkdir(parents=True)
        for frame in (1001, 1002):
            noise = 0.03 * np.random.default_rng(seed * frame).standard_normal((48, 64, 3))
            planes = {c: (0.4 + noise[..., i]).astype(np.float16) for i, c in enumerate("RGB")}
            header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
            OpenEXR.File(header, planes).write(str(folder / f"apart/{view}/sh.{frame}.exr"))
    denoised(f"{folder}/apart/%V/sh.####.exr", f"{folder}/apart/out/%V/sh.####.exr")
    return folder


@pytest.fixture(params=["parts", "prefixed", "apart"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pattern(folder: Path, kind: str) -> str:
    return f"{folder}/{kind}/out/{'%V/' if kind == 'apart' else ''}sh.####.exr"


def checked(out: str, *options: str, capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, str]]]:
    capsys.readouterr()
    main(["check", out, *options, "--json"])
    return {name: found for name, found in json.loads(capsys.readouterr().out).items() if found}


def test_what_a_run_made_of_two_views_passes(made: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(pattern(made, kind), "--views", "left,right", "--frames", "1001-1002", capsys=capsys) == {}


@pytest.mark.parametrize("kind", ["prefixed", "apart"])
def test_a_fault_in_the_second_view_is_found_there(
    made: Path, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "copy"))
    path = folder / ("apart/out/right/sh.1002.exr" if kind == "apart" else "prefixed/out/sh.1002.exr")
    edit(path, lambda _, channels: channels["R" if kind == "apart" else "right.R"].__setitem__((3, 4), np.nan))
    found = checked(pattern(folder, kind), f"--map={made}={folder}", capsys=capsys)
    assert set(found) == {"finite"} and "right" in found["finite"][0]["where"]


def test_one_report_tells_both_views(made: Path, kind: str, tmp_path: Path) -> None:
    assert main(["report", pattern(made, kind), "--to", str(tmp_path / "report")]) == 0
    facts = json.loads((tmp_path / "report.json").read_text())
    left, right = facts["change"]
    assert (left["view"], right["view"]) == ("left", "right") and left["total"] != right["total"]
    assert facts["done"]["views"] == "left, right" and all(check["state"] == "ok" for check in facts["checks"])
    assert len(facts["files"]) == (4 if kind == "apart" else 2)
    page = (tmp_path / "report.html").read_text()
    assert "View left" in page and "View right" in page


def test_a_view_that_should_be_there_is_missed(made: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", pattern(made, kind), "--views", "left,middle"]) == 3
    assert "has no view middle; there is left, right" in capsys.readouterr().err
