"""What frames are brought to before a node sees them, and back."""

from pathlib import Path

import pytest
import torch
from simple import CONFIG, LINEAR, POOL, Gain, Mean

from vfxai.image.box import Box
from vfxai.image.clip import open_clip
from vfxai.image.files import write_frame
from vfxai.image.frame import Frame
from vfxai.image.untouched import FOREIGN, differences
from vfxai.session.prepare import repair_not_finite
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage


def test_a_soft_mask_mixes_repaired_values(tmp_path: Path) -> None:
    color = torch.full((3, 8, 8), 0.5)
    color[:, 4, 2:6] = float("nan")
    weight = torch.zeros(3, 8, 8)
    weight[:, :, 3:5] = 0.5
    clips = []
    for name, pixels in (("a", color), ("m", weight)):
        write_frame(tmp_path / f"{name}.1.exr", Frame(pixels, None, False, "", Box(0, 0, 8, 8), Box(0, 0, 8, 8)), depth="float")
        clips.append(open_clip(str(tmp_path / f"{name}.#.exr"), colorspace=lambda p, f: LINEAR))
    mixed = Session(clips[0], [Stage(Gain(), {"mask": clips[1]})], pool=POOL, config=CONFIG).clip()[1].color
    assert mixed[:, 4, 3:5] == pytest.approx(0.75)
    assert torch.isnan(mixed[:, 4, [2, 5]]).all()


def test_alpha_is_repaired_and_counted_too(tmp_path: Path) -> None:
    color, alpha = torch.full((3, 8, 8), 0.25), torch.full((1, 8, 8), 0.5)
    color[0, 2, 2] = float("nan")
    alpha[0, 2, 2], alpha[0, 6, 1], alpha[0, 3, 6] = float("nan"), float("inf"), float("nan")
    weight = torch.ones(3, 8, 8)
    weight[:, :, 6] = 0
    clips, box = [], Box(0, 0, 8, 8)
    for name, frame in (("a", Frame(color, alpha, True, "", box, box)), ("m", Frame(weight, None, False, "", box, box))):
        write_frame(tmp_path / f"{name}.1.exr", frame, depth="float")
        clips.append(open_clip(str(tmp_path / f"{name}.#.exr"), colorspace=lambda p, f: LINEAR))
    request = Request()
    made = Session(clips[0], [Stage(Gain())], pool=POOL, config=CONFIG).frame(1, request)
    assert request.facts(1)["repaired"] == 3
    assert (made.alpha == 0.5).all() and torch.allclose(made.color, torch.tensor(0.5))
    masked = Session(clips[0], [Stage(Gain(), {"mask": clips[1]})], pool=POOL, config=CONFIG).clip()[1]
    assert torch.isnan(masked.alpha[0, 3, 6]) and int(torch.isfinite(masked.alpha).sum()) == 63
    write_frame(tmp_path / "out.1.exr", made, depth="float")
    assert list(differences(tmp_path / "out.1.exr", tmp_path / "a.1.exr")) == []
    made.alpha[0, 5, 5] = 0.75
    write_frame(tmp_path / "out.1.exr", made, depth="float")
    assert list(differences(tmp_path / "out.1.exr", tmp_path / "a.1.exr")) == [("the channel A has changed", FOREIGN)]


def test_a_moving_data_window_is_followed(shared_data: Path, tmp_path: Path) -> None:
    clip = open_clip(str(shared_data / "exr/openexr-images/Beachball/singlepart.%04d.exr"), colorspace=lambda p, f: LINEAR)
    result = Session(clip, [Stage(Mean())], pool=POOL, config=CONFIG).clip()
    for number in (2, 3):
        frame: Frame = result[number]
        assert frame.data_window == clip[number].data_window
        x, y = (clip[number].data_window.x, clip[number].data_window.y)
        around = (clip[number - 1], clip[number], clip[number + 1])
        px, py = max(f.data_window.x for f in around) + 200, max(f.data_window.y for f in around) + 200
        if all(float(f.alpha[0, py - f.data_window.y, px - f.data_window.x]) == 1 for f in around):
            values = [f.color[:, py - f.data_window.y, px - f.data_window.x] for f in around]
            assert torch.allclose(frame.color[:, py - y, px - x], sum(values) / 3, rtol=1e-3, atol=1e-4)


def test_not_finite_pixels_are_filled_from_around_them() -> None:
    color = torch.full((3, 9, 9), 0.5)
    color[0, 4, 4] = float("nan")
    color[:, 0:3, 0:3] = float("inf")
    fixed, count = repair_not_finite(color)
    assert count == 10
    assert torch.allclose(fixed, torch.full((3, 9, 9), 0.5))
    assert repair_not_finite(fixed) == (fixed, 0)
    assert torch.isfinite(repair_not_finite(torch.full((3, 4, 4), float("nan")))[0]).all()
