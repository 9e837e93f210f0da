"""What is known of finished frames, so that a run can be taken up again."""

import contextlib
import getpass
import hashlib
import json
import os
import re
import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from vfxai.engine.recipe import Recipe
from vfxai.errors import OutputError, VfxaiError, reason
from vfxai.image.files import read_header
from vfxai.image.partial import machine_name, write_text
from vfxai.image.sequence import Pattern

VERSION = 4
"""Of a line of the record; lines of another version are not taken up."""


def file_identity(path: Path) -> list[Any]:
    """Name, size and time of change of a file. Not its folder: a shot is the same shot wherever a machine mounts it."""
    try:
        status = path.stat()
    except OSError:
        return [path.name, None, None]
    return [path.name, status.st_size, status.st_mtime_ns]


def content_hash(facts: Any) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def user_name() -> str:
    """Who runs this, for the record: $VFXAI_USER, which may be empty, else the name on this system."""
    if (stated := os.environ.get("VFXAI_USER")) is not None:
        return stated
    with contextlib.suppress(OSError, KeyError, ImportError):  # a user without an entry, as in containers
        return getpass.getuser()
    return ""


def frame_key(identity: str, inputs: Iterable[list[Any]]) -> str:
    """Hash of all that decides a frame: recipe, models and analysis in `identity`, and the identities of its input files."""
    return content_hash([identity, list(inputs)])


class Journal:
    """The record of an output pattern, in .vfxai/ beside the frames: a line of JSON is added for every finished frame.

    Lines are only ever added, each in one write and closing what a stop may have cut before it, so that the processes of a machine can share a
    record. Every machine adds to its own and reads all: network file systems do not keep apart what two machines append to one file (NFS has no
    append of its own). Files are told by name, not by folder, so that a folder can be moved with its record.
    """

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        spelt = Path(pattern.prefix).name + "#" * pattern.digits + pattern.suffix  # the same for ####, @@@@ and %04d
        name = self.name = re.sub(r"[^\w.-]", "_", spelt)
        """Of the pattern, as it begins the names of what lies in the folder."""
        self.folder = pattern.path(0).parent / ".vfxai"
        self.path = self.folder / f"{name}.{machine_name()}.jsonl"
        self.recipe_path = self.folder / f"{name}.recipe.json"
        """The recipe of the last run, which `vfxai run` takes."""
        self._asked = ""
        self._lock = threading.Lock()
        self._frames: dict[str, list[dict[str, Any]]] = {}
        """By number, all entries: one is written before a frame gets its name, which a stop may have kept it from."""
        own = re.compile(re.escape(name) + r"\.[A-Za-z0-9]+\.jsonl")
        for path in sorted(self.folder.glob("*.jsonl")):
            if own.fullmatch(path.name):
                for number, entry in _entries(path):
                    self._frames.setdefault(number, []).append(entry)

    def keep_recipe(self, recipe: Recipe) -> None:
        """Keeps the recipe beside the frames, for the whole range whichever chunk this is; frames that are finished from now on are of its values."""
        self._asked = recipe.asked()
        text = json.dumps(recipe.whole().to_dict(), indent=1) + "\n"
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if self.recipe_path.read_text(encoding="utf-8") == text:
                return
        try:
            write_text(self.recipe_path, text)
        except OSError as error:
            raise _unwritable(self.recipe_path, error) from error

    def _file(self, number: int) -> list[Any]:
        return file_identity(self.pattern.path(number))

    def _key(self, number: int) -> str | None:
        """The key of the frame on disk: by the record, else by what the file says of itself; None where it is not one that vfxai wrote.

        A file that the record knows with another size was written anew by somebody, whatever its header says.
        """
        entries, file = self._frames.get(str(number), []), self._file(number)
        if file[1] is None:
            return None
        for entry in reversed(entries):
            if entry["file"] == file:
                return str(entry["key"])
        said = said_key(self.pattern.path(number))
        if said is None or (entries and [said, file[1]] not in [[e["key"], e["file"][1]] for e in entries]):
            return None
        return said

    def knows(self, number: int) -> bool:
        """Whether the frame of this number on disk was written by vfxai and is still the one that was written."""
        return self._key(number) is not None

    def is_done(self, number: int, key: str) -> bool:
        """Whether the frame on disk is the one that this key would make."""
        return self._key(number) == key

    def of_other_values(self, numbers: Collection[int]) -> list[int]:
        """Numbers, besides these, of frames on disk that were made with other values than keep_recipe() was told, as far as the record says it."""
        found = []
        for text, entries in self._frames.items():
            others = [e for e in entries if e["asked"] and e["asked"] != self._asked]
            if others and int(text) not in numbers and any(e["file"] == self._file(int(text)) for e in others):
                found.append(int(text))
        return sorted(found)

    def finish(self, number: int, key: str, partial: Path) -> None:
        """Writes down that a frame is whole, just before `partial` gets its name: size and time of change stay then, so that no stop can come between."""
        entry = {"key": key, "file": [self.pattern.path(number).name, *file_identity(partial)[1:]], "asked": self._asked}
        with self._lock:
            self._frames.setdefault(str(number), []).append(entry)
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                _append(self.path, "\n" + json.dumps({"version": VERSION, "frame": number, **entry}))
            except OSError as error:
                raise _unwritable(self.path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {reason(error)}", remedy="check free space and write permission of the folder")


def said_key(path: Path) -> str | None:
    """The key that a file's header holds."""
    try:
        parts = read_header(path).parts
    except VfxaiError:
        return None
    return next((str(p.attributes["vfxai/key"]) for p in parts if "vfxai/key" in p.attributes), None)


def _entries(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The lines of a machine's record: the number of a frame, and what was written down of it."""
    found: list[tuple[str, dict[str, Any]]] = []
    text = ""
    with contextlib.suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):  # a stop may have cut a line
            entry = json.loads(line)
            if entry["version"] == VERSION:
                said = {"key": entry["key"], "file": entry["file"], "asked": str(entry.get("asked", ""))}
                found.append((str(int(entry["frame"])), said))
    return found


def _append(path: Path, text: str) -> None:
    """Adds text to a file in one write at its end, wherever that is by then."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
