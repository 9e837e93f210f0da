"""The examples of the documentation run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import pytest

from tests.example_plate import cut
from vfxai.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples/plate", tmp_path / "examples/plate")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with a part of the plate, for pages that speak of no place in it."""
    cut(tmp_path / "examples/plate", (160, 90))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S)


def test_python_examples(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks("docs/how-to/python.md", "python"):
        exec(compile(block, "docs/how-to/python.md", "exec"), {})
    said = capsys.readouterr().out
    assert "(90, 160, 4) Linear Rec.709 (sRGB)" in said
    assert "2 written, 0 kept" in said
    assert len(list((small / "out/python").glob("clean.*.exr"))) == 3


def test_recipe_example(small: Path) -> None:
    for block, place in zip(blocks("docs/how-to/recipes.md", "toml"), ("recipe", "keys"), strict=True):
        (small / "recipe.toml").write_text(block)
        assert main(["run", "recipe.toml"]) == 0
        assert len(list((small / f"out/{place}").glob("clean.*.exr"))) == 3


def test_tone_tutorial(small: Path) -> None:
    for block in blocks("docs/tutorial/tone.md", "sh"):
        assert main(shlex.split(block)[1:]) == 0
    assert len(list((small / "out/tone").glob("*.exr"))) == 20
    assert (small / "out/tone/look.cube").is_file()


def test_tutorial_of_remove(folder: Path) -> None:
    """Every command as printed, and the recipe, on three of the five frames."""
    for path in (folder / "examples/plate").glob("*.100[45].exr"):
        path.unlink()
    shutil.copy(ROOT / "examples/rig_plate.py", folder / "examples/rig_plate.py")
    commands = [line.strip() for block in blocks("docs/tutorial/remove.md", "sh") for line in block.splitlines() if line.strip()]
    assert commands.pop(0) == "python examples/rig_plate.py out/tutorial"
    subprocess.run(
        [sys.executable, "examples/rig_plate.py", "out/tutorial"], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    (block,) = blocks("docs/tutorial/remove.md", "toml")
    (folder / "recipe.toml").write_text(block)
    assert main(["run", "recipe.toml"]) == 0
    assert len(list((folder / "out/tutorial").glob("recipe.*.exr"))) == 3


def test_colorize_tutorial(small: Path) -> None:
    """As printed, with little fitting."""
    (script,) = blocks("docs/tutorial/colorize.md", "python")
    exec(compile(script, "docs/tutorial/colorize.md", "exec"), {})
    for line in "".join(blocks("docs/tutorial/colorize.md", "sh")).splitlines():
        assert main([*shlex.split(line)[1:], "--steps", "5"]) == 0
    for name in ("color", "sure", "look"):
        assert len(list((small / "out").glob(f"{name}.*.exr"))) == 5
    assert (small / "look.npz").is_file()


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_television_example(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The recipe as printed, on two small frames of DPX and for a small format; linear light comes out, and nothing is left to be said."""
    lines = np.random.default_rng(3).random((96, 120, 3)).astype(np.float32)
    video = 0.3 + 0.2 * np.stack([sum(np.roll(lines, (y, x), (0, 1)) for y in range(4) for x in range(4)) / 16 for _ in (0, 1)])
    for number, picture in zip((1001, 1002), video, strict=True):
        out, spec = oiio.ImageOutput.create("a.dpx"), oiio.ImageSpec(120, 96, 3, "uint16")
        spec.attribute("oiio:BitsPerSample", 10)
        assert (
            out.open(str(folder / f"episode.{number}.dpx"), spec)
            and out.write_image(np.ascontiguousarray(picture))
            and out.close()
        )
    (block,) = blocks("docs/how-to/television.md", "toml")
    (folder / "episode.toml").write_text(block.replace("2048x1556", "160x120"))
    assert main(["run", "episode.toml"]) == 0
    assert "colour" not in capsys.readouterr().err
    assert [p.name for p in sorted((folder / "out").glob("*.exr"))][:2] == ["episode.1001.exr", "episode.1002.exr"]
    made = OpenEXR.File(str(folder / "out/episode.1001.exr"))
    assert made.header()["colorInteropID"] == "lin_ap1_scene"
    level = float(made.channels()["RGB"].pixels[40:80, 60:100].mean())
    assert 0.1 < level < 0.2  # video of 0.4 is light of about 0.14
