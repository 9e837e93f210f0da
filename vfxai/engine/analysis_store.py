"""Where analyses are kept: in a file of the user's, or in a folder by the content that they were learned from."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from vfxai.errors import InputError, OutputError, ParameterError, reason
from vfxai.image.partial import part_of, write_text
from vfxai.session.analyses import Analyses

FRAMES = "frames of the shot"
"""Name, among what an analysis was made of, of the range that it was made over."""
HASH = 64
"""Characters of a SHA-256."""
MADE_OF = "made of"
"""Key in a stored file of what it was made of, by name, so that another machine can say what differs."""


def read_analyses(path: Path, made_of: Mapping[str, Any] | None = None) -> Analyses:
    """From a file that --analysis wrote, possibly edited. InputError where it cannot be read, ParameterError where it is none, or of other frames.

    `made_of` is what this shot would be analysed from; of it the frames must agree where the file says them.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"the analysis {path} cannot be read: {reason(error)}", remedy="check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise ParameterError(
            f"{path} is no analysis, it is no text at all", remedy="give a file that --analysis wrote, or a name that is free"
        ) from error
    try:
        data = json.loads(text)
        found = Analyses.from_dict(data)
        before = data.get(MADE_OF, {}).get(FRAMES) if isinstance(data.get(MADE_OF), dict) else None
        if made_of is not None and before not in (None, made_of[FRAMES]):
            raise ParameterError(
                f"it was made of the frames {before}, the shot has {made_of[FRAMES]}",
                remedy="delete it to measure again, or name another file",
            )
        return found
    except ValueError as error:
        raise ParameterError(f"{path} is no JSON: {reason(error)}", remedy="correct it, or delete it to measure again") from error
    except ParameterError as error:
        raise ParameterError(f"{path}: {error.message}", remedy=error.remedy) from error


def write_analyses(path: Path, analyses: Analyses, made_of: Mapping[str, Any]) -> None:
    """Writes a file whole; OutputError where the disk does not take it."""
    try:
        write_text(path, _text(analyses, made_of))
    except OSError as error:
        raise _unwritable(path, error) from error


class AnalysisStore:
    """Analyses in a folder, by key: a hash of everything that they were learned from, and of no path, so that all machines find them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """The file of a key."""
        return self.folder / f"analysis-{key[:32]}.json"

    def get(self, key: str) -> Analyses | None:
        """What was learned before; None where there is nothing of this key, or it is damaged or of another release."""
        try:
            return read_analyses(self.path(key))
        except (InputError, ParameterError):
            return None

    def why_none(self, made_of: Mapping[str, Any]) -> str:
        """In words, why there is no analysis: none at all, or what the newest one was made of otherwise."""
        try:
            newest = max(self.folder.glob("analysis-*.json"), key=lambda p: p.stat().st_mtime)
            before = json.loads(newest.read_text(encoding="utf-8"))[MADE_OF]
            differing = [name + _apart(before.get(name), value) for name, value in made_of.items() if before.get(name) != value]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return f"there is no analysis in {self.folder}"
        return f"the analysis {newest} was made with another {', another '.join(differing)}"

    def put(self, key: str, analyses: Analyses, made_of: Mapping[str, Any]) -> Analyses:
        """Keeps an analysis; the one that all are to use, which is another's where two machines learned at the same time and it was first."""
        path = self.path(key)
        if self.get(key) is None:
            with suppress(OSError):  # a damaged one, if any
                path.unlink(missing_ok=True)
        partial = part_of(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(_text(analyses, made_of), encoding="utf-8")
            self._name(partial, path)
        except OSError as error:
            raise _unwritable(path, error) from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        return self.get(key) or analyses

    def _name(self, partial: Path, path: Path) -> None:
        """Gives a file its name unless another has it. Of several machines at once one does: link() fails in one step, on NFS too."""
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            partial.replace(path)


def _apart(before: object, now: object) -> str:
    """Both values where they are words; hashes tell nobody anything."""
    words = isinstance(before, str) and isinstance(now, str) and max(len(before), len(now)) < HASH
    return f" ({before} there, {now} here)" if words else ""


def _text(analyses: Analyses, made_of: Mapping[str, Any]) -> str:
    return json.dumps({**analyses.to_dict(), MADE_OF: made_of}, indent=1)


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {reason(error)}", remedy="check free space and write permission of the folder")
