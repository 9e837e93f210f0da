"""What a run tells: events, as JSON lines, a progress bar, or plain lines."""

import json
import sys
import time
from typing import Any, Protocol, TextIO


class Reporter(Protocol):
    """Takes events: start, progress, frame, warning, error, done."""

    def event(self, name: str, **facts: Any) -> None:
        """One event with its facts."""
        ...


class Silent:
    """Tells nothing."""

    def event(self, name: str, **facts: Any) -> None:
        """Drops it."""


class JsonLines:
    """One JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def event(self, name: str, **facts: Any) -> None:
        """Writes it at once."""
        self._stream.write(json.dumps({"event": name, **facts}, default=str) + "\n")
        self._stream.flush()


class PlainLines:
    """A line an event, for logs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._total = self._count = 0
        self._started = time.monotonic()

    def event(self, name: str, **facts: Any) -> None:
        """Writes the line of an event; progress inside a step is not worth one."""
        if name == "start":
            self._total, self._started = facts["frames"], time.monotonic()
            kept = f", {facts['kept']} kept from before" if facts.get("kept") else ""
            how = ", ".join(sorted(set(facts.get("backends", {}).values())))
            self._say(
                f"{facts['frames']} frames{kept}; {facts['colorspace']} ({facts['origin']}); {facts['device']}{how and ' with '}{how}"
            )
        elif name == "frame" and not facts.get("kept"):
            self._count += 1
            rate = self._count / max(time.monotonic() - self._started, 1e-6)
            left = (self._total - self._count) / rate
            self._say(
                f"frame {facts['number']}  {facts['seconds']:.2f} s  {rate:.2f} frames/s  {left:.0f} s left  {facts['path']}"
            )
        elif name in ("warning", "error"):
            print(
                f"{name}: {facts['message']}" + (f"\n  {facts['remedy']}" if facts.get("remedy") else ""),
                file=sys.stderr,
                flush=True,
            )
        elif name == "done":
            self._say(f"done: {facts['frames']} frames in {facts['seconds']:.1f} s, {facts['rate']:.2f} frames/s")

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Bar(PlainLines):
    """A progress bar with rate and time left, on a terminal."""

    def __init__(self) -> None:
        super().__init__()
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

    def event(self, name: str, **facts: Any) -> None:
        """Moves the bar; lines appear above it."""
        if name == "start":
            super().event(name, **facts)
            self._bar.start()
            self._task = self._bar.add_task("frames", total=facts["frames"], rate="")
        elif name == "frame" and self._task is not None:
            if not facts.get("kept"):
                self._count += 1
                rate = self._count / max(time.monotonic() - self._started, 1e-6)
                self._bar.update(self._task, advance=1, rate=f"{rate:.2f} frames/s")
        elif name == "progress" and self._task is not None:
            self._bar.update(self._task, description=facts["what"] if facts["done"] < facts["total"] else "frames")
        else:
            if name == "done":
                self._bar.stop()
            super().event(name, **facts)

    def _say(self, line: str) -> None:
        self._bar.console.print(line, highlight=False)

    def close(self) -> None:
        """Leaves the terminal as it was."""
        self._bar.stop()
