"""A shot of two chunks' worth of frames, made by a run as a farm makes it."""

import shutil
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.publish.delivery import Delivery

FRAMES = range(1001, 1005)


def write_exr(path: Path, planes: dict[str, np.ndarray], **attributes: object) -> None:
    """Half float channels (H, W) by name, with attributes."""
    height, width = next(iter(planes.values())).shape
    spec = oiio.ImageSpec(width, height, len(planes), "half")
    spec.channelnames = list(planes)
    spec.attribute("oiio:ColorSpace", "lin_rec709_scene")
    spec.attribute("framesPerSecond", oiio.TypeDesc("rational"), (24, 1))
    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (0x01020304, 0))
    for name, value in attributes.items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out is not None and out.open(str(path), spec) and out.write_image(np.stack(list(planes.values()), -1)) and out.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A show with plate/ and out/, denoised, with depth and an id beside the colours."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "plate").mkdir()
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:64, :80].astype(np.float32)
    for number in FRAMES:
        clean = 0.3 + 0.2 * np.sin((x + number % 7) / 9) * np.cos(y / 8)
        planes = {
            n: (clean * s + rng.normal(0, 0.02, clean.shape)).astype(np.float32)
            for n, s in zip("RGB", (1, 0.8, 0.6), strict=True)
        }
        write_exr(folder / f"plate/sh.{number}.exr", planes | {"Z": y, "id.R": np.float32(7) + 0 * y}, artist="Ada")
    run(
        Recipe.from_dict(
            {"source": f"{folder}/plate/sh.####.exr", "output": f"{folder}/out/sh.####.exr", "node": [{"id": "denoise"}]}
        )
    )
    return folder


@pytest.fixture
def show(finished: Path, tmp_path: Path) -> Path:
    """A copy of it, with its times, that a test may spoil."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def delivery_of(show: Path, finished: Path, **facts: object) -> Delivery:
    """Of the copy, whose plate lies elsewhere than where it was made."""
    return Delivery.of(show / "out/sh.####.exr", "1001-1004", maps=((str(finished), str(show)),), **facts)
