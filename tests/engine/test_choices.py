"""What is chosen for the user in the files of a job is told: in the start event, as warnings, in the provenance."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.engine.choices import Choices
from vfxai.image.box import Box
from vfxai.schema.events import Chosen

Y, X = np.mgrid[:48, :64]
SMOOTH = (0.4 + 0.2 * np.sin(X / 9) * np.cos(Y / 7))[..., None] * (1, 0.8, 0.6)
PICTURE = (SMOOTH + 0.03 * np.random.default_rng(0).standard_normal((48, 64, 3))).astype(np.float16)
SHAPE = np.zeros((48, 64), np.float16)
SHAPE[8:40, 20:28] = 1


def exr(path: Path, planes: dict[str, np.ndarray]) -> str:
    header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
    OpenEXR.File(header, {n: np.ascontiguousarray(p) for n, p in planes.items()}).write(str(path))
    return str(path)


def plate(prefix: str = "") -> dict[str, np.ndarray]:
    return {prefix + c: PICTURE[..., i] for i, c in enumerate("RGB")}


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert main([*words, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_layer_and_matte_channel_are_in_the_start_event_and_in_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = exr(tmp_path / "a.exr", {**plate("kitchen."), **plate("garden."), "Z": SHAPE})
    matte = exr(tmp_path / "m.exr", {**dict.fromkeys("RGB", SHAPE * 0), "A": SHAPE})
    out = tmp_path / "b.exr"
    events = told(capsys, "denoise", source, str(out), "--mask", matte, "--strength", "2", "--quality", "fast", "--radius", "0")
    start = next(e for e in events if e["event"] == "start")
    chosen = {c["what"]: c for c in start["chosen"]}
    assert chosen["layer of the plate"]["taken"] == "garden"
    assert chosen["layer of the plate"]["among"] == ["kitchen"]
    assert chosen["channel of the mask"]["taken"] == "alpha"
    warnings = [e["message"] for e in events if e["event"] == "warning"]
    assert sum("kitchen" in w and "--layer" in w for w in warnings) == 1
    with OpenEXR.File(str(out), separate_channels=True) as file:
        made = {n: c.pixels for n, c in file.channels().items()}
        assert json.loads(file.header()["vfxai/chosen"])[0]["taken"] == "garden"
    assert np.array_equal(made["kitchen.R"], PICTURE[..., 0])
    changed = (made["garden.R"] != PICTURE[..., 0]) | (made["garden.G"] != PICTURE[..., 1])
    assert changed[SHAPE > 0].mean() > 0.5 and not changed[SHAPE == 0].any()


def test_mask_channel_states_another_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = exr(tmp_path / "a.exr", plate())
    matte = exr(tmp_path / "m.exr", {**plate(), "A": SHAPE * 0 + 1, "roto.hand": SHAPE})
    out = tmp_path / "b.exr"
    told(
        capsys,
        "denoise",
        source,
        str(out),
        "--mask",
        matte,
        "--mask-channel",
        "roto.hand",
        "--strength",
        "2",
        "--quality",
        "fast",
    )
    with OpenEXR.File(str(out), separate_channels=True) as file:
        changed = file.channels()["R"].pixels != PICTURE[..., 0]
    assert changed[SHAPE > 0].mean() > 0.5 and not changed[SHAPE == 0].any()


def test_a_choice_that_changes_within_the_shot_is_a_warning() -> None:
    warnings: list[str] = []
    choices = Choices(warnings.append)
    hears = choices.of("plate")
    hears(Path("a.1.exr"), (Chosen("layer", "C", "by its name"),), Box(0, 0, 8, 8))
    hears(Path("a.2.exr"), (Chosen("layer", "albedo", "by its name"),), Box(0, 0, 8, 8))
    assert [c.what for c in choices.all] == ["layer of the plate"]
    assert len(warnings) == 1 and "albedo" in warnings[0]
