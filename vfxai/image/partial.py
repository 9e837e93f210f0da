"""Files that get their final name when they are complete, on disks that many machines share."""

import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

LONGEST = 255
"""Bytes of a file name that Linux, macOS and Windows take."""


def machine_name() -> str:
    """The name of this machine, as a part of file names."""
    return re.sub(r"[^A-Za-z0-9]", "", socket.gethostname())[:16] or "machine"


def part_of(path: Path) -> Path:
    """A hidden name beside a file's final one, and with its suffix, that no other machine, process, thread or call gives.

    It names machine and process, so that what a stop left behind can be told from what is being written.
    """
    own = f".{machine_name()}-{os.getpid()}-{threading.get_native_id()}-{secrets.token_hex(4)}.part{path.suffix}"
    stem = os.fsencode(path.stem)[: LONGEST - 1 - len(os.fsencode(own))].decode(errors="ignore")
    return path.with_name(f".{stem}{own}")


@contextmanager
def whole_file(path: Path, make_folder: bool = True) -> Iterator[Path]:
    """Inside, the name to write under; afterwards the file has its own name, or is gone where there was an error. The folder is made if so said."""
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    partial = part_of(path)
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Writes a text file whole, UTF-8, in the place of what was there; OSError where the disk does not take it."""
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def clear_dead(folder: Path) -> int:
    """Removes what processes of this machine that are no more left half written in a folder; how many files that were."""
    own = re.compile(rf"\..*\.{machine_name()}-(\d+)-\d+-[0-9a-f]{{8}}\.part(\.\w+)?")
    count = 0
    for path in folder.glob(".*.part*"):
        found = own.fullmatch(path.name)
        if found and not psutil.pid_exists(int(found[1])):
            with suppress(OSError):
                path.unlink()
                count += 1
    return count
