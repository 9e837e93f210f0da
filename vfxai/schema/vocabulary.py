"""The closed sets and small facts that node declarations are made of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

from vfxai.errors import ParameterError
from vfxai.schema.kind import is_text, shown


class Encoding(Enum):
    """What a node's process() receives; the engine converts both ways."""

    SCENE_LINEAR = "scene-linear"
    """The config's scene_linear role, unbounded."""
    LOG = "log"
    """An invertible curve over the whole half-float range."""
    DISPLAY = "display"
    """About 0..1, highlights compressed and put back exactly."""
    PERCEPTUAL = "perceptual"
    """Evenly spaced to the eye and unbounded: scene-linear plates in a display-like curve that is logarithmic above white, others as
    stored (docs/decisions/0003)."""
    STORED = "stored"
    """The values of the plate's own colour space, unconverted (docs/decisions/0001)."""


@dataclass(frozen=True)
class Window:
    """How many frames before and after its own a node sees."""

    before: int = 0
    after: int = 0
    lazy: bool = False
    """Whether the node asks for its neighbours one by one through FrameWindow.shot, because they are many and it needs few."""

    @property
    def loaded(self) -> "Window":
        """What is read before process() is called: nothing but the frame itself where the window is lazy."""
        return Window() if self.lazy else self


@dataclass(frozen=True)
class Input:
    """Something a node is fed. What surfaces need to know of a kind of input stands in its class, as with parameters."""

    name: str
    optional: bool = False
    doc: str = ""
    kind: ClassVar[str] = ""
    takes: ClassVar[str] = "value"
    """How a command line writes it, as in Parameter.takes; empty where no option names it."""
    metavar: ClassVar[tuple[str, ...]] = ("PATTERN",)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the clips that a session feeds it with."""
        return (self.name,)

    def patterns(self, given: Sequence[str]) -> tuple[str, ...]:
        """The patterns of files in what a recipe says."""
        return tuple(given)

    def moved(self, given: str, move: Callable[[str], str]) -> str:
        """One of the texts that a recipe says, with its pattern of files changed, such as to an absolute one."""
        return move(given)

    def counts(self, given: Sequence[str]) -> Any:
        """What counts for the pixels of what a recipe says, besides what is in the files, as plain values."""
        return True

    def facts(self) -> dict[str, Any]:
        """Everything a surface needs, as plain values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "optional": self.optional,
            "doc": self.doc,
            "takes": self.takes,
            "metavar": list(self.metavar),
            "slots": list(self.slots),
            "schema": self.schema(),
        }

    def schema(self) -> dict[str, Any]:
        """JSON schema of what a recipe says: a pattern, or a list of them where a command line takes several."""
        if self.takes in ("", "value"):
            return {"type": "string"}
        return {"type": "array", "items": {"type": "string"}}

    def accept(self, value: object) -> tuple[str, ...]:
        """The patterns of a recipe or command line; ParameterError where it is none."""
        given = [value] if isinstance(value, str | Path) else value
        right = isinstance(given, list | tuple) and bool(given) and all(is_text(v) and str(v) for v in given)
        if not right or (self.takes != "repeated" and len(given) != len(self.metavar)):  # type: ignore[arg-type]  # right says so
            says = f"expected {' '.join(self.metavar)}, got {shown(value)}"
            raise ParameterError(f"{self.name}: {says}", remedy="give a file or a pattern", problems=((self.name, says),))
        return tuple(map(str, given))  # type: ignore[call-overload]  # right says so


@dataclass(frozen=True)
class Plate(Input):
    """The sequence that is processed."""

    name: str = "plate"
    kind = "plate"
    takes = ""


@dataclass(frozen=True)
class Mask(Input):
    """A matte. The session mixes: where it is 0 the plate stays bit-identical (where it is 1 if `keeps`), unless the node reads it itself."""

    name: str = "mask"
    optional: bool = True
    doc: str = "Matte of where the node works: 1 processed, 0 kept bit-identical."
    keeps: bool = False
    mixes: bool = True
    """Whether the session mixes by it; else the node asks the shot for it."""
    kind = "mask"


@dataclass(frozen=True)
class KeyFrames(Input):
    """Pictures of single frames that a person made, such as painted ones; its clip has the frames that were made, and no others."""

    name: str = "key"
    optional: bool = True
    doc: str = "A frame's number and its picture; once for every key."
    kind = "keyframes"
    takes = "repeated"
    metavar = ("FRAME=FILE",)

    def accept(self, value: object) -> tuple[str, ...]:
        """Texts FRAME=FILE; ParameterError for anything else and for a number that is there twice."""
        given = super().accept(value)
        self.by_frame(given)
        return given

    def by_frame(self, given: Sequence[str]) -> dict[int, str]:
        """Files by frame number."""
        found: dict[int, str] = {}
        for text in given:
            number, equals, file = text.partition("=")
            try:
                frame = int(number) if len(number) < LONGEST_NUMBER else None
            except ValueError:
                frame = None
            if not (equals and file) or frame is None:
                raise self._problem(f"expected FRAME=FILE, got {shown(text)}", f"write --{self.name} 1001=paint.1001.exr")
            if frame in found:
                raise self._problem(f"frame {frame} is there twice", "give one file a frame")
            found[frame] = file
        return found

    def _problem(self, says: str, remedy: str) -> ParameterError:
        return ParameterError(f"{self.name}: {says}", remedy=remedy, problems=((self.name, says),))

    def patterns(self, given: Sequence[str]) -> tuple[str, ...]:
        """The files."""
        return tuple(self.by_frame(given).values())

    def moved(self, given: str, move: Callable[[str], str]) -> str:
        """The file after the frame's number; a text that is no key as it is, for accept() to refuse."""
        number, equals, file = given.partition("=")
        return number + equals + move(file) if equals and file else given

    def counts(self, given: Sequence[str]) -> list[int]:
        """The numbers of the frames."""
        return list(self.by_frame(given))


@dataclass(frozen=True)
class Reference(Input):
    """Stills or frames of other footage; their numbers mean nothing to the plate."""

    name: str = "reference"
    optional: bool = True
    doc: str = "Stills or frames of other footage, as a file, pattern or folder."
    kind = "reference"


@dataclass(frozen=True)
class CleanPlate(Input):
    """The scene without what is to be removed: a still, or frames in step with the plate."""

    name: str = "clean_plate"
    optional: bool = True
    doc: str = "Picture of the scene without the thing, taken by the same camera; or a sequence in step with the plate."
    kind = "cleanplate"


@dataclass(frozen=True)
class Pair(Input):
    """Frames before and after something was done to them: two clips, in step where they are more than stills."""

    name: str = "pair"
    optional: bool = True
    doc: str = "Frames before and after, each a file or a pattern."
    kind = "pair"
    takes = "values"
    metavar = ("BEFORE", "AFTER")

    @property
    def slots(self) -> tuple[str, ...]:
        """Before and after."""
        return ("before", "after")


LONGEST_NUMBER = 12
"""Characters of a frame number: far more than any shot needs."""


def named_as_files(inputs: Iterable[Input]) -> dict[str, Input]:
    """Those that a host names as files instead of sending their pictures, by name: all but the plate and mattes."""
    return {one.name: one for one in inputs if one.takes and not isinstance(one, Mask)}
