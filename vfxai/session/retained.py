"""Frames that were made while a later node learned from the whole shot, kept for those who want them afterwards."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

V = TypeVar("V")


class Retained(Generic[V]):
    """Values by frame number up to `most` bytes. Those that are wanted afterwards go before the others, and are handed over once."""

    def __init__(self, most: int, cost: Callable[[V], int]) -> None:
        self._most, self._cost = most, cost
        self._values: OrderedDict[int, V] = OrderedDict()
        self._wanted: Collection[int] = ()
        self._open = 0
        self._lock = threading.Lock()

    @contextmanager
    def collecting(self, wanted: Collection[int]) -> Iterator[None]:
        """Inside, values that are made are kept; afterwards only those of the numbers that are wanted."""
        with self._lock:
            self._wanted, self._open = frozenset(wanted), self._open + 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1
                if not self._open:
                    self._values = OrderedDict((n, v) for n, v in self._values.items() if n in self._wanted)

    def add(self, number: int, value: V) -> None:
        """Keeps a value while values are collected and there is room, which those not wanted make for others."""
        with self._lock:
            if not self._open:
                return
            self._values[number] = value
            spare = iter([n for n in self._values if n not in self._wanted and n != number] if number in self._wanted else [])
            while sum(map(self._cost, self._values.values())) > self._most:
                self._values.pop(next(spare, number), None)
                if number not in self._values:
                    return

    def take(self, number: int) -> V | None:
        """The value of a frame, if it was kept; afterwards it is another's to keep, unless values are still collected."""
        with self._lock:
            return self._values.get(number) if self._open else self._values.pop(number, None)
