"""The kinds of parameters of nodes and jobs. Another kind is a class here; what any surface needs to know of it stands in the class."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from vfxai.errors import ParameterError
from vfxai.schema import frames
from vfxai.schema.kind import Hosts, Parameter, is_text, shown

T = TypeVar("T")
WITHOUT_BOUND = 1e8
"""From here a limit only keeps numbers sane, and is not worth a word."""


@dataclass(frozen=True)
class Number(Parameter[T]):
    """A number in a closed range."""

    min: float = -math.inf
    max: float = math.inf
    metavar = ("NUMBER",)
    word: ClassVar[str] = ""

    def expected(self) -> str:
        """The range in words."""
        return f"{self.word} from {self.min:g} to {self.max:g}"

    def extent(self) -> str:
        """The range and the unit."""
        if abs(self.max) >= WITHOUT_BOUND:
            return self.unit
        return f"{self.min:g} to {self.max:g}" + (f" {self.unit}" if self.unit else "")

    def limits(self) -> dict[str, float]:
        """Its finite limits, by the words of JSON schema."""
        return {n: v for n, v in (("minimum", self.min), ("maximum", self.max)) if math.isfinite(v)}

    def number(self, value: object) -> Any:
        """A finite number in the range, as float or int; not booleans."""
        try:
            if not isinstance(value, bool) and isinstance(value, int | float | str):
                number = value if isinstance(value, int | float) else self.parse(value)
                if self.min <= number <= self.max and math.isfinite(number):  # false for NaN too
                    return number
        except (ValueError, OverflowError):  # no number; more digits than Python reads
            pass
        raise self.refuse(value, self.expected())

    def parse(self, text: str) -> Any:
        """The number of a text; ValueError where it is none."""
        raise NotImplementedError  # both kinds below say how

    def facts(self) -> dict[str, Any]:
        """With the range."""
        return {**super().facts(), "min": self.min, "max": self.max}


@dataclass(frozen=True)
class FloatParameter(Number[float]):
    """A finite number."""

    kind = "float"
    word = "a number"
    hosts = Hosts("Double_Knob", "FloatProperty", "Double")

    def validate(self, value: object) -> float:
        """Accepts numbers and their text; not booleans, NaN or infinity."""
        return float(self.number(value))

    def parse(self, text: str) -> float:
        """As Python reads it."""
        return float(text)

    def between(self, first: float, second: float, share: float) -> float:
        """On the straight line."""
        return first + (second - first) * share

    def schema(self) -> dict[str, Any]:
        """With the range."""
        return {"type": "number", **self.limits()}


@dataclass(frozen=True)
class IntParameter(Number[int]):
    """A whole number."""

    kind = "int"
    word = "a whole number"
    hosts = Hosts("Int_Knob", "IntProperty", "Integer")

    def validate(self, value: object) -> int:
        """Accepts whole numbers and their text."""
        number = self.number(value)
        if number != int(number):
            raise self.refuse(value, self.expected())
        return int(number)

    def parse(self, text: str) -> int:
        """As Python reads it."""
        return int(text)

    def between(self, first: int, second: int, share: float) -> int:
        """The nearest to the straight line."""
        return round(first + (second - first) * share)

    def schema(self) -> dict[str, Any]:
        """With the range."""
        return {"type": "integer", **self.limits()}


@dataclass(frozen=True)
class BoolParameter(Parameter[bool]):
    """On or off."""

    kind = "bool"
    metavar = ()
    takes = "switch"
    hosts = Hosts("Boolean_Knob", "BoolProperty", "Boolean")

    def validate(self, value: object) -> bool:
        """Accepts true and false, and on, off, yes, no, 1, 0 as text."""
        words = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise self.refuse(value, "true or false")

    def extent(self) -> str:
        """Both values."""
        return "on, off"

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class ChoiceParameter(Parameter[str]):
    """One of a closed set of words."""

    options: tuple[str, ...] = ()
    kind = "choice"
    metavar = ("WORD",)
    hosts = Hosts("Enumeration_Knob", "EnumProperty", "Choice")

    def validate(self, value: object) -> str:
        """Accepts one of the options."""
        if isinstance(value, str) and value in self.options:
            return value
        raise self.refuse(value, f"one of {', '.join(self.options)}")

    def extent(self) -> str:
        """The options."""
        return ", ".join(self.options)

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"type": "string", "enum": list(self.options)}

    def facts(self) -> dict[str, Any]:
        """With the options."""
        return {**super().facts(), "options": list(self.options)}


@dataclass(frozen=True)
class TextParameter(Parameter[str]):
    """Any text, or one of a form."""

    pattern: str = ""
    """Regular expression (without look-around, so that JSON schema reads it too) of what is accepted; empty for any text."""
    form: str = ""
    """The pattern in words, such as "auto or a number of pixels"."""
    kind = "text"

    def validate(self, value: object) -> str:
        """Accepts text; and whole numbers where it has a pattern."""
        number = bool(self.pattern) and isinstance(value, int) and not isinstance(value, bool)
        text = shown(value) if number else str(value) if is_text(value) else None
        if text is None or (self.pattern and not re.fullmatch(self.pattern, text)):
            raise self.refuse(value, self.form or "text")
        return text

    def extent(self) -> str:
        """The form."""
        return self.form or self.unit

    def schema(self) -> dict[str, Any]:
        """With the pattern."""
        return {"type": ["string", "integer"], "pattern": f"^({self.pattern})$"} if self.pattern else {"type": "string"}


@dataclass(frozen=True)
class FileParameter(TextParameter):
    """The path of a file; empty means none."""

    writes: bool = False
    """Whether the file is made, and not read; it then has no part in what the pixels are."""
    kind = "file"
    metavar = ("FILE",)
    hosts = Hosts("File_Knob", "StringProperty", "String")

    def extent(self) -> str:
        """A path."""
        return "path"

    def facts(self) -> dict[str, Any]:
        """With whether it is made."""
        return {**super().facts(), "writes": self.writes}


@dataclass(frozen=True)
class FilesParameter(Parameter[tuple[str, ...]]):
    """Paths or patterns of files, either as many as `names` says, or, where that is one, any number."""

    names: tuple[str, ...] = ()
    kind = "files"
    hosts = Hosts("Multiline_Eval_String_Knob", "StringProperty", "String")

    def validate(self, value: object) -> tuple[str, ...]:
        """Accepts nothing, one text, or a row of texts of the right number."""
        given = [value] if isinstance(value, str | Path) and str(value) else value or []
        if isinstance(given, list | tuple) and all(is_text(v) and str(v) for v in given):
            flat = tuple(map(str, given))
            if not flat or len(self.names) == 1 or len(flat) == len(self.names):
                return flat
        raise self.refuse(value, self.extent())

    def extent(self) -> str:
        """The names of the values."""
        return " ".join(self.names) + (", once or more often" if len(self.names) == 1 else "")

    def schema(self) -> dict[str, Any]:
        """A list of texts."""
        most = {"maxItems": len(self.names)} if len(self.names) > 1 else {}
        return {"type": "array", "items": {"type": "string"}, **most}

    def facts(self) -> dict[str, Any]:
        """With the names of the values."""
        takes = "repeated" if len(self.names) == 1 else "values"
        return {**super().facts(), "takes": takes, "metavar": list(self.names), "names": list(self.names)}


@dataclass(frozen=True)
class RegionParameter(Parameter[str]):
    """A rectangle x,y,width,height in pixels of the data window's own coordinates; empty means none."""

    kind = "region"
    metavar = ("X,Y,W,H",)
    hosts = Hosts("BBox_Knob", "IntVectorProperty", "Double2D")

    def validate(self, value: object) -> str:
        """Accepts "x,y,width,height" or four whole numbers; width and height at least 1."""
        parts = value.split(",") if isinstance(value, str) else value
        if parts in ("", [""]):
            return ""
        try:
            numbers = [int(part) for part in parts]  # type: ignore[attr-defined]  # anything not iterable lands in TypeError
            if len(numbers) == 4 and numbers[2] > 0 and numbers[3] > 0 and max(map(abs, numbers)) < 2**31:
                return ",".join(map(str, numbers))
        except (TypeError, ValueError, OverflowError):
            pass
        raise self.refuse(value, "x,y,width,height in pixels")

    def extent(self) -> str:
        """The form."""
        return "x,y,width,height"

    def schema(self) -> dict[str, Any]:
        """Text of four whole numbers."""
        return {"type": "string", "pattern": r"^(-?\d+,-?\d+,\d+,\d+)?$"}


@dataclass(frozen=True)
class FramesParameter(Parameter[str]):
    """A frame range as people write it; empty means all."""

    kind = "frames"
    metavar = ("FRAMES",)

    def validate(self, value: object) -> str:
        """Accepts what vfxai.schema.frames reads, and one frame as a number."""
        text = shown(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str):
            raise self.refuse(value, frames.EXPECTED)
        try:
            if text:
                frames.numbers(text)
        except ParameterError as error:
            raise self.problem(f"{error.message.removeprefix('frames: ')}; {error.remedy}") from error
        return text

    def extent(self) -> str:
        """The form."""
        return "1001-1048x1,1060"

    def schema(self) -> dict[str, Any]:
        """Text, or one frame."""
        return {"type": ["string", "integer"]}


def Float(default: float, *, min: float, max: float, label: str, doc: str, unit: str = "", animated: bool = False, group: str = "", needs: tuple[str, Any] | None = None) -> Any:  # fmt: skip  # noqa: N802  # reads as a type
    """A finite number in min..max."""
    return FloatParameter(default, label, doc, unit, animated, group, min, max, needs=needs)


def Int(default: int, *, min: int, max: int, label: str, doc: str, unit: str = "", animated: bool = False, group: str = "", needs: tuple[str, Any] | None = None) -> Any:  # fmt: skip  # noqa: N802  # reads as a type
    """A whole number in min..max."""
    return IntParameter(default, label, doc, unit, animated, group, min, max, needs=needs)


def Bool(default: bool, *, label: str, doc: str, animated: bool = False, group: str = "") -> Any:  # noqa: N802  # reads as a type
    """On or off."""
    return BoolParameter(default, label, doc, "", animated, group)


def Choice(default: str, *, options: tuple[str, ...], label: str, doc: str, animated: bool = False, group: str = "") -> Any:  # noqa: N802  # reads as a type
    """One of a closed set of words."""
    return ChoiceParameter(default, label, doc, "", animated, group, options)


def Text(default: str, *, label: str, doc: str, pattern: str = "", form: str = "", group: str = "") -> Any:  # noqa: N802  # reads as a type
    """Any text, or one of a form."""
    return TextParameter(default, label, doc, group=group, pattern=pattern, form=form)


def FilePath(default: str = "", *, label: str, doc: str, writes: bool = False, group: str = "", needs: tuple[str, Any] | None = None) -> Any:  # fmt: skip  # noqa: N802  # reads as a type
    """The path of a file to read, or to make."""
    return FileParameter(default, label, doc, group=group, writes=writes, needs=needs)


def Files(*names: str, label: str, doc: str, group: str = "") -> Any:  # noqa: N802  # reads as a type
    """Paths of files: one each of several names, or any number of one."""
    return FilesParameter((), label, doc, group=group, names=names)


def Region(default: str = "", *, label: str, doc: str, group: str = "", needs: tuple[str, Any] | None = None) -> Any:  # noqa: N802  # reads as a type
    """A rectangle in pixels."""
    return RegionParameter(default, label, doc, group=group, needs=needs)


def Frames(default: str = "", *, label: str, doc: str, group: str = "") -> Any:  # noqa: N802  # reads as a type
    """A frame range."""
    return FramesParameter(default, label, doc, group=group)
