"""Where analyses are kept: in a file of the user's, or in a folder by the content that they were learned from."""

import json
import os
from contextlib import suppress
from pathlib import Path

from vfxai.errors import InputError, OutputError, ParameterError
from vfxai.image.partial import part_of, whole_file
from vfxai.session.analyses import Analyses


def read_analyses(path: Path) -> Analyses:
    """From a file that --analysis wrote, possibly edited. InputError where it cannot be read, ParameterError where it is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the analysis {path} cannot be read: {error}", remedy="check the path and its permissions") from error
    try:
        return Analyses.from_dict(json.loads(text))
    except ValueError as error:
        raise ParameterError(f"{path} is no JSON: {error}", remedy="correct it, or delete it to measure again") from error
    except ParameterError as error:
        raise ParameterError(f"{path}: {error.message}", remedy=error.remedy) from error


def write_analyses(path: Path, analyses: Analyses) -> None:
    """Writes a file whole; OutputError where the disk does not take it."""
    try:
        with whole_file(path) as partial:
            partial.write_text(_text(analyses), encoding="utf-8")
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

    def put(self, key: str, analyses: Analyses) -> Analyses:
        """Keeps an analysis; the one that all are to use, which is another's where two machines learned at the same time and it was first."""
        path = self.path(key)
        if self.get(key) is None:
            with suppress(OSError):  # a damaged one, if any
                path.unlink(missing_ok=True)
        partial = part_of(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(_text(analyses), encoding="utf-8")
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


def _text(analyses: Analyses) -> str:
    return json.dumps(analyses.to_dict(), indent=1)


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error}", remedy="check free space and write permission of the folder")
