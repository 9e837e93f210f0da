"""What every kind of parameter has: default, words, how values are judged, mixed between frames, and shown on every surface."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from vfxai.errors import ParameterError
from vfxai.schema.keyed import Keyed, is_keyed, keyed

T = TypeVar("T")
LONGEST = 80
"""Characters of a refused value that an error shows."""


def shown(value: object) -> str:
    """A value in an error, of bounded length."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no numbers of more than 4300 digits, nor what is nested without end
        return f"{type(value).__name__} too long to show"
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def told(problems: Sequence[str], most: int = 12) -> str:
    """Several problems in one message of bounded length."""
    some = [text if len(text) <= 4 * LONGEST else text[: 4 * LONGEST] + "..." for text in problems[:most]]
    return "; ".join(some) + (f"; and {len(problems) - most} more" if len(problems) > most else "")


def is_text(value: object) -> bool:
    """Whether a value is text, or a path, that a system call takes."""
    if not isinstance(value, str | Path) or "\0" in str(value):
        return False
    try:
        str(value).encode("utf-8", "surrogateescape")  # names of files that are no UTF-8 come so; JSON can say worse
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class Hosts:
    """What a kind is in each host."""

    nuke: str
    """Class of the knob."""
    blender: str
    """Name of the property in bpy.props."""
    ofx: str
    """The type as in kOfxParamType..."""


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """What all parameters have; as a class attribute of a node it reads as the instance's value."""

    default: T
    label: str
    doc: str
    unit: str = ""
    animated: bool = False
    """Whether the value may change from frame to frame; never for what an analysis, the window or the size depends on."""
    group: str = ""
    """Heading under which panels and help show it; empty is the first."""
    needs: tuple[str, Any] | None = field(default=None, kw_only=True)
    """Another parameter and its value without which this one does nothing; where it is given all the same, a run says so."""
    kind: ClassVar[str] = ""
    metavar: ClassVar[tuple[str, ...]] = ("TEXT",)
    """What its values are called on a command line."""
    takes: ClassVar[str] = "value"
    """How a command line writes it: value, switch (--x, --no-x), values (as many as the metavar), repeated (--x A --x B)."""
    hosts: ClassVar[Hosts] = Hosts("String_Knob", "StringProperty", "String")

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
        return self.problem(f"expected {expected}, got {shown(value)}")

    def problem(self, says: str) -> ParameterError:
        """An error about this parameter."""
        return ParameterError(f"{self.name}: {says}", remedy=f"see {self.name} in the reference", problems=((self.name, says),))

    def validate(self, value: object) -> T:
        """The value in its type, or ParameterError."""
        raise NotImplementedError  # every kind below says what it accepts

    def accept(self, value: object) -> T | Keyed[T]:
        """The value, or values by frame where it may be animated; ParameterError for anything else."""
        if not self.animated or not is_keyed(value):
            return self.validate(value)
        try:
            return keyed(value, self.validate)
        except ParameterError as error:
            raise error if error.problems else self.problem(error.message) from error

    def between(self, first: T, second: T, share: float) -> T:
        """The value at a share (0 to 1) of the way from a key to the next: the first one holds, unless it is a number."""
        return first

    def extent(self) -> str:
        """Range, options or form in words; empty where any value will do."""
        return self.unit

    def schema(self) -> dict[str, Any]:
        """JSON schema of one value."""
        return {"type": "string"}

    def facts(self) -> dict[str, Any]:
        """Everything a surface needs, as plain values."""
        default = list(self.default) if isinstance(self.default, tuple) else self.default
        return {
            "kind": self.kind,
            "default": default,
            "label": self.label,
            "doc": self.doc,
            "unit": self.unit,
            "animated": self.animated,
            "group": self.group,
            "extent": self.extent(),
            "takes": self.takes,
            "metavar": list(self.metavar),
            "schema": self.schema(),
            "hosts": asdict(self.hosts),
        }
