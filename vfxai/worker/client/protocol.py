"""All messages, and how objects become messages: for the worker, and for those who describe the protocol.

docs/reference/worker-protocol.md, the JSON schema and the golden messages are derived from requests.py and answers.py.
Python 3.9 syntax and the standard library only, as everything in this folder.
"""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any, TypeVar

from .answers import (
    AnalyzeAnswer,
    Answer,
    Event,
    HelloAnswer,
    MapAnswer,
    NeedsAnswer,
    OpenAnswer,
    PreviewAnswer,
    Progress,
    RenderAnswer,
    RunAnswer,
    StatusAnswer,
    Want,
    Warned,
)
from .lines import ProtocolError
from .requests import (
    Analyze,
    Cancel,
    Close,
    Hello,
    Map,
    Mapped,
    Needs,
    Open,
    Preview,
    Put,
    Render,
    Request,
    Run,
    Set,
    Status,
    Stop,
)

M = TypeVar("M", Request, Answer, Event)
REQUESTS: dict[str, type[Request]] = {
    kind.do: kind
    for kind in (
        Hello, Status, Stop, Cancel, Run, Preview, Open, Set, Needs, Map, Mapped, Render, Put, Analyze, Close,
    )
}  # fmt: skip
"""Every request by its verb."""
ANSWERS: dict[str, type[Answer]] = {
    "hello": HelloAnswer,
    "status": StatusAnswer,
    "stop": Answer,
    "cancel": Answer,
    "run": RunAnswer,
    "preview": PreviewAnswer,
    "open": OpenAnswer,
    "set": OpenAnswer,
    "needs": NeedsAnswer,
    "map": MapAnswer,
    "mapped": Answer,
    "render": RenderAnswer,
    "analyze": AnalyzeAnswer,
    "close": Answer,
}
"""What answers a request where it could be done; a Put is not answered."""
EVENTS: dict[str, type[Event]] = {kind.event: kind for kind in (Want, Progress, Warned)}
"""Events of renders and analyses by their word."""
KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "dict[str, Any]": (dict,),
    "tuple[str, ...]": (list, tuple),
    "tuple[int, ...]": (list, tuple),
    "tuple[dict[str, Any], ...]": (list, tuple),
}
"""What a field of an annotation may be in JSON; no other annotation is used."""
MEMBERS: dict[str, type] = {"tuple[str, ...]": str, "tuple[int, ...]": int, "tuple[dict[str, Any], ...]": dict}
"""What a list of an annotation is made of."""


def request_of(facts: dict[str, Any]) -> Request:
    """A request from its object. ProtocolError lists every problem; unknown fields are one, since they would be left undone."""
    verb = facts.get("do")
    if not isinstance(verb, str) or verb not in REQUESTS:
        raise ProtocolError(f"do: expected one of {', '.join(REQUESTS)}, got {verb!r}")
    kind = REQUESTS[verb]
    rest = {name: value for name, value in facts.items() if name != "do"}
    unknown = sorted(set(rest) - {one.name for one in fields(kind)})
    if unknown:
        raise ProtocolError(
            f"{verb} has no field {', '.join(map(repr, unknown))}; it has {', '.join(f.name for f in fields(kind))}"
        )
    return message_of(kind, rest)


def message_of(kind: type[M], facts: dict[str, Any]) -> M:
    """A message of a kind from its object; fields that it does not know, of a newer worker, are left out."""
    known = {one.name: one for one in fields(kind)}
    problems = [problem for name, one in known.items() if name in facts and (problem := _problem(one, facts[name]))]
    if problems:
        raise ProtocolError(f"{kind.__name__}: " + "; ".join(problems))
    given: dict[str, Any] = {}
    for name in known:
        if name in facts:
            given[name] = tuple(facts[name]) if isinstance(facts[name], list) else facts[name]
    return kind(**given)


def _problem(one: Field[Any], value: Any) -> str:
    """What is wrong with the value of a field, "" where nothing is."""
    kind = str(one.type)
    right = isinstance(value, KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))
    if right and kind in MEMBERS:
        right = all(isinstance(member, MEMBERS[kind]) and not isinstance(member, bool) for member in value)
    return "" if right else f"{one.name}: expected {kind}, got {str(value)[:40]!r}"
