"""Renders in work: each in a thread of its own that touches no node; what it has to say is done on Nuke's main thread."""

from __future__ import annotations

import threading
import time
import traceback
from typing import Any, Callable

import nuke

from . import output, results, sources, worker
from . import plan as plans
from .plan import Plan
from .telling import Refusal, tell

_running: dict[str, Job] = {}
_folders: set[str] = set()
"""Of this session, with exported frames and previews, for as long as they are kept."""
EVERY = 1.0
"""Seconds between two updates of the Read inside, so that a viewer on it has time to draw."""


def of(group: nuke.Group) -> Job | None:
    """The render of a Group that is in work."""
    return _running.get(group.fullName())


def start(group: nuke.Group, kind: str = plans.SHOT) -> Job:
    """Exports, then renders: in the background where there is a window, else until it is done. Raises Refusal where it cannot begin."""
    if of(group) is not None:
        raise Refusal(f"{group.name()} is being rendered", "Wait for it, or press Cancel.")
    plan = plans.make(group, kind)
    if kind == plans.SHOT:
        plan.recipe["overwrite"] = bool(plan.recipe.get("overwrite")) or output.check(group, plan.result, plan.views)
    claim = output.Claim(group, plan.result)
    if kind == plans.SHOT:
        claim.take()
    _folders.add(plan.folder)
    try:
        plans.export(plan)
        job = Job(plan, claim)
    except BaseException:
        claim.release()
        raise
    _running[job.name] = job
    if nuke.GUI:
        job.thread.start()
    else:
        job.work()
    return job


def stop_all() -> None:
    """Cancels every render and waits until nothing of it is left; when the script or Nuke is closed."""
    for job in list(_running.values()):
        job.cancelled.set()
    for job in list(_running.values()):
        if job.thread.is_alive():
            job.thread.join(worker.LONGEST_STOP)
        job.clean()


def remove_all() -> None:
    """Takes away every folder of exported frames and previews of this session."""
    while _folders:
        sources.remove(_folders.pop())


def on_main(call: Callable[..., None], *arguments: Any) -> None:
    """Does something on the main thread, where alone nodes may be touched."""
    if threading.current_thread() is threading.main_thread():
        call(*arguments)
    else:
        nuke.executeInMainThread(call, args=arguments)


class Job:
    """One render."""

    def __init__(self, plan: Plan, claim: output.Claim) -> None:
        self.plan, self.claim = plan, claim
        self.name = plan.group.fullName()
        self.title = "vfxai {}: {}".format(plan.recipe["node"][0]["id"], plan.group.name())
        self.cancelled = threading.Event()
        self.thread = threading.Thread(target=self.work, name=self.title, daemon=True)
        self.made: dict[int, str] = {}
        self.facts: dict[str, Any] = {}
        self.seconds: list[float] = []
        self.warnings: list[str] = list(plan.notes)
        self._task: Any = None
        self._shown = 0.0

    def work(self) -> None:
        """Runs the recipe and reports; never raises where there is a window."""
        self._task = nuke.ProgressTask(self.title) if nuke.GUI else None
        error: Refusal | None = None
        outcome: dict[str, Any] = {}
        try:
            for recipe in plans.recipes(self.plan):
                one = worker.run(recipe, self._event, self._is_cancelled)
                outcome = {"kept": outcome.get("kept", 0) + one["kept"], "failed": [*outcome.get("failed", ()), *one["failed"]]}
        except Refusal as refusal:
            error = refusal
        except Exception as defect:  # noqa: BLE001  # told, and never raised into Nuke
            traceback.print_exc()
            error = Refusal(
                f"vfxai failed in a way that nobody foresaw: {defect!r}", "The trace is in the terminal that Nuke runs in."
            )
        self._task = None  # which closes its window
        if error is None and outcome.get("failed"):
            error = results.refusal_of(outcome["failed"])
        on_main(self._finish, outcome, error)
        if error is not None and not nuke.GUI:
            raise error

    def _is_cancelled(self) -> bool:
        if self._task is not None and self._task.isCancelled():
            self.cancelled.set()
        return self.cancelled.is_set()

    def _event(self, event: dict[str, Any]) -> None:
        """One event of the run, in the job's thread."""
        kind = event.get("event")
        if kind == "start":
            self.facts = event
        elif kind == "progress":
            self._say(event["done"], event["total"], event["what"])
        elif kind == "frame":
            self.made[int(event["number"])] = event["path"]
            self.seconds.append(float(event["seconds"]))
            self._say(len(self.seconds), len(self.plan.frames) * len(self.plan.views), "frame {}".format(event["number"]))
            if time.monotonic() - self._shown > EVERY:
                self._shown = time.monotonic()
                on_main(self._progressed)
        elif kind in ("warning", "error"):
            self.warnings.append(event["message"])

    def _say(self, done: int, total: int, what: str) -> None:
        if self._task is not None:
            self._task.setMessage(what)
            self._task.setProgress(min(99, int(100 * done / max(total, 1))))
        else:
            print(f"vfxai {self.name}: {done} of {total}, {what}", flush=True)

    def _progressed(self) -> None:
        try:
            results.show(self.plan, self.made)
        except ValueError:  # the node was deleted: nobody waits for its result
            self.cancelled.set()

    def _finish(self, outcome: dict[str, Any], error: Refusal | None) -> None:
        """The end, on the main thread: the Read, the state, and what was in the way is taken away."""
        _running.pop(self.name, None)
        try:
            if self.made or outcome:
                if self.plan.kind == plans.SHOT:
                    self.claim.made(hash=self.plan.hash, **plans.colors(self.plan))
                results.show(self.plan, self.made, outcome)
            results.tell_state(self, error)
        except ValueError:  # the node was deleted while it was rendered
            pass
        finally:
            self.clean(keep=error is not None or self.plan.kind == plans.PREVIEW)
        if error is not None and nuke.GUI and not self.cancelled.is_set():
            tell(str(error))

    def clean(self, keep: bool = False) -> None:
        """Takes the claim away, and exported frames, unless the next press of Render may go on with them."""
        _running.pop(self.name, None)
        self.claim.release()
        if not keep:
            sources.remove(self.plan.folder)
