"""Comparing sequences: figures, totals, refusals, and the report."""

import base64
import json
import math
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.bench.fakes import Pictures, frame
from vfxai.errors import InputError, OutputError
from vfxai.measure.compare import compare_clips, plain, total
from vfxai.measure.comparison_page import Thumbnails, shown, write_report

RNG = np.random.default_rng(5)
CLEAN = [RNG.random((16, 20, 3)).astype(np.float32) for _ in range(3)]


def clip(pixels: list[np.ndarray], first: int = 1001) -> Pictures:
    return Pictures({first + i: frame(p) for i, p in enumerate(pixels)})


def test_figures_of_a_growing_error() -> None:
    worse = [p + np.float32(0.1 * i) for i, p in enumerate(CLEAN)]
    measures = list(compare_clips(clip(worse), clip(CLEAN), hdr=True))
    assert [m.number for m in measures] == [1001, 1002, 1003]
    assert measures[0].identical
    assert measures[0].flicker is None
    assert measures[2].psnr == pytest.approx(20 * math.log10(1 / 0.2), abs=1e-3)
    assert [m.flicker for m in measures[1:]] == pytest.approx([0.1, 0.1], abs=1e-5)
    summed = total(measures)
    assert summed.frames == 3
    assert summed.psnr == pytest.approx(10 * math.log10(1 / ((0 + 0.01 + 0.04) / 3)), abs=1e-3)
    assert summed.max_error == pytest.approx(0.2, abs=1e-5)
    assert summed.hdr_psnr is not None
    assert math.isfinite(summed.hdr_psnr)


def test_plain_values_are_json_even_where_frames_are_identical() -> None:
    measures = list(compare_clips(clip(CLEAN), clip(CLEAN)))
    for values in (plain(measures[0]), plain(total(measures))):
        assert json.loads(json.dumps(values, allow_nan=False))["psnr"] is None
        assert values["identical"] is True


def test_samples_that_are_not_finite_are_left_out_and_counted() -> None:
    broken = [p.copy() for p in CLEAN]
    broken[1][3, 4, 0], broken[1][5, 6, 1] = np.nan, np.inf
    measures = list(compare_clips(clip(broken), clip(CLEAN)))
    assert [m.nonfinite for m in measures] == [0, 2, 0]
    assert measures[1].identical


def test_different_frames_are_refused_and_named() -> None:
    with pytest.raises(InputError, match=r"only in A: 1001; only in B: 1004"):
        list(compare_clips(clip(CLEAN), clip(CLEAN, first=1002)))


def test_single_files_of_different_numbers_are_compared() -> None:
    assert next(compare_clips(clip(CLEAN[:1], 1), clip(CLEAN[:1], 7))).identical


@pytest.mark.parametrize("other", [frame(CLEAN[0][:, :-2]), frame(CLEAN[0][..., :1]), frame(CLEAN[0], x=3)])
def test_different_sizes_channels_and_windows_are_refused(other: object) -> None:
    with pytest.raises(InputError, match="frame 1001 differs in size: A has 20x16 at 0,0 with 3 channels"):
        list(compare_clips(clip(CLEAN[:1]), Pictures({1001: other})))


def test_a_moving_data_window_has_no_flicker_where_the_size_changes() -> None:
    moving = Pictures({1: frame(CLEAN[0]), 2: frame(CLEAN[1][:, :-3], x=3)})
    assert [m.flicker for m in compare_clips(moving, moving)] == [None, None]


def test_report_is_one_file_with_table_and_pictures(tmp_path: Path) -> None:
    worse = [p + np.float32(0.1) for p in CLEAN]
    thumbnails = Thumbnails.spread((1001, 1002, 1003), linear=False)
    measures = list(compare_clips(clip(worse), clip(CLEAN), seen=thumbnails.add))
    target = tmp_path / "deep" / "report.html"
    write_report(target, "a < b", ["values as-stored"], measures, total(measures), thumbnails)
    text = target.read_text(encoding="utf-8")
    assert "a &lt; b" in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    pictures = re.findall(r"data:image/png;base64,([^\"]+)", text)
    assert len(pictures) == 9
    second = cv2.imdecode(np.frombuffer(base64.b64decode(pictures[1]), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(second[..., ::-1] / 255 - CLEAN[0]).max() < 0.003
    assert text.count("<tr>") == 1 + 3 + 1


def test_a_report_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    measures = list(compare_clips(clip(CLEAN), clip(CLEAN)))
    with pytest.raises(OutputError, match="cannot be written"):
        write_report(tmp_path / "file" / "r.html", "t", [], measures, total(measures), Thumbnails.spread((1,), linear=True))


def test_a_long_shot_has_few_thumbnails_from_first_to_last() -> None:
    numbers = Thumbnails.spread(tuple(range(1001, 2001)), linear=False).numbers
    assert len(numbers) == 8
    assert {1001, 2000} <= numbers


def test_linear_values_are_shown_through_the_srgb_curve() -> None:
    assert shown(np.full((1, 1, 1), 0.18, np.float32), linear=True)[0, 0] == pytest.approx([0.4613] * 3, abs=1e-3)
