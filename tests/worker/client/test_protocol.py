import os

import pytest

from vfxai.worker.client import protocol
from vfxai.worker.client.answers import HelloAnswer
from vfxai.worker.client.lines import LONGEST_LINE, ProtocolError, facts_of, line_of, line_of_facts
from vfxai.worker.client.protocol import message_of, request_of
from vfxai.worker.client.requests import Preview


@pytest.mark.parametrize("kind", protocol.REQUESTS.values())
def test_a_request_comes_back_from_its_line(kind: type) -> None:
    message = kind(id=7)
    assert line_of(message).endswith(b"\n")
    assert request_of(facts_of(line_of(message))) == message


def test_text_of_any_language_travels() -> None:
    said = Preview(id=1, output="/Projekte/Müller & Söhne/日本.exr", recipe={"source": "ä\n.exr"})
    assert line_of(said).count(b"\n") == 1
    assert request_of(facts_of(line_of(said))) == said


def test_a_file_name_that_is_no_utf8_travels() -> None:
    said = Preview(id=1, output=os.fsdecode(b"/caf\xe9.exr"))
    assert request_of(facts_of(line_of(said))) == said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "do: expected one of hello"),
        ({"do": 3}, "do: expected one of hello"),
        ({"do": ["hello"]}, "do: expected one of hello"),
        ({"do": "opne"}, "got 'opne'"),
        ({"do": "open", "id": "1"}, "id: expected int, got '1'"),
        ({"do": "open", "width": True}, "width: expected int"),
        ({"do": "open", "pixel_aspect": "1"}, "pixel_aspect: expected float"),
        ({"do": "open", "inputs": ["mask", 1]}, "inputs: expected tuple"),
        ({"do": "open", "values": []}, "values: expected dict"),
        ({"do": "render", "layer": "fg"}, "render has no field 'layer'"),
    ],
)
def test_a_bad_request_is_refused_with_what_was_expected(facts: dict[str, object], said: str) -> None:
    with pytest.raises(ProtocolError, match=said.replace("(", r"\(")):
        request_of(facts)


@pytest.mark.parametrize(
    "line", [b"", b"x", b"[]", b"1", b'{"do":', b"\xff\xfe{}", b"[" * 100_000, b'{"do":"hello"}{"do":"hello"}']
)
def test_a_line_that_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError, match="expected one JSON object"):
        facts_of(line)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, "x" * LONGEST_LINE])
def test_what_no_line_can_hold_is_not_sent(value: object) -> None:
    with pytest.raises(ProtocolError):
        line_of_facts({"value": value})


def test_fields_of_a_newer_worker_are_left_out() -> None:
    assert message_of(HelloAnswer, {"id": 0, "ok": True, "pid": 3, "mood": "good"}) == HelloAnswer(pid=3)
