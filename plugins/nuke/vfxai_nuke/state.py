"""Whether a result is still of this script: a hash of everything upstream, of the Group's own values and of the colour settings."""

from __future__ import annotations

import hashlib
import os

import nuke

from . import color, paths, sources
from . import group as groups
from .table import table
from .telling import Refusal

COSMETIC = frozenset(
    [
        "autolabel",
        "bookmark",
        "dope_sheet",
        "gl_color",
        "help",
        "hide_input",
        "icon",
        "indicators",
        "label",
        "lifetimeEnd",
        "lifetimeStart",
        "name",
        "note_font",
        "note_font_color",
        "note_font_size",
        "onCreate",
        "onDestroy",
        "panel",
        "postage_stamp",
        "postage_stamp_frame",
        "selected",
        "tile_color",
        "updateUI",
        "useLifetime",
        "xpos",
        "ypos",
        "cached",
        "localizationPolicy",
    ]
)
"""Knobs that change no pixel."""
UNHASHED = frozenset(["analysis", "backend", "device", "license", "overwrite", "tile"])
"""Options of a job that decide where and how fast pixels are made, and not what they are."""


def of(group: nuke.Group) -> str:
    """The hash. Frame, viewer and mounts have no part in it: it is the same after a reload, without a window and on another machine."""
    facts = groups.node_facts(group)
    job = [k["name"] for k in table()["job"] if k["parameter"] not in UNHASHED]
    names = [*(k["name"] for k in facts["knobs"]), *job, "vfxai_metadata", "vfxai_keys"]
    lines = [facts["id"]]
    lines += [f"{n}={group[n].toScript()}" for n in names if group.knob(n) is not None]
    try:
        lines += ["/".join(color.config(group).split("/")[-2:]), color.working_space()]
    except Refusal as refusal:  # then the Group's own colour space is set, or the render will say it
        lines.append(refusal.message)
    for given in facts["inputs"]:
        above = sources.above(group, given)
        lines.append("input " + given["name"])
        if above is not None:
            lines += [f"{above.firstFrame()} {above.lastFrame()}", *_tree(above)]
    for other in group.dependencies(nuke.EXPRESSIONS):
        lines += _tree(other)
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _tree(node: nuke.Node) -> list[str]:
    """Class, knobs and connections of a node and of all above it, each once."""
    lines: list[str] = []
    seen: set[str] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        name = here.fullName()
        if name in seen:
            continue
        seen.add(name)
        above = [here.input(i) for i in range(here.inputs())]
        beside = here.dependencies(nuke.EXPRESSIONS)
        connected = " ".join("-" if a is None else a.fullName() for a in above)
        lines += [f"{name} {here.Class()} {connected}", *_values(here), *_files(here)]
        stack += [a for a in above if a is not None] + beside
        if here.Class() == "Group":
            stack += here.nodes()  # type: ignore[attr-defined]  # its class says that it is a Group
    return lines


def _values(node: nuke.Node) -> list[str]:
    """What of a node's knobs changes pixels; of another Group of this tool, what it hands on and what that was made of."""
    if groups.is_ours(node):
        return [node[name].toScript() for name in ("vfxai_show", "vfxai_has_result", "vfxai_hash")]
    lines = node.writeKnobs(nuke.TO_SCRIPT | nuke.WRITE_NON_DEFAULT_ONLY).splitlines()
    return [line for line in lines if line.split(" ", 1)[0] not in COSMETIC]


def _files(node: nuke.Node) -> list[str]:
    """Size and time of a Read's first, middle and last file: a re-rendered plate is noticed without a thousand look-ups on a server."""
    if node.Class() != "Read":
        return []
    pattern = sources.read_file(node)
    first, last = int(node["first"].value()), int(node["last"].value())
    found = []
    for number in sorted({first, (first + last) // 2, last}):
        for view in nuke.views() if "%V" in pattern else [""]:
            path = paths.frame_path(pattern, number, view)
            try:
                status = os.stat(path)
                found.append(f"{number} {view} {status.st_size} {int(status.st_mtime)}")
            except OSError:
                found.append(f"{number} {view} is not there")
    return found


STALE = ", stale: the script or its plates changed since"
"""What State ends with where a result is not of this script any more."""


def mark(group: nuke.Group) -> None:
    """Says in State, which the node's label shows, that a result has become stale, or is of this script again."""
    from . import jobs

    rendered = group["vfxai_rendered"].value()
    if jobs.of(group) is not None or not rendered or not group["vfxai_has_result"].value():
        return
    stale = of(group) != group["vfxai_hash"].value()
    if stale != group["vfxai_state"].value().endswith(STALE):
        group["vfxai_state"].setValue(f"{rendered} done" + (STALE if stale else ""))
