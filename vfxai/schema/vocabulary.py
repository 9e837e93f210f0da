"""The closed sets and small facts that node declarations are made of."""

from dataclasses import dataclass
from enum import Enum


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
    """Something a node is fed."""

    name: str
    optional: bool = False
    doc: str = ""


@dataclass(frozen=True)
class Plate(Input):
    """The sequence that is processed."""

    name: str = "plate"


@dataclass(frozen=True)
class Mask(Input):
    """A matte. The engine mixes: where it is 0 the plate stays bit-identical (where it is 1 if `keeps`), unless the node reads it itself."""

    name: str = "mask"
    optional: bool = True
    doc: str = "Matte of where the node works: 1 processed, 0 kept bit-identical."
    keeps: bool = False
    mixes: bool = True
    """Whether the engine mixes by it; else the node asks the shot for it."""


RESERVED = frozenset(
    [
        "frames",
        "layer",
        "colorspace",
        "ocio",
        "device",
        "backend",
        "precision",
        "tile",
        "missing",
        "analysis",
        "overwrite",
        "depth",
        "compression",
        "json",
        "debug",
        "help",
        "input",
        "output",
    ]
)
"""Words of the common command-line options, which no parameter or mask may take."""
