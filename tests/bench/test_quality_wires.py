"""The bench of found wires."""

import numpy as np
import pytest

from vfxai.bench import props, quality_wires

SHAPE = (96, 160, 3)


@pytest.fixture(scope="module")
def case() -> tuple[props.Rigged, list[list[props.Line]]]:
    flat = np.full(SHAPE, 0.7, np.float32)
    return quality_wires.strung("flat", [flat] * 5, 2.5, 0)


def test_lines_run_in_the_middle_of_what_is_drawn(case: tuple[props.Rigged, list[list[props.Line]]]) -> None:
    rigged, lines = case
    for matte, at in zip(rigged.mattes, lines, strict=True):
        away = quality_wires.distance(at, SHAPE)[2::4, 2::4]
        assert away[matte > 0].max() < 2.5 / 2 + 1.5
        assert away[matte == 0].min() > 2.5 / 2 - 0.75


def test_points_lie_on_the_wires(case: tuple[props.Rigged, list[list[props.Line]]]) -> None:
    rigged, _ = case
    asked = quality_wires.asked(*case)
    points = [
        tuple(map(int, p.split(",")))
        for how in (quality_wires.CLICK, quality_wires.ENDS)
        for p in asked[how].replace(";", " ").split()
    ]
    assert len(points) >= 6
    assert all(rigged.mattes[2][y, x] > 0 for x, y in points)
    assert asked[quality_wires.AUTOMATIC] == ""


def test_recall_and_precision_count_lengths_within_the_tolerance() -> None:
    true = [np.array([[-10.0, 40.0], [170.0, 40.0]])]
    half = [np.array([[0.0, 41.0], [79.5, 41.0]])]
    off = [np.array([[0.0, 43.0], [159.0, 43.0]])]
    assert quality_wires.scores([half], [true], SHAPE)["recall %"] == pytest.approx(50, abs=2)
    assert quality_wires.scores([half], [true], SHAPE)["precision %"] == 100
    assert quality_wires.scores([off], [true], SHAPE) == {"recall %": 0, "precision %": 0}
    assert quality_wires.scores([[]], [true], SHAPE) == {"recall %": 0, "precision %": None}


def test_clear_wires_are_found_by_every_way_to_ask(case: tuple[props.Rigged, list[list[props.Line]]]) -> None:
    rigged, lines = case
    for how, at in quality_wires.asked(*case).items():
        paths, mattes = quality_wires.found(rigged, at)
        scores = quality_wires.scores(paths, lines, SHAPE)
        assert scores["recall %"] > (60 if how == quality_wires.AUTOMATIC else 90)  # two of three stand clear of each other
        assert scores["precision %"] > 90
        assert (mattes[2] > 0)[rigged.mattes[2] > 0].mean() > scores["recall %"] / 100 - 0.1
