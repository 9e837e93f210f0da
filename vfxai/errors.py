"""The one exception tree; each branch has the exit code of the command line.

VfxaiError                      1
|- UsageError                   2   bad command, parameter or recipe
|  |- ParameterError                a value is out of range or of the wrong kind
|  |- RecipeError                   a recipe cannot be read or makes no sense
|  |- DeclarationError              a node is declared wrongly
|  `- ColorSpaceError               a colour space or config is unknown
|- InputError                   3   input missing, unreadable or unsupported
|  |- MissingInputError
|  |- UnreadableInputError          damaged or truncated
|  `- UnsupportedInputError         deep images, for instance
|- ModelError                   4   model missing, damaged or not licensed for this use
|  |- ModelMissingError
|  |- ModelDamagedError
|  `- ModelLicenseError
|- ResourceError                5   device, memory or disk
|  |- DeviceError
|  |- MemoryShortError
|  |- OutputError                   the output cannot be written
|  |- WorkerMissingError            there is no worker, and none can be started
|  `- WorkerLostError               the worker ended in the middle of the work
|- FramesFailedError            6   some frames failed, the others are done
`- CancelledError             130   stopped by the user
"""

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from vfxai.schema.events import Outcome


MOST = 6000
"""Characters of a message: what is wrong in each of a dozen places, and no more of a text of megabytes that was given for a name."""


class VfxaiError(Exception):
    """Something a user can act on. The message names what, where, expected and got; `remedy` says what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        if len(message) > MOST:  # it quotes what somebody gave
            message = f"{message[: MOST // 2]} ... {message[-MOST // 2 :]}"
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    @property
    def kind(self) -> str:
        """Name of the branch, as it stands in `--json` events."""
        return type(self).__name__


def reason(error: BaseException) -> str:
    """Why something failed, in words for people: the system's own without its number, the key that is missing, else what the error says."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    if isinstance(error, KeyError) and error.args:
        return f"it has no {error.args[0]!r}"
    if isinstance(error, UnicodeDecodeError):
        return "it is no text"
    return str(error) or type(error).__name__


class UsageError(VfxaiError):
    """The command, a parameter or a recipe is wrong."""

    exit_code = 2


class ParameterError(UsageError):
    """A value is out of range, of the wrong kind, or has no such name."""

    def __init__(self, message: str, *, remedy: str = "", problems: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems
        """Name of each parameter that is wrong, and what is wrong with it, for surfaces that spell names in their own way."""


class RecipeError(UsageError):
    """A recipe cannot be read or makes no sense."""


class DeclarationError(UsageError):
    """A node is declared wrongly; the message lists every problem."""


class ColorSpaceError(UsageError):
    """A colour space or an OCIO config is unknown."""


class InputError(VfxaiError):
    """An input is missing, unreadable or unsupported."""

    exit_code = 3


class MissingInputError(InputError):
    """A file or frame is not there."""


class UnreadableInputError(InputError):
    """A file is damaged or truncated."""


class UnsupportedInputError(InputError):
    """A file is sound but holds what vfxai does not process, such as deep samples."""


class ModelError(VfxaiError):
    """A model is missing, damaged or not licensed for this use."""

    exit_code = 4


class ModelMissingError(ModelError):
    """No model of that id is in the store."""


class ModelDamagedError(ModelError):
    """A file of the model does not match its manifest."""


class ModelLicenseError(ModelError):
    """The model's licence does not allow this use."""


class ResourceError(VfxaiError):
    """The device, memory or disk does not suffice."""

    exit_code = 5


class DeviceError(ResourceError):
    """The asked device is not there or failed."""


class MemoryShortError(ResourceError):
    """Memory is short even with the smallest tile."""


class OutputError(ResourceError):
    """The output cannot be written: full disk, read-only folder."""


class WorkerMissingError(ResourceError):
    """There is no worker, and none can be started."""


class WorkerLostError(ResourceError):
    """The worker ended in the middle of the work."""


class FramesFailedError(VfxaiError):
    """Some frames failed; the others are done. `outcome` says which and why, where a run of a recipe ended so."""

    exit_code = 6

    def __init__(self, message: str, *, remedy: str = "", outcome: "Outcome | None" = None) -> None:
        super().__init__(message, remedy=remedy)
        self.outcome = outcome


class CancelledError(VfxaiError):
    """Stopped by the user."""

    exit_code = 130


def as_own(error: Exception, remedy: str) -> VfxaiError:
    """Any error as one of ours: what the system refused as that; all else as a defect, with the `remedy` that is at hand where it is told."""
    if isinstance(error, VfxaiError):
        return error
    if isinstance(error, OSError | MemoryError):  # a refusal that nobody expected, such as of a name too long
        of_file = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        why = "memory is short" if isinstance(error, MemoryError) else reason(error)
        return ResourceError(f"the system refused: {of_file}{why}", remedy="check names, memory and disk")
    where = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}, line {where.lineno})"
    return VfxaiError(f"unexpected {said}", remedy=remedy)
