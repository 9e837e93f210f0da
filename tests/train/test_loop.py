from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vfxai.cli.main import main
from vfxai.errors import ParameterError
from vfxai.models.manifest import read_manifest
from vfxai.train.deinterlace import DeinterlaceTask
from vfxai.train.denoise import DenoiseTask
from vfxai.train.impulse import ImpulseTask
from vfxai.train.loop import TrainRun, rate, train
from vfxai.train.pictures import Sources, load_pictures, random_crop
from vfxai.train.shipped import SHIPPED, export
from vfxai.train.task import Task, TrainConfig, read_config
from vfxai.train.upscale import UpscaleX2Task

SMALL = TrainConfig(widths=(8, 8, 8, 8), blocks=(1, 1, 1, 1), crop=32, batch=2, steps=6, dead_leaves=1)


def trained(task: Task, data: Path, folder: Path, minutes: float = 600, seed: int = 3, steps: int = 6) -> TrainRun:
    """A run up to `steps`, gone on with where the folder holds one."""
    task.load(data)
    run = TrainRun(task, folder, "cpu", seed)
    run.resume()
    stop = replace(run.config, steps=steps)
    run.config = stop
    train(run, minutes)
    return run


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name in ("photos/a", "photos/b", "stills/c", "video/clip_one/clip_one.1001", "video/sintel_1/sintel_1.1001"):
        path = folder / f"{name}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        smooth = cv2.resize(rng.integers(0, 255, (6, 6, 3), np.uint8), (96, 80), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(path), smooth, [cv2.IMWRITE_WEBP_QUALITY, 101])
    (folder / "damage_overlays/dots").mkdir(parents=True)
    dots = np.zeros((128, 128), np.uint8)
    cv2.circle(dots, (60, 60), 2, 255, -1)
    cv2.imwrite(str(folder / "damage_overlays/dots/one.png"), dots)
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoint.pt", weights_only=True)["average"]


def test_a_resumed_run_equals_an_uninterrupted_one(data: Path, tmp_path: Path) -> None:
    held = replace(SMALL, decay_from=1.0)  # so that the rate does not depend on where the first part ends
    trained(DenoiseTask(held), data, tmp_path / "whole")
    first = trained(DenoiseTask(held), data, tmp_path / "parts", steps=3)
    assert first.step == 3
    trained(DenoiseTask(held), data, tmp_path / "parts")
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_the_clock_stops_a_run_with_a_usable_checkpoint(data: Path, tmp_path: Path) -> None:
    run = trained(DenoiseTask(SMALL), data, tmp_path, minutes=1e-9)
    assert run.step == 0
    assert set(weights(tmp_path)) == set(run.network.state_dict())


def test_another_seed_gives_other_weights(data: Path, tmp_path: Path) -> None:
    trained(DenoiseTask(SMALL), data, tmp_path / "a", seed=1, steps=2)
    trained(DenoiseTask(SMALL), data, tmp_path / "b", seed=2, steps=2)
    a, b = weights(tmp_path / "a"), weights(tmp_path / "b")
    assert any(not torch.equal(a[k], b[k]) for k in a)


def test_learning_raises_the_score(data: Path, tmp_path: Path) -> None:
    config = replace(SMALL, steps=150, warm_up=20)
    task = DenoiseTask(config)
    task.load(data)
    run = TrainRun(task, tmp_path, "cpu", 0)
    before = train(run, 0)
    after = train(run, 600)
    assert after["psnr_50"] > before["psnr_50"] + 1


@pytest.mark.parametrize(
    ("task", "scores"),
    [
        (ImpulseTask(replace(SMALL, widths=(8, 8, 8), blocks=(1, 1, 1))), {"psnr_0.0", "psnr_0.01", "psnr_0.03", "psnr_0.05"}),
        (DeinterlaceTask(replace(SMALL, widths=(8, 8, 8), blocks=(1, 1, 1))), {"psnr_moving_stills"}),
        (UpscaleX2Task(replace(SMALL, widths=(8,), blocks=(1,))), {"psnr_luma"}),
    ],
    ids=lambda v: v.id if isinstance(v, Task) else "",
)
def test_every_network_trains_exports_and_draws_its_curves(task: Task, scores: set[str], data: Path, tmp_path: Path) -> None:
    run = trained(task, data, tmp_path / "run", steps=2)
    assert {"checkpoint.pt", "run.json", "scores.csv", "curve.png", "validation.png"} <= {
        p.name for p in (tmp_path / "run").iterdir()
    }
    manifest = export(run, tmp_path / "model", "vfxai train")
    assert "fp32" in manifest.precisions
    assert {q.what.split(", ")[1] for q in manifest.quality} == scores
    assert manifest.scale == task.scale


def test_a_run_starts_from_the_weights_of_another_that_fit(data: Path, tmp_path: Path) -> None:
    first = trained(UpscaleX2Task(replace(SMALL, widths=(8,), blocks=(1,))), data, tmp_path / "x2", steps=2)
    other = SHIPPED["upscale-x4-s"](replace(SMALL, widths=(8,), blocks=(1,)))
    run = TrainRun(other, tmp_path / "x4", "cpu", 0)
    assert run.start_from(first.checkpoint) == len(run.network.state_dict()) - 1  # all but the tail
    assert torch.equal(run.network.state_dict()["head.weight"], first.average["head.weight"])


def test_a_deeper_network_starts_with_what_the_other_does(data: Path, tmp_path: Path) -> None:
    first = trained(DenoiseTask(SMALL), data, tmp_path / "shallow", steps=2)
    deeper = TrainRun(DenoiseTask(replace(SMALL, blocks=(1, 2, 2, 3))), tmp_path / "deep", "cpu", 1)
    deeper.start_from(first.checkpoint)
    planes = torch.rand(1, DenoiseTask.planes, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(deeper.averaged()(planes), first.averaged()(planes))


def test_a_network_that_is_shown_more_starts_with_what_the_other_does(data: Path, tmp_path: Path) -> None:
    first = trained(DenoiseTask(SMALL), data, tmp_path / "few", steps=2)

    class Shown(DenoiseTask):
        planes = DenoiseTask.planes + 2

    more = TrainRun(Shown(SMALL), tmp_path / "more", "cpu", 1)
    assert more.start_from(first.checkpoint) == len(more.network.state_dict())
    planes = torch.rand(1, Shown.planes, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(more.averaged()(planes), first.averaged()(planes[:, : DenoiseTask.planes]))


def test_a_config_file_sets_values_and_names_every_mistake(tmp_path: Path) -> None:
    good = tmp_path / "good.toml"
    good.write_text("widths = [16, 16]\nbatch = 3\nlearning_rate = 1e-3\n")
    assert read_config(good, SMALL) == replace(SMALL, widths=(16, 16), batch=3, learning_rate=1e-3)
    bad = tmp_path / "bad.toml"
    bad.write_text("width = 3\nbatch = 'three'\n")
    with pytest.raises(ParameterError, match=r"unknown key 'width'.*batch: expected int"):
        read_config(bad, SMALL)


def test_the_rate_warms_up_holds_and_falls_to_almost_zero() -> None:
    config = replace(SMALL, steps=1000, warm_up=100)
    assert rate(config, 0) < rate(config, 99) == pytest.approx(8e-4)
    assert rate(config, 500) == pytest.approx(8e-4, rel=1e-3)
    assert rate(config, 1000) < 1e-6


def test_left_out_clips_are_left_out(data: Path) -> None:
    everything = load_pictures(data, Sources(leave_out=(), dead_leaves=0))
    fewer = load_pictures(data, Sources(leave_out=("sintel",), dead_leaves=0))
    assert len(everything.clips) == 2
    assert len(fewer.clips) == 1


def test_a_crop_has_its_shape_and_range_and_follows_the_seed(data: Path) -> None:
    pictures = load_pictures(data, Sources(dead_leaves=1))
    crop = random_crop(pictures.train, 64, np.random.default_rng(7))
    assert crop.shape == (3, 64, 64)
    assert crop.dtype == np.float32
    assert np.array_equal(crop, random_crop(pictures.train, 64, np.random.default_rng(7)))


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no photos"):
        load_pictures(tmp_path, Sources())


def test_a_run_on_drawn_and_rendered_pictures_says_so_in_its_manifest(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "small.toml"
    config.write_text(
        "widths = [8]\nblocks = [1]\ncrop = 32\nbatch = 2\ndead_leaves = 0\ntextures = 1\npatterns = 0\nlettering = 0\nwires = 0\n"
    )
    arguments = ["train", "upscale", "--data", str(data), "--run", str(tmp_path / "run"), "--steps", "2", "--config", str(config)]
    assert main([*arguments, "--renders", str(tmp_path / "none")]) == 3
    assert main([*arguments, "--renders", str(data / "video"), "--export", str(tmp_path / "model")]) == 0
    told = read_manifest(tmp_path / "model/manifest.toml")
    assert [s.name for s in told.sources if "drawn" in s.name or "rendered" in s.name] == [
        "textures drawn by vfxai.train.drawn",
        "scenes rendered by examples/blender/scenes.py",
    ]
    assert "--renders DIR" in told.trained_with
