"""What the worker says to a client: answers, which end a request, and events while it is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .requests import VERSION


@dataclass(frozen=True)
class Answer:
    """The last line about a request. `ok` is true; where it is false the line is a Failure."""

    id: int = 0
    """Of the request."""
    ok: bool = True
    """Whether it was done."""


@dataclass(frozen=True)
class Failure(Answer):
    """The answer to any request that could not be done."""

    ok: bool = False
    """False."""
    kind: str = ""
    """The branch of vfxai's exception tree, such as ParameterError, CancelledError, MemoryShortError; ProtocolError for a bad line."""
    message: str = ""
    """What, where, expected, got."""
    remedy: str = ""
    """What to do."""
    room: int = 0
    """With kind RoomError: bytes that the result of a render needs. Ask for a larger map and render again; the frame is not made twice."""
    outcome: dict[str, Any] = field(default_factory=dict)
    """With kind FramesFailedError: the outcome of the run, as in RunAnswer, which says what was written, what failed and why."""


@dataclass(frozen=True)
class HelloAnswer(Answer):
    """The client is let in."""

    protocol: int = VERSION
    """The version that the worker speaks."""
    version: str = ""
    """Of vfxai."""
    pid: int = 0
    """Process of the worker."""


@dataclass(frozen=True)
class StatusAnswer(Answer):
    """What the worker holds and does."""

    protocol: int = VERSION
    """The version that the worker speaks."""
    version: str = ""
    """Of vfxai."""
    pid: int = 0
    """Process of the worker."""
    seconds: float = 0.0
    """Since it was started."""
    idle_minutes: float = 0.0
    """After which it ends where nothing is asked; 0 is never."""
    log: str = ""
    """Path of its log."""
    device: str = ""
    """What `auto` comes to here."""
    memory: int = 0
    """Bytes that the process holds in main memory."""
    device_memory: int = 0
    """Bytes that it holds on the device; 0 where that is the CPU."""
    cache: int = 0
    """Bytes of pictures that clients have sent and that are kept."""
    models: tuple[dict[str, Any], ...] = ()
    """Loaded networks: id, device, backend, precision."""
    clients: tuple[dict[str, Any], ...] = ()
    """Connections: client, instances, jobs, seconds."""
    jobs: tuple[dict[str, Any], ...] = ()
    """Work under way: client, id, what, done, total, seconds."""
    versions: dict[str, Any] = field(default_factory=dict)
    """Of Python, torch and ONNX Runtime."""


@dataclass(frozen=True)
class RunAnswer(Answer):
    """How a recipe ended of which no frame failed; else a Failure of kind FramesFailedError has the outcome."""

    outcome: dict[str, Any] = field(default_factory=dict)
    """The outcome of vfxai.schema.events."""


@dataclass(frozen=True)
class PreviewAnswer(Answer):
    """The preview is written."""

    path: str = ""
    """Where."""
    width: int = 0
    """Of the picture, in pixels."""
    height: int = 0
    """Of the picture, in pixels."""
    colorspace: str = ""
    """Of its pixels."""


@dataclass(frozen=True)
class OpenAnswer(Answer):
    """An instance, to Open and to Set."""

    instance: int = 0
    """Its number, of this connection."""
    width: int = 0
    """Of the results' format, in pixels."""
    height: int = 0
    """Of the results' format, in pixels."""
    identity: bool = False
    """Whether these values leave every frame as it is, so that nothing needs to be asked for."""
    before: int = 0
    """Frames before its own that a frame looks at."""
    after: int = 0
    """Frames after its own that a frame looks at."""
    analysis: bool = False
    """Whether the node learns from the shot and has not done so yet."""


@dataclass(frozen=True)
class NeedsAnswer(Answer):
    """The frames that a frame is made of: the input of an index in `inputs`, at the time of the same index in `times`."""

    inputs: tuple[str, ...] = ()
    """Names of inputs, "plate" among them."""
    times: tuple[int, ...] = ()
    """Frame numbers, within the whole shot."""


@dataclass(frozen=True)
class MapAnswer(Answer):
    """The map, zeroed and with all of its memory reserved."""

    path: str = ""
    """Absolute path of the file to open and map, shared, for reading and writing. Say Mapped when that is done."""
    bytes: int = 0
    """Its size."""


@dataclass(frozen=True)
class RenderAnswer(Answer):
    """The result lies in the map: float32, as many channels as Open said, rows packed, the top one first."""

    x: int = 0
    """Left edge of the result in its format."""
    y: int = 0
    """Top edge of the result in its format; y points down."""
    width: int = 0
    """Pixels in a row."""
    height: int = 0
    """Rows."""
    format_width: int = 0
    """Of the format that the result belongs to, in pixels: another than the instance's where the plate was reduced."""
    format_height: int = 0
    """Of the format, in pixels."""
    seconds: float = 0.0
    """That the worker took, waiting and transport included."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the node recorded about the frame."""
    analysis: str = ""
    """What was learnt for this frame from the frames around it (Open.learn "window"), as in AnalyzeAnswer; "" where nothing had to be."""


@dataclass(frozen=True)
class AnalyzeAnswer(Answer):
    """The analysis is made; renders use it from now on."""

    analysis: str = ""
    """The analysis as ASCII text without line breaks or quotes, to be kept as it is and given to Open; "" where the node needs none."""
    hash: str = ""
    """Of its content."""
    first: int = 0
    """First frame that comes out."""
    last: int = 0
    """Last frame that comes out."""


@dataclass(frozen=True)
class Event:
    """A line about a request that is under way. Besides those here, Run sends those of vfxai.schema.events, with the id added."""

    id: int = 0
    """Of the request."""
    event: str = ""
    """Which."""


@dataclass(frozen=True)
class Want(Event):
    """Asks the client for a frame, to be answered with Put. Only one is open at a time for a request."""

    event: str = "want"
    """want"""
    input: str = "plate"
    """Name of the input."""
    time: int = 0
    """Frame number."""
    have: str = ""
    """The image id under which the worker holds a picture of it; "" where it holds none."""


@dataclass(frozen=True)
class Progress(Event):
    """How far a longer step has come."""

    event: str = "progress"
    """progress"""
    done: int = 0
    """Steps done."""
    total: int = 0
    """Of so many."""
    what: str = ""
    """In words."""


@dataclass(frozen=True)
class Warned(Event):
    """Something that does not stop the work."""

    event: str = "warning"
    """warning"""
    message: str = ""
    """In words."""
