"""What an artist is told: a refusal names what is wrong and what to do; nothing of it may break the session."""

from __future__ import annotations

import sys

import nuke


class Refusal(Exception):  # noqa: N818  # it is what its name says
    """Something that a person can act on."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return self.message + ("\n\n" + self.remedy if self.remedy else "")


class Stopped(Refusal):
    """A person pressed Cancel, who needs not be told so."""


def tell(text: str) -> None:
    """A message box, or a line on stderr where there is no window. On the main thread only."""
    if nuke.GUI:
        nuke.message(text)
    else:
        sys.stderr.write("vfxai: " + text + "\n")


def agreed(question: str) -> bool:
    """Whether a person says yes; nobody does where there is no window."""
    return bool(nuke.GUI and nuke.ask(question))
