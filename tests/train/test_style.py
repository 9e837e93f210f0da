"""The unpaired translator learns a colour cast, and goes on where it stopped."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from vfxai.cli.main import main
from vfxai.image.files import read_frame, write_frame
from vfxai.models.store import Store
from vfxai.session.clips import frame_of
from vfxai.train.style import StyleConfig, StyleRun, color_distance, load_frames, mesh, train_style

SMALL = StyleConfig(widths=(8, 8), blocks=(1, 1), crop=32, batch=2, steps=6)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("style")
    rng = np.random.default_rng(0)
    for name in ("day", "dusk"):
        (root / name).mkdir()
        for index in range(4):
            picture = cv2.resize(rng.integers(60, 200, (6, 8, 3), np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC).astype(
                np.float32
            )
            if name == "dusk":
                picture = picture * (1.0, 0.7, 0.4)
            cv2.imwrite(str(root / name / f"{index}.png"), picture.clip(0, 255).astype(np.uint8))
    return root / "day", root / "dusk"


def test_a_resumed_run_equals_an_uninterrupted_one(folders: tuple[Path, Path], tmp_path: Path) -> None:
    def ran(folder: Path, *stops: int) -> dict[str, torch.Tensor]:
        run = None
        for stop in stops:
            run = StyleRun(SMALL, *folders, folder, "cpu", 3)
            run.resume()
            while run.step < stop:
                run.learn()
            run.save()
        assert run is not None
        return run.average

    whole, parts = ran(tmp_path / "whole", 6), ran(tmp_path / "parts", 3, 6)
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_a_mesh_counts_and_what_follows_the_picture_does_not() -> None:
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(96.0), indexing="ij")
    smooth = torch.stack([x / 96, y / 64, (x + y) / 160])[None] * 0.2
    meshed = smooth + 0.02 * (x % 2 == 0) * (y % 2 == 0)
    assert mesh(smooth) < 2e-6  # a slope of a fifth of the picture's range
    assert mesh(meshed) == pytest.approx(0.02**2 * 3 / 16, rel=0.2)
    assert mesh(meshed[..., :2, :2]) == pytest.approx(0.02**2 * 3 / 16, rel=0.5)


def test_it_begins_as_the_identity_and_moves_towards_the_target(folders: tuple[Path, Path], tmp_path: Path) -> None:
    run = StyleRun(replace(SMALL, steps=120, learning_rate=5e-4, average=0.95), *folders, tmp_path / "run", "cpu", 0)
    planes = torch.rand(1, 3, 32, 32)
    assert torch.equal(run.averaged()(planes), planes)
    scores = train_style(run, minutes=600)  # the steps end it, however slow the machine
    assert scores["distance_after"] < 0.7 * scores["distance_before"]
    assert scores["psnr_cycle"] > 15


def test_the_distance_of_colours_is_that_of_a_shift() -> None:
    picture = np.random.default_rng(0).random((3, 40, 40)).astype(np.float32)
    assert color_distance([picture], [picture]) == 0
    assert color_distance([picture], [picture + 0.1]) > 5


def test_the_command_exports_a_model_with_papers(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["train", "style", "--data", str(folders[0]), "--run", str(tmp_path / "run"), "--steps", "2"]
    assert main(arguments) == 2
    assert "--target" in capsys.readouterr().err
    assert main([*arguments, "--target", str(tmp_path / "none")]) == 3
    assert main([*arguments, "--target", str(folders[1]), "--licence", "CC0-1.0", "--export", str(tmp_path / "models/dusk")]) == 0
    store = Store([tmp_path / "models"])
    assert store.verify("dusk").licence == "CC0-1.0"
    monkeypatch.setenv("VFXAI_MODELS", str(tmp_path / "models"))
    plate = np.full((40, 56, 3), 0.4, np.float32)
    plate[10:20, 10:20] = 12
    write_frame(tmp_path / "plate.1001.exr", frame_of(plate, ""), attributes={"colorInteropID": "lin_rec709_scene"})
    assert main(["tone", str(tmp_path / "plate.####.exr"), str(tmp_path / "out.####.exr"), "--style", "dusk"]) == 0
    made = read_frame(tmp_path / "out.1001.exr").color
    assert float((made - frame_of(plate, "").color).abs().max()) < 3, "two steps of training change little, highlights included"
    assert "dusk" in str(read_frame(tmp_path / "out.1001.exr").attributes["vfxai/models"])
    assert main(["tone", str(tmp_path / "plate.####.exr"), str(tmp_path / "no.####.exr"), "--style", "dawn"]) == 4
    assert "Known failures" in (tmp_path / "models/dusk/card.md").read_text()


def test_too_few_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least two"):
        load_frames(tmp_path)
