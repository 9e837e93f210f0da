"""A run holds its output: runs with the same values work on it side by side, as the chunks of a farm do; one with others is refused."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from vfxai.engine.resume import Journal
from vfxai.errors import OutputError
from vfxai.image.locked import locked
from vfxai.image.partial import machine_name

SHOWN = 16
"""Characters of what a run was asked for, a hash, in the name of its file."""
PATIENCE = 30.0
"""Seconds for another run to say what it makes, which takes milliseconds on a disk that is not stuck."""
LOOK = 0.05
"""Seconds between two tries."""


@contextmanager
def held(journal: Journal, asked: str) -> Iterator[None]:
    """Inside, no run that was asked for something else writes this output; `asked` is a hash of the values. OutputError where one does now.

    A file beside the record is locked meanwhile: `NAME.VALUES.MACHINE-PROCESS-RANDOM.run`. What a killed run left behind is free, and cleared; a run that is
    paused holds on. Where the disk has no locks, nobody is told of others.
    """
    own = f"{journal.name}.{asked[:SHOWN]}.{machine_name()}-{os.getpid()}-{secrets.token_hex(4)}.run"
    path = journal.folder / own
    mine: IO[str] | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(journal):
            _check_others(journal, asked[:SHOWN])
            mine = locked(path)
    except OSError:  # no locks here, or no file: whether frames can be written is found out by writing them
        pass
    try:
        yield
    finally:
        if mine is not None:
            mine.close()
            with suppress(OSError):
                path.unlink(missing_ok=True)


@contextmanager
def _alone(journal: Journal) -> Iterator[None]:
    """Inside, no other run looks who is there, or says that it is."""
    until, gate = time.monotonic() + PATIENCE, None
    while (gate := locked(journal.folder / f"{journal.name}.lock")) is None:
        if time.monotonic() > until:
            raise OutputError(
                f"another run has begun to write {journal.pattern.text} and does not go on",
                remedy="stop it, or choose another output",
            )
        time.sleep(LOOK)
    with gate:
        yield


def _check_others(journal: Journal, asked: str) -> None:
    """OutputError where a run that was asked for something else is at work; files of those that are no more are removed."""
    name = re.compile(re.escape(journal.name) + r"\.([0-9a-f]+)\.([A-Za-z0-9]+)-(\d+)-[0-9a-f]{8}\.run")
    for path in journal.folder.glob("*.run"):
        if not (found := name.fullmatch(path.name)):
            continue
        values, machine, process = found.groups()
        if _is_free(path):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        elif values != asked:
            raise OutputError(
                f"{journal.pattern.text} is being written by another run with other values, process {process} on {machine}: "
                "frames of both would be mixed",
                remedy="choose another output, or wait for that run to end, or stop it",
            )


def _is_free(path: Path) -> bool:
    """Whether nobody holds a file's lock."""
    file = locked(path)
    if file is None:
        return False
    file.close()
    return True
