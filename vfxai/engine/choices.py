"""What was chosen for the user in the files of a job: layer, view, padding, orientation. Told once, in the start event and as warnings."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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
        self._lock = threading.Lock()

    @property
    def all(self) -> tuple[Chosen, ...]:
        """So far, in the order in which files were read."""
        with self._lock:
            return tuple(self._found.values())

    def of(self, role: str) -> Callable[[Path, tuple[Chosen, ...]], None]:
        """What hears of the files of an input; `role` is its name. It warns of what else could be meant, and of a choice that changes within the shot."""

        def told(path: Path, chosen: tuple[Chosen, ...]) -> None:
            for one in chosen:
                with self._lock:
                    known = self._found.setdefault((role, one.what), replace(one, what=f"{one.what} of the {role}"))
                if known.taken != one.taken:
                    self._warn(
                        f"the {known.what} changes within the shot: {known.taken} in its first frame, {one.taken} in others"
                    )
                elif known.among:
                    self._warn(question(known, STATES.get(one.what, "")))

        return told


def question(chosen: Chosen, remedy: str) -> str:
    """A warning of a choice that could have been another."""
    others = ", ".join(chosen.among[:12]) + (f" and {len(chosen.among) - 12} more" if len(chosen.among) > 12 else "")
    return f"the {chosen.what} is {chosen.taken}: {chosen.why}; there is also {others}" + (f". {remedy}" if remedy else "")
