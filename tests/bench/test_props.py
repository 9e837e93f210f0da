"""Wires and props of the removal bench."""

import numpy as np
import pytest

from vfxai.bench import props


@pytest.fixture(scope="module")
def cases() -> list[props.Rigged]:
    rng = np.random.default_rng(0)
    return props.rigged("clip", [rng.random((96, 128, 3)).astype(np.float32) for _ in range(5)], 0)


def test_every_case_covers_what_its_matte_says_and_nothing_else(cases: list[props.Rigged]) -> None:
    assert [c.name.partition(", ")[2] for c in cases] == ["thin wires", "thick wires", "moving disc", "standing box"]
    for case in cases:
        for plate, truth, matte in zip(case.plate, case.truth, case.mattes, strict=True):
            assert 0 < matte.mean() < 0.3
            assert np.array_equal(plate[matte == 0], truth[matte == 0])
            assert (np.abs(plate - truth).sum(2)[matte > 0] > 0).mean() > 0.95


def test_things_move_as_named(cases: list[props.Rigged]) -> None:
    moves = {c.name.partition(", ")[2]: not np.array_equal(c.mattes[0], c.mattes[-1]) for c in cases}
    assert moves == {"thin wires": True, "thick wires": True, "moving disc": True, "standing box": False}


def test_scores_are_of_the_covered_pixels_alone(cases: list[props.Rigged]) -> None:
    case = cases[2]
    off = [t + 0.1 * (m > 0)[..., None] for t, m in zip(case.truth, case.mattes, strict=True)]
    assert props.masked_psnr(off, case) == pytest.approx(20, abs=1e-4)
    assert props.temporal_error(off, case) == pytest.approx(0, abs=1e-3)
    blinking = [
        t + (0.1 if i % 2 else 0.0) * (m > 0)[..., None] for i, (t, m) in enumerate(zip(case.truth, case.mattes, strict=True))
    ]
    assert props.temporal_error(blinking, case) == pytest.approx(25.5, rel=1e-3)


def test_a_still_scene_is_seen_through_a_moving_disc() -> None:
    still = np.random.default_rng(1).random((96, 128, 3)).astype(np.float32)
    case = props.rigged("still", [still] * 20, 0)[2]
    assert props.masked_psnr(props.temporal_median(case, 12), case) > props.masked_psnr(props.inpainted(case, "telea"), case) + 3
