"""What happens by itself: results are marked stale, renders are kept from taking an input for a result, and nothing outlives the script."""

from __future__ import annotations

import atexit
import time
import traceback
from collections.abc import Iterator
from typing import Any

import nuke

from . import group as groups
from . import jobs, paths, state

EVERY = 1.0
"""Seconds between two looks at whether a result is stale, which walks over everything upstream."""
_looked: dict[str, float] = {}


def install() -> None:
    """Registers the callbacks."""
    nuke.addBeforeRender(before_render, nodeClass="Write")
    nuke.addOnScriptLoad(loaded)
    nuke.addOnScriptClose(closed)
    atexit.register(closed)
    if nuke.GUI:
        nuke.addUpdateUI(update, nodeClass="Group")


def loaded() -> None:
    """Takes back previews of another session, whose pictures went with it."""
    for group in groups.ours():
        preview = group.node("Preview")
        if (
            preview is not None
            and group["vfxai_has_preview"].value()
            and not paths.on_disk(paths.of_view(str(preview["file"].value()), nuke.views()[0]))
        ):
            group["vfxai_has_preview"].setValue(False)


def closed() -> None:
    """Ends what is in work, and takes away what is no result: exported frames and previews."""
    jobs.stop_all()
    jobs.remove_all()


def update() -> None:
    """Marks the Group that Nuke draws anew, at most once in a while. A fault is printed and never stops Nuke's drawing."""
    node = nuke.thisNode()
    try:
        if groups.is_ours(node) and time.monotonic() - _looked.get(node.fullName(), 0.0) > EVERY:
            _looked[node.fullName()] = time.monotonic()
            state.mark(node)  # type: ignore[arg-type]  # ours are Groups
    except Exception:  # noqa: BLE001  # printed, and never raised into Nuke
        traceback.print_exc()


def before_render() -> None:
    """Stops a render of a Write that would take an unprocessed plate for a result; RuntimeError is what Nuke shows as the render's error.

    A result that is stale is rendered, since an artist may want just that, and is said on the terminal.
    """
    for group in upstream(nuke.thisNode()):
        if group["vfxai_show"].value() != "result" or group["disable"].value():
            continue
        if not group["vfxai_has_result"].value():
            raise RuntimeError(
                f"{group.fullName()} has no result, so its input would be rendered instead. Press Render on it, or set its Show to input."
            )
        if group["vfxai_hash"].value() != state.of(group):
            print(f"vfxai: {group.fullName()} is stale: the script or its plates changed since it was rendered", flush=True)


def upstream(node: nuke.Node) -> Iterator[nuke.Group]:
    """Groups of this tool above a node."""
    seen: set[str] = set()
    stack = [node]
    while stack:
        here: Any = stack.pop()
        if here.Class() == "Input":  # of a group within which the node stands: what is above the group is above it
            here = here.parent()
        above = [here.input(index) for index in range(here.inputs())]
        if here.Class() == "Group" and not groups.is_ours(here):
            above.append(here.output())
        for one in above:
            if one is None or one.fullName() in seen:
                continue
            seen.add(one.fullName())
            if groups.is_ours(one):
                yield one
            stack.append(one)
