"""The page, the schema and the golden messages say what the declarations say."""

import json
from pathlib import Path

import jsonschema
import pytest

from vfxai.worker import reference
from vfxai.worker.client import protocol
from vfxai.worker.client.answers import Failure
from vfxai.worker.client.lines import line_of

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/worker-protocol.jsonl"
"""One message a line. A change here is one that clients outside this repository see: see VERSION in vfxai/worker/client/requests.py."""
KINDS = [*protocol.REQUESTS.values(), *dict.fromkeys(protocol.ANSWERS.values()), Failure, *protocol.EVENTS.values()]


@pytest.mark.parametrize("name", reference.pages())
def test_the_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs/reference" / name).read_text(encoding="utf-8") == reference.pages()[name], "run `make reference`"


def test_every_message_has_its_golden_line() -> None:
    lines = [json.loads(line_of(kind(id=1))) for kind in KINDS]
    assert lines == [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def test_golden_messages_fit_the_schema_and_others_do_not() -> None:
    schema = reference.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for kind in KINDS:
        judge = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind.__name__}", "$defs": schema["$defs"]})
        judge.validate(json.loads(line_of(kind(id=1))))
        assert not judge.is_valid({"do": "nothing", "id": "one"})


def test_every_field_is_explained() -> None:
    for kind in KINDS:
        assert set(reference.field_docs(kind)) >= {name for name in json.loads(line_of(kind())) if name != "do"}
