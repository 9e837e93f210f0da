"""Files in memory in which the pixels of an instance travel, the worker's side."""

import contextlib
import mmap
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from vfxai.errors import MemoryShortError, ParameterError, reason

SHARED_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory; a folder for temporary files elsewhere, whose pages stay in memory while there is enough."""
MOST = 1 << 35
"""Bytes of a map: 32 GiB, two frames of 32K RGBA. What asks for more is mistaken."""


PREFIX = f"vfxai-maps-{os.getuid() if hasattr(os, 'getuid') else 'user'}-"
"""Of the folder of a worker's maps, before its process id."""


class MappedFile:
    """A file of zeros, mapped, which only this user can open; until unlink() it has a name."""

    def __init__(self, path: Path, size: int) -> None:
        """MemoryShortError where there is not as much memory: it is reserved at once, so that neither side fails while it writes."""
        self.path, self.size = path, size
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(handle, 0, size)
            else:
                os.truncate(handle, size)
            self.memory = mmap.mmap(handle, size)
        except OSError as error:
            path.unlink()
            raise MemoryShortError(
                f"there is no room for {size} bytes in {path.parent}: {reason(error)}",
                remedy="close other programs, or enlarge that file system",
            ) from error
        finally:
            os.close(handle)

    def unlink(self) -> None:
        """Takes its name away; both sides keep what they mapped. Windows allows that only once both have closed it."""
        with contextlib.suppress(OSError):
            self.path.unlink()

    def close(self) -> None:
        """Gives it up; its memory goes with the last render that still uses it."""
        with contextlib.suppress(BufferError):
            self.memory.close()
        self.unlink()


class MapRoom:
    """The folder of the maps of this worker, of mode 0700."""

    def __init__(self, fallback: Path) -> None:
        """In shared memory where there is such, else in `fallback`. Folders of workers that were killed are removed."""
        self.clean()
        base = SHARED_MEMORY if _has_shared_memory() else fallback
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
        self._count = 0
        self._lock = threading.Lock()

    @staticmethod
    def clean() -> None:
        """Removes what workers that were killed left in shared memory."""
        for left in SHARED_MEMORY.glob(PREFIX + "*") if _has_shared_memory() else ():
            pid = left.name.removeprefix(PREFIX).partition("-")[0]
            if pid.isdigit() and not _is_running(int(pid)):
                shutil.rmtree(left, ignore_errors=True)

    def make(self, size: int) -> MappedFile:
        """A map of its own; ParameterError for a size that makes no sense."""
        if not 0 < size <= MOST:
            raise ParameterError(
                f"bytes: expected 1 to {MOST}, got {size}", remedy="ask for room for one input frame and one result"
            )
        with self._lock:
            self._count += 1
            path = self.folder / str(self._count)
        return MappedFile(path, size)

    def close(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _has_shared_memory() -> bool:
    return sys.platform == "linux" and os.access(SHARED_MEMORY, os.W_OK)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
