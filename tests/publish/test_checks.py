"""Each check passes on what a run made, and finds its own fault, and no other, where something was spoiled."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from tests.publish.conftest import delivery_of, write_exr
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.publish.changes import measure
from vfxai.publish.checks import CHECKS
from vfxai.publish.delivery import KEPT, Delivery, Limits

FRAME = "out/sh.1002.exr"


def failing(delivery: Delivery) -> dict[str, list[str]]:
    found = {check.id: [str(p) for p in check.problems(delivery)] for check in CHECKS}
    return {name: problems for name, problems in found.items() if problems}


def edit(path: Path, change: Callable[[dict, dict], None]) -> None:
    """Writes an EXR file anew after `change` had its header and channels in its hands."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        header, channels = dict(file.header()), {n: c.pixels.copy() for n, c in file.channels().items()}
    change(header, channels)
    header.pop("channels", None)
    OpenEXR.File(header, channels).write(str(path))


def test_what_a_run_made_passes_on_another_mount(show: Path, finished: Path) -> None:
    assert failing(delivery_of(show, finished, colorspace="lin_rec709_scene", license="commercial")) == {}


def drop(show: Path) -> None:
    (show / FRAME).unlink()


def other_recipe(show: Path) -> None:
    def change(header: dict, channels: dict) -> None:
        header["vfxai/recipe"] = header["vfxai/recipe"].replace('"strength": 1.0', '"strength": 0.5')
        header["vfxai/nodes"] = "denoise tone"

    edit(show / FRAME, change)


def other_choice(show: Path) -> None:
    edit(show / FRAME, lambda header, _: header.update({"vfxai/chosen": header["vfxai/chosen"].replace('"R, G, B"', '"id"')}))


def strip_provenance(show: Path) -> None:
    def change(header: dict, channels: dict) -> None:
        for name in [n for n in header if n.startswith("vfxai/")]:
            del header[name]

    edit(show / FRAME, change)


def touch_plate(show: Path) -> None:
    os.utime(show / "plate/sh.1004.exr")


def change_depth(show: Path) -> None:
    edit(show / FRAME, lambda header, channels: channels["Z"].__setitem__((3, 3), 0))


def drop_timecode(show: Path) -> None:
    edit(show / FRAME, lambda header, channels: header.pop("timeCode"))


def break_pixel(show: Path) -> None:
    edit(show / FRAME, lambda header, channels: channels["R"].__setitem__((5, 6), np.nan))


def other_machine(show: Path) -> None:
    for number in (1003, 1004):
        edit(show / f"out/sh.{number}.exr", lambda header, channels: header.update({"vfxai/machine": "x86_64 AVX2"}))


def cut(show: Path) -> None:
    data = (show / FRAME).read_bytes()
    (show / FRAME).write_bytes(data[: len(data) * 2 // 3])


def lose_recipe(show: Path) -> None:
    for path in (show / "out/.vfxai").glob("*.recipe.json"):
        path.unlink()


def change_recipe(show: Path) -> None:
    for path in (show / "out/.vfxai").glob("*.recipe.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "layer": "diffuse"}))


def lift(show: Path) -> None:
    def change(header: dict, channels: dict) -> None:
        for name in "RGB":
            channels[name] += np.float16(0.05)

    edit(show / FRAME, change)


@pytest.mark.parametrize(
    ("spoil", "finds", "says"),
    [
        (drop, {"complete"}, "1 of 4 frames are missing: 1002"),
        (other_recipe, {"provenance"}, "nodes, recipe differ"),
        (other_choice, {"provenance"}, "layer of the plate differ"),
        (strip_provenance, {"provenance", "inputs", "untouched", "limits"}, "does not say how it was made"),
        (touch_plate, {"inputs"}, "has changed since"),
        (change_depth, {"untouched"}, "the channel Z has changed"),
        (drop_timecode, {"untouched"}, "the attribute timeCode is gone"),
        (other_machine, {"machines"}, "1003-1004 on x86_64 AVX2"),
        (break_pixel, {"finite"}, "1 pixels are no numbers"),
        (cut, {"finite", "untouched", "limits"}, "damaged"),
        (lose_recipe, {"recipe"}, "no recipe is kept"),
        (change_recipe, {"recipe"}, "not the one that made them"),
        (lift, {"limits"}, "tone moved by"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_spoiled_delivery_is_found(
    show: Path, finished: Path, spoil: Callable[[Path], None], finds: set[str], says: str
) -> None:
    spoil(show)
    found = failing(delivery_of(show, finished))
    assert set(found) == finds
    assert any(says in text for problems in found.values() for text in problems), found


def test_the_pipelines_colour_space_and_limits_count(show: Path, finished: Path) -> None:
    found = failing(delivery_of(show, finished, colorspace="ACEScg", limits=Limits(changed=0.0, shift=9)))
    assert set(found) == {"colorspace", "limits"}


def test_tone_may_move_where_moving_it_is_what_the_node_is_for(show: Path, finished: Path) -> None:
    from vfxai.nodes.denoise import Denoise
    from vfxai.nodes.remove import Remove

    assert Denoise.keeps_tone and not Remove.keeps_tone
    delivery = delivery_of(show, finished)
    assert delivery.most_shift == KEPT
    (step,) = delivery.recipe.steps
    assert replace(delivery, limits=Limits(shift=2)).most_shift == 2
    removed = replace(delivery)
    removed.__dict__["recipe"] = replace(delivery.recipe, steps=(step, replace(step, node=Remove())))
    assert removed.most_shift == inf


def test_a_model_that_forbids_paid_work_is_found(
    show: Path, finished: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import shutil

    model = delivery_of(show, finished).provenance.models
    root = Path(__file__).parents[2] / "models"
    for name in model:
        folder = Path(shutil.copytree(root / name, tmp_path / "models" / name))
        manifest = folder / "manifest.toml"
        manifest.write_text(manifest.read_text().replace("commercial = true", "commercial = false"))
    monkeypatch.setenv("VFXAI_MODELS", str(tmp_path / "models"))
    found = failing(delivery_of(show, finished, license="commercial"))
    assert set(found) == {"license"} and "does not allow paid work" in found["license"][0]
    assert failing(delivery_of(show, finished)) == {}


def test_another_version_of_a_node_is_the_reason_that_is_told(
    show: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vfxai.nodes.denoise import Denoise

    was = Denoise.version
    monkeypatch.setattr(Denoise, "version", 99)
    found = failing(delivery_of(show, finished))
    assert f"it was made by denoise {was}, here is denoise 99" in found["inputs"][0]


def test_chunks_of_several_users_machines_and_mounts_are_one_shot(show: Path, finished: Path) -> None:
    """What differs from chunk to chunk by right is no problem; classes of machines are one only where the show says so."""

    def elsewhere(header: dict, channels: dict) -> None:
        header["vfxai/recipe"] = header["vfxai/recipe"].replace(str(finished), "Z:/shows/x")
        header |= {"vfxai/user": "farm", "vfxai/machine": "x86_64 AVX2"}

    for number in (1003, 1004):
        edit(show / f"out/sh.{number}.exr", elsewhere)
    assert set(failing(delivery_of(show, finished))) == {"machines"}
    assert failing(delivery_of(show, finished, machines="any")) == {}
    delivery = delivery_of(show, finished)
    assert "farm" in delivery.made_by() and [len(frames) for frames in delivery.made_on().values()] == [2, 2]


def test_an_alpha_that_another_program_changed_is_found(tmp_path: Path) -> None:
    alpha = np.linspace(0, 1, 48 * 64, dtype=np.float32).reshape(48, 64)
    rng = np.random.default_rng(1)
    planes = {n: (alpha * (0.4 + rng.normal(0, 0.02, alpha.shape))).astype(np.float32) for n in "RGB"}
    alpha[20, 20] = np.nan  # which the run repairs, and nobody may complain of
    write_exr(tmp_path / "sh.1001.exr", planes | {"A": alpha})
    source, output = f"{tmp_path}/sh.####.exr", f"{tmp_path}/out/sh.####.exr"
    run(Recipe.from_dict({"source": source, "output": output, "node": [{"id": "denoise", "quality": "fast"}]}))
    assert failing(Delivery.of(output)) == {}
    edit(tmp_path / "out/sh.1001.exr", lambda header, channels: channels["A"].__setitem__((9, 9), 0.5))
    found = failing(Delivery.of(output))
    assert set(found) == {"untouched"} and "the channel A has changed" in found["untouched"][0]
    assert measure(Delivery.of(output)).frames[0].alpha == pytest.approx(1 / (48 * 64))
    edit(tmp_path / "out/sh.1001.exr", lambda header, channels: channels["A"].__setitem__((20, 20), np.nan))
    assert "1 pixels are no numbers" in failing(Delivery.of(output))["finite"][0]
