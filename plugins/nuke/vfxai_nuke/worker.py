"""The one way out of Nuke: a recipe to vfxai, its events back."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from typing import Any, Callable

from .table import table
from .telling import Refusal

LONGEST_STOP = 10.0
"""Seconds that a cancelled run is given to end by itself."""
HIDDEN = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Of Nuke's environment, what would make vfxai run with Nuke's libraries."""


def command() -> list[str]:
    """The vfxai to call: $VFXAI_COMMAND, the one that made this folder, or the first on the path. Refusal where there is none."""
    stated = os.environ.get("VFXAI_COMMAND", "")
    for one in (stated, table()["command"], "vfxai"):
        found = shutil.which(one) if one else None
        if found:
            return [found]
        if one and one == stated:
            break
    raise Refusal(
        "the command vfxai is not on this machine" + (f" ($VFXAI_COMMAND is {stated})" if stated else ""),
        "Install it (python3.11 -m venv /opt/vfxai; /opt/vfxai/bin/pip install vfxai-*.whl), then set VFXAI_COMMAND to /opt/vfxai/bin/vfxai and press the button again.",
    )


def environment() -> dict[str, str]:
    """The environment of what this starts: Nuke's own without what would lead it to Nuke's libraries."""
    return {name: value for name, value in os.environ.items() if name not in HIDDEN}


def run(recipe: dict[str, Any], on_event: Callable[[dict[str, Any]], None], is_cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Runs a recipe to its end and returns the outcome; `is_cancelled` is asked several times a second. Raises Refusal."""
    handle, path = tempfile.mkstemp(suffix=".json", prefix="vfxai-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(recipe, stream)
    lines: queue.Queue[str] = queue.Queue()
    process = subprocess.Popen(
        [*command(), "run", path, "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        universal_newlines=True,
        encoding="utf-8",
    )

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    outcome: dict[str, Any] = {}
    error: dict[str, Any] = {}
    try:
        while True:
            if is_cancelled():
                raise Refusal("stopped")
            try:
                line = lines.get(timeout=0.1)
            except queue.Empty:
                continue
            if not line:
                break
            event = json.loads(line)
            if event["event"] == "done":
                outcome = {"written": event["frames"], "kept": event["kept"], "failed": ()}
            elif event["event"] == "error" and event.get("number") is None:
                error = event
            on_event(event)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
        os.unlink(path)
    if error or process.returncode not in (0, 6):
        raise Refusal(error.get("message") or f"vfxai ended with {process.returncode}", error.get("remedy", ""))
    return outcome
