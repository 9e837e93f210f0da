"""Every node: chunks that a farm makes on another mount, in any order, are to the bit what one run makes, in all channels and in what they say of themselves."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from tests.nodes import plates
from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.farm.job import farm_job
from vfxai.publish.provenance import Provenance
from vfxai.schema import registry

FRAMES = range(1001, 1006)
Table = dict[str, Any]


def plain(folder: Path) -> Table:
    plates.sequence(folder, FRAMES)
    return {}


def fielded(folder: Path) -> Table:
    """Pictures that pan by four pixels a field, two fields a frame, the upper first."""
    folder.mkdir()
    for index, number in enumerate(FRAMES):
        first, second = (plates.texture(8 * (2 * index + field)) for field in (0, 1))
        first[1::2] = second[1::2]
        plates.write(folder / f"plate.{number}.exr", first + plates.noisy(index, 0.01) - plates.texture(index))
    return {"field_order": "top"}


def wire(folder: Path) -> Table:
    """A dark wire on a pan."""
    folder.mkdir()
    for index, number in enumerate(FRAMES):
        color = plates.noisy(4 * index, 0.01)
        color[:, 34:37] = 0.02
        plates.write(folder / f"plate.{number}.exr", color)
    return {}


def keyed(folder: Path) -> Table:
    plain(folder)
    return {"key": [f"1001={plates.painted(folder)}"], "steps": 5}


def paired(folder: Path) -> Table:
    plain(folder)
    given = [shutil.copy(Path(__file__).parents[1] / "nodes/tone" / name, folder.parent) for name in ("before.png", "after.png")]
    return {"pair": [str(path) for path in given]}


CASES: dict[str, tuple[str, Callable[[Path], Table], Table]] = {
    "denoise": ("denoise", plain, {}),
    "upscale": ("upscale", plain, {"scale": 1.5}),
    "deinterlace": ("deinterlace", fielded, {"mode": "deinterlace", "rate": "double"}),
    "wires": ("wires", wire, {"at": "35,20", "form": "channel"}),
    "remove": ("remove", wire, {"mask_layer": "wire"}),
    "colorize": ("colorize", keyed, {}),
    "tone": ("tone", paired, {}),
}


def test_every_node_has_its_case() -> None:
    registry.discover()
    assert {node for node, *_ in CASES.values()} == set(registry.names())


def channels(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.glob("*.exr")):
        with OpenEXR.File(str(path), separate_channels=True) as file:
            found |= {f"{path.name} {n}": np.ascontiguousarray(c.pixels).tobytes() for n, c in file.channels().items()}
    return found


SLOW = ("tone", "remove", "denoise", "colorize")  # eight to twelve seconds each


@pytest.mark.parametrize("case", [pytest.param(case, marks=pytest.mark.long if case in SLOW else ()) for case in CASES])
def test_chunks_of_every_node_meet_to_the_bit(case: str, tmp_path: Path) -> None:
    node, make, values = CASES[case]
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    table = {"id": node, **values, **make(here / "plate")}
    recipe = Recipe.from_dict({"source": f"{here}/plate/plate.####.exr", "output": f"{here}/out/sh.####.exr", "node": [table]})
    run(recipe)
    whole, told = channels(here / "out"), Provenance.read(here / "out/sh.1001.exr")
    shutil.rmtree(here / "out")
    job = farm_job(recipe, chunk=2)
    if job.analyzes:
        run(replace(recipe, job=recipe.job.replaced(step="analyze")))
    here.rename(there)
    elsewhere = with_paths(recipe, mapper([(str(here), str(there))]))
    for frames in reversed(job.chunks()):
        run(replace(elsewhere, job=recipe.job.replaced(step="frames", frames=frames)))
    made = channels(there / "out")
    assert list(made) == list(whole)
    assert [name for name in whole if made[name] != whole[name]] == []
    assert [path.name for path in (there / "out").glob("*.exr") if told.differs(Provenance.read(path))] == []
    assert run(elsewhere).written == 0
