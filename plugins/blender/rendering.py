# SPDX-License-Identifier: GPL-3.0-or-later
"""A recipe to the worker, and its result back as a picture of Blender."""

import contextlib
import os
import re
import shutil
from pathlib import Path

import bpy

from . import settings, sources
from .client import Worker, WorkerError

CLIENT = "blender " + bpy.app.version_string
LONGEST_STOP = 5.0
"""Seconds within which a job that is cancelled has let go of its worker; the client does so in half a second."""


def recipe_of(table, source, output, frames="", colorspace="", overscan=False):
    """A recipe in the words of Blender's own colour config. Blender takes a data window for the whole picture, so that results are
    cut to the format unless overscan is asked for."""
    found = {"source": source, "output": output, "node": [table]}
    if not overscan:
        found["window"] = "display"
    if frames:
        found["frames"] = frames
    if colorspace:
        found |= {"colorspace": colorspace, "ocio": sources.ocio_config()}
    return found


def executable():
    """The vfxai that made this extension, where it is on this machine and $VFXAI_EXECUTABLE names no other."""
    own = settings.TABLE["executable"]
    return [own] if shutil.which(own) and not os.environ.get("VFXAI_EXECUTABLE") else []


class Render:
    """One recipe in work. Nothing of Blender is touched by its thread."""

    def __init__(self, recipe, folder=None):
        self.recipe, self._folder = recipe, folder
        self.done = self.total = 0
        self.what, self.warnings, self.frames = "starting", [], {}
        self._worker = Worker(CLIENT, executable=executable())
        self._job = self._worker.submit(recipe, folder=str(Path(recipe["output"]).parent))

    def poll(self):
        """Takes in what happened; whether it has ended."""
        for event in self._job.events():
            kind = event.get("event")
            if kind == "start":
                self.done, self.total = 0, event["frames"]
            elif kind == "progress":
                self.done, self.total, self.what = event["done"], event["total"], event["what"]
            elif kind == "frame":
                self.frames[int(event["number"])] = event["path"]
                self.done, self.what = len(self.frames), f"frame {event['number']}"
            elif kind in ("warning", "error"):
                self.warnings.append(event["message"])
        return self._job.is_done

    def cancel(self):
        """Stops it; frames so far are whole."""
        self._job.cancel()

    def result(self):
        """The outcome, in which frames that failed stand; they are warnings too. Raises WorkerError with what went wrong and the remedy."""
        try:
            return self._job.result(None)
        except WorkerError as error:
            if not error.outcome:
                raise
            self.warnings.insert(0, error.message)
            return error.outcome
        finally:
            self.poll()
            self.close()

    def close(self):
        """Leaves nothing behind; what is in work is stopped first, so that its thread does not connect anew."""
        self._job.cancel()
        with contextlib.suppress(WorkerError):
            self._job.result(LONGEST_STOP)
        self._worker.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def output_of(source, node, stated=""):
    """Where the result goes: as stated, else beside the input, in a folder of the node's name; its numbers are those of the input."""
    if stated:
        return bpy.path.abspath(stated)
    path = Path(source)
    if path.parent.name.startswith("picture") or "vfxai-blender-" in str(path):
        path = Path(bpy.path.abspath("//") or bpy.app.tempdir) / path.name
    return str(path.parent / f"vfxai_{node}" / path.with_suffix(".exr").name)


def load_result(output, colorspace, known=None):
    """The result as a picture: a sequence where the output is one, in the colour space of the input, which is set by name."""
    files = files_of(output)
    if not files:
        return None, 0, 0
    numbers = sorted(files)
    if known is not None and bpy.path.abspath(known.filepath) == str(files[numbers[0]]):
        image = known
        image.reload()
    else:
        image = bpy.data.images.load(str(files[numbers[0]]), check_existing=True)
        image.reload()
    if len(numbers) > 1 or "#" in Path(output).name:
        image.source = "SEQUENCE"
    if colorspace:
        image.colorspace_settings.name = colorspace
    return image, numbers[0], len(numbers)


def files_of(output):
    """Files of a pattern by number; {1: path} of a single file."""
    path = Path(output)
    if "#" not in path.name:
        return {1: path} if path.is_file() else {}
    name = re.compile(r"(-?\d+)".join(re.escape(part) for part in re.split(r"#+", path.name)))
    found = [(name.fullmatch(p.name), p) for p in path.parent.glob("*")] if path.parent.is_dir() else []
    return {int(m[1]): p for m, p in found if m}


__all__ = ["Render", "WorkerError", "files_of", "load_result", "output_of", "recipe_of"]
