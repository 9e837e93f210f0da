"""Dask: for people without a farm. The job runs on a cluster that is there, or on processes of this machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from vfxai.errors import DeviceError, FramesFailedError, UsageError, VfxaiError
from vfxai.farm.job import FarmJob

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = "30s"
"""For a scheduler to answer: one that is started with the job takes some seconds."""
Done = Callable[[str, dict[str, Any]], None]
"""Told of each chunk: its frames, and the outcome."""


def require_dask() -> None:
    """UsageError where Dask is not installed."""
    from importlib.util import find_spec

    if find_spec("distributed") is None:
        raise UsageError("Dask is not installed", remedy="pip install 'vfxai[dask]', or choose another engine")


def run(job: FarmJob, *, scheduler: str = "", processes: int = 1, done: Done = lambda frames, outcome: None) -> None:
    """Runs the job to its end on a scheduler's workers, such as tcp://head:8786, or on `processes` of this machine.

    A chunk whose worker is lost goes to another. FramesFailedError where chunks failed even so; DeviceError where nobody answers.
    """
    require_dask()
    from distributed import Client, LocalCluster

    # threads_per_worker: torch takes the cores by itself; one chunk at a time keeps memory bounded
    local = nullcontext() if scheduler else LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address=None)
    with local as cluster:
        try:
            client = Client(scheduler or cluster, timeout=PATIENCE)
        except OSError as error:
            raise DeviceError(
                f"no Dask scheduler answers at {scheduler}", remedy="start `dask scheduler`, or leave it out"
            ) from error
        with client:
            _run(client, job, done)


def _run(client: Client, job: FarmJob, done: Done) -> None:
    from distributed import as_completed

    recipe, maps = job.recipe.to_dict(), list(job.maps)
    if job.analyzes:
        client.submit(analyze_shot, recipe, maps, retries=job.needs.retries, pure=False).result()
    tasks = {client.submit(run_chunk, recipe, maps, c, retries=job.needs.retries, pure=False): c for c in job.chunks()}
    failed: dict[str, str] = {}
    for task in as_completed(tasks):
        if task.status == "finished":
            done(tasks[task], task.result())
        else:
            failed[tasks[task]] = getattr(task.exception(), "message", str(task.exception()))
    if failed:
        first = next(iter(failed.items()))
        raise FramesFailedError(f"{len(failed)} of {len(tasks)} chunks failed", remedy=f"first: {first[0]}: {first[1]}")


def analyze_shot(recipe: dict[str, Any], maps: list[tuple[str, str]]) -> None:
    """On a worker: learns from the whole shot, and stores it beside the output."""
    _run_step(recipe, maps, "analyze", "")


def run_chunk(recipe: dict[str, Any], maps: list[tuple[str, str]], frames: str) -> dict[str, Any]:
    """On a worker: one chunk."""
    return _run_step(recipe, maps, "frames", frames)


def _run_step(recipe: dict[str, Any], maps: list[tuple[str, str]], step: str, frames: str) -> dict[str, Any]:
    from dataclasses import replace

    from vfxai.engine.path_map import mapper, with_paths
    from vfxai.engine.recipe import Recipe
    from vfxai.engine.run import run

    here = with_paths(Recipe.from_dict(recipe), mapper([(old, new) for old, new in maps]))
    try:
        return run(replace(here, job=here.job.replaced(step=step, frames=frames))).to_dict()
    except VfxaiError as error:  # errors of ours lose their remedy on the way between processes
        raise RuntimeError(f"{error.message}; {error.remedy}") from error
