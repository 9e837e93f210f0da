"""Every live node gives in a host what the command line gives on the same frames, to the bit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray

from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Plugin
from tests.plugins.ofx.instance import Instance
from tests.plugins.ofx.personalities import NUKE, RESOLVE, RESOLVE_NULL
from tests.plugins.ofx.pictures import Layout
from tests.plugins.ofx.plates import interlaced, lined, plate
from tests.worker.conftest import serving
from vfxai.cli.main import main
from vfxai.worker.service import Service

Effects = Callable[..., dict[str, Plugin]]
SPACE = "ACEScg"
SHOT = range(1, 6)
LAYOUTS = {
    "packed": Layout(),
    "padded rows from the top down": Layout(padding=3, top_down=True),
    "odd row bytes": Layout(extra=12),
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A worker in threads of this process, where the bundle looks for one; one for all tests, so that networks are loaded once."""
    with tempfile.TemporaryDirectory(prefix="ofx") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VFXAI_WORKER_DIR", folder)
        patch.setenv("VFXAI_EXECUTABLE", "/nowhere")
        yield from serving(Path(folder))


@dataclass
class Case:
    """A node with values, as a command line and as a host have them."""

    node: str
    words: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    make: Callable[[int], NDArray[np.float32]] = plate
    origin: tuple[int, int] = (0, 0)
    masked: bool = False
    channels: int = 4
    layout: str = "packed"


CALM = ["--impulse", "off", "--quality", "fast"]
CASES = {
    "denoise": Case("denoise", [*CALM, "--strength", "0.8", "--radius", "1"], {"impulse": 3, "quality": 0, "strength": 0.8, "radius": 1}),
    "denoise under a mask, half mixed": Case("denoise", [*CALM, "--mix", "0.5", "--radius", "0"], {"impulse": 3, "quality": 0, "mix": 0.5, "radius": 0},
                                             masked=True, layout="odd row bytes"),
    "denoise offset, with impulses": Case("denoise", ["--radius", "0"], {"radius": 0}, origin=(-5, 7), layout="padded rows from the top down"),
    "denoise without alpha": Case("denoise", [*CALM, "--radius", "0"], {"impulse": 3, "quality": 0, "radius": 0}, channels=3),
    "upscale": Case("upscale", ["--radius", "1"], {"radius": 1}, layout="padded rows from the top down"),
    "upscale offset": Case("upscale", ["--radius", "0", "--scale", "1.5"], {"radius": 0, "scale": 1.5}, origin=(6, -4), layout="odd row bytes"),
    "restore": Case("upscale", ["--radius", "0", "--scale", "1", "--restore", "0.6"], {"radius": 0, "scale": 1.0, "restore": 0.6}),
    "upscale to a format": Case("upscale", ["--radius", "0", "--size", "50x40"], {"radius": 0, "size": "50x40"}),
    "wires": Case("wires", ["--form", "matte", "--at", "10,12"], {"at": "10,12"}, lined, layout="padded rows from the top down"),
    "deinterlace": Case("deinterlace", ["--rate", "same", "--mode", "deinterlace"], {}, interlaced, layout="odd row bytes"),
}  # fmt: skip

QUICK = Case("denoise", values={"impulse": 3, "quality": 0, "radius": 0})


def write(folder: Path, pictures: dict[int, NDArray[np.float32]], origin: tuple[int, int], suffix: str = "plate") -> str:
    """Float EXR files whose format begins at the origin and reaches to the picture's far corner; their pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, pixels in pictures.items():
        height, width, channels = pixels.shape
        x, far = origin[0], (origin[0] + width, origin[1] + height)
        header = {
            "compression": OpenEXR.ZIP_COMPRESSION,
            "type": OpenEXR.scanlineimage,
            "dataWindow": (np.array([x, 0], np.int32), np.array([x + width - 1, height - 1], np.int32)),
            "displayWindow": (np.array([0, 0], np.int32), np.array([far[0] - 1, far[1] - 1], np.int32)),
        }
        names = "RGBA"[:channels] if channels > 1 else "Y"
        planes = {name: np.ascontiguousarray(pixels[..., i]) for i, name in enumerate(names)}
        OpenEXR.File(header, planes).write(str(folder / f"{suffix}.{number:04d}.exr"))
    return str(folder / f"{suffix}.####.exr")


def read(path: Path) -> NDArray[np.float32]:
    """(H, W, C) R G B and A where there is one."""
    channels = OpenEXR.File(str(path), separate_channels=True).channels()
    return np.stack([channels[name].pixels for name in "RGBA" if name in channels], -1)


def matte(number: int) -> NDArray[np.float32]:
    """(H, W, 1) soft."""
    y, x = np.mgrid[:24, :32]
    return np.ascontiguousarray(np.clip((x - 6 - number) / 9, 0, 1) * (y > 4), np.float32)[..., None]


def by_command(case: Case, folder: Path, number: int, shot: dict[int, NDArray[np.float32]]) -> NDArray[np.float32]:
    """What the command line makes."""
    words = [case.node, write(folder, shot, case.origin), str(folder / "out" / "out.####.exr"), *case.words]
    words += ["--colorspace", SPACE, "--depth", "float", "--device", "cpu", "--frames", str(number)]
    if case.masked:
        words += ["--mask", write(folder, {n: matte(n) for n in shot}, case.origin, "mask")]
    assert main(words) == 0
    return read(folder / "out" / f"out.{number:04d}.exr")


def in_host(
    effects: Effects, case: Case, shot: dict[int, NDArray[np.float32]], layout: Layout = LAYOUTS["packed"], **facts: Any
) -> Instance:
    clips = {"Source": Clip("Source", frames(shot, origin=case.origin, layout=layout), min(shot), max(shot), **facts)}
    if case.masked:
        clips["Mask"] = Clip(
            "Mask", frames({n: matte(n) for n in shot}, origin=case.origin, layout=layout), min(shot), max(shot), **facts
        )
    effect = Instance(effects()[case.node], clips)
    for name, value in case.values.items():
        effect.set(name, value)
    if case.masked:
        effect.set("use_mask", 1)
    return effect


def agree(made: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    assert made.shape[:2] == expected.shape[:2]
    np.testing.assert_array_equal(made[..., : expected.shape[2]], expected)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_pixels_are_those_of_the_command_line(case: Case, effects: Effects, service: Service, tmp_path: Path) -> None:
    shot = {number: case.make(number)[..., : case.channels] for number in SHOT}
    shot = {number: np.ascontiguousarray(pixels) for number, pixels in shot.items()}
    effect = in_host(effects, case, shot, LAYOUTS[case.layout])
    if "analyze" in effect.parameters.values:
        effect.press("analyze", 3)
        assert effect.value("analysis").startswith("shot:"), effect.host.messages
        assert effect.host.progress == sorted(effect.host.progress)
    made = effect.render(3)
    agree(made, by_command(case, tmp_path, 3, shot))
    assert made.shape != shot[3].shape or np.abs(made - shot[3]).max() > 0, "the node did something"
    effect.destroy()


def test_half_scale_is_the_command_line_on_half_the_picture(effects: Effects, service: Service, tmp_path: Path) -> None:
    shot = {number: np.ascontiguousarray(plate(number)[::2, ::2]) for number in SHOT}
    effect = in_host(effects, CASES["upscale"], shot, scale=0.5)
    agree(effect.render(3), by_command(CASES["upscale"], tmp_path, 3, shot))
    effect.destroy()


def test_a_format_at_half_scale_is_half_the_format(effects: Effects, service: Service, tmp_path: Path) -> None:
    shot = {1: np.ascontiguousarray(plate(1)[::2, ::2])}
    effect = in_host(effects, CASES["upscale to a format"], shot, scale=0.5)
    expected = by_command(Case("upscale", ["--radius", "0", "--size", "25x20"]), tmp_path, 1, shot)
    agree(effect.render(1), expected)
    effect.destroy()


def test_tone_from_a_look(effects: Effects, service: Service, tmp_path: Path) -> None:
    shot = {number: plate(number) for number in SHOT}
    look = tmp_path / "look.cc"
    look.write_text(
        "<ColorCorrection id='a'><SOPNode><Slope>1.2 1 0.8</Slope><Offset>0 0.02 0</Offset><Power>1 1.1 1</Power></SOPNode></ColorCorrection>"
    )
    words = ["--look", str(look), "--look-space", "ACEScct", "--strength", "0.7"]
    values = {"look": str(look), "look_space": "ACEScct", "strength": 0.7}
    case = Case("tone", words, values, masked=True)
    effect = in_host(effects, case, shot, LAYOUTS["odd row bytes"])
    agree(effect.render(3), by_command(case, tmp_path, 3, shot))
    effect.destroy()


def test_tone_without_a_look_says_what_is_missing(effects: Effects, service: Service) -> None:
    effect = in_host(effects, Case("tone"), {1: plate(1)})
    effect.render(1, expect=1)
    assert "look" in effect.persistent
    effect.destroy()


@pytest.mark.long
def test_tone_from_a_pair_and_a_reference(effects: Effects, service: Service, tmp_path: Path) -> None:
    shot = {number: plate(number) for number in SHOT}
    graded = {1: plate(1) * np.array([1.2, 0.9, 0.8, 1], np.float32)}
    before, after = write(tmp_path / "before", {1: plate(1)}, (0, 0)), write(tmp_path / "after", graded, (0, 0))
    for words, values in (
        (["--pair", before, after, "--strength", "0.7"], {"pair": f"{before}\n{after}\n", "strength": 0.7}),
        (["--reference", after], {"reference": after}),
    ):
        case = Case("tone", words, values)
        expected = by_command(case, tmp_path / words[0].strip("-"), 3, shot)
        effect = in_host(effects, case, shot)
        effect.press("analyze", 3)
        agree(effect.render(3), expected)
        effect.destroy()


def test_a_node_that_needs_the_whole_shot_says_so(effects: Effects, service: Service) -> None:
    effect = in_host(effects, CASES["wires"], {number: lined(number) for number in SHOT})
    effect.render(3, expect=1)
    assert "press Analyse shot" in effect.persistent
    effect.destroy()
    still = in_host(effects, CASES["wires"], {3: lined(3)})
    assert still.render(3)[..., 0].max() > 0, "of one frame it knows the whole"
    still.destroy()
    proxy = in_host(effects, CASES["wires"], {3: lined(3)}, scale=0.5)
    proxy.render(3, expect=1)
    assert "full resolution" in proxy.persistent
    proxy.destroy()


def test_what_the_first_window_taught_is_kept_and_gives_the_same_on_a_farm(effects: Effects, service: Service) -> None:
    shot = {number: plate(number) for number in SHOT}
    effect = in_host(effects, QUICK, shot)
    first = effect.render(2)
    other = effect.render(4)
    script = effect.save()
    assert script["analysis"].startswith("window:") and "around" in script["analysis_state"]
    np.testing.assert_array_equal(effect.render(2), first)
    effect.destroy()
    farm = in_host(effects, QUICK, shot)
    farm.restore(script)
    np.testing.assert_array_equal(farm.render(4), other)
    farm.set("impulse", 0)
    assert farm.value("analysis") == "", "what was learnt by itself is learnt again where it may be another"
    farm.destroy()


def test_an_analysis_by_button_stays_until_the_button(effects: Effects, service: Service) -> None:
    effect = in_host(effects, QUICK, {number: plate(number) for number in SHOT})
    effect.press("analyze", 1)
    text = effect.value("analysis")
    effect.set("quality", 1)
    made = effect.render(3)
    assert effect.save()["analysis"] == text
    effect.press("forget")
    assert effect.value("analysis") == ""
    assert np.abs(effect.render(3) - made).max() > 0
    effect.destroy()


def test_a_cancelled_analysis_leaves_nothing(effects: Effects, service: Service) -> None:
    effect = in_host(effects, QUICK, {number: plate(number) for number in SHOT})
    effect.host.cancels = lambda share: share > 0
    effect.press("analyze", 1)
    assert effect.value("analysis") == "" and effect.host.messages == []
    effect.host.cancels = lambda share: False
    effect.render(3)
    effect.destroy()


def test_values_that_change_over_the_shot(effects: Effects, service: Service) -> None:
    shot = {number: plate(number, (96, 128)) for number in SHOT}  # large enough for its noise to be measured
    effect = in_host(effects, QUICK, shot)
    effect.set("strength", lambda time: (time - 1) / 4)
    assert (effect.render(1) == shot[1]).all()
    changes = [float(np.abs(effect.render(number) - shot[number])[..., :3].mean()) for number in (2, 5)]
    assert 0 < changes[0] < changes[1]
    effect.destroy()


@pytest.mark.parametrize("personality", [RESOLVE, RESOLVE_NULL], ids=lambda p: p.name)
def test_a_host_that_calls_every_mask_connected(effects: Effects, service: Service, personality: Any) -> None:
    shot = {number: plate(number) for number in SHOT}
    effect = Instance(effects(personality)["denoise"], {"Source": Clip("Source", frames(shot), 1, 5)})
    effect.set("quality", 0)
    effect.set("radius", 0)
    made = effect.render(3)
    assert np.abs(made - shot[3]).max() > 0, "a mask that nobody uses hides nothing"
    effect.press("analyze", 3)
    assert "Show a frame instead" in effect.host.messages[-1], "this host gives buttons no frames"
    effect.destroy()
    upscale = Instance(effects(personality)["upscale"], {"Source": Clip("Source", frames(shot), 1, 5)})
    upscale.render(3, expect=1)
    assert "one picture size" in upscale.host.messages[-1]
    upscale.set("scale", 1.0)
    assert (upscale.render(3) == shot[3]).all()
    upscale.destroy()


def test_nuke_lays_pictures_out_its_own_way(effects: Effects, service: Service) -> None:
    shot = {number: plate(number) for number in SHOT}
    layout = NUKE.layout
    strict = in_host(effects, QUICK, shot)
    expected = strict.render(3)
    strict.destroy()
    effect = Instance(effects(NUKE)["denoise"], {"Source": Clip("Source", frames(shot, layout=layout), 1, 5)})
    for name, value in QUICK.values.items():
        effect.set(name, value)
    np.testing.assert_array_equal(effect.render(3), expected)
    window = effect.render(3, window=(4, 2, 20, 11))
    np.testing.assert_array_equal(window[24 - 11 : 24 - 2, 4:20], expected[24 - 11 : 24 - 2, 4:20])
    effect.destroy()
