"""The Group of a node: inputs, a Read of the result, a Switch, and the knobs. A Group and no gizmo, so that a script opens anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nuke

from . import knobs, own
from .table import Facts, panel, table
from .telling import Refusal

SHOWN = (
    "(parent.vfxai_show == 0) * parent.vfxai_has_result"
    " + (parent.vfxai_show == 1) * 2 * parent.vfxai_has_preview"
    " + (parent.vfxai_show == 2) * 3 * parent.vfxai_has_live"
)
"""Which input of the Switch is handed on: 0 the plate, 1 the result, 2 a previewed frame, 3 the OFX node."""
TILE = 0x7A9E5BFF
"""A filter's colour, a little greener, so that these nodes are found in a large script."""


def create(node: str) -> nuke.Group:
    """A Group of this node below what is selected; the first selected node becomes its plate, the next ones the inputs after it."""
    facts = panel(node)
    selected = list(reversed(nuke.selectedNodes()))  # Nuke lists the last selected first
    group: Any = nuke.createNode("Group", inpanel=False)
    build(group, facts)
    for index, above in enumerate(selected[: len(facts["inputs"])]):
        group.setInput(index, above)
    if nuke.GUI:
        group.showControlPanel()
    return group


def build(group: nuke.Group, facts: Facts) -> None:
    """Fills an empty Group."""
    name = "".join(part.capitalize() for part in facts["id"].split("-"))
    group.setName("vfxai_" + name)
    with group:
        inputs: list[nuke.Node] = [nuke.nodes.Input(name=given["name"]) for given in facts["inputs"]]
        reads = [_read("Result"), _read("Preview")]
        switch = nuke.nodes.Switch(name="Shown")
        for index, node in enumerate([inputs[0], *reads]):
            switch.setInput(index, node)
        switch["which"].setExpression(SHOWN)
        output = nuke.nodes.Output()
        output.setInput(0, switch)
    knobs.add(group, own.all_knobs(facts))
    group["vfxai_output"].setFlag(nuke.STARTLINE)
    group["vfxai_state"].setEnabled(False)
    group["vfxai_facts"].setEnabled(False)
    group["label"].setValue("[value vfxai_state]")
    group["help"].setValue(facts["help"])
    group["tile_color"].setValue(TILE)


def _read(name: str) -> nuke.Node:
    read = nuke.nodes.Read(name=name)
    for knob, value in (("before", "hold"), ("after", "hold"), ("on_error", "checkerboard"), ("localizationPolicy", "off")):
        read[knob].setValue(value)
    return read


def update(group: nuke.Group) -> str:
    """Brings a Group of an older vfxai to this one; what was added, in words."""
    facts = node_facts(group)
    before, had = set(group.knobs()), inputs(group)
    lacking = [given["name"] for given in facts["inputs"] if given["name"] not in had]
    with group:
        for name in lacking:
            nuke.nodes.Input(name=name)
    knobs.add(group, own.all_knobs(facts))
    group["vfxai_inputs"].setValue(" ".join(had + lacking))
    group["vfxai_version"].setValue(table()["version"])
    added = [name for name in group.knobs() if name not in before] + lacking
    return "added: " + ", ".join(added) if added else "it had everything"


def inputs(group: nuke.Group) -> list[str]:
    """Names of the Group's inputs in order; a Group of an older vfxai has those of its time."""
    return str(group["vfxai_inputs"].value()).split()


def is_ours(node: nuke.Node | None) -> bool:
    """Whether a node is a Group of this tool."""
    return node is not None and node.Class() == "Group" and node.knob("vfxai_id") is not None


def ours(inside: nuke.Group | None = None) -> Iterator[nuke.Group]:
    """Every Group of this tool in the script, also those within other groups."""
    for node in (inside or nuke.root()).nodes():
        if is_ours(node):
            yield node  # type: ignore[misc]  # its class says that it is one
        elif node.Class() == "Group":
            yield from ours(node)  # type: ignore[arg-type]  # as above


def node_facts(group: nuke.Node) -> Facts:
    """The panel of a Group's node."""
    if not is_ours(group):
        raise Refusal(f"{group.name()} is no node of vfxai")
    return panel(group["vfxai_id"].value())


def inner(group: nuke.Group, name: str) -> nuke.Node:
    """A node inside the Group; Refusal where somebody removed it."""
    node = group.node(name)
    if node is None:
        raise Refusal(f"{group.name()} has no node {name} inside any more", "Make the node anew from the menu.")
    return node
