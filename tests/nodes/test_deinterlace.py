"""Deinterlacing on woven and telecined plates that are made here, through the command line and in memory."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from plates import color_of, read, write

from vfxai.bench.interlace import interlaced, telecined, woven
from vfxai.bench.product import applied, through
from vfxai.cli.main import main
from vfxai.fields.stated_order import stated_order
from vfxai.fields.structure import FieldStructure, Section
from vfxai.image.box import Box
from vfxai.motion import temporal_fusion
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.session.analyses import Analyses, Learned
from vfxai.session.clips import frame_of

SPACE = "sRGB Encoded Rec.709 (sRGB)"


@cache
def picture(frame: int, scene: int = 0, size: tuple[int, int] = (96, 128), speed: float = 2.5) -> np.ndarray:
    """Blobs and thin slanted lines that move; another scene is another picture. Drawn once; not to be written to."""
    rng = np.random.default_rng(scene)
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    x = x + speed * frame
    value = 0.5 + np.zeros_like(x)
    for _ in range(6):
        fx, fy, phase = rng.uniform(0.05, 0.3), rng.uniform(-0.25, 0.25), rng.uniform(0, 6)
        value += 0.08 * np.sin(fx * x + fy * y + phase)
    value += 0.3 * (np.abs((x + 0.4 * y + 40 * scene) % 37 - 18) < 2)
    drawn = np.clip(np.stack([value, value * 0.8, 1 - value], -1), 0, 1).astype(np.float32)
    drawn.flags.writeable = False
    return drawn


def film(count: int, scene: int = 0) -> list[np.ndarray]:
    return [picture(t, scene) for t in range(count)]


@pytest.mark.parametrize("top_first", [True, False])
@pytest.mark.parametrize(("cadence", "name"), [((2, 3), "2:3"), ((2, 3, 3, 2), "2:3:3:2"), ((2,), "2:2")])
def test_film_comes_back_exactly_with_a_cut_anywhere_in_the_cycle(cadence: tuple[int, ...], name: str, top_first: bool) -> None:
    for length in range(8, 12):  # four pictures are the longest cycle
        frames = [*film(length), *film(20 - length, scene=1)]
        clip = applied(Deinterlace(), [frame_of(f, SPACE) for f in telecined(frames, cadence, top_first)])
        found = clip.session.loaded()
        assert len(clip.frames) == 20, (length, found.to_dict())
        for number, truth in zip(clip.frames, frames, strict=True):
            assert np.array_equal(clip[number].color.numpy().transpose(1, 2, 0), truth), (length, number)
        assert found.to_dict()["sections"] == [f"1001.1 {name}"]
        assert name == "2:2" or found.top_first == top_first
        assert found.confidence >= 0.9 or name == "2:2"


@pytest.mark.parametrize("top_first", [True, False])
def test_scanned_lines_stay_and_the_others_are_near_the_truth(top_first: bool) -> None:
    pictures = film(12)
    made = through(Deinterlace(), interlaced(pictures, top_first))
    assert len(made) == 12
    for index, (result, truth) in enumerate(zip(made, pictures, strict=True)):
        own_is_top = (index % 2 == 0) == top_first
        own, other = (slice(0, None, 2), slice(1, None, 2)) if own_is_top else (slice(1, None, 2), slice(0, None, 2))
        assert np.array_equal(result[own], truth[own])
        assert np.abs(result[other] - truth[other]).mean() < 0.02


@pytest.mark.parametrize("order", ["auto", "top"])
@pytest.mark.parametrize(
    "windows", [[(0, 1, 128, 95)], [(0, 0, 128, 96), (8, 5, 100, 80), (3, 2, 120, 91)], [(0, 0, 90, 60), (4, 3, 90, 60)]]
)
def test_fields_are_counted_from_the_display_window_wherever_the_data_lies(
    windows: list[tuple[int, int, int, int]], order: str
) -> None:
    pictures, display = film(12), Box(0, 0, 128, 96)
    frames = []
    for number, frame in enumerate(interlaced(pictures)):
        at = Box(*windows[number % len(windows)])
        cut = frame_of(frame[at.y : at.y + at.height, at.x : at.x + at.width], SPACE)
        frames.append(replace(cut, data_window=at, display_window=display))
    clip = applied(Deinterlace(field_order=order), frames)
    assert clip.frames == tuple(range(1001, 1013))
    for index, (number, truth) in enumerate(zip(clip.frames, pictures, strict=True)):
        at = clip[number].data_window
        made, wanted = clip[number].color.numpy().transpose(1, 2, 0), truth[at.y : at.y + at.height, at.x : at.x + at.width]
        own = slice((index + at.y) % 2, None, 2)
        assert np.array_equal(made[own], wanted[own]), index
        assert np.abs(made - wanted)[8:-8, 16:-16].mean() < 0.02, index


def test_premultiplied_colour_goes_with_its_alpha() -> None:
    pictures = []
    for t in range(10):
        alpha = np.zeros((72, 128, 1), np.float32)
        alpha[:, 10 + 4 * t : 30 + 4 * t] = 1
        pictures.append(np.concatenate([alpha * np.float32([0.8, 0.3, 0.1]), alpha], 2))
    frames = []
    for woven_frame in interlaced(pictures):
        frame = frame_of(woven_frame[..., :3], SPACE)
        alpha = torch.from_numpy(np.ascontiguousarray(woven_frame[..., 3]))[None]
        frames.append(replace(frame, alpha=alpha, premultiplied=True))
    clip = applied(Deinterlace(mode="deinterlace", field_order="top"), frames)
    for number, truth in zip(clip.frames, pictures, strict=True):
        made = clip[number]
        assert made.alpha is not None
        assert np.array_equal(made.alpha[0].numpy(), truth[..., 3])
        assert float(made.color[:, made.alpha[0] == 0].abs().max()) == 0


def test_one_colour_under_an_alpha_of_two_times_is_multiplied_by_the_one_woven() -> None:
    alphas = [np.roll(np.repeat(np.float32([1, 0.5, 0.25, 0]), 8)[None].repeat(16, 0), 8 * t, 1) for t in range(4)]
    frames = []
    for alpha in telecined(alphas, (2, 3)):
        frame = frame_of(alpha[..., None].repeat(3, 2) * np.float32(0.5), SPACE)
        frames.append(replace(frame, alpha=torch.from_numpy(alpha)[None], premultiplied=True))
    structure = FieldStructure(True, 1.0, tuple(range(1001, 1006)), (Section(0, (2, 3)),), frozenset())
    analyses = Analyses((Learned("deinterlace", Deinterlace.version, structure.to_dict()),))
    clip = applied(Deinterlace(mode="inverse-telecine"), frames, analyses=analyses)
    for number, alpha in zip(clip.frames, alphas, strict=True):
        assert np.abs(clip[number].color.numpy() - 0.5 * alpha).max() < 1e-6, number


@pytest.mark.parametrize("top_first", [True, False])
def test_a_dark_line_at_the_edge_of_a_moving_picture_stays_dark(top_first: bool) -> None:
    """Half a line of a broadcast, or the edge of a bar: nothing else in its field shows it."""
    pictures = [picture(t, size=(128, 96)).transpose(1, 0, 2).copy() for t in range(10)]  # moves down
    edge = -1 if top_first else 0
    for shown in pictures:
        shown[edge] *= 0.1
    made = through(Deinterlace(), interlaced(pictures, top_first))
    for result, truth in list(zip(made, pictures, strict=True))[2:-2]:
        assert np.sqrt(np.square(result[edge] - truth[edge]).mean()) < 0.02


def test_what_stands_still_keeps_both_fields() -> None:
    pictures = [picture(0)] * 8
    for t, p in enumerate(pictures := [p.copy() for p in pictures]):
        p[40:60, 5 * t : 5 * t + 20] = 1
    made = through(Deinterlace(), interlaced(pictures))
    for result, truth in zip(made, pictures, strict=True):
        assert np.abs(result - truth)[70:].max() == 0


def test_fields_beside_it_in_time_join_in_but_not_across_a_cut(monkeypatch: pytest.MonkeyPatch) -> None:

    def error(frames: list[np.ndarray]) -> float:
        return float(
            np.mean(
                [
                    ((made - truth)[1 - i % 2 :: 2] ** 2).mean()
                    for i, (made, truth) in enumerate(zip(frames, pictures, strict=True))
                ]
            )
        )

    pictures = [*film(6), *film(6, scene=1)]
    joined = through(Deinterlace(field_order="top"), interlaced(pictures))
    first = through(Deinterlace(field_order="top"), interlaced(pictures[:6]))
    assert all(np.array_equal(a, b) for a, b in zip(joined[:6], first, strict=True))
    monkeypatch.setattr(temporal_fusion, "MOVED", 1e6)
    assert error(joined) < 0.97 * error(through(Deinterlace(field_order="top"), interlaced(pictures)))


def test_progressive_frames_inside_video_pass_untouched() -> None:
    moving = [picture(t, speed=4) for t in range(24)]
    frames = [*interlaced(moving[:10]), moving[10], moving[12], *interlaced(moving[14:])]
    made = through(Deinterlace(mode="deinterlace", rate="same"), frames)
    assert np.array_equal(made[5], frames[5])
    assert np.array_equal(made[6], frames[6])
    assert not np.array_equal(made[2], frames[2])


def test_a_cut_between_the_fields_of_a_frame_mixes_no_scenes() -> None:
    pictures = [*film(7), *[1 - p for p in film(7, scene=2)]]
    made = through(Deinterlace(), interlaced(pictures))
    assert len(made) == 14
    for result, truth in zip(made[5:9], pictures[5:9], strict=True):
        assert np.abs(result - truth).mean() < 0.03


def test_odd_heights_and_a_single_frame() -> None:
    pictures = [p[:95] for p in film(8)]
    made = through(Deinterlace(field_order="bottom"), interlaced(pictures, top_first=False))
    assert [m.shape for m in made] == [(95, 128, 3)] * 8
    assert len(through(Deinterlace(), interlaced(film(2)))) in (1, 2)
    assert through(Deinterlace(rate="same"), [p[:1] for p in film(3)])[0].shape == (1, 128, 3)


def test_values_above_one_and_below_zero_survive() -> None:
    pictures = [p * 80 - 2 for p in film(8)]
    made = through(Deinterlace(), interlaced(pictures), "scene-linear")
    assert len(made) == 8
    assert max(float(m.max()) for m in made) > 70
    assert min(float(m.min()) for m in made) < -1.5
    assert np.mean([np.abs(m - p).mean() for m, p in zip(made, pictures, strict=True)]) < 2


def test_the_command_line_numbers_on_keeps_channels_and_says_where_frames_came_from(tmp_path: Path) -> None:
    pictures = film(10)
    alpha = np.linspace(0, 1, 96)[:, None] * np.ones((96, 128))
    for number, frame in enumerate(interlaced(pictures), 1001):
        write(tmp_path / f"in.{number}.exr", frame, alpha, frame=number)
    plate, output, text = tmp_path / "in.####.exr", tmp_path / "out.####.exr", tmp_path / "fields.json"
    assert main(["defield", str(plate), str(output), "--analysis", str(text)]) == 0
    assert sorted(p.name for p in tmp_path.glob("out.*.exr")) == [f"out.{n}.exr" for n in range(1001, 1011)]
    channels, header = read(tmp_path / "out.1004.exr")
    source, _ = read(tmp_path / "in.1002.exr")
    assert header["vfxai/source-frame"] in ("1002", 1002)
    assert channels["id"].tobytes() == source["id"].tobytes()
    assert np.abs(channels["A"].astype(float) - alpha).max() < 0.02
    found = json.loads(text.read_text())
    assert found["nodes"][0]["analysis"]["sections"] == ["1001.1 video"]

    found["nodes"][0]["analysis"]["sections"] = ["1001.1 2:2"]  # a person knows better
    text.write_text(json.dumps(found))
    assert main(["deinterlace", str(plate), str(tmp_path / "film.####.exr"), "--analysis", str(text)]) == 0
    assert len(list(tmp_path.glob("film.*.exr"))) == 5
    assert np.array_equal(color_of(tmp_path / "film.1003.exr"), color_of(tmp_path / "in.1003.exr"))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"sections": ["1001.1 9:9"]}, "9:9"),
        ({"sections": []}, "sections"),
        ({"cuts": ["7.1"]}, "7.1"),
        ({"field_order": "up"}, "up"),
    ],
)
def test_a_wrong_edit_is_named(edit: dict[str, object], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, frame in enumerate(interlaced(film(4)), 1001):
        write(tmp_path / f"in.{number}.exr", frame)
    facts = {"field_order": "top", "confidence": 1.0, "frames": "1001-1002", "sections": ["1001.1 video"], "cuts": []} | edit
    (tmp_path / "fields.json").write_text(json.dumps({"schema": 1, "nodes": [{"node": "deinterlace", "analysis": facts}]}))
    arguments = [str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), "--analysis", str(tmp_path / "fields.json")]
    assert main(["deinterlace", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_mask_keeps_the_plate(tmp_path: Path) -> None:
    frames = interlaced(film(8))
    mask = np.zeros((96, 128, 3), np.float32)
    mask[:, 64:] = 1
    for number, frame in enumerate(frames, 1001):
        write(tmp_path / f"in.{number}.exr", frame)
        write(tmp_path / f"mask.{number}.exr", mask)
    arguments = [
        str(tmp_path / "in.####.exr"),
        str(tmp_path / "out.####.exr"),
        "--rate",
        "same",
        "--mask",
        str(tmp_path / "mask.####.exr"),
    ]
    assert main(["deinterlace", *arguments]) == 0
    before, after = color_of(tmp_path / "in.1002.exr"), color_of(tmp_path / "out.1002.exr")
    assert np.array_equal(before[:, :64], after[:, :64])
    assert not np.array_equal(before[:, 64:], after[:, 64:])


def test_attributes_state_the_order() -> None:
    assert stated_order({"FieldOrder": "tff"}) == "top"
    assert stated_order({"video/field_order": "Bottom Field First"}) == "bottom"
    assert stated_order({"field_order": "progressive", "owner": "top"}) == ""


def test_woven_puts_the_first_field_where_the_order_says() -> None:
    one, two = np.zeros((4, 1)), np.ones((4, 1))
    assert woven(one, two).ravel().tolist() == [0, 1, 0, 1]
    assert woven(one, two, top_first=False).ravel().tolist() == [1, 0, 1, 0]
