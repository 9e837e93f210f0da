import fileseq
import pytest

from vfxai.errors import ParameterError
from vfxai.schema.frames import numbers


@pytest.mark.parametrize(
    "text", ["1001", "1-5", "1-10x3", "10-1", "10-1x-2", "1-10y3", "1,5,9-12,5", "-2-2", "-10--5x2", "-3--5"]
)
def test_ranges_are_what_fileseq_reads(text: str) -> None:
    assert numbers(text) == tuple(dict.fromkeys(int(f) for f in fileseq.FrameSet(text)))


def test_a_step_after_a_colon_is_openjds() -> None:
    assert numbers("1-7:3") == (1, 4, 7)


@pytest.mark.parametrize("text", ["", "1001.5", "1-", "a", "1--", "1-5x0", "1-5x-2", "5,,6", "1" * 400, "1-\u0663"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="is no frame range"):
        numbers(text)


@pytest.mark.parametrize("text", ["1-9999999", "1-999999999", "1-999999,1-999999"])
def test_a_range_beyond_all_shots_is_refused_before_it_is_counted_out(text: str) -> None:
    with pytest.raises(ParameterError, match="more than 1000000"):
        numbers(text)
