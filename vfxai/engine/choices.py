"""What was chosen for the user in the files of a job: layer, view, padding, orientation. Told once, in the start event and as warnings."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vfxai.image.box import Box
from vfxai.image.clip import Told
from vfxai.schema.events import Chosen

STATES = {
    "layer": "--layer states another",
    "view": "--views states which",
    "padding": "write as many # as the files have digits",
}
"""What a user may do about a choice."""


class Choices:
    """The choices of a job. Thread-safe."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        """`warn` may be told the same more than once."""
        self._warn = warn
        self._found: dict[tuple[str, str], Chosen] = {}
        self._changing: set[tuple[str, str]] = set()
        self._sizes: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    @property
    def all(self) -> tuple[Chosen, ...]:
        """So far, in the order in which files were read."""
        with self._lock:
            return tuple(self._found.values())

    def of(self, role: str) -> Told:
        """What hears of the files of an input; `role` is its name. It warns of what else could be meant, and of what changes within the shot."""

        def told(path: Path, chosen: tuple[Chosen, ...], extent: Box) -> None:
            size = (extent.width, extent.height)
            with self._lock:
                first = self._sizes.setdefault(role, size)
            if role == "plate" and first != size:  # keys and references may be as they like
                self._tell_change("size", "x".join(map(str, first)), "x".join(map(str, size)), role)
            for one in chosen:
                with self._lock:
                    known = self._found.setdefault((role, one.what), replace(one, what=f"{one.what} of the {role}"))
                if known.taken != one.taken:
                    self._tell_change(one.what, known.taken, one.taken, role)
                elif known.among:
                    self._warn(question(known, STATES.get(one.what, "")))

        return told

    def _tell_change(self, what: str, first: str, other: str, role: str) -> None:
        """Warns of something that is not the same in all frames of a shot, once."""
        with self._lock:
            if (what, role) in self._changing:
                return
            self._changing.add((what, role))
        self._warn(f"the {what} of the {role} changes within the shot: {first} in its first frame, {other} in others")


def question(chosen: Chosen, remedy: str) -> str:
    """A warning of a choice that could have been another."""
    others = ", ".join(chosen.among[:12]) + (f" and {len(chosen.among) - 12} more" if len(chosen.among) > 12 else "")
    return f"the {chosen.what} is {chosen.taken}: {chosen.why}; there is also {others}" + (f". {remedy}" if remedy else "")
