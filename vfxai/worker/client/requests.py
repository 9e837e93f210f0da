"""What a client says to the worker: every request as one frozen declaration. A field that is left out has its default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

VERSION = 1
"""Of the protocol. Raised when a client written for the one before would fail or get other pixels; a new optional field does not raise it."""


@dataclass(frozen=True)
class Request:
    """Sent by a client. `id` is the client's own number, which the answer and all events of the request carry."""

    do: ClassVar[str] = ""
    id: int = 0
    """Chosen by the client, different for all requests that are not answered yet."""


@dataclass(frozen=True)
class Hello(Request):
    """The first line of a connection; the worker hangs up on anything else, and after five seconds without it."""

    do: ClassVar[str] = "hello"
    protocol: int = VERSION
    """The version of the protocol that the client speaks."""
    client: str = ""
    """Who asks, for status and log, such as "nuke 15.1v3"."""
    token: str = ""
    """What the file worker.port holds, where the connection is by TCP; not looked at on a Unix socket."""


@dataclass(frozen=True)
class Status(Request):
    """Asks for what the worker holds and does."""

    do: ClassVar[str] = "status"


@dataclass(frozen=True)
class Stop(Request):
    """Ends the worker."""

    do: ClassVar[str] = "stop"
    finish: bool = False
    """Whether work under way is done first; it is cancelled otherwise. New work is refused at once."""


@dataclass(frozen=True)
class Cancel(Request):
    """Stops a request that is under way. Answered at once; the stopped request then fails with kind CancelledError."""

    do: ClassVar[str] = "cancel"
    job: int = 0
    """The id of the request, of the same connection. One that has ended or never was does no harm."""


@dataclass(frozen=True)
class Run(Request):
    """A recipe over files. Its events are those of `vfxai run --json`; RunAnswer ends it."""

    do: ClassVar[str] = "run"
    recipe: dict[str, Any] = field(default_factory=dict)
    """The recipe as JSON: the table of `vfxai run RECIPE.json`."""
    folder: str = ""
    """Absolute folder that relative paths of the recipe belong to."""
    ocio: str = ""
    """The OpenColorIO config where the recipe names none: the client's $OCIO. The worker's own environment has none."""
    license: str = ""
    """The client's $VFXAI_LICENSE, where the recipe names none."""


@dataclass(frozen=True)
class Preview(Request):
    """One frame of a recipe at reduced size, written to a file of its own; the output of the recipe is not touched."""

    do: ClassVar[str] = "preview"
    recipe: dict[str, Any] = field(default_factory=dict)
    """As in Run."""
    folder: str = ""
    """As in Run."""
    ocio: str = ""
    """As in Run."""
    license: str = ""
    """As in Run."""
    time: int = 0
    """Number of the frame."""
    longest: int = 960
    """Longest side of the plate in pixels before it is processed; 0 does not reduce it."""
    output: str = ""
    """Absolute path of the picture to write, whose ending says the format."""
    alone: bool = False
    """Whether nodes work roughly and several times as fast: without other frames, in their least quality, noise measured in the frame's middle."""


@dataclass(frozen=True)
class Open(Request):
    """Opens an instance of a node that works on frames in the client's memory."""

    do: ClassVar[str] = "open"
    node: str = ""
    """Id of the node, such as "denoise"."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values by parameter; those left out have their defaults. A value by frame is an object {"1001": 0.5, "1048": 1}. An input that a command line
    takes as files, such as "pair", may stand here as a list of whole paths instead of being sent."""
    width: int = 0
    """Of the format (display window) of the plate, in pixels."""
    height: int = 0
    """Of the format, in pixels."""
    first: int = 0
    """First frame of the whole shot."""
    last: int = 0
    """Last frame of the whole shot."""
    colorspace: str = ""
    """Name of the plate's colour space in the config. Never guessed: "" is an error where the node needs to know it."""
    ocio: str = ""
    """Path or name of the OpenColorIO config; "" is the one that vfxai ships."""
    channels: int = 4
    """Of the plate and of the results: 4 are R G B A, 3 are R G B."""
    premultiplied: bool = True
    """Whether colours come, and are wanted back, multiplied by alpha."""
    pixel_aspect: float = 1.0
    """Width of a pixel divided by its height."""
    rate: float = 24.0
    """Frames a second."""
    inputs: tuple[str, ...] = ()
    """Inputs besides the plate that are connected, by name, such as "mask". "keys=1001,1030" has these frames only, "reference=1" is a still."""
    mask_channel: str = ""
    """R, G, B or A: which channel of a matte's pictures is the matte, where they have several; "" is alpha or brightness, whichever shows a shape."""
    analysis: str = ""
    """What AnalyzeAnswer.analysis said, to work with the same analysis again."""
    learn: str = "shot"
    """What is learnt from where there is no analysis yet: "shot", every frame of it, or "window", the frames around the first one rendered."""
    device: str = "auto"
    """As --device."""
    backend: str = "auto"
    """As --backend."""
    precision: str = "auto"
    """As --precision."""
    tile: str = "auto"
    """As --tile."""
    license: str = ""
    """As --license."""


@dataclass(frozen=True)
class Set(Request):
    """Gives an instance other values; the frames that it has been sent are kept, and its analysis where the values leave it valid."""

    do: ClassVar[str] = "set"
    instance: int = 0
    """From OpenAnswer."""
    values: dict[str, Any] = field(default_factory=dict)
    """All values that are not the defaults, as in Open."""


@dataclass(frozen=True)
class Needs(Request):
    """Asks which frames a frame is made of."""

    do: ClassVar[str] = "needs"
    instance: int = 0
    """From OpenAnswer."""
    time: int = 0
    """Number of the output frame."""


@dataclass(frozen=True)
class Map(Request):
    """Asks for a file in memory in which the pixels of an instance travel both ways; one asked for before is given up."""

    do: ClassVar[str] = "map"
    instance: int = 0
    """From OpenAnswer."""
    bytes: int = 0
    """Size: room for one input frame and one result is enough, such as 2 * width * height * 16."""


@dataclass(frozen=True)
class Mapped(Request):
    """Says that the client has mapped the file, which the worker then removes from its folder."""

    do: ClassVar[str] = "mapped"
    instance: int = 0
    """From OpenAnswer."""


@dataclass(frozen=True)
class Render(Request):
    """Asks for a frame. The worker answers with Want for each frame that it looks at, one at a time, and at the end with RenderAnswer."""

    do: ClassVar[str] = "render"
    instance: int = 0
    """From OpenAnswer."""
    time: int = 0
    """Number of the output frame."""
    offset: int = 0
    """Where in the map the result goes, a multiple of 4."""
    bytes: int = 0
    """Room for the result there."""
    longest: int = 0
    """Longest side in pixels to which the plate is reduced before it is processed, for a preview; 0 keeps its size."""
    batch: bool = False
    """Whether nobody waits for the frame; it then comes after those that somebody waits for."""


@dataclass(frozen=True)
class Put(Request):
    """The answer to a Want; it is not answered itself. The next line about the render says that its place in the map is free again."""

    do: ClassVar[str] = "put"
    job: int = 0
    """The id of the render or analysis that wanted the frame."""
    input: str = "plate"
    """As in Want."""
    time: int = 0
    """As in Want."""
    image: str = ""
    """What the client knows the picture by: another picture has another text. "" is never taken for one sent before."""
    same: bool = False
    """Whether the picture is the one that Want.have names; no pixels are sent then."""
    missing: bool = False
    """Whether the client has no picture there, such as of an input that is not connected at this frame."""
    offset: int = 0
    """Where in the map the pixels begin, a multiple of 4."""
    x: int = 0
    """Left edge of the pixels in the format, which begins at 0."""
    y: int = 0
    """Top edge of the pixels in the format; y points down."""
    width: int = 0
    """Pixels in a row."""
    height: int = 0
    """Rows, the top one first, without gaps between them."""
    channels: int = 4
    """float32 samples of a pixel: 4 R G B A, 3 R G B, 1 gray (a matte)."""


@dataclass(frozen=True)
class Analyze(Request):
    """Has an instance learn from its whole shot, asking for its frames with Want and telling Progress."""

    do: ClassVar[str] = "analyze"
    instance: int = 0
    """From OpenAnswer."""


@dataclass(frozen=True)
class Close(Request):
    """Ends an instance; the end of the connection does so too."""

    do: ClassVar[str] = "close"
    instance: int = 0
    """From OpenAnswer."""
