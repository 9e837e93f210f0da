"""How events are told: as JSON lines, a progress bar, or plain lines."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TextIO

from vfxai.schema.events import Done, ErrorEvent, Event, FrameDone, Progress, Start, Warning_

EVERY = 5.0
"""Seconds between two lines about one long step: often enough to see that it moves, and few lines in a log of hours."""


class Reporter(Protocol):
    """Takes events (vfxai.schema.events), from any thread."""

    def event(self, event: Event) -> None:
        """One event."""
        ...


class Silent:
    """Tells nothing."""

    def event(self, event: Event) -> None:
        """Drops it."""


class JsonLines:
    """One JSON object a line."""

    def __init__(self, stream: TextIO, debug: bool = False) -> None:
        self._stream, self._debug = stream, debug

    def event(self, event: Event) -> None:
        """Writes it at once."""
        if isinstance(event, ErrorEvent) and not self._debug:
            event = replace(event, traceback="")
        self._stream.write(json.dumps(event.to_dict()) + "\n")
        self._stream.flush()


class PlainLines:
    """A line an event, for logs."""

    def __init__(self, stream: TextIO | None = None, debug: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._debug, self._clock = stream or sys.stdout, debug, clock
        self._total = self._count = 0
        self._started = clock()
        self._step = ""
        """The long step in work, when it began, and when it was last told of."""
        self._step_began = self._step_told = self._started

    def event(self, event: Event) -> None:
        """Writes the line of an event; of a long step every few seconds."""
        if isinstance(event, Start):
            self._total, self._count, self._started = event.frames, 0, self._clock()
            self._say(start_line(event))
            for chosen in event.chosen:
                others = f"; there is also {', '.join(chosen.among)}" if chosen.among else ""
                self._say(f"  {chosen.what}: {chosen.taken} ({chosen.why}){others}")
        elif isinstance(event, Progress):
            self._step_line(event)
        elif isinstance(event, FrameDone):
            rate = self.count()
            left = (self._total - self._count) / rate
            view = f" {event.view}" if event.view else ""
            self._say(
                f"frame {event.number}{view}  {event.seconds:.2f} s  {rate:.2f} frames/s  {duration(left)} left  {event.path}"
            )
        elif isinstance(event, Warning_):
            self._tell("warning", event.message, event.remedy)
        elif isinstance(event, ErrorEvent):
            self._tell("error", event.message, event.remedy)
            if self._debug and event.traceback:
                print(event.traceback.rstrip(), file=sys.stderr, flush=True)
        elif isinstance(event, Done):
            failed = f", {len(event.failed)} failed" if event.failed else ""
            self._say(f"done: {event.frames} frames in {event.seconds:.1f} s, {event.rate:.2f} frames/s{failed}")

    def count(self) -> float:
        """Counts a frame; frames per second so far."""
        self._count += 1
        return self._count / max(self._clock() - self._started, 1e-6)

    def _step_line(self, event: Progress) -> None:
        """How far a long step is and what is left of it, unless that was told a moment ago; its end goes without saying."""
        now = self._clock()
        if event.what != self._step or event.done == 0:
            self._step, self._step_began, self._step_told = event.what, now, now
        if now - self._step_told < EVERY or event.done >= event.total:
            return
        self._step_told = now
        left = (now - self._step_began) / event.done * (event.total - event.done) if event.done else None
        self._say(f"{event.what}: {event.done} of {event.total}" + (f", {duration(left)} left" if left is not None else ""))

    def _tell(self, kind: str, message: str, remedy: str) -> None:
        print(f"{kind}: {message}" + (f"\n  {remedy}" if remedy else ""), file=sys.stderr, flush=True)

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def start_line(event: Start) -> str:
    """What is about to be done, in one line."""
    kept = f", {event.kept} kept from before" if event.kept else ""
    how = ", ".join(sorted(set(event.backends.values())))
    out = f" to {event.output_colorspace}" if event.output_colorspace not in ("", event.colorspace) else ""
    space = f"{event.colorspace} ({event.origin}){out}"
    view = f" of view {event.view}" if event.view else ""
    return f"{event.frames} frames{view}{kept}; {space}; {event.device}{how and ' with '}{how}"


def duration(seconds: float) -> str:
    """Time left, as exact as anyone wants it."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


class Bar(PlainLines):
    """A progress bar with rate and time left, on a terminal."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug=debug)
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns)
        self._task: Any = None
        self._long: Any = None
        """The bar of a long step before the frames."""

    def event(self, event: Event) -> None:
        """Moves the bar; lines appear above it."""
        if isinstance(event, Start):
            self._end_step()
            super().event(event)
            self._bar.start()
            self._task = self._bar.add_task("frames", total=event.frames, rate="")
        elif isinstance(event, FrameDone) and self._task is not None:
            self._bar.update(self._task, advance=1, rate=f"{self.count():.2f} frames/s", description="frames")
        elif isinstance(event, Progress):
            self._step_bar(event)
        else:
            if isinstance(event, Done):
                self._bar.stop()
            super().event(event)

    def _step_bar(self, event: Progress) -> None:
        if self._task is not None:
            self._bar.update(self._task, description=event.what if event.done < event.total else "frames")
            return
        if self._step != event.what:
            self._end_step()
            self._bar.start()
            self._step, self._long = event.what, self._bar.add_task(event.what, total=event.total, rate="")
        self._bar.update(self._long, completed=event.done, total=event.total)

    def _end_step(self) -> None:
        if self._long is not None:
            self._bar.remove_task(self._long)
        self._step, self._long = "", None

    def _say(self, line: str) -> None:
        self._bar.console.print(line, highlight=False, markup=False)

    def close(self) -> None:
        """Leaves the terminal as it was."""
        self._bar.stop()
