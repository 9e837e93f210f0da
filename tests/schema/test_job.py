import pytest

from vfxai.errors import ParameterError
from vfxai.schema.job import ELSEWHERE, RESERVED, Job, describe_job


def test_every_option_has_its_words_and_a_heading() -> None:
    for name, facts in describe_job().items():
        assert facts["label"] and facts["doc"] and facts["group"], name
    assert set(Job.parameters()) > ELSEWHERE
    assert set(Job.parameters()) < RESERVED


@pytest.mark.parametrize("values", [{"tile": 512}, {"tile": "512"}, {"frames": 1001}, {"device": "cuda:1"}, {"overwrite": "on"}])
def test_numbers_and_text_are_taken(values) -> None:
    assert Job(**Job(**values).values()).values() == Job(**values).values()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"device": "gpu"}, "device: expected auto, cpu, cuda or cuda:N, got 'gpu'"),
        ({"tile": 0}, "tile: expected auto or a number of pixels, got 0"),
        ({"tile": True}, "tile: expected"),
        ({"frames": "1-"}, "frames: '1-' is no frame range"),
        ({"colorspace": 5}, "colorspace: expected text, got 5"),
        ({"ocio": "a\0b"}, "ocio: expected text"),
        ({"frmes": "1"}, "did you mean 'frames'"),
        ({"self": 1}, "self: a job has no 'self'"),
        ({"depth": 10**5000}, "depth: expected one of keep, half, float, got int too long to show"),
    ],
)
def test_what_is_no_option_is_refused(values, says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        Job(**values)
    assert says in caught.value.message
