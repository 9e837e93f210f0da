"""Pictures that clients sent, kept so that each is sent once."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import psutil

from vfxai.image.frame import Frame

SHARE = 0.2
"""Of the machine's memory, what all kept pictures may take: at 64 GiB 250 frames of 2K. Models, frames in work and hosts need the rest."""


@dataclass(frozen=True)
class KeptPicture:
    """A picture under the id that its client gave it."""

    image: str
    frame: Frame

    @property
    def size(self) -> int:
        """Bytes of its planes."""
        return self.frame.color.nbytes + (self.frame.alpha.nbytes if self.frame.alpha is not None else 0)


class PictureCache:
    """KeptPicture pictures by instance, input and time; those used longest ago go first. Thread-safe."""

    def __init__(self, most: int | None = None) -> None:
        """`most` bytes; a share of the machine's memory unless given."""
        self._most = int(psutil.virtual_memory().total * SHARE) if most is None else most
        self._kept: OrderedDict[tuple[Hashable, str, int], KeptPicture] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0
        """Bytes that are held."""

    def get(self, owner: Hashable, name: str, time: int) -> KeptPicture | None:
        """The picture of an input at a time."""
        with self._lock:
            key = (owner, name, time)
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, owner: Hashable, name: str, time: int, kept: KeptPicture, most: int) -> None:
        """Keeps a picture in place of the one before, and of this input not more than `most`; others go where room is short, and the new one itself
        where it alone is too large."""
        with self._lock:
            self._drop((owner, name, time))
            self._kept[(owner, name, time)] = kept
            self.size += kept.size
            own = [key for key in self._kept if key[:2] == (owner, name)]
            for key in own[: max(len(own) - most, 0)]:
                self._drop(key)
            while self.size > self._most:
                self._drop(next(iter(self._kept)))

    def forget(self, owner: Hashable) -> None:
        """Drops the pictures of an instance."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == owner]:
                self._drop(key)

    def clear(self) -> None:
        """Drops all: memory is short."""
        with self._lock:
            self._kept.clear()
            self.size = 0

    def _drop(self, key: tuple[Hashable, str, int]) -> None:
        gone = self._kept.pop(key, None)
        self.size -= gone.size if gone else 0
