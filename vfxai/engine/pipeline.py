"""Frames read ahead, processed, and written behind, each in its thread."""

import queue
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vfxai.engine.progress import Reporter
from vfxai.errors import CancelledError, ResourceError, VfxaiError, as_own
from vfxai.image.frame import Frame
from vfxai.schema.events import ErrorEvent, FrameDone
from vfxai.session.request import Request


@dataclass(frozen=True)
class Work:
    """What the three threads do. Each may raise."""

    read: Callable[[int], None]
    """Reads what a frame will need, so that it is in memory then."""
    process: Callable[[int], Frame]
    write: Callable[[int, Frame], str]
    """Writes a frame whole; where it lies then."""
    facts: Callable[[int], Mapping[str, Any]]
    """What there is to tell about a frame that was processed."""


def stopped() -> CancelledError:
    """Of a run that was told to stop."""
    return CancelledError("stopped; frames written so far are whole", remedy="run the same command again to go on")


class Pipeline:
    """Runs a row of frames through reading, processing and writing."""

    def __init__(self, work: Work, reporter: Reporter, request: Request, depth: int) -> None:
        """`depth`: frames that are read ahead, and that may wait to be written."""
        self._work, self._reporter, self._request = work, reporter, request
        self.failed: dict[int, VfxaiError] = {}
        """Errors of the frames that failed, while the others went on."""
        self.times = {"read": 0.0, "process": 0.0, "write": 0.0}
        """Seconds spent in each stage; they overlap."""
        self._fatal: BaseException | None = None
        self._ahead = threading.Semaphore(depth)
        self._stop = threading.Event()
        self._queue: queue.Queue[tuple[int, Frame, float] | None] = queue.Queue(depth)

    def run(self, numbers: list[int]) -> None:
        """Processes the frames in order. Raises what stops all of them: no space, no memory, CancelledError."""
        reader = threading.Thread(target=self._read, args=(numbers,), daemon=True)
        writer = threading.Thread(target=self._write, daemon=True)
        reader.start()
        writer.start()
        try:
            for number in numbers:
                if self._fatal or self._request.cancelled.is_set():
                    break
                self._process(number)
        finally:
            self._stop.set()
            self._ahead.release()
            self._queue.put(None)
            writer.join()
            reader.join()  # a thread that is still in a library when Python ends takes the process down
        if self._fatal:
            raise self._fatal
        if self._request.cancelled.is_set():
            raise stopped()

    def _read(self, numbers: list[int]) -> None:
        for number in numbers:
            self._ahead.acquire()
            if self._stop.is_set():
                return
            started = time.perf_counter()
            with suppress(Exception):  # the processing thread meets the same error and reports it
                self._work.read(number)
            self.times["read"] += time.perf_counter() - started

    def _process(self, number: int) -> None:
        started = time.perf_counter()
        try:
            frame = self._work.process(number)
            self._queue.put((number, frame, time.perf_counter() - started))
        except CancelledError:
            pass
        except ResourceError as error:
            self._fatal = error
        except VfxaiError as error:
            self._fail(number, error)
        except Exception as error:  # noqa: BLE001  # a defect in a node must not take the other frames with it
            told = as_own(error, "this is a defect of vfxai or of a node; run with --debug")
            told.__cause__ = error
            self._fail(number, told)
        finally:
            self.times["process"] += time.perf_counter() - started
            self._ahead.release()

    def _fail(self, number: int, error: VfxaiError) -> None:
        self.failed[number] = error
        trace = "".join(traceback.format_exception(error.__cause__ or error))
        self._reporter.event(ErrorEvent.of(error, number, trace))

    def _write(self) -> None:
        """Writes until None comes. Whatever fails here, the reporter included, ends the run; the queue is emptied, so that nobody waits for it."""
        while (item := self._queue.get()) is not None:
            number, frame, spent = item
            if self._fatal:
                continue
            started = time.perf_counter()
            try:
                path = self._work.write(number, frame)
                writing = time.perf_counter() - started
                self.times["write"] += writing
                self._reporter.event(FrameDone(number, path, round(spent + writing, 3), facts=self._work.facts(number)))
            except BaseException as error:  # noqa: BLE001  # must reach the main thread
                self._fatal = error
