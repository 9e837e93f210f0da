"""Hands a job to `vfxai farm`, which writes what the studio's engine needs and, where it is asked to, submits it."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from typing import Callable

import nuke

from . import jobs, output, worker
from . import plan as plans
from .telling import Refusal, tell


def send(group: nuke.Group) -> None:
    """Exports what must be exported beside the result, where the farm can read it and where it stays, and calls `vfxai farm` without waiting.

    Raises Refusal where it cannot begin; how it ends is told when it has.
    """
    plan = plans.make(group, plans.FARM)
    plan.recipe["overwrite"] = bool(plan.recipe.get("overwrite")) or output.check(group, plan.result, plan.views)
    engine = str(group["vfxai_engine"].value())
    try:
        options = shlex.split(str(group["vfxai_farm_options"].value()))
    except ValueError as error:
        raise Refusal(f"Farm options cannot be read: {error}", "Write them as on a command line: --chunk 24 --submit") from error
    program = worker.command()
    plans.export(plan)
    private = os.path.dirname(plan.folder)
    recipes = plans.save(plan, f"{private}/recipe.json")
    calls = [[*program, "farm", path, "--to", engine, "--output", f"{path[:-5]}-{engine}", *options] for path in recipes]
    group["vfxai_state"].setValue(f"is being sent to {engine}")

    def work(finish: Callable[[list[str], str], None]) -> None:
        said: list[str] = []
        for call in calls:
            done = subprocess.run(
                call, stdin=subprocess.DEVNULL, capture_output=True, env=worker.environment(), text=True, encoding="utf-8"
            )
            said.append(done.stdout.strip()[-800:])
            if done.returncode:
                finish(said, f"{done.stderr.strip()[-800:]}\n\nThe command was: {shlex.join(call)}")
                return
        finish(said, "")

    def finish(said: list[str], problem: str) -> None:
        jobs.on_main(_ended, plan, engine, said, problem)

    if nuke.GUI:
        threading.Thread(target=work, args=(finish,), daemon=True, name=f"vfxai farm {group.name()}").start()
    else:
        work(finish)


def _ended(plan: plans.Plan, engine: str, said: list[str], problem: str) -> None:
    """What became of it, on the main thread."""
    try:
        if not problem:
            output.Claim(plan.group, plan.result).made(hash=plan.hash, **plans.colors(plan))
        plan.group["vfxai_state"].setValue("the farm did not take it" if problem else f"sent to {engine}")
    except ValueError:  # the node was deleted in the meantime
        pass
    tell(
        f"The farm did not take it: {problem}"
        if problem
        else "\n".join(["Sent. Reload result shows what comes back.", "", *said])
    )
