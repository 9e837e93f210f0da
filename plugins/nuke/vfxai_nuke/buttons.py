"""What the buttons of a panel do. Nothing that goes wrong here may break the session: it is told."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from typing import Any, Callable

import nuke

from . import farm, jobs, output, paths, results, state, worker
from . import group as groups
from . import plan as plans
from .telling import Refusal, Stopped, tell


def press(action: str, group: nuke.Group | None = None) -> None:
    """Does what a button is for; by default that of the node whose button it is."""
    pressed: Any = group or nuke.thisNode()
    try:
        ACTIONS[action](pressed)
    except Stopped:
        pressed["vfxai_state"].setValue("stopped")
    except Refusal as refusal:
        tell(str(refusal))
    except Exception as defect:  # noqa: BLE001  # told, and never raised into Nuke
        traceback.print_exc()
        tell(f"vfxai failed in a way that nobody foresaw: {defect!r}\n\nThe trace is in the terminal that Nuke runs in.")


def render(group: nuke.Group) -> None:
    """All frames of the Render tab."""
    jobs.start(group, plans.SHOT)


def preview(group: nuke.Group) -> None:
    """The viewer's frame."""
    jobs.start(group, plans.PREVIEW)


def cancel(group: nuke.Group) -> None:
    """Stops the Group's render."""
    job = jobs.of(group)
    if job is None:
        raise Refusal(f"{group.name()} is not being rendered")
    job.cancelled.set()


def folder(group: nuke.Group) -> None:
    """Shows the result's folder in the system's file browser."""
    place = os.path.dirname(paths.of_view(output.pattern(group), nuke.views()[0]))
    if not os.path.isdir(place):
        raise Refusal(f"{place} is not there yet", "Render first.")
    opener = {"darwin": "open", "win32": "explorer"}.get(sys.platform, "xdg-open")
    try:
        subprocess.Popen([opener, os.path.normpath(place)], env=worker.environment())
    except OSError as error:
        raise Refusal(f"no file browser could be started ({opener}): {error}", place) from error


def reload(group: nuke.Group) -> None:
    """Shows what lies at Output, whoever made it, and says whether it is of this script."""
    results.take(group)
    tell("{}: {}".format(group.name(), group["vfxai_state"].value()))


def recipe(group: nuke.Group) -> None:
    """The job as a file for `vfxai run`, on any machine that sees the same paths; what lies between is exported and stays."""
    plan = plans.make(group, plans.FARM)
    default = os.path.splitext(plan.result.split("%")[0].rstrip("._"))[0] + ".json"
    chosen = nuke.getFilename("Save recipe", "*.json", default) if nuke.GUI else default
    if not chosen:
        return
    plans.export(plan)
    plans.save(plan, chosen if chosen.endswith(".json") else chosen + ".json")
    output.Claim(group, plan.result).made(hash=plan.hash, **plans.colors(plan))  # so that Reload result takes what it will make


def live(group: nuke.Group) -> None:
    """Puts the OFX node of vfxai inside, driven by this panel, and shows it."""
    facts = groups.node_facts(group)
    if facts["by_file"]:
        raise Refusal("{} cannot be live: it {}".format(facts["title"], facts["by_file"]), "Use Preview frame.")
    if group.node("Live") is None:
        with group:
            try:
                node = nuke.createNode(facts["ofx"], inpanel=False)
            except RuntimeError as error:
                raise Refusal(
                    f"the OFX plug-in of vfxai is not installed: {error}",
                    "Make it with: vfxai plugins ofx --output DIR, put DIR on OFX_PLUGIN_PATH and start Nuke again.",
                ) from error
        node.setName("Live")
        for index, given in enumerate(facts["inputs"][: node.maxInputs()]):
            node.setInput(index, groups.inner(group, given["name"]))
        for one in facts["knobs"]:
            knob = node.knob(one["parameter"])
            if knob is not None and one["kind"] in ("float", "int", "bool", "choice"):
                knob.setExpression("parent." + one["name"])
            elif knob is not None and one["kind"] in ("text", "file"):
                knob.setValue(group[one["name"]].value())
        groups.inner(group, "Shown").setInput(3, node)
    group["vfxai_has_live"].setValue(True)
    group["vfxai_show"].setValue("live")


def update(group: nuke.Group) -> None:
    """Brings the node to this vfxai."""
    tell(f"{group.name()}: {groups.update(group)}")
    state.mark(group)


ACTIONS: dict[str, Callable[[nuke.Group], None]] = {
    "render": render,
    "preview": preview,
    "cancel": cancel,
    "folder": folder,
    "reload": reload,
    "recipe": recipe,
    "farm": farm.send,
    "live": live,
    "update": update,
}
"""By the name of the button."""
