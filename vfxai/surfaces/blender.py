"""A node's description as what Blender shows of it: properties and inputs, plain data that plugins/blender makes classes of."""

from collections.abc import Mapping
from typing import Any

TAKEN = frozenset(
    [
        "color",
        "height",
        "hide",
        "inputs",
        "label",
        "location",
        "mute",
        "name",
        "outputs",
        "parent",
        "select",
        "type",
        "width",
        "view",
    ]
)
"""Properties that every node of Blender has, or that its own kind may come to have: a parameter of that name gets another."""
WIDEST = 1e8
"""A range beyond this is none; Blender's whole numbers end at 2**31."""


def property_name(parameter: str) -> str:
    """The property's name: the parameter's own where Blender leaves it free."""
    return parameter + "_" if parameter in TAKEN else parameter


def prop(parameter: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """One parameter as a property: the function of bpy.props that makes it, and what that is given."""
    kind = facts["hosts"]["blender"]
    given: dict[str, Any] = {"name": facts["label"], "description": " ".join(facts["doc"].split()).rstrip(".")}
    if kind == "EnumProperty":
        given |= {
            "items": [[word, word.replace("-", " ").capitalize(), ""] for word in facts["options"]],
            "default": facts["default"],
        }
    elif kind == "IntVectorProperty":
        given |= {"size": 4, "default": [0, 0, 0, 0]}  # x, y, width, height; all 0 is none
    elif kind == "StringProperty":
        default = facts["default"]
        given["default"] = default if isinstance(default, str) else "\n".join(default)
        if facts["kind"] in ("file", "files"):
            given["subtype"] = "FILE_PATH"
    else:
        given["default"] = facts["default"]
        if "min" in facts and max(abs(facts["min"]), abs(facts["max"])) < WIDEST:
            given |= {"min": facts["min"], "max": facts["max"]}
    if not facts["animated"]:
        given["options"] = []  # Blender keeps keyframes away from it
    return {"name": property_name(parameter), "parameter": parameter, "kind": facts["kind"], "make": kind, "given": given}


def panel(description: Mapping[str, Any]) -> dict[str, Any]:
    """What Blender shows of a node."""
    inputs = [{"name": i["name"], "doc": i["doc"], "takes": i["takes"]} for i in description["inputs"] if i["kind"] != "plate"]
    return {
        "id": description["id"],
        "title": description["title"],
        "help": description["summary"],
        "inputs": inputs,
        "properties": [prop(name, facts) for name, facts in description["parameters"].items()],
    }
