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
    """What it is."""
    why: str
    """Who or what says so."""
    among: tuple[str, ...] = ()
    """What else could have been meant."""


@dataclass(frozen=True)
class Failure:
    """A frame that could not be made."""

    number: int
    """Of the output."""
    kind: str
    """Name of the error's class in vfxai.errors."""
    message: str
    """What is wrong, where, what was expected and what is there."""
    remedy: str = ""
    """What to do."""
    view: str = ""
    """Of which it is, where several are made."""


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
    """Ids, in the order of the chain."""
    colorspace: str
    """Of the plate, by the config's own name."""
    origin: str
    """Who says the colour space: the option, the file, a rule of the config."""
    config: str
    """Name of the OpenColorIO config."""
    device: str
    """cpu, cuda or cuda:N."""
    backends: Mapping[str, str] = field(default_factory=dict)
    """What runs each model, such as "onnx fp32", by model id."""
    held: int = 0
    """Missing frames for which the one before stands in."""
    chosen: tuple[Chosen, ...] = ()
    """What was taken of what could have been meant: layer, part, view, matte channel and others."""
    output_colorspace: str = ""
    """Of what is written; the plate's unless another is asked for."""
    view: str = ""
    """Of which these frames are; a run of several views has a start for each, and one done."""


@dataclass(frozen=True)
class Progress(Event):
    """How far a longer step has come, such as an analysis."""

    name = "progress"
    done: int
    """Steps so far."""
    total: int
    """Steps there are."""
    what: str
    """The step in words, such as "measuring noise"."""


@dataclass(frozen=True)
class FrameDone(Event):
    """A frame is whole on disk."""

    name = "frame"
    number: int
    """Of the output."""
    path: str
    """Of the file."""
    seconds: float
    """Spent in processing and writing it."""
    view: str = ""
    """Of which it is, where several are made."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What nodes recorded about it."""


@dataclass(frozen=True)
class Warning_(Event):  # noqa: N801  # Warning is Python's
    """Something the user should know that does not stop the run."""

    name = "warning"
    message: str
    """What there is to know."""
    remedy: str = ""
    """What to do about it, if anything."""


@dataclass(frozen=True)
class ErrorEvent(Event):
    """A frame failed, or, without a number, the whole run."""

    name = "error"
    kind: str
    """Name of the error's class in vfxai.errors; each has its exit code."""
    message: str
    """What is wrong, where, what was expected and what is there."""
    remedy: str = ""
    """What to do."""
    number: int | None = None
    """Of the output's frame."""
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
    """Finished before and unchanged."""
    failed: tuple[int, ...]
    """Numbers of the frames that could not be made."""
    seconds: float
    """Of the whole run, analyses included."""
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
    """Of the whole run, analyses included."""
    failed: tuple[Failure, ...] = ()
    """Frames that could not be made, and why."""
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
