"""One small shot for every node, and the recipe that is to give the same pixels whoever runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from numpy.typing import NDArray

from tests.plugins.ofx.plates import interlaced, lined, plate
from vfxai.schema import registry

SPACE = "ACEScg"
FRAMES = (1001, 1002, 1003)
SIZE = (48, 64)
"""Height and width: as small as every node still does something."""
Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """What a node is tried with: a plate that shows what it does, values that make it quick, and what it is fed besides."""

    make: Callable[..., Pixels] = plate
    """(H, W, 4) of a frame number, counted from 1."""
    values: Mapping[str, Any] = field(default_factory=dict)
    fed: tuple[str, ...] = ()
    """`mask`: a matte for every frame. `key`: a painted picture of the middle one. `look`: a file of a grade."""


KINDS: Mapping[str, Kind] = {
    "denoise": Kind(values={"radius": 1, "quality": "fast", "impulse": "off", "strength": 0.75}, fed=("mask",)),
    "upscale": Kind(values={"radius": 0, "scale": 1.5}),
    "deinterlace": Kind(interlaced, {"rate": "same", "mode": "deinterlace", "field_order": "top"}),
    "wires": Kind(lined, {"at": "10,12", "grow": 1.0}),
    "tone": Kind(values={"strength": 0.5}, fed=("look", "mask")),
    "remove": Kind(values={"search": 1}, fed=("mask",)),
    "colorize": Kind(values={"steps": 2}, fed=("key",)),
}
"""A node that is not here, because it was added later, runs over the plain plate with its defaults."""
LOOK = "<ColorCorrection id='a'><SOPNode><Slope>1.25 1 0.75</Slope><Offset>0 0.02 0</Offset><Power>1 1.1 1</Power></SOPNode></ColorCorrection>"


@dataclass(frozen=True)
class Shot:
    """Files on disk, and what is to be done to them."""

    node: str
    source: str
    """Pattern of three frames, float32, R, G, B and A."""
    values: Mapping[str, Any]
    inputs: Mapping[str, Any]
    """What the node is fed besides the plate, as a recipe says it."""
    pictures: Mapping[int, Pixels]
    """(H, W, 4) by frame number: what the files hold."""
    mattes: Mapping[int, Pixels]
    """(H, W, 1) by frame number; empty where the node gets none."""

    def recipe(self, output: str, **job: Any) -> dict[str, Any]:
        """As `vfxai run` reads it."""
        table = {"id": self.node, **self.values, **self.inputs}
        return {"source": self.source, "output": output, "colorspace": SPACE, **job, "node": [table]}

    def options(self) -> list[str]:
        """Values and inputs as a command line has them."""
        found = []
        for name, value in {**self.values, **self.inputs}.items():
            for one in value if isinstance(value, list) else [value]:
                found += ["--" + name.replace("_", "-"), str(one)]
        return found


def write_shot(node: str, folder: Path) -> Shot:
    """Writes what a node is tried with."""
    kind = KINDS.get(node, Kind())
    pictures = {number: kind.make(number - 1000, SIZE) for number in FRAMES}
    mattes = {number: _matte(number) for number in FRAMES} if "mask" in kind.fed else {}
    values, inputs = dict(kind.values), {}
    for number, pixels in pictures.items():
        _write(folder / f"plate.{number}.exr", pixels)
    for number, pixels in mattes.items():
        _write(folder / f"matte.{number}.exr", pixels)
        inputs["mask"] = str(folder / "matte.####.exr")
    if "key" in kind.fed:
        _write(folder / "key.1002.exr", pictures[1002] * np.float32([1.3, 1, 0.6, 1]))
        inputs["key"] = [f"1002={folder}/key.1002.exr"]
    if "look" in kind.fed:
        (folder / "look.cc").write_text(LOOK)
        values["look"] = str(folder / "look.cc")
    return Shot(node, str(folder / "plate.####.exr"), values, inputs, pictures, mattes)


def _matte(number: int) -> Pixels:
    """Soft at its edge, with nothing on the right; it moves."""
    x = np.mgrid[: SIZE[0], : SIZE[1]][1]
    return np.ascontiguousarray(np.clip((30 + number - 1001 - x) / 4, 0, 1)[..., None], np.float32)


def _write(path: Path, pixels: Pixels) -> None:
    """R, G, B and A, or A alone, as mattes come from hosts."""
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, "float")
    spec.channelnames = list("RGBA") if channels > 1 else ["A"]
    path.parent.mkdir(parents=True, exist_ok=True)
    out = oiio.ImageOutput.create("exr")
    assert out.open(str(path), spec) and out.write_image(pixels), oiio.geterror()
    out.close()


def nodes() -> list[str]:
    """All that there are."""
    registry.discover()
    return list(registry.names())
