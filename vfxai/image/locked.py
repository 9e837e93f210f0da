"""Files that belong to whoever works with them, and are free as soon as that process ends, however it ends."""

import errno
import sys
from pathlib import Path
from typing import IO

TAKEN = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
"""What the system says where another holds the lock: flock(2), and _locking of the Microsoft C library. All else is that the disk has no locks."""


def locked(path: Path) -> IO[str] | None:
    """The file, made where it is not there, whose lock is held until it is closed or the process ends; None where another has it.

    OSError where the disk knows no locks or takes no file. A process that only sleeps keeps its lock, and machines that share a disk see each other's.
    """
    file = path.open("a+")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if error.errno in TAKEN:
            return None
        raise
    return file
