import cv2
import numpy as np
import pytest
import torch

from vfxai.motion import trail
from vfxai.motion.trail import Trail


def frame(number: int) -> torch.Tensor:
    rng = np.random.default_rng(0)
    texture = cv2.GaussianBlur(rng.random((80, 160)).astype(np.float32), (0, 0), 2)
    move = np.float32([[1, 0, -1.5 * number], [0, 1, 0]])
    return torch.from_numpy(
        cv2.warpAffine(texture, move, (160, 80), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)[None, :64, :96]
    )


def test_a_chain_sums_up_the_motion_both_ways() -> None:
    to_start, from_start = Trail(range(6), frame)[5]
    assert float(to_start[0, 16:-16, 16:-16].median()) == pytest.approx(7.5, abs=0.2)
    assert float(from_start[0, 16:-16, 16:-16].median()) == pytest.approx(-7.5, abs=0.2)


def test_every_order_of_asking_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "BLOCK", 3)
    orders = (range(10), range(9, -1, -1), (7, 2, 9, 0, 5))
    trails = [Trail(range(10), frame) for _ in orders]
    found = [{n: one[n] for n in order} for one, order in zip(trails, orders, strict=True)]
    for others in found[1:]:
        for number, flows in others.items():
            assert all(torch.equal(a, b) for a, b in zip(flows, found[0][number], strict=True))


def test_what_is_kept_does_not_grow_with_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "BLOCK", 4)
    monkeypatch.setattr(trail, "estimate_flow", lambda a, b, fine: torch.zeros(2, 4, 4))
    long = Trail(range(400), lambda number: torch.zeros(1, 4, 4))
    for number in (*range(400), *range(399, -1, -1)):
        long[number]
    assert len(long._near) <= 4
    assert len(long._marks) <= 101


def test_long_ways_are_told_and_can_be_stopped() -> None:
    told = []
    Trail(range(5), frame, lambda done, total: told.append((done, total)))[4]
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4)]
