"""What is known of finished frames, so that a run can be taken up again."""

import contextlib
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vfxai.errors import OutputError
from vfxai.image.sequence import Pattern

HEAD = '{"version": 2}\n'
"""First line; the record of another version is not taken up."""


def file_identity(path: Path) -> list[Any]:
    """Path, size and time of change of a file."""
    try:
        status = path.stat()
    except OSError:
        return [str(path), None, None]
    return [str(path.absolute()), status.st_size, status.st_mtime_ns]


def frame_key(identity: str, inputs: Iterable[list[Any]]) -> str:
    """Hash of all that decides a frame: recipe, models and analysis in `identity`, and the identities of its input files."""
    facts = [identity, list(inputs)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


class Journal:
    """The record of an output pattern, in .vfxai/ beside the frames: a line of JSON is added for every finished frame."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        name = re.sub(r"[^\w.-]", "_", Path(pattern.text).name)
        self.folder = pattern.path(0).parent / ".vfxai"
        self.path = self.folder / f"{name}.jsonl"
        self._lock = threading.Lock()
        self._frames: dict[str, dict[str, Any]] = {}
        text = ""
        with contextlib.suppress(OSError):
            text = self.path.read_text(encoding="utf-8")
        self._start = "" if text.startswith(HEAD) else HEAD
        """What must be written before the next line; an unfinished last line is closed first."""
        for line in text.splitlines()[1:] if not self._start else []:
            with contextlib.suppress(ValueError, KeyError, TypeError):  # a stop may have cut the last line
                entry = json.loads(line)
                self._frames[str(entry["frame"])] = {"key": entry["key"], "file": entry["file"]}
        if not self._start and not text.endswith("\n"):
            self._start = "\n"

    def knows(self, number: int) -> bool:
        """Whether a frame of this number was once written by vfxai and is still the one that was written."""
        entry = self._frames.get(str(number))
        return entry is not None and entry["file"] == file_identity(self.pattern.path(number))

    def is_done(self, number: int, key: str) -> bool:
        """Whether the frame on disk is the one that this key would make."""
        return self.knows(number) and self._frames[str(number)]["key"] == key

    def finish(self, number: int, key: str) -> None:
        """Writes down that a frame is on disk."""
        entry = {"key": key, "file": file_identity(self.pattern.path(number))}
        with self._lock:
            self._frames[str(number)] = entry
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with open(self.path, "w" if self._start == HEAD else "a", encoding="utf-8") as stream:
                    stream.write(self._start + json.dumps({"frame": number, **entry}) + "\n")
                self._start = ""
            except OSError as error:
                raise _unwritable(self.path, error) from error

    def write(self, path: Path, data: Any) -> None:
        """Writes a JSON file whole."""
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(data, indent=1), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error}", remedy="check free space and write permission of the folder")
