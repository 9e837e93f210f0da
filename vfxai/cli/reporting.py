"""How a long command tells what it does, and how a signal stops it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace

    from vfxai.engine.progress import Reporter
    from vfxai.session.request import Request


@contextmanager
def reporting(options: Namespace) -> Iterator[tuple[Reporter, Request]]:
    """The reporter that suits --json and the terminal, and a request that SIGINT and SIGTERM cancel; everything is as before afterwards."""
    import os
    import signal
    import sys
    import threading

    from vfxai.engine.progress import Bar, JsonLines, PlainLines
    from vfxai.session.request import Request

    reporter: Any
    stdout = None
    if options.json and _is_real(sys.stdout):
        stdout = os.dup(1)
        os.dup2(2, 1)  # OpenEXR prints warnings to the process's stdout, which only events may reach
        reporter = JsonLines(os.fdopen(os.dup(stdout), "w"), options.debug)
    elif options.json:
        reporter = JsonLines(sys.stdout, options.debug)
    else:
        reporter = Bar(options.debug) if sys.stdout.isatty() else PlainLines(debug=options.debug)
    request = Request()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda *_: request.cancel())
    try:
        yield reporter, request
    finally:
        for restored, handler in before.items():
            signal.signal(restored, handler)
        if isinstance(reporter, Bar):
            reporter.close()
        if stdout is not None:
            os.dup2(stdout, 1)
            os.close(stdout)


def _is_real(stream: Any) -> bool:
    try:
        return bool(stream.fileno() == 1)
    except (OSError, AttributeError, ValueError):
        return False
