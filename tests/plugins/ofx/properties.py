"""Property sets of the strict host, and the suite through which a plug-in reads and writes them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_void_p
from typing import Any

from tests.plugins.ofx.vocabulary import VALUES, Kind

OK, FAILED, UNKNOWN, BAD_HANDLE, BAD_INDEX, VALUE = 0, 1, 3, 9, 10, 11
SUITES: dict[str, list[Any]] = {
    "property": [
        *(CFUNCTYPE(c_int, c_void_p, c_char_p, c_int, t) for t in (c_void_p, c_void_p, c_double, c_int)),
        *(CFUNCTYPE(c_int, c_void_p, c_char_p, c_int, c_void_p) for _ in range(12)),
        CFUNCTYPE(c_int, c_void_p, c_char_p),
        CFUNCTYPE(c_int, c_void_p, c_char_p, POINTER(c_int)),
    ]
}
CTYPES = {"p": c_void_p, "s": c_void_p, "d": c_double, "i": c_int}
WORDS = {"p": "pointer", "s": "string", "d": "double", "i": "int"}


class PropertySet:
    """Values by name. None is a property that the standard has here and this host has not."""

    def __init__(
        self,
        title: str,
        kinds: Mapping[str, Kind],
        values: Mapping[str, Any] | None = None,
        per_clip: Mapping[str, Kind] | None = None,
    ) -> None:
        self.title, self.kinds, self.per_clip = title, kinds, per_clip or {}
        self.values: dict[str, list[Any]] = {}
        self.missing: set[str] = set()
        self.locked = False
        self.lent: dict[str, list[Any]] = {}
        """Strings that were handed to the plug-in, which must live as long as it may look at them."""
        self.given: list[tuple[str, int, bytes]] = []
        """Strings that the plug-in handed over, by address: it may not take them away again."""
        for name, value in (values or {}).items():
            assert name in kinds, f"{name} is no property of {title}"
            if value is None:
                self.missing.add(name)
            else:
                self.values[name] = list(value) if isinstance(value, tuple | list) else [value]

    def kind(self, name: str) -> Kind | None:
        found = self.kinds.get(name)
        if found is None and "_" in name:
            found = self.per_clip.get(name.partition("_")[0] + "_")
        return found

    def get(self, name: str, otherwise: Any = None) -> Any:
        """The first value."""
        found = self.values.get(name)
        return found[0] if found else otherwise


class PropertySuite:
    """The functions of property suite V1 over the sets that a registry knows by handle."""

    def __init__(self, sets: Callable[[Any], PropertySet | None], fault: Callable[[str], None]) -> None:
        self._sets, self._fault = sets, fault
        single = [self._guard(self._set(t)) for t in "psdi"]
        several = [self._guard(self._unsupported) for _ in range(4)]
        read = [self._guard(self._get(t)) for t in "psdi"]
        reads = [self._guard(self._unsupported) for _ in range(4)]
        functions = [*single, *several, *read, *reads, self._guard(self._reset), self._guard(self._dimension)]
        self._kept = [kind(f) for kind, f in zip(SUITES["property"], functions, strict=True)]
        self.table = (c_void_p * len(self._kept))(*(ctypes.cast(f, c_void_p) for f in self._kept))

    def _guard(self, function: Callable[..., int]) -> Callable[..., int]:
        def guarded(*arguments: Any) -> int:
            try:
                return function(*arguments)
            except Exception as error:  # noqa: BLE001  # a ctypes callback swallows it otherwise
                self._fault(f"the host itself failed: {error!r}")
                return FAILED

        return guarded

    def _find(self, handle: Any, name: bytes, verb: str) -> tuple[PropertySet, str, Kind] | int:
        held = self._sets(handle)
        if held is None:
            self._fault(f"{verb} {name.decode()}: {handle} is no property set")
            return BAD_HANDLE
        text = name.decode()
        kind = held.kind(text)
        if kind is None:
            self._fault(f"{verb}: {held.title} has no property {text}")
            return UNKNOWN
        return (held, text, kind) if text not in held.missing else UNKNOWN

    def _checked(self, handle: Any, name: bytes, index: int, type: str, verb: str) -> tuple[PropertySet, str, Kind] | int:
        found = self._find(handle, name, verb)
        if isinstance(found, int):
            return found
        held, text, kind = found
        if kind.type != type:
            self._fault(f"{verb}: {text} of {held.title} is {WORDS[kind.type]}, not {WORDS[type]}")
            return VALUE
        if index < 0 or (kind.dimension and index >= kind.dimension):
            self._fault(f"{verb}: {text} of {held.title} has {kind.dimension} values, not one at {index}")
            return BAD_INDEX
        return found

    def _set(self, type: str) -> Callable[..., int]:
        def write(handle: Any, name: bytes, index: int, value: Any) -> int:
            found = self._checked(handle, name, index, type, "set")
            if isinstance(found, int):
                return found
            held, text, kind = found
            if not kind.writable or held.locked:
                self._fault(f"set: {text} of {held.title} is read-only{' now' if kind.writable else ''}")
                return VALUE
            values = held.values.setdefault(text, [])
            if index > len(values) and not kind.dimension:
                self._fault(f"set: {text} of {held.title} gets a value at {index} before those below")
                return BAD_INDEX
            values.extend([None] * (index + 1 - len(values)))
            if type == "s":
                value = self._text(held, text, value)
            values[index] = value
            return OK

        return write

    def _text(self, held: PropertySet, name: str, address: int | None) -> str:
        if not address:
            self._fault(f"set: {name} of {held.title} is a null pointer")
            return ""
        raw = ctypes.string_at(address)
        held.given.append((name, address, raw))
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            self._fault(f"set: {name} of {held.title} is not UTF-8: {raw!r}")
            return ""
        if name in VALUES and text not in VALUES[name]:
            self._fault(f"set: {name} of {held.title} may not be {text!r}")
        return text

    def _get(self, type: str) -> Callable[..., int]:
        def read(handle: Any, name: bytes, index: int, to: int) -> int:
            found = self._checked(handle, name, index, type, "get")
            if isinstance(found, int):
                return found
            held, text, kind = found
            values = held.values.get(text, [])
            value = values[index] if index < len(values) else None
            if value is None:
                if not kind.dimension:
                    return BAD_INDEX
                value = {"s": "", "p": None}.get(type, 0)
            if type == "s":
                lent = ctypes.create_string_buffer(value.encode())
                held.lent[text] = [lent]  # a string that was read before is gone
                value = ctypes.addressof(lent)
            CTYPES[type].from_address(to).value = value
            return OK

        return read

    def _reset(self, handle: Any, name: bytes) -> int:
        found = self._find(handle, name, "reset")
        if isinstance(found, int):
            return found
        found[0].values.pop(found[1], None)
        return OK

    def _dimension(self, handle: Any, name: bytes, to: Any) -> int:
        found = self._find(handle, name, "dimension")
        if isinstance(found, int):
            return found
        held, text, kind = found
        to[0] = len(held.values.get(text, [])) or kind.dimension
        return OK

    def _unsupported(self, handle: Any, name: bytes, *_: Any) -> int:
        self._fault(f"{name.decode()}: functions for several values at once are not in this host")
        return FAILED
