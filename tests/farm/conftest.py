"""A recipe over a small plate, and the job of it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from vfxai.engine.recipe import Recipe
from vfxai.farm.job import FarmJob, MachineNeeds, farm_job


def plate(folder: Path, frames: range, seed: int = 5) -> str:
    """Writes noisy frames of 48x40; their pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:40, :48].astype(np.float32)
    for number in frames:
        clean = 0.3 + 0.2 * np.sin((x + number % 7) / 6) * np.cos(y / 5)
        pixels = clean[..., None] * np.array([1, 0.8, 0.6]) + rng.normal(0, 0.02, (40, 48, 3))
        write_plate(folder / f"sh010.{number:04d}.exr", pixels.astype(np.float32))
    return str(folder / "sh010.####.exr")


def write_plate(path: Path, pixels: np.ndarray) -> None:
    """A half float R, G, B EXR file that says its colour space."""
    import OpenImageIO as oiio

    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, "half")
    spec.attribute("oiio:ColorSpace", "lin_rec709_scene")
    out = oiio.ImageOutput.create(str(path))
    assert out is not None and out.open(str(path), spec) and out.write_image(pixels) and out.close()


def vfxai_command(folder: Path) -> Path:
    """The command of this very environment, as a farm's machine has it on its PATH."""
    command = folder / "vfxai"
    root = Path(__file__).parents[2]
    command.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\nfrom vfxai.cli.main import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)
    return command


@pytest.fixture(scope="session")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Denoises ten frames."""
    folder = tmp_path_factory.mktemp("farm show")  # with a space, as shows have
    pattern = plate(folder / "plate", range(1001, 1011))
    return Recipe.from_dict({"source": pattern, "output": str(folder / "out/sh010_dn.####.exr"), "node": [{"id": "denoise"}]})


@pytest.fixture
def job(recipe: Recipe) -> FarmJob:
    """In chunks of four, with everything that may be said."""
    return farm_job(
        recipe, chunk=4, needs=MachineNeeds(1, 16, 3), environment={"OCIO": "ocio://default"}, maps=[("/mnt/a", "/Volumes/a b")]
    )
