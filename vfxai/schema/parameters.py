"""Typed parameters of a node: each knows its default, range, unit, label and help, and judges values and text."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from vfxai.errors import ParameterError

T = TypeVar("T")


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """What all parameters have; as a class attribute of a node it reads as the instance's value."""

    default: T
    label: str
    doc: str
    unit: str = ""
    kind: ClassVar[str] = ""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "_name", name)

    @property
    def name(self) -> str:
        """The attribute's name in the node's class."""
        return str(getattr(self, "_name", ""))

    def __get__(self, instance: object | None, owner: type) -> Any:
        return self if instance is None else instance.__dict__.get(self.name, self.default)

    def refuse(self, value: object, expected: str) -> ParameterError:
        """The error for a value: what, expected, got."""
        return ParameterError(f"{self.name}: expected {expected}, got {value!r}", remedy=f"give {self.name} as {expected}")

    def validate(self, value: object) -> T:
        """The value in its type, or ParameterError."""
        raise NotImplementedError  # every kind below says what it accepts

    def parse(self, text: str) -> T:
        """From the text of a command line."""
        return self.validate(text)

    def facts(self) -> dict[str, Any]:
        """Kind, default and limits as plain values."""
        return {"kind": self.kind, "default": self.default, "label": self.label, "doc": self.doc, "unit": self.unit}


@dataclass(frozen=True)
class Number(Parameter[T]):
    """A number in a closed range."""

    min: float = -math.inf
    max: float = math.inf

    def expected(self) -> str:
        """The range in words."""
        return f"{'a whole number' if self.kind == 'int' else 'a number'} from {self.min:g} to {self.max:g}"

    def facts(self) -> dict[str, Any]:
        """With the range."""
        return {**super().facts(), "min": self.min, "max": self.max}


@dataclass(frozen=True)
class FloatParameter(Number[float]):
    """A finite number."""

    kind = "float"

    def validate(self, value: object) -> float:
        """Accepts numbers and their text; not booleans, NaN or infinity."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.refuse(value, self.expected())
        try:
            number = float(value)
        except ValueError:
            raise self.refuse(value, self.expected()) from None
        if not self.min <= number <= self.max:  # false for NaN too
            raise self.refuse(value, self.expected())
        return number


@dataclass(frozen=True)
class IntParameter(Number[int]):
    """A whole number."""

    kind = "int"

    def validate(self, value: object) -> int:
        """Accepts whole numbers and their text."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.refuse(value, self.expected())
        try:
            number = int(value) if isinstance(value, str) else value
        except ValueError:
            raise self.refuse(value, self.expected()) from None
        if not (math.isfinite(number) and number == int(number) and self.min <= number <= self.max):
            raise self.refuse(value, self.expected())
        return int(number)


@dataclass(frozen=True)
class BoolParameter(Parameter[bool]):
    """On or off."""

    kind = "bool"

    def validate(self, value: object) -> bool:
        """Accepts true and false, and on, off, yes, no, 1, 0 as text."""
        words = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise self.refuse(value, "true or false")


@dataclass(frozen=True)
class ChoiceParameter(Parameter[str]):
    """One of a closed set of words."""

    options: tuple[str, ...] = ()
    kind = "choice"

    def validate(self, value: object) -> str:
        """Accepts one of the options."""
        if isinstance(value, str) and value in self.options:
            return value
        raise self.refuse(value, f"one of {', '.join(self.options)}")

    def facts(self) -> dict[str, Any]:
        """With the options."""
        return {**super().facts(), "options": list(self.options)}


@dataclass(frozen=True)
class TextParameter(Parameter[str]):
    """Any text."""

    kind = "text"

    def validate(self, value: object) -> str:
        """Accepts text."""
        if isinstance(value, str | Path):
            return str(value)
        raise self.refuse(value, "text")


@dataclass(frozen=True)
class FileParameter(TextParameter):
    """The path of a file; empty means none."""

    writes: bool = False
    """Whether the file is made, and not read; it then has no part in what the pixels are."""
    kind = "file"


@dataclass(frozen=True)
class FilesParameter(Parameter[tuple[str, ...]]):
    """Paths or patterns of files, either as many as `names` says, or, where that is one, any number."""

    names: tuple[str, ...] = ()
    kind = "files"

    def validate(self, value: object) -> tuple[str, ...]:
        """Accepts nothing, one text, or a row of texts of the right number."""
        given = [value] if isinstance(value, str | Path) and str(value) else value or []
        if isinstance(given, list | tuple) and all(isinstance(v, str | Path) and str(v) for v in given):
            flat = tuple(map(str, given))
            if not flat or len(self.names) == 1 or len(flat) == len(self.names):
                return flat
        raise self.refuse(value, " ".join(self.names) + (", once or more often" if len(self.names) == 1 else ""))

    def facts(self) -> dict[str, Any]:
        """With the names of the values."""
        return {**super().facts(), "default": list(self.default), "names": list(self.names)}


@dataclass(frozen=True)
class RegionParameter(Parameter[str]):
    """A rectangle x,y,width,height in pixels of the data window's own coordinates; empty means none."""

    kind = "region"

    def validate(self, value: object) -> str:
        """Accepts "x,y,width,height" or four whole numbers; width and height at least 1."""
        parts = value.split(",") if isinstance(value, str) else value
        if parts in ("", [""]):
            return ""
        try:
            numbers = [int(part) for part in parts]  # type: ignore[attr-defined]  # anything not iterable lands in TypeError
            if len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0:
                return ",".join(map(str, numbers))
        except (TypeError, ValueError):
            pass
        raise self.refuse(value, "x,y,width,height in pixels")


def Float(default: float, *, min: float, max: float, label: str, doc: str, unit: str = "") -> Any:  # noqa: N802  # reads as a type
    """A finite number in min..max."""
    return FloatParameter(default, label, doc, unit, min, max)


def Int(default: int, *, min: int, max: int, label: str, doc: str, unit: str = "") -> Any:  # noqa: N802  # reads as a type
    """A whole number in min..max."""
    return IntParameter(default, label, doc, unit, min, max)


def Bool(default: bool, *, label: str, doc: str) -> Any:  # noqa: N802  # reads as a type
    """On or off."""
    return BoolParameter(default, label, doc)


def Choice(default: str, *, options: tuple[str, ...], label: str, doc: str) -> Any:  # noqa: N802  # reads as a type
    """One of a closed set of words."""
    return ChoiceParameter(default, label, doc, "", options)


def Text(default: str, *, label: str, doc: str) -> Any:  # noqa: N802  # reads as a type
    """Any text."""
    return TextParameter(default, label, doc)


def FilePath(default: str = "", *, label: str, doc: str, writes: bool = False) -> Any:  # noqa: N802  # reads as a type
    """The path of a file to read, or to make."""
    return FileParameter(default, label, doc, writes=writes)


def Files(*names: str, label: str, doc: str) -> Any:  # noqa: N802  # reads as a type
    """Paths of files: one each of several names, or any number of one."""
    return FilesParameter((), label, doc, names=names)


def Region(default: str = "", *, label: str, doc: str) -> Any:  # noqa: N802  # reads as a type
    """A rectangle in pixels."""
    return RegionParameter(default, label, doc)
