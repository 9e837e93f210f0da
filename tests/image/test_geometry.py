"""Resampling against known pictures, and where windows come to lie."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vfxai.image.box import Box
from vfxai.image.fields import split, weave
from vfxai.image.geometry import Geometry, fitted, scaled

DISPLAY = Box(0, 0, 64, 48)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 5), st.integers(-20, 20), st.integers(-20, 20))
def test_flat_stays_flat_and_a_slope_stays_where_it_is(factor: float, x: int, y: int) -> None:
    geometry = scaled(DISPLAY, 1.0, factor, False)
    box = Box(x, y, 40, 30)
    new = geometry.data_window(box)
    ramp = (torch.arange(40.0) + x + 0.5).expand(30, 40)[None]
    made = geometry.resample(ramp, box, "lanczos")
    assert made.shape == (1, new.height, new.width)
    expected = (torch.arange(new.width) + new.x + 0.5 - geometry.offset_x) / geometry.scale_x
    support = int(4 * max(factor, 1)) + 1
    if new.width > 2 * support:
        assert (made[0, 0] - expected)[support:-support].abs().max() < 0.05
    assert torch.allclose(geometry.resample(torch.ones(1, 30, 40), box, "cubic"), torch.ones(1, new.height, new.width), atol=1e-5)


def test_nearest_repeats_and_factor_one_is_exact() -> None:
    planes = torch.rand(2, 48, 64)
    assert torch.equal(
        scaled(DISPLAY, 1.0, 3, False).resample(planes, DISPLAY, "nearest"),
        planes.repeat_interleave(3, 1).repeat_interleave(3, 2),
    )
    assert scaled(DISPLAY, 1.0, 1, False).resample(planes, DISPLAY, "lanczos") is planes


@pytest.mark.parametrize("factor", [0.3, 0.5, 0.75, 1, 1.5, 3])
def test_the_range_around_a_sample_holds_all_that_it_covers_and_little_more(factor: float) -> None:
    planes = torch.rand(2, 24, 32)
    geometry = scaled(Box(0, 0, 32, 24), 1.0, factor, False)
    low, high = geometry.range_around(planes, Box(0, 0, 32, 24))
    assert high.shape == geometry.resample(planes, Box(0, 0, 32, 24), "nearest").shape
    for y, x in np.ndindex(high.shape[1:]):
        rows, columns = (
            [n for n in range(size) if abs(n + 0.5 - (at + 0.5) / scale) < 1.51 * max(1, 1 / scale)]
            for at, size, scale in ((y, 24, geometry.scale_y), (x, 32, geometry.scale_x))
        )
        around = planes[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert torch.equal(high[:, y, x], around.amax((1, 2)))
        assert torch.equal(low[:, y, x], around.amin((1, 2)))


@pytest.mark.parametrize(
    ("fit", "scale_x", "scale_y", "window"),
    [
        ("fill", 4.0, 2.0, Box(0, 0, 200, 96)),
        ("fit", 200 / 64, 200 / 128, Box(0, 11, 200, 75)),
        ("stretch", 200 / 64, 2.0, Box(0, 0, 200, 96)),
    ],
)
def test_fits_of_an_anamorphic_plate(fit: str, scale_x: float, scale_y: float, window: Box) -> None:
    geometry: Geometry = fitted(DISPLAY, 2.0, 200, 96, fit)
    assert (geometry.scale_x, geometry.scale_y) == pytest.approx((scale_x, scale_y))
    assert geometry.data_window(DISPLAY) == window
    assert geometry.pixel_aspect == 1.0


@given(st.integers(1, 9), st.integers(1, 5))
def test_weave_undoes_split(height: int, width: int) -> None:
    frame = torch.from_numpy(np.random.default_rng(height).random((2, height, width)))
    assert torch.equal(weave(*split(frame)), frame)
