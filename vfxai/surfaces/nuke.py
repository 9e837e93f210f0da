"""A node's description as a panel of Nuke: knobs by tab and inputs, plain data that plugins/nuke makes a Group of without vfxai in sight."""

from collections.abc import Mapping
from typing import Any

TAKEN = frozenset(
    [
        "autolabel",
        "bookmark",
        "cached",
        "disable",
        "disable_group_view",
        "dope_sheet",
        "export_as_gizmo",
        "gl_color",
        "group_view_position",
        "help",
        "hide_input",
        "icon",
        "indicators",
        "knobChanged",
        "label",
        "lifetimeEnd",
        "lifetimeStart",
        "lock_connections",
        "name",
        "note_font",
        "note_font_color",
        "note_font_size",
        "onCreate",
        "onDestroy",
        "panel",
        "postage_stamp",
        "postage_stamp_frame",
        "process_mask",
        "selected",
        "show_group_view",
        "tile_color",
        "updateUI",
        "useLifetime",
        "window",
        "xpos",
        "ypos",
    ]
)
"""Knobs that every Group has: a parameter of that name gets another knob name."""
BY_THE_HOST = frozenset(["frames", "views"])
"""Options of a job that the Group says by itself: its frame range knobs, and the script's views."""
SHOWN_BY_THEMSELVES = frozenset(["bool", "choice", "region", "file"])
"""Kinds whose knob shows what can be chosen."""
WIDEST = 1e8
"""A range beyond this is no range but "any number", such as that of a frame number; a slider over it would be of no use."""


def knob_name(parameter: str) -> str:
    """The knob's name: the parameter's own where Nuke leaves it free, so that an expression written for the OFX node holds here."""
    return parameter + "_" if parameter in TAKEN or parameter.startswith("vfxai_") else parameter


def tooltip(facts: Mapping[str, Any]) -> str:
    """What the parameter does, its range or form, and whether it may change over the shot."""
    lines = [facts["doc"]]
    if facts["kind"] not in SHOWN_BY_THEMSELVES and facts["extent"]:
        lines.append(facts["extent"] + ".")
    if facts["kind"] == "files":
        lines.append("One a line.")
    lines.append("Can be animated." if facts["animated"] else "One value for the whole shot: it cannot be animated.")
    return "\n".join(lines)


def knob(parameter: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """One parameter as a knob: class, name, label, tooltip, default, range or options."""
    made: dict[str, Any] = {
        "name": knob_name(parameter),
        "parameter": parameter,
        "class": facts["hosts"]["nuke"],
        "kind": facts["kind"],
        "label": facts["label"],
        "tooltip": tooltip(facts),
        "default": facts["default"],
        "animated": facts["animated"],
    }
    if _has_range(facts):
        made["range"] = [facts["min"], facts["max"]]
    if "options" in facts:
        made["values"] = list(facts["options"])
    if facts.get("writes"):
        made["writes"] = True
    return made


def inputs(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inputs of the Group that an input of the node needs: one, or one for each of its clips, as a pair has two."""
    slots = given["slots"]
    facts = {fact: given[fact] for fact in ("kind", "takes", "optional", "doc")}
    return [{"name": slot, "input": given["name"], "of": len(slots), **facts} for slot in slots]


def panel(description: Mapping[str, Any], licenses: Mapping[str, str], by_file: str = "", radius: str = "") -> dict[str, Any]:
    """The panel of a node: its knobs, its inputs, its help, and what Nuke calls its OFX twin.

    `licenses` are the SPDX ids of its models, which artists and producers ask for first; `by_file` says why it has no OFX twin; `radius` names
    the parameter that is the number of frames it looks at on each side.
    """
    return {
        "id": description["id"],
        "title": description["title"],
        "help": description["doc"],
        "inputs": [one for given in description["inputs"] for one in inputs(given)],
        "window": dict(description["window"]),
        "radius": radius,
        "models": [{"id": m, "license": licenses.get(m, "")} for m in description["models"]],
        "knobs": [knob(name, facts) for name, facts in description["parameters"].items()],
        "ofx": "" if by_file else f"OFXorg.vfxai.{description['id']}_v1",
        "by_file": by_file,
    }


def job_knobs(options: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The options that every job has, for the Render tab."""
    return [knob(name, facts) for name, facts in options.items() if name not in BY_THE_HOST]


def _has_range(facts: Mapping[str, Any]) -> bool:
    return "min" in facts and max(abs(facts["min"]), abs(facts["max"])) < WIDEST
