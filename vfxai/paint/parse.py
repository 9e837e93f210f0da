"""Painted frames as they are named on a command line."""

from collections.abc import Mapping, Sequence

from vfxai.errors import ParameterError


def parse_keys(values: Sequence[str]) -> dict[int, str]:
    """Files by frame number, of texts FRAME=FILE; ParameterError for anything else and for a number that is there twice."""
    found: dict[int, str] = {}
    for value in values:
        number, equals, file = value.partition("=")
        try:
            frame = int(number)
        except ValueError:
            frame = None
        if not (equals and file) or frame is None:
            raise ParameterError(f"key: expected FRAME=FILE, got {value!r}", remedy="write --key 1001=paint.1001.exr")
        if frame in found:
            raise ParameterError(f"key: frame {frame} is there twice", remedy="give one file a frame")
        found[frame] = file
    return found


def check_keys(keys: Mapping[int, str], frames: Sequence[int]) -> None:
    """ParameterError where a key is of a frame that the shot does not have."""
    absent = sorted(set(keys) - set(frames))
    if absent:
        raise ParameterError(
            f"key: the shot has no frame {', '.join(map(str, absent))}; it goes from {frames[0]} to {frames[-1]}",
            remedy="give the number of the frame that was painted",
        )
