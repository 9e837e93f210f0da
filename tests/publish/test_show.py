"""The proof of farm and publish: the tutorial's made-up show goes through OpenJD chunks, checks and reports as printed, and is spoiled in every way there is."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.farm.conftest import vfxai_command
from tests.publish.test_checks import edit
from vfxai.cli.main import main

pytest.importorskip("openjd.cli", reason="openjd-cli comes with the extra dev")
pytest.importorskip("pyblish.api", reason="pyblish-base comes with the extras publish and dev")
pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/tutorial/farm-and-publish.md"
PATIENCE = 800
"""Seconds for all commands of a block on a machine under load; nothing is measured by it."""


def command(path: Path, words: str) -> None:
    """A program on PATH that runs this very environment."""
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
    path.chmod(0o755)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which every block of the tutorial was run, in order; what is printed there as output was said."""
    folder = tmp_path_factory.mktemp("tutorial")
    programs = folder / "bin"
    programs.mkdir()
    vfxai_command(programs)
    command(programs / "python", "")
    command(programs / "openjd", "-c 'from openjd.cli import main; main()'")
    for name in ("examples", "plugins"):
        (folder / name).symlink_to(ROOT / name)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment.pop("VFXAI_EXECUTABLE", None)
    said, page = "", PAGE.read_text(encoding="utf-8")
    for language, text in re.findall(r"```(\w+)\n(.*?)```", page, re.S):
        if language == "python":
            (file,) = re.findall(r"Save it as `([^`]+)`", page)
            (folder / file).write_text(text)
        elif language == "sh":
            done = subprocess.run(
                ["bash", "-euc", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
            said = done.stdout + done.stderr
            assert done.returncode in (0, 6), text + said[-4000:]
            code = done.returncode
        else:
            missing = [line for line in text.splitlines() if line.strip() not in said]
            assert not missing, f"not said: {missing}\n{said[-4000:]}"
            assert (code == 6) == ("failed" in text), said[-4000:]
    return folder


@dataclass(frozen=True)
class Copy:
    """The finished show in a folder of its own, which a test may spoil."""

    folder: Path
    origin: Path

    def out(self, shot: str) -> str:
        return f"{self.folder}/out/show/{shot}/out/{'%V/' if shot == 'sh010' else ''}{shot}.####.exr"

    def found(self, shot: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, list[dict[str, str]]]:
        """What the checks find, by check."""
        capsys.readouterr()
        code = main(["check", self.out(shot), "--frames", "1001-1008", f"--map={self.origin}={self.folder}", *options, "--json"])
        found = {check: problems for check, problems in json.loads(capsys.readouterr().out).items() if problems}
        assert code == (6 if found else 0)
        return found


@pytest.fixture
def show(work: Path, tmp_path: Path) -> Copy:
    return Copy(Path(shutil.copytree(work, tmp_path / "copy", symlinks=True)), work)


@pytest.mark.parametrize("shot", ["sh010", "sh020", "sh030"])
def test_every_shot_of_the_tutorial_may_go_out(show: Copy, shot: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert show.found(shot, capsys, "--license", "commercial", "--colorspace", "lin_rec709_scene") == {}


def lose_a_frame(show: Copy) -> None:
    Path(show.folder, "out/show/sh010/out/right/sh010.1005.exr").unlink()


def mix_in_another_recipe(show: Copy) -> None:
    def change(header: dict, channels: dict) -> None:
        header["vfxai/recipe"] = header["vfxai/recipe"].replace('"search": 12', '"search": 3')

    edit(show.folder / "out/show/sh020/out/sh020.1004.exr", change)


def deliver_a_new_plate(show: Copy) -> None:
    """Of a frame that all others see through the window of remove."""
    os.utime(show.folder / "out/show/sh020/plate/sh020.1004.exr")


def touch_the_depth(show: Copy) -> None:
    edit(show.folder / "out/show/sh030/out/sh030.1002.exr", lambda _, channels: channels["Z"].__setitem__((3, 3), 0))


def make_no_number(show: Copy) -> None:
    edit(show.folder / "out/show/sh010/out/left/sh010.1001.exr", lambda _, channels: channels["G"].__setitem__((1, 2), np.nan))


def lose_the_recipe(show: Copy) -> None:
    for path in (show.folder / "out/show/sh030/out/.vfxai").glob("*.recipe.json"):
        path.unlink()


def lift_the_tone(show: Copy) -> None:
    def change(header: dict, channels: dict) -> None:
        for name in "RGB":
            channels[name] += np.float16(0.1)

    edit(show.folder / "out/show/sh010/out/left/sh010.1008.exr", change)


def forbid_paid_work(show: Copy) -> None:
    models = Path(shutil.copytree(ROOT / "models", show.folder / "models"))
    for path in models.glob("remove-*/manifest.toml"):
        path.write_text(path.read_text().replace("commercial = true", "commercial = false"))


WAYS: list[tuple[Callable[[Copy], None], str, tuple[str, ...], str, str, str, str]] = [
    (lose_a_frame, "sh010", (), "complete", "1 of 8 frames are missing: 1005", "right", "run the recipe again"),
    (mix_in_another_recipe, "sh020", (), "provenance", "made otherwise", "sh020.1004.exr", "run the recipe again"),
    (deliver_a_new_plate, "sh020", (), "inputs", "has changed since", "sh020.1001.exr", "run the recipe again"),
    (touch_the_depth, "sh030", (), "untouched", "the channel Z has changed", "sh030.1002.exr", "deliver what vfxai wrote"),
    (
        lambda show: None,
        "sh030",
        ("--colorspace", "ACEScg"),
        "colorspace",
        "the pipeline says ACEScg",
        "sh030.1001.exr",
        "correct",
    ),
    (make_no_number, "sh010", (), "finite", "1 pixels are no numbers", "left", "look at the plate"),
    (forbid_paid_work, "sh020", ("--license", "commercial"), "license", "does not allow paid work", "sh020", "use a model whose"),
    (lose_the_recipe, "sh030", (), "recipe", "no recipe is kept", ".recipe.json", "run the recipe again"),
    (lift_the_tone, "sh010", (), "limits", "tone moved by", "sh010.1008.exr", "look at the change report"),
]


@pytest.mark.parametrize(("spoil", "shot", "options", "check", "what", "where", "remedy"), WAYS, ids=[way[3] for way in WAYS])
def test_nine_ways_to_spoil_a_show_are_found_and_say_what_where_and_what_to_do(
    show: Copy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Copy], None], shot: str, options: tuple[str, ...], check: str, what: str, where: str, remedy: str,
) -> None:  # fmt: skip
    spoil(show)
    if (show.folder / "models").is_dir():
        monkeypatch.setenv("VFXAI_MODELS", str(show.folder / "models"))
    found = show.found(shot, capsys, *options)
    assert list(found) == [check]
    first = found[check][0]
    assert what in first["what"] and where in first["where"] and remedy in first["remedy"], first


def test_the_reports_of_the_tutorial_tell_what_was_done(work: Path) -> None:
    wires, grain = (json.loads((work / f"out/show/{shot}/out/change_report.json").read_text()) for shot in ("sh020", "sh010"))
    (one,) = wires["change"]
    assert 0.002 < one["total"]["changed"] < 0.1, "only the wire"
    assert one["total"]["invented"] is not None and wires["done"]["nodes"].startswith("remove ")
    left, right = grain["change"]
    for eye in (left, right):
        before, after = eye["grain"]["before"], eye["grain"]["after"]
        assert all(after["spectrum"][band][-1] < 0.8 * before["spectrum"][band][-1] for band in before["spectrum"]), (
            "what is left is grass"
        )
        assert abs(after["frozen"]) < 0.9
    assert {c["state"] for report in (wires, grain) for c in report["checks"]} == {"ok"}
