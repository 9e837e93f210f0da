"""The last values by key, for clips and what nodes remember. Threads that ask for one key at a time compute it once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")
HELD_BYTES = 3 * 2**28
"""What a cache may hold beyond its least number of values, for a reader that goes back and forth: 45 frames of 2K as stored, two of 8K."""
CASUAL = 8
"""Values that are kept while memory is plenty though nobody said that they will be wanted again: people and scripts step back."""
PATIENCE = 0.05
"""Seconds between two looks at whether one who waits for another thread's value was cancelled: nobody notices less."""


class _Making(Generic[V]):
    """A value that a thread is making now."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.values: list[V] = []
        """The value; empty until it is made, and for good where making it failed."""


class Cache(Generic[V]):
    """The last values by key. `cost` is the bytes of a value; thread-safe."""

    def __init__(self, least: int, most: int = 0, cost: Callable[[V], int] = lambda value: 0) -> None:
        self._size, self._most = least, max(least, most)
        self._cost = cost
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._busy: dict[Hashable, _Making[V]] = {}
        self._lock = threading.Lock()

    def widen(self, least: int, most: int = 0) -> None:
        """Keeps `least` values, and up to `most` as long as they stay within HELD_BYTES."""
        with self._lock:
            self._size = max(self._size, least)
            self._most = max(self._most, least, most)

    def get(self, key: Hashable, make: Callable[[], V], check: Callable[[], None] = lambda: None) -> V:
        """The value of `make`, from the cache where it is there.

        While another thread makes it, `check` is called again and again and may raise to stop waiting. Where that thread fails or is cancelled,
        one of those who wait makes the value in its place.
        """
        while True:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return self._values[key]
                other = self._busy.get(key)
                if other is None:
                    own = self._busy[key] = _Making()
                    break
            while not other.over.wait(PATIENCE):
                check()
            if other.values:
                return other.values[0]
        try:
            value = make()
            with self._lock:
                own.values.append(value)
                self._values[key] = value
                self._trim()
            return value
        finally:
            with self._lock:
                del self._busy[key]
            own.over.set()

    def _trim(self) -> None:
        while len(self._values) > self._size and (len(self._values) > self._most or self._held() > HELD_BYTES):
            self._values.popitem(last=False)

    def _held(self) -> int:
        return sum(map(self._cost, self._values.values()))
