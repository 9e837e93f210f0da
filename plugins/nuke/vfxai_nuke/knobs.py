"""Knobs from their descriptions, and their values as a recipe holds them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import nuke

from .table import Facts
from .telling import Refusal


def make(facts: Facts) -> nuke.Knob:
    """A knob that is not on a node yet."""
    kind: Any = getattr(nuke, facts["class"])
    if facts["class"] == "Enumeration_Knob":
        knob = kind(facts["name"], facts["label"], list(facts["values"]))
    elif facts["class"] == "PyScript_Knob":
        knob = kind(facts["name"], facts["label"], facts["command"])
    else:
        knob = kind(facts["name"], facts["label"])
    if "tooltip" in facts:
        knob.setTooltip(facts["tooltip"])
    if "range" in facts:
        knob.setRange(*facts["range"])
    default = facts.get("default")
    if default not in (None, "", []):
        knob.setValue(default)
    if not facts.get("animated") and facts["class"] in (
        "Double_Knob",
        "Int_Knob",
        "Boolean_Knob",
        "Enumeration_Knob",
        "BBox_Knob",
    ):
        knob.setFlag(nuke.NO_ANIMATION)
    for flag in facts.get("flags", []):
        knob.setFlag(getattr(nuke, flag))
    return knob


def add(node: nuke.Node, facts: Iterable[Facts]) -> None:
    """Adds the knobs that a node does not have yet, in order."""
    for one in facts:
        if node.knob(one["name"]) is None:
            node.addKnob(make(one))


def absolute(path: str) -> str:
    """A path of the script as one that means the same everywhere: relative ones lie under the project directory, else beside the script."""
    path = path.replace("\\", "/")
    if not path or os.path.isabs(path):
        return path
    root = nuke.root()
    project = str(root["project_directory"].getEvaluatedValue() or "")  # type: ignore[attr-defined]  # it is a File_Knob
    beside = project or os.path.dirname(root["name"].value())
    return os.path.join(beside, path).replace("\\", "/") if beside else path


def varies(knob: nuke.Knob) -> bool:
    """Whether a knob may have another value on another frame."""
    return bool(knob.isAnimated() or knob.hasExpression())


def value(node: nuke.Node, facts: Facts, frames: Iterable[int]) -> Any:
    """What a knob says, for a recipe: one value, or {frame: value} over `frames` where it is animated.

    Raises Refusal where a knob is animated whose parameter holds for the whole shot.
    """
    knob = node[facts["name"]]
    if not varies(knob):
        return _plain(node, facts, knob.value())
    by_frame = {number: _plain(node, facts, knob.getValueAt(number)) for number in frames}
    if len(set(map(repr, by_frame.values()))) == 1:
        return next(iter(by_frame.values()))
    if not facts.get("animated"):
        raise Refusal(
            "{}: {} is animated, but it holds for the whole shot".format(node.name(), facts["label"]),
            "Remove its keys or its expression (right click, No animation), and give it one value.",
        )
    return {str(number): found for number, found in by_frame.items()}


def _plain(node: nuke.Node, facts: Facts, found: Any) -> Any:
    kind = facts["kind"]
    if kind == "float":
        return float(found)
    if kind == "int":
        return round(found)
    if kind == "bool":
        return bool(found)
    if kind == "choice":
        return found if isinstance(found, str) else facts["values"][int(found)]
    if kind == "region":
        return _region(node, found)
    if kind == "file":
        return absolute(str(node[facts["name"]].getEvaluatedValue() or ""))  # type: ignore[attr-defined]  # a File_Knob
    if kind == "files":
        return [line.strip() for line in str(found or "").splitlines() if line.strip()]
    return str(found or "")


def _region(node: nuke.Node, box: Iterable[float]) -> str:
    """x,y,width,height from the top left as files count, of a box that Nuke counts from the bottom left; empty where it has no area."""
    left, bottom, right, top = (round(v) for v in box)
    if right <= left or top <= bottom:
        return ""
    return f"{left},{node.format().height() - top},{right - left},{top - bottom}"
