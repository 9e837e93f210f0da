"""Where a field lies in time, of pictures whose times are known."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import torch

from vfxai.fields.phase import Phase, Soft, phase, soft

HEIGHT, WIDTH = 288, 352
WIDE = cv2.GaussianBlur(np.random.default_rng(2).standard_normal((HEIGHT + 160, WIDTH + 160)).astype(np.float32), (0, 0), 3) * 2


def field(time: float, top: bool, move: tuple[float, float], noise: float = 0.0, seed: int = 0) -> Soft:
    moved = np.array([[1, 0, -80 - move[0] * time], [0, 1, -80 - move[1] * time]], np.float32)
    picture = cv2.warpAffine(WIDE, moved, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    picture += noise * cv2.GaussianBlur(np.random.default_rng(seed).standard_normal(picture.shape).astype(np.float32), (0, 0), 1)
    return soft(torch.from_numpy(picture[0 if top else 1 :: 2])[None], 0 if top else 1, HEIGHT)


def phases(
    times: Sequence[float], top_first: bool = True, move: tuple[float, float] = (0.3, 0.2), noise: float = 0.0
) -> list[Phase]:
    fields = [field(time, (k % 2 == 0) == top_first, move, noise, k) for k, time in enumerate(times)]
    return [phase(fields, k) for k in range(len(fields))]


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("move", [(0.3, 0.2), (0.0, 0.7), (3.0, 0.0), (9.0, -4.0)])
def test_fields_of_video_lie_in_the_middle(move: tuple[float, float], noise: float) -> None:
    known = phases([k / 2 for k in range(20)], move=move, noise=noise)[1:-1]
    for found in known:
        assert abs(found.before - 0.5) < 0.15 + 4 * found.error  # OpenCV moves pictures by 32nds of a pixel
        assert found.after == pytest.approx(1 - found.before)
    assert sum(found.error < 0.2 for found in known) >= (16 if noise == 0 else 8)


@pytest.mark.parametrize("cadence", [(2,), (2, 3), (2, 3, 3, 2)])
def test_fields_of_film_lie_at_its_times(cadence: tuple[int, ...]) -> None:
    times = [float(picture) for picture in range(20) for _ in range(cadence[picture % len(cadence)])][:32]
    for k, found in enumerate(phases(times)):
        if found.error < 0.2:
            whole = max(times[k + 1] - times[k - 1], 1)
            assert found.before == pytest.approx((times[k] - times[k - 1]) / whole, abs=0.15)
            assert found.after == pytest.approx((times[k + 1] - times[k]) / whole, abs=0.15)
    assert sum(found.error < 0.2 for found in phases(times)) >= 24


def test_in_the_wrong_order_fields_do_not_lie_between_others() -> None:
    times = [k / 2 + (0.5 if k % 2 == 0 else -0.5) for k in range(24)]
    assert all(min(found.before, found.after) < -0.3 for found in phases(times)[4:-4])


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_nothing_tells_where_nothing_moves_or_too_few_fields_are_given(noise: float) -> None:
    assert not any(found.error < 0.2 for found in phases([0.0] * 40, noise=noise))
    assert not any(np.isfinite(found.error) for found in phases([0.0, 0.5, 1.0, 1.5]))


def test_five_fields_are_enough_where_much_moves() -> None:
    video, film = phases([0.0, 0.5, 1.0, 1.5, 2.0], move=(2.0, 0.5))[2], phases([0.0, 0.0, 1.0, 1.0, 2.0], move=(2.0, 0.5))[2]
    assert max(video.error, film.error) < 0.2
    assert video.before == pytest.approx(0.5, abs=0.15)
    assert film.before == pytest.approx(1, abs=0.15)


def test_small_pictures_and_those_of_one_line_tell_nothing() -> None:
    for rows in (0, 1, 9):
        fields = [soft(torch.rand(1, rows, 33), k % 2, 2 * rows) for k in range(12)]
        assert not np.isfinite(phase(fields, 6).error)
