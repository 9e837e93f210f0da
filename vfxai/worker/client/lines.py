"""Messages as lines and back: one JSON object a line, UTF-8. All that a client needs of the protocol besides its requests."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

LONGEST_LINE = 1 << 20
"""Bytes of a line with its line break, both ways. Pixels never travel in lines."""


class ProtocolError(Exception):
    """A line that is no message of this protocol. Its text says what, expected and got."""


def line_of(message: Any) -> bytes:
    """The line of a message, with its line break. ProtocolError where it is too long."""
    facts = asdict(message)
    verb = getattr(message, "do", None)
    return line_of_facts({"do": verb, **facts} if verb else facts)


def line_of_facts(facts: dict[str, Any]) -> bytes:
    """The line of an object, with its line break. ProtocolError where it is too long or holds what JSON does not."""
    try:
        text = json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        try:
            line = text.encode() + b"\n"
        except UnicodeEncodeError:  # the name of a file that is not UTF-8, which escapes carry unharmed
            line = json.dumps(facts, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"the message cannot be written as JSON: {error}") from error
    if len(line) > LONGEST_LINE:
        raise ProtocolError(f"a line holds at most {LONGEST_LINE} bytes, the message has {len(line)}")
    return line


def facts_of(line: bytes) -> dict[str, Any]:
    """The object of a line. ProtocolError where it is none."""
    try:
        facts = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"expected one JSON object, got {line[:40]!r}: {error}") from error
    if not isinstance(facts, dict):
        raise ProtocolError(f"expected one JSON object, got {line[:40]!r}")
    return facts
