"""Python functions take the options of a job, by the names and with the checks of recipes."""

import inspect
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

import vfxai
from vfxai.errors import ModelLicenseError, ParameterError


@pytest.fixture
def plate(tmp_path: Path) -> str:
    for frame in (1, 2, 3):
        planes = {n: np.full((4, 6), 0.25 * frame, np.float32) for n in "RGB"}
        OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_ap1_scene"}, planes).write(
            str(tmp_path / f"a.{frame}.exr")
        )
    return str(tmp_path / "a.#.exr")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda p: vfxai.open_clip(p, missing="hld"), "missing: expected one of error, hold, skip"),
        (lambda p: vfxai.open_clip(p, frames="1-"), "frames: '1-' is no frame range"),
        (lambda p: vfxai.open_clip(p, depth="half"), "open_clip takes no depth"),
        (lambda p: vfxai.apply(vfxai.open_clip(p), "denoise", precision="fp8"), "precision: expected one of auto, fp32"),
        (lambda p: vfxai.apply(vfxai.open_clip(p), "denoise", overwrite=True), "denoise has no 'overwrite'"),
        (lambda p: vfxai.apply(vfxai.open_clip(p), "denoise", self=1), "denoise has no 'self'"),
        (lambda p: vfxai.write(vfxai.open_clip(p), p, depth="byte"), "depth: expected one of keep, half, float"),
        (lambda p: vfxai.write(vfxai.open_clip(p), p, frames="x"), "'x' is no frame range"),
    ],
)
def test_wrong_options_are_told(plate: str, call, says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        call(plate)
    assert says in caught.value.message


def test_options_have_their_effect(plate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = vfxai.open_clip(plate, frames="1-2", layer=None, ocio=None)
    assert clip.frames == (1, 2)
    paths = vfxai.write(clip, tmp_path / "out/b.#.exr", frames="2", depth="half", output_colorspace="ACES2065-1")
    assert [p.name for p in paths] == ["b.2.exr"]
    made = OpenEXR.File(str(paths[0]))
    assert made.header()["colorInteropID"] == "lin_ap0_scene"
    assert made.channels()["RGB"].pixels.dtype == np.float16
    assert made.channels()["RGB"].pixels[0, 0] == pytest.approx([0.5, 0.5, 0.5], abs=1e-3)


def test_a_node_uses_the_config_that_its_clip_was_opened_with(plate: str) -> None:
    clip = vfxai.open_clip(plate, ocio="ocio://default", colorspace="ACEScg")
    assert clip.config.name != vfxai.open_clip(plate).config.name
    made = vfxai.apply(clip, "upscale", scale=2, radius=0, device="cpu")
    assert made.config is clip.config
    assert made[1].colorspace == "ACEScg"


@pytest.mark.filterwarnings("ignore:a .png file may not say")
def test_what_is_read_or_not_its_own_is_not_written_over(plate: str, tmp_path: Path) -> None:
    clip = vfxai.apply(vfxai.open_clip(plate), "denoise", strength=0.5, radius=0, device="cpu")
    fed = vfxai.apply(vfxai.open_clip(plate, frames="1"), "remove", inputs={"mask": str(tmp_path / "a.2.exr")})
    foreign = tmp_path / "out/b.1.exr"
    foreign.parent.mkdir()
    foreign.write_bytes(b"another's")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.exr")}
    for made, pattern, says in (
        (clip, plate, "is input and output"),
        (vfxai.apply(clip, "upscale", scale=2), plate, "is input and output"),
        (fed, tmp_path / "a.2.exr", "is input and output"),
        (clip, tmp_path / "one.exr", "is one file for 3 frames"),
        (clip, tmp_path / "out/b.#.exr", "was not written by vfxai"),
    ):
        with pytest.raises(ParameterError, match=says):
            vfxai.write(made, pattern)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.exr")} == before
    assert len(vfxai.write(clip, tmp_path / "out/b.#.exr", overwrite=True)) == 3
    for name in ("out/b.#.exr", "out/c.#.png", "out/c.#.png"):  # what it wrote itself is made again
        assert len(vfxai.write(clip, tmp_path / name)) == 3


@pytest.mark.filterwarnings("ignore:in parts of the picture:UserWarning")  # what denoise says of edges of fields
def test_frames_are_a_part_of_the_shot_as_on_the_command_line(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    scene = np.kron(0.2 + 0.5 * draw.random((6, 14)), np.ones((16, 16)))
    for frame in range(1, 7):
        fields = [scene[:, 4 * (2 * frame + field) :][:, :96] for field in (0, 1)]
        woven = np.where(np.arange(96)[:, None] % 2 == 0, *fields)
        planes = {n: (woven + draw.normal(0, 0.01 * frame, woven.shape)).astype(np.float32) for n in "RGB"}
        header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_ap1_scene"}
        OpenEXR.File(header, planes).write(str(tmp_path / f"s.{frame:04}.exr"))
    source, values = str(tmp_path / "s.####.exr"), {"field_order": "top", "mode": "deinterlace"}
    nodes = [{"id": "denoise", "radius": 1}, {"id": "deinterlace", **values}]
    data = {"source": source, "output": str(tmp_path / "run.####.exr"), "frames": "3-4", "device": "cpu", "node": nodes}
    assert vfxai.run(vfxai.Recipe.from_dict(data)).written == 4
    part = vfxai.open_clip(source, frames="3-4")
    made = vfxai.apply(vfxai.apply(part, "denoise", radius=1, device="cpu"), "deinterlace", device="cpu", **values)
    assert made.frames == tuple(int(p.name.split(".")[1]) for p in sorted(tmp_path.glob("run.*.exr")))
    assert made.frames[0] > 3  # numbers of frames that the whole shot gives
    for number in made.frames:
        assert (vfxai.pixels(made[number]) == vfxai.pixels(vfxai.open_clip(str(tmp_path / f"run.{number:04}.exr"))[1])).all()


def test_signatures_name_the_options() -> None:
    assert list(inspect.signature(vfxai.open_clip).parameters) == ["pattern", "frames", "missing", "layer", "colorspace", "ocio"]
    asked = inspect.signature(vfxai.apply).parameters
    assert list(asked)[:3] == ["plate", "node", "inputs"] and list(asked)[-1] == "values"
    assert asked["precision"].default == "auto"
    assert list(inspect.signature(vfxai.write).parameters)[-4:] == ["output_colorspace", "depth", "compression", "overwrite"]


def test_values_by_frame_and_mix(plate: str) -> None:
    clip = vfxai.open_clip(plate)
    faded = vfxai.apply(clip, "denoise", strength={1: 0, 3: 0.0}, mix={1: 0.0, 3: 1.0}, device="cpu")
    assert (faded[2].color == clip[2].color).all()


def test_a_licence_is_asked_for(plate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil
    from dataclasses import replace

    from vfxai.models.manifest import read_manifest, write_manifest
    from vfxai.models.store import Store

    folder = tmp_path / "models/upscale-x2-s"
    shutil.copytree(Store().folder("upscale-x2-s"), folder)
    write_manifest(folder / "manifest.toml", replace(read_manifest(folder / "manifest.toml"), commercial=False))
    monkeypatch.setenv("VFXAI_MODELS", str(tmp_path / "models"))
    clip = vfxai.open_clip(plate)
    with pytest.raises(ModelLicenseError):
        _ = vfxai.apply(clip, "upscale", radius=0, license="commercial")[1]


def test_what_does_nothing_and_what_is_altered_is_said_in_scripts_too(tmp_path: Path) -> None:
    plane = np.random.default_rng(0).random((16, 24)).astype(np.float32)
    planes = {**dict.fromkeys("RGB", plane), "crypto00.R": plane}
    OpenEXR.File({"type": OpenEXR.scanlineimage, "colorInteropID": "lin_ap1_scene"}, planes).write(str(tmp_path / "a.exr"))
    made = vfxai.apply(vfxai.open_clip(tmp_path / "a.exr"), "denoise", region="1,2,10,10", radius=0, device="cpu")
    with (
        pytest.warns(UserWarning, match="region has no effect unless profile is region"),
        pytest.warns(UserWarning, match=r"dwaa is lossy and alters crypto00\.R, .*; --compression zip"),
    ):
        vfxai.write(made, tmp_path / "b.exr", compression="dwaa")
