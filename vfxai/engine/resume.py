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

VERSION = 3
"""Of a line of the record; lines of another version are not taken up."""


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
    """The record of an output pattern, in .vfxai/ beside the frames: a line of JSON is added for every finished frame.

    Lines are only ever added, each in one piece and closing what a stop may have cut before it, so that several processes can share a
    record. Files are told by name, not by folder, so that a folder can be moved with its record.
    """

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        spelt = Path(pattern.prefix).name + "#" * pattern.digits + pattern.suffix  # the same for ####, @@@@ and %04d
        name = re.sub(r"[^\w.-]", "_", spelt)
        self.folder = pattern.path(0).parent / ".vfxai"
        self.path = self.folder / f"{name}.jsonl"
        self._lock = threading.Lock()
        self._frames: dict[str, dict[str, Any]] = {}
        text = ""
        with contextlib.suppress(OSError):
            text = self.path.read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):  # a stop may have cut a line
                entry = json.loads(line)
                if entry["version"] == VERSION:
                    self._frames[str(entry["frame"])] = {"key": entry["key"], "file": entry["file"]}

    def _file(self, number: int) -> list[Any]:
        path = self.pattern.path(number)
        return [path.name, *file_identity(path)[1:]]

    def knows(self, number: int) -> bool:
        """Whether a frame of this number was once written by vfxai and is still the one that was written."""
        entry = self._frames.get(str(number))
        return entry is not None and entry["file"] == self._file(number)

    def is_done(self, number: int, key: str) -> bool:
        """Whether the frame on disk is the one that this key would make."""
        return self.knows(number) and self._frames[str(number)]["key"] == key

    def finish(self, number: int, key: str) -> None:
        """Writes down that a frame is on disk."""
        entry = {"key": key, "file": self._file(number)}
        with self._lock:
            self._frames[str(number)] = entry
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with open(self.path, "a", encoding="utf-8") as stream:
                    stream.write("\n" + json.dumps({"version": VERSION, "frame": number, **entry}))
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
