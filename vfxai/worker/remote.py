"""A command's job done by the worker instead of in its own process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from vfxai import __version__, errors
from vfxai.engine.pipeline import stopped
from vfxai.engine.progress import Reporter
from vfxai.engine.recipe import Recipe
from vfxai.schema.events import Outcome, event_from
from vfxai.session.request import Request
from vfxai.worker.client import Worker, WorkerError


@contextmanager
def as_own_errors() -> Iterator[None]:
    """Inside, what the worker says is raised as the error of vfxai that it was there."""
    try:
        yield
    except WorkerError as error:
        if error.kind == "FramesFailedError":
            outcome = Outcome.from_dict(error.outcome) if error.outcome else None
            raise errors.FramesFailedError(error.message, remedy=error.remedy, outcome=outcome) from error
        kind = getattr(errors, error.kind, errors.VfxaiError)
        right = isinstance(kind, type) and issubclass(kind, errors.VfxaiError)
        raise (kind if right else errors.VfxaiError)(error.message, remedy=error.remedy) from error


def worker_of_this_release(client: str) -> Worker:
    """The worker, of this release of vfxai: one of another ends after what it has under way, and this one is started."""
    worker = Worker(client, executable=[sys.executable, "-P", "-m", "vfxai"])
    with as_own_errors():
        if worker.version != __version__:
            worker.stop(finish=True)
            worker.close()
    return worker


def run(recipe: Recipe, reporter: Reporter, request: Request) -> Outcome:
    """As vfxai.engine.run.run(), in the worker. Where the worker is lost it is started again, and the run goes on."""
    nodes = " + ".join(step.node.id for step in recipe.steps)
    with as_own_errors(), worker_of_this_release(f"vfxai {nodes}") as worker:
        try:
            found = worker.run(
                recipe.to_dict(), on_event=lambda facts: reporter.event(event_from(facts)), is_cancelled=request.cancelled.is_set
            )
        except WorkerError:
            if request.cancelled.is_set():  # the client leaves before the worker says what became of the run
                raise stopped() from None
            raise
    return Outcome.from_dict(found)
