import pytest

from vfxai.errors import ParameterError
from vfxai.schema import registry
from vfxai.schema.job import Job
from vfxai.schema.keyed import Keyed

registry.discover()
Denoise = registry.get("denoise")


@pytest.mark.parametrize(
    "given", [{1001: 0.5, 1048: 1}, {"1048": "1.0", "1001": "0.5"}, "1001=0.5, 1048=1", Keyed(((1001, 0.5), (1048, 1.0)))]
)
def test_values_by_frame_lie_on_straight_lines_and_stay_at_both_ends(given) -> None:
    node = Denoise(strength=given)
    assert [node.for_frame(n).strength for n in (900, 1001, 1048, 2000)] == [0.5, 0.5, 1.0, 1.0]
    assert node.for_frame(1011).strength == pytest.approx(0.5 + 0.5 * 10 / 47)
    assert node.values()["strength"] == {"1001": 0.5, "1048": 1.0}
    assert Denoise(**node.values()).values() == node.values()


def test_words_hold_until_the_next_key() -> None:
    words = Job.parameters()["missing"]
    assert Keyed(((1, "hold"), (5, "skip"))).at(4, words.between) == "hold"


def test_a_node_without_keys_is_its_own_for_every_frame() -> None:
    node = Denoise(strength=0.5)
    assert node.for_frame(7) is node


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"strength": {1001: 0.5, 1002: 3}}, "expected a number from 0 to 2, got 3"),
        ({"strength": {"x": 0.5}}, "expected a frame number, got 'x'"),
        ({"strength": {1.5: 0.5}}, "expected a frame number, got '1.5'"),
        ({"strength": {}}, "1 to 100000 keys, got 0"),
        ({"strength": "1=0,1=2"}, "a frame is there twice"),
        ({"strength": "1=0,01=2"}, "a frame is there twice"),
        ({"strength": {"1": 0, "01": 2}}, "a frame is there twice"),
        ({"radius": {1: 2}}, "expected a whole number from 0 to 4, got {1: 2}"),
    ],
)
def test_what_are_no_keys_is_refused(values, says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        Denoise(**values)
    assert says in caught.value.message


def test_nothing_of_the_result_leaves_the_plate() -> None:
    assert Denoise(mix=0).leaves_plate()
    assert not Denoise(mix={1: 0, 5: 1}).leaves_plate()
    assert Denoise(mix={1: 0, 5: 1}).for_frame(1).leaves_plate()
