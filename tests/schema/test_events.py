import json
from pathlib import Path

import jsonschema
import pytest

from vfxai.errors import ParameterError, UnreadableInputError
from vfxai.schema.events import (
    KINDS,
    Chosen,
    Done,
    ErrorEvent,
    Failure,
    FrameDone,
    Outcome,
    Progress,
    Start,
    Warning_,
    event_from,
    events_schema,
)

GOLDEN = Path(__file__).resolve().parents[1] / "golden/events.jsonl"
OUTCOME = Outcome(
    3, 1, 2.0, (Failure(1003, "UnreadableInputError", "sh.1003.exr is cut off", "copy it again"),),
    {"denoise-s": "ab12"}, "cd34", {"read": 0.5, "process": 1.5, "write": 0.25},
)  # fmt: skip
EVENTS = [
    Progress(2, 5, "measuring noise"),
    Start(
        4, 1, ("denoise",), "ACEScg", "the file says so", "vfxai", "cpu", {"denoise-s": "onnx fp32"}, 1,
        (Chosen("layer", "beauty", "the first with R, G, B", ("diffuse",)),), "ACEScct", "left",
    ),
    Warning_("1 missing frame is held", "give it"),
    FrameDone(1001, "out/sh.1001.exr", 0.25, "left", {"repaired": 3}),
    ErrorEvent.of(UnreadableInputError("sh.1003.exr is cut off", remedy="copy it again"), 1003, "Traceback"),
    OUTCOME.done(),
]  # fmt: skip


def test_the_json_form_is_the_golden_one() -> None:
    """A change here breaks whoever reads `--json`: fields are only added, and the changelog says so."""
    assert [e.to_dict() for e in EVENTS] == [json.loads(line) for line in GOLDEN.read_text().splitlines()]
    assert {e.name for e in EVENTS} == set(KINDS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.name)
def test_an_event_comes_back_and_follows_the_schema(event) -> None:
    data = json.loads(json.dumps(event.to_dict()))
    assert event_from({**data, "of a later release": 1}) == event
    jsonschema.validate(data, events_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "event": "other"}, events_schema())


def test_an_outcome_comes_back() -> None:
    assert Outcome.from_dict(json.loads(json.dumps(OUTCOME.to_dict()))) == OUTCOME
    assert OUTCOME.done() == Done(3, 1, (1003,), 2.0, 1.5)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (5, "expected an event"),
        ({"event": "nothing"}, "one of start"),
        ({"event": "frame", "number": 1, "path": "a"}, "seconds is missing"),
        ({"event": "frame", "number": True, "path": "a", "seconds": 1}, "frame.number: expected an integer, got 'True'"),
        ({"event": "done", "frames": 1, "kept": 0, "failed": 3, "seconds": 1, "rate": 1}, "done.failed: expected a list"),
    ],
)
def test_what_is_no_event_is_refused(data, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        event_from(data)


def test_numbers_that_json_has_not_become_text() -> None:
    assert json.loads(json.dumps(FrameDone(1, "a", 1.0, facts={"rms": float("nan")}).to_dict(), allow_nan=False))["facts"] == {
        "rms": "nan"
    }
