"""What came back, shown: the Read inside the Group, its label, and the facts of the last render. On the main thread only."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import nuke

from . import group as groups
from . import output, paths, state
from . import plan as plans
from .telling import Refusal

if TYPE_CHECKING:
    from .jobs import Job


def show(plan: plans.Plan, made: Mapping[int, str], outcome: Mapping[str, Any] | None = None) -> None:
    """Points the Read at what is there so far and lets it read again."""
    numbers = _there(plan, made, outcome)
    if not numbers:
        return
    group = plan.group
    preview = plan.kind == plans.PREVIEW
    _point(group, "Preview" if preview else "Result", plan.result, numbers, plans.colors(plan))
    if preview:
        group["vfxai_has_preview"].setValue(True)
        group["vfxai_show"].setValue("preview")
        return
    group["vfxai_has_result"].setValue(True)
    group["vfxai_rendered"].setValue(paths.written(numbers))
    group["vfxai_hash"].setValue(plan.hash)


def _point(group: nuke.Group, name: str, pattern: str, numbers: list[int], colors: Mapping[str, Any]) -> None:
    """Points a Read at frames, in the colours that they are in."""
    read: Any = groups.inner(group, name)
    if str(read["file"].value()) != pattern:
        read["file"].fromUserText(pattern)
    for first, last in (("first", "last"), ("origfirst", "origlast")):
        read[first].setValue(numbers[0])
        read[last].setValue(numbers[-1])
    read["raw"].setValue(bool(colors.get("raw", True)))
    if not colors.get("raw", True):
        read["colorspace"].setValue(str(colors["colorspace"]))
    read["on_error"].setValue(group["vfxai_on_error"].value())
    read["reload"].execute()


def take(group: nuke.Group) -> None:
    """Takes what lies at the Group's Output for its result: frames of a farm, of a night's render, of another session."""
    pattern = output.pattern(group)
    numbers = paths.on_disk(paths.of_view(pattern, nuke.views()[0]))
    made = output.record(pattern)
    if not numbers or not made:
        raise Refusal(f"nothing that vfxai was asked for from this node lies at {pattern}", "Render, or wait for the farm.")
    _point(group, "Result", pattern, numbers, made)
    group["vfxai_has_result"].setValue(True)
    group["vfxai_rendered"].setValue(paths.written(numbers))
    group["vfxai_hash"].setValue(str(made.get("hash", "")))
    group["vfxai_state"].setValue("{} done".format(group["vfxai_rendered"].value()))
    state.mark(group)


def _there(plan: plans.Plan, made: Mapping[int, str], outcome: Mapping[str, Any] | None) -> list[int]:
    """Frames of the result: those that were made; those kept from before; and, of the very same script, those of earlier renders."""
    views = plan.views[:1] if outcome is None else plan.views  # while views are rendered one by one, the first is shown
    on_disk = set.intersection(*(set(paths.on_disk(paths.of_view(plan.result, view))) for view in views))
    numbers = set(made)
    if outcome and outcome.get("kept"):
        numbers |= set(plan.frames) if set(plan.frames) <= on_disk else on_disk
    if plan.kind == plans.SHOT and plan.group["vfxai_hash"].value() == plan.hash:
        numbers |= set(paths.read(plan.group["vfxai_rendered"].value()))
    return sorted(numbers & on_disk)


def tell_state(job: Job, error: Refusal | None) -> None:
    """State and facts on the panel, in words."""
    group = job.plan.group
    frames = group["vfxai_rendered"].value() if job.plan.kind == plans.SHOT else f"preview of {job.plan.frames[0]}"
    said = f"{frames} done"
    if error is not None:
        there = paths.written(job.made)
        said = ("stopped" if job.cancelled.is_set() else "failed: " + error.message) + (f"; {there} are there" if there else "")
    group["vfxai_state"].setValue(said)
    group["vfxai_facts"].setValue(facts(job))


def refusal_of(failed: Sequence[Mapping[str, Any]]) -> Refusal:
    """Which frames of an outcome failed, and why the first of them did."""
    numbers = paths.written(sorted({int(one["number"]) for one in failed}))
    return Refusal("{}: {}".format(numbers, failed[0]["message"]), str(failed[0].get("remedy", "")))


def facts(job: Job) -> str:
    """Device, speed, colour space and warnings of a render in one line."""
    start: dict[str, Any] = job.facts
    parts = []
    if start:
        how = ", ".join(sorted(set(dict(start.get("backends") or {}).values())))
        parts.append("{}{}".format(start.get("device", ""), " with " + how if how else ""))
        parts.append("{} ({}), config {}".format(start.get("colorspace", ""), start.get("origin", ""), start.get("config", "")))
    if job.seconds:
        parts.append(f"{sum(job.seconds) / len(job.seconds):.2f} s a frame")
    exported = [s.given["name"] for s in job.plan.sources if s.exported]
    parts.append("exported: " + ", ".join(exported) if exported else "read from " + os.path.basename(job.plan.sources[0].pattern))
    return "; ".join(parts + job.warnings)
