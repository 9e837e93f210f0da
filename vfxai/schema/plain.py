"""Frozen dataclasses as plain data, back again, and as JSON schema: one form for events, outcomes and what else is sent or stored."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from vfxai.errors import ParameterError

T = TypeVar("T")
WORDS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def plain(value: Any) -> Any:
    """Lists, tables, texts and numbers of a dataclass's fields, in their order; other objects as their text, and what JSON has no number for."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def build(kind: type[T], data: object, where: str = "") -> T:
    """The dataclass of what plain() gave. Keys it does not know are left out, as a later release may have more; ParameterError for a wrong kind of value."""
    made: T = _value(kind, data, where or kind.__name__)
    return made


def schema(kind: Any) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of what plain() gives for a type."""
    inner = get_args(kind)
    if kind is Any:
        return {}
    if kind in WORDS:
        return {"type": WORDS[kind]}
    if _is_union(kind):
        return {"anyOf": [{"type": "null"} if one is type(None) else schema(one) for one in inner]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": schema(inner[0])}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": schema(inner[1])}
    hints = _hints(kind)
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    properties = {f.name: schema(hints[f.name]) for f in fields(kind)}
    return {"type": "object", "description": (kind.__doc__ or "").split("\n")[0], "properties": properties, "required": needed}


def field_docs(kind: type[Any]) -> dict[str, str]:
    """What is said of each field, from the text beneath it in the source."""
    import ast
    import inspect

    found: dict[str, str] = {}
    for one in reversed(kind.__mro__[:-1]):
        body = ast.parse(inspect.getsource(one)).body[0].body  # type: ignore[attr-defined]  # a class definition
        for fact, text in pairwise(body):
            if isinstance(fact, ast.AnnAssign) and isinstance(fact.target, ast.Name) and isinstance(text, ast.Expr):
                found[fact.target.id] = ast.literal_eval(text.value)
    return found


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _value(kind: Any, data: object, where: str) -> Any:
    inner = get_args(kind)
    if kind is Any:
        return data
    if _is_union(kind):
        return None if data is None else _value(inner[0], data, where)
    if kind in WORDS:
        taken: tuple[type, ...] = (int, float) if kind is float else (kind,)
        if not isinstance(data, taken) or (isinstance(data, bool) and kind is not bool):
            raise _refused(where, WORDS[kind], data)
        return data
    if get_origin(kind) is tuple:
        if not isinstance(data, list | tuple):
            raise _refused(where, "list", data)
        return tuple(_value(inner[0], one, f"{where}[{i}]") for i, one in enumerate(data))
    if not isinstance(data, Mapping):
        raise _refused(where, "table", data)
    if get_origin(kind) is Mapping:
        return {str(k): _value(inner[1], v, f"{where}.{k}") for k, v in data.items()}
    hints = _hints(kind)
    missing = [f.name for f in fields(kind) if f.name not in data and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise ParameterError(f"{where}: {', '.join(missing)} is missing", remedy="send what this release's JSON schema says")
    return kind(**{f.name: _value(hints[f.name], data[f.name], f"{where}.{f.name}") for f in fields(kind) if f.name in data})


def _refused(where: str, expected: str, got: object) -> ParameterError:
    return ParameterError(
        f"{where}: expected {'an' if expected[0] in 'aeiou' else 'a'} {expected}, got {str(got)[:80]!r}",
        remedy="send what this release's JSON schema says",
    )
