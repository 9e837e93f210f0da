"""Starts a worker that outlives the command that started it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from vfxai.errors import WorkerMissingError
from vfxai.worker.client import place
from vfxai.worker.client.launch import environment
from vfxai.worker.client.worker import HELLO_SECONDS
from vfxai.worker.listener import private_folder
from vfxai.worker.log import log_file

LOOK = 0.02
"""Seconds between two looks at whether it listens."""


def is_there() -> bool:
    """Whether a worker listens."""
    try:
        reached, _ = place.dial(HELLO_SECONDS)
    except OSError:
        return False
    reached.close()
    return True


def start(arguments: Sequence[str], seconds: float) -> None:
    """Starts a worker unless one listens, and returns when one does. WorkerMissingError where none does in time, with the end of what it said."""
    if is_there():
        return
    folder = private_folder(place.folder())
    said = folder / "worker.out"
    with said.open("wb") as out:
        flags = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "vfxai.worker.main", *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder,
            env=environment(os.environ), start_new_session=True, creationflags=flags,
        )  # fmt: skip
    deadline = time.monotonic() + seconds
    while not is_there():
        if process.poll() not in (None, 0):  # 0: another one has the lock, and will listen soon
            text = said.read_text(encoding="utf-8", errors="replace").strip()[-2000:]
            raise WorkerMissingError(f"the worker ended at once: {text}", remedy=f"correct that; its log is {log_file()}")
        if time.monotonic() > deadline:
            process.kill()
            raise WorkerMissingError(f"the worker does not listen after {seconds:g} s", remedy=f"see its log, {log_file()}")
        time.sleep(LOOK)
