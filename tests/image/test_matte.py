"""Rectangles around what a matte touches."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vfxai.image.matte import patches


def drawn(height: int, width: int, *boxes: tuple[int, int, int, int]) -> torch.Tensor:
    """A matte (1, H, W) of boxes, each of y, x, height, width."""
    matte = torch.zeros((1, height, width))
    for y, x, h, w in boxes:
        matte[:, y : y + h, x : x + w] = 1
    return matte


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.lists(st.tuples(st.integers(0, 299), st.integers(0, 299), st.integers(1, 90), st.integers(1, 90)), max_size=6),
    st.integers(0, 40),
    st.integers(1, 40000),
)
def test_patches_hold_all_that_is_touched_and_their_cores_are_apart(
    size: tuple[int, int], boxes: list[tuple[int, int, int, int]], margin: int, largest: int
) -> None:
    matte = drawn(*size, *boxes)
    held, share = torch.zeros(size), torch.zeros(size)
    for patch in patches(matte, margin, largest, thickest=20):
        held[patch.core] += 1
        share[patch.whole] += patch.share(6)
        for core, whole, extent in zip(patch.core, patch.whole, size, strict=True):
            assert whole.start == max(core.start - margin, 0)
            assert whole.stop == min(core.stop + margin, extent)
    assert held.max() <= 1
    assert bool((held[matte[0] > 0] == 1).all())
    assert bool((share[matte[0] > 0] >= 0.25).all())


def test_nothing_touched_needs_no_patch() -> None:
    assert patches(torch.zeros((1, 40, 50)), 8, 100, 4) == []


def test_a_wire_across_a_large_frame_is_parted_into_its_neighbourhood() -> None:
    matte = torch.zeros((1, 2000, 3000))
    y = np.arange(2000)
    for offset in range(6):
        matte[0, y, (y * 3 // 2 + offset).clip(max=2999)] = 1
    found = patches(matte, 96, 2**19, 24)
    pixels = [(p.whole[0].stop - p.whole[0].start) * (p.whole[1].stop - p.whole[1].start) for p in found]
    assert max(pixels) <= 2**19
    assert sum(pixels) < 0.6 * matte.numel()


def test_a_large_prop_stays_whole_while_a_wire_beside_it_is_parted() -> None:
    prop, wire = (100, 100, 400, 400), (0, 900, 1000, 3)
    found = patches(drawn(1000, 1000, prop, wire), 32, 2**16, 24)
    cores = [(p.core[0].start, p.core[1].start, p.core[0].stop, p.core[1].stop) for p in found]
    assert (100, 100, 500, 500) in cores
    assert len(found) > 2


def test_two_shares_of_a_cut_add_up_to_one() -> None:
    matte = drawn(64, 400, (30, 0, 4, 400))
    found = patches(matte, 32, 64 * 300, 24)
    assert len(found) == 2
    total = torch.zeros((64, 400))
    for patch in found:
        total[patch.whole] += patch.share(8)
    cut = found[0].core[1].start or found[0].core[1].stop
    torch.testing.assert_close(total[31, cut - 8 : cut + 8] / total[31, cut - 30], torch.ones(16))
