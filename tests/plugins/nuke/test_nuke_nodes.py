"""Every node, from its inputs and knobs in Nuke to pixels, against the command line, bit by bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from nuke_studio import SPACE, Studio, pixels

from vfxai.cli.main import main
from vfxai.schema import registry

registry.discover()
Same = Callable[[Any, Any], None]
VALUES: dict[str, dict[str, Any]] = {
    "denoise": {"radius": 0, "strength": 0.6},
    "deinterlace": {"mode": "deinterlace", "rate": "same", "field_order": "top"},
    "upscale": {"scale": 2.0, "radius": 0},
    "remove": {"search": 1},
    "colorize": {"steps": 2},
    "wires": {"grow": 1.0},
}
"""Of each node, what makes it quick; a node that is not here runs with its defaults."""
FED: dict[str, tuple[str, ...]] = {"remove": ("mask",), "tone": ("before", "after"), "colorize": ("key",)}
"""Inputs besides the plate that a node needs to do anything."""


def picture(path: str, channels: tuple[str, ...], values: np.ndarray) -> None:
    """A float file of the plate's format."""
    spec = oiio.ImageSpec(96, 64, len(channels), "float")
    spec.channelnames = list(channels)
    spec.x, spec.y, spec.full_width, spec.full_height = 8, 4, 128, 80
    out = oiio.ImageOutput.create("exr")
    assert out.open(path, spec), oiio.geterror()
    out.write_image(np.ascontiguousarray(values, np.float32))
    out.close()


@pytest.fixture
def files(studio: Studio, plate: str) -> dict[str, str]:
    """What inputs can be fed with, by their names."""
    folder = studio.work / "fed"
    folder.mkdir()
    for number in (1001, 1002, 1003):
        read = pixels(plate % number)
        color = np.stack([read[n] for n in "RGB"], -1).astype(np.float32)
        matte = np.zeros((64, 96, 1))
        matte[20:40, 30:50] = 1
        for name, channels, values in (
            ("mask", ("A",), matte),
            ("before", ("R", "G", "B"), color),
            ("after", ("R", "G", "B"), color * (1.4, 1.0, 0.7)),
            ("key", ("R", "G", "B"), color),
        ):
            if number == 1002 or name == "mask":
                picture(f"{folder}/{name}.{number}.exr", channels, values)
    return {name: f"{folder}/{name}.%04d.exr" for name in ("mask", "before", "after", "key")}


def on_the_command_line(kind: str, fed: dict[str, str]) -> list[str]:
    """The same inputs and values as options."""
    options = []
    for given in registry.get(kind).inputs:
        if given.name == "key" and "key" in fed:
            options += ["--key", "1002=" + fed["key"] % 1002]
        elif fed.keys() >= set(given.slots) and given.takes:
            options += ["--" + given.name.replace("_", "-"), *(fed[slot] for slot in given.slots)]
    for name, value in VALUES.get(kind, {}).items():
        options += ["--" + name.replace("_", "-"), str(value)]
    return options


def interlace(plate: str) -> None:
    """Every other line as it is a little later in a pan."""
    for number in (1001, 1002, 1003):
        read = pixels(plate % number)
        color = np.stack([read[n] for n in "RGB"], -1).astype(np.float32)
        color[1::2] = np.roll(color[1::2], 4, 1)
        picture(plate % number, ("R", "G", "B"), color)


@pytest.mark.parametrize("kind", registry.names())
def test_a_node_gives_the_command_lines_pixels(studio: Studio, plate: str, files: dict[str, str], kind: str, same: Same) -> None:
    if kind == "deinterlace":
        interlace(plate)
    fed = {name: files[name] for name in FED.get(kind, ())}
    group = studio.node(kind, studio.read(plate, colorspace=SPACE), precision="fp32", **VALUES.get(kind, {}))
    names = [one["name"] for one in studio.adapter("table").panel(kind)["inputs"]]
    for name, pattern in fed.items():
        group.setInput(names.index(name), studio.read(pattern, colorspace=SPACE))
    studio.render(group)
    assert studio.session.messages == []
    assert group["vfxai_state"].value() == "1001-1003 done"
    out = studio.work / "by hand"
    command = [kind, plate, f"{out}/out.%04d.exr", "--colorspace", SPACE, "--precision", "fp32", *on_the_command_line(kind, fed)]
    assert main(command) == 0
    result = group.node("Result")["file"].value()
    assert not np.array_equal(*(pixels(p).get("R", 0) for p in (result % 1002, plate % 1002)))
    for number in (1001, 1002, 1003):
        same(result % number, Path(f"{out}/out.{number}.exr"))
