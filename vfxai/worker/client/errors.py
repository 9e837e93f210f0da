"""The one exception of the client. The worker's own errors come through it by kind, message and remedy."""

from __future__ import annotations

from typing import Any


class WorkerError(Exception):
    """Something that could not be done. `kind` is a branch of vfxai's exception tree, such as ParameterError or CancelledError, or one of those here.

    `outcome` is that of a run of which some frames failed and the others are done (FramesFailedError), else empty.
    """

    def __init__(self, kind: str, message: str, remedy: str = "", room: int = 0, outcome: dict[str, Any] | None = None) -> None:
        super().__init__(message + (f"\n  {remedy}" if remedy else ""))
        self.kind, self.message, self.remedy, self.room = kind, message, remedy, room
        self.outcome: dict[str, Any] = outcome or {}

    @property
    def is_cancel(self) -> bool:
        """Whether the work was stopped because the client asked for it."""
        return self.kind == "CancelledError"

    @property
    def is_loss(self) -> bool:
        """Whether the worker went away, so that asking again may help."""
        return self.kind == "WorkerLostError"


def failure(facts: dict[str, Any]) -> WorkerError:
    """The error of an answer that says no."""
    said = {name: str(facts.get(name, "")) for name in ("kind", "message", "remedy")}
    kind, message = said["kind"] or "VfxaiError", said["message"] or "the worker said no"
    return WorkerError(kind, message, said["remedy"], int(facts.get("room", 0)), facts.get("outcome"))


def lost(why: str) -> WorkerError:
    """The worker went away."""
    return WorkerError("WorkerLostError", f"the worker was lost: {why}", "ask again; `vfxai worker log` says what happened to it")


def cancelled() -> WorkerError:
    """The client wanted no more of it."""
    return WorkerError("CancelledError", "stopped")
