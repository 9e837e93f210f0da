"""What a run tells while it works, and what it came to: one frozen class an event, with one JSON form for `--json`, worker, farm and hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from vfxai.errors import ParameterError, VfxaiError
from vfxai.schema.plain import build, plain, schema


@dataclass(frozen=True)
class Chosen:
    """Something that was chosen for the user, and why: a layer, part, view, matte channel, table domain."""

    what: str
    """Such as layer, part, view, mask channel."""
    taken: str
    why: str
    among: tuple[str, ...] = ()
    """What else could have been meant."""


@dataclass(frozen=True)
class Failure:
    """A frame that could not be made."""

    number: int
    kind: str
    """Name of the error's class in vfxai.errors."""
    message: str
    remedy: str = ""
    view: str = ""


@dataclass(frozen=True)
class Event:
    """What all events have."""

    name: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: {"event": name, ...}."""
        return {"event": self.name, **plain(self)}


@dataclass(frozen=True)
class Start(Event):
    """Analyses are there and frames are about to be made."""

    name = "start"
    frames: int
    """To be made in this run."""
    kept: int
    """Finished before and unchanged."""
    nodes: tuple[str, ...]
    colorspace: str
    origin: str
    """Who says the colour space: the option, the file, a rule of the config."""
    config: str
    device: str
    backends: Mapping[str, str] = field(default_factory=dict)
    """What runs each model, such as "onnx fp32", by model id."""
    held: int = 0
    """Missing frames for which the one before stands in."""
    chosen: tuple[Chosen, ...] = ()
    output_colorspace: str = ""


@dataclass(frozen=True)
class Progress(Event):
    """How far a longer step has come, such as an analysis."""

    name = "progress"
    done: int
    total: int
    what: str


@dataclass(frozen=True)
class FrameDone(Event):
    """A frame is whole on disk."""

    name = "frame"
    number: int
    path: str
    seconds: float
    view: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What nodes recorded about it."""


@dataclass(frozen=True)
class Warning_(Event):  # noqa: N801  # Warning is Python's
    """Something the user should know that does not stop the run."""

    name = "warning"
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class ErrorEvent(Event):
    """A frame failed, or, without a number, the whole run."""

    name = "error"
    kind: str
    message: str
    remedy: str = ""
    number: int | None = None
    traceback: str = ""
    """Of the original error, with --debug."""

    @classmethod
    def of(cls, error: VfxaiError, number: int | None = None, traceback: str = "") -> ErrorEvent:
        """From an error."""
        where = "" if number is None else f"frame {number}: "
        return cls(error.kind, where + error.message, error.remedy, number, traceback)


@dataclass(frozen=True)
class Done(Event):
    """The run came to its end; the last event."""

    name = "done"
    frames: int
    """Written in this run."""
    kept: int
    failed: tuple[int, ...]
    seconds: float
    rate: float
    """Frames written per second."""


@dataclass(frozen=True)
class Outcome:
    """What a run did."""

    written: int
    """Frames made in this run."""
    kept: int
    """Frames that were finished before and are unchanged."""
    seconds: float
    failed: tuple[Failure, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    """Hash of each model that was used, by id."""
    analyses: str = ""
    """Content hash of the shot's analyses; empty where no node needs one."""
    waiting: Mapping[str, float] = field(default_factory=dict)
    """Seconds spent in each stage: read, process, write; they overlap."""

    def done(self) -> Done:
        """The run's last event."""
        numbers = tuple(sorted({f.number for f in self.failed}))
        rate = self.written / max(self.seconds, 1e-9)
        return Done(self.written, self.kept, numbers, round(self.seconds, 3), round(rate, 3))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        data: dict[str, Any] = plain(self)
        return data

    @classmethod
    def from_dict(cls, data: object) -> Outcome:
        """From to_dict(); ParameterError where it is none."""
        return build(cls, data, "outcome")


KINDS: dict[str, type[Event]] = {kind.name: kind for kind in (Start, Progress, FrameDone, Warning_, ErrorEvent, Done)}


def event_from(data: object) -> Event:
    """The event of a JSON object; ParameterError where it is none."""
    name = data.get("event") if isinstance(data, Mapping) else None
    if not isinstance(name, str) or name not in KINDS:
        raise ParameterError(f"expected an event, one of {', '.join(KINDS)}, got {str(name)[:80]!r}", remedy="send an event")
    return build(KINDS[name], data, name)


def events_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a line of `--json`."""
    kinds = []
    for name, kind in KINDS.items():
        one = schema(kind)
        kinds.append(
            {**one, "properties": {"event": {"const": name}, **one["properties"]}, "required": ["event", *one["required"]]}
        )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "vfxai event", "oneOf": kinds}
