"""The one way out of Nuke: a recipe to the worker of this user and machine, its events back; and the command vfxai for the farm."""

from __future__ import annotations

import os
import shutil
from typing import Any, Callable

import nuke

from .client import Worker, WorkerError, launch
from .table import REMEDY, table
from .telling import Refusal

CLIENT = f"nuke {nuke.NUKE_VERSION_STRING}"
LONGEST_STOP = 5.0
"""Seconds within which a job that is cancelled has let go of its worker; the client does so in half a second."""

OnEvent = Callable[[dict[str, Any]], None]


def executable() -> list[str]:
    """The vfxai that made this folder, where it is on this machine and $VFXAI_EXECUTABLE names no other; else what the client finds."""
    own = str(table()["executable"])
    return [own] if shutil.which(own) and not os.environ.get("VFXAI_EXECUTABLE") else []


def command() -> list[str]:
    """How vfxai is called. Refusal where it is not on this machine."""
    try:
        return executable() or launch.command()
    except WorkerError as error:
        raise Refusal(error.message, error.remedy) from error


def environment() -> dict[str, str]:
    """Of what is called: nothing of Nuke's that would lead it to Nuke's libraries."""
    return launch.environment(os.environ)


def run(recipe: dict[str, Any], on_event: OnEvent, is_cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Runs a recipe to its end and returns the outcome; a worker is started where there is none, and again where it was killed.

    Frames that failed stand in the outcome. `is_cancelled` is asked several times a second. Raises Refusal.
    """
    try:
        with Worker(CLIENT, executable=executable()) as worker:
            worker.link(is_cancelled)
            if worker.version != table()["version"]:
                said = "this folder is of vfxai {}, the worker of {}. {}".format(table()["version"], worker.version, REMEDY)
                on_event({"event": "warning", "message": said})
            return worker.run(recipe, folder=os.path.dirname(recipe["output"]), on_event=on_event, is_cancelled=is_cancelled)
    except WorkerError as error:
        if error.outcome:  # some frames failed, and the others are there to be shown
            return error.outcome
        raise Refusal(error.message, error.remedy) from error
