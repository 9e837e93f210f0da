# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties made from the table of the nodes, and the values that they hold."""

import json
from pathlib import Path

import bpy

TABLE = json.loads((Path(__file__).parent / "nodes.json").read_text(encoding="utf-8"))
"""Written by `vfxai plugins blender`: what the nodes are, and which vfxai made it."""
PANELS = {panel["id"]: panel for panel in TABLE["nodes"]}
groups = {}
"""Classes of the settings of a scene, by node."""


OVERSCAN = {
    "name": "Overscan",
    "description": "Keep pixels outside the format. Blender shows the whole data window as the picture, so that the result is larger then",
    "default": False,
}


def annotations(panel):
    """Properties of a node, to be put into a class: its parameters, and the files that it is fed besides the plate."""
    found = {"overscan": bpy.props.BoolProperty(**OVERSCAN)}
    for one in panel["properties"]:
        given = dict(one["given"])
        if "items" in given:
            given["items"] = [tuple(item) for item in given["items"]]
        if "options" in given:
            given["options"] = set(given["options"])
        found[one["name"]] = getattr(bpy.props, one["make"])(**given)
    for one in panel["inputs"]:
        text = one["doc"].rstrip(".") or "Files beside the plate"
        found["input_" + one["name"]] = bpy.props.StringProperty(
            name=one["name"].replace("_", " ").capitalize(), description=text, subtype="FILE_PATH"
        )
    return found


def table_of(owner, panel):
    """The recipe's table of a node: values that differ from their defaults, and inputs that were named."""
    table = {"id": panel["id"]}
    for one in panel["properties"]:
        value = getattr(owner, one["name"])
        if one["make"] == "IntVectorProperty":
            value = ",".join(map(str, value)) if any(value) else ""
        elif one["kind"] == "files":
            value = [line for line in value.splitlines() if line]
        elif one["kind"] == "file":
            value = bpy.path.abspath(value) if value else ""
        default = one["given"]["default"]
        if one["make"] == "FloatProperty":
            value = round(value, 6)  # Blender keeps floats of 32 bits
        if value not in (default, "", []):
            table[one["parameter"]] = value
    for one in panel["inputs"]:
        given = getattr(owner, "input_" + one["name"])
        if given:
            paths = [bpy.path.abspath(part.strip()) for part in given.split(";")]
            table[one["name"]] = paths[0] if one["takes"] == "value" else paths
    return table


def curves_of(owner, panel, table, scene, frames):
    """Puts values by frame into a table for the properties that are animated, over a range of frames."""
    action = getattr(getattr(owner.id_data, "animation_data", None), "action", None)
    if action is None or not frames:
        return
    prefix = owner.path_from_id() if hasattr(owner, "path_from_id") else ""
    curves = {curve.data_path: curve for curve in _curves(action)}
    for one in panel["properties"]:
        curve = curves.get(f"{prefix}.{one['name']}")
        if curve is not None and "options" not in one["given"]:
            table[one["parameter"]] = {str(n): round(curve.evaluate(n), 6) for n in frames}


def _curves(action):
    """Of an action, whose curves lie in layers since Blender 4.4."""
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    return [c for layer in action.layers for strip in layer.strips for bag in strip.channelbags for c in bag.fcurves]


class VfxaiScene(bpy.types.PropertyGroup):
    """What the panels of the image editor and the sequencer show."""

    node: bpy.props.EnumProperty(name="Node", items=[(p["id"], p["title"], p["help"]) for p in TABLE["nodes"]])


def register():
    """Classes of all nodes, and their place in the scene."""
    for panel in TABLE["nodes"]:
        name = "VfxaiSettings_" + panel["id"].replace("-", "_")
        groups[panel["id"]] = type(name, (bpy.types.PropertyGroup,), {"__annotations__": annotations(panel)})
        bpy.utils.register_class(groups[panel["id"]])
        VfxaiScene.__annotations__["of_" + panel["id"].replace("-", "_")] = bpy.props.PointerProperty(type=groups[panel["id"]])
    bpy.utils.register_class(VfxaiScene)
    bpy.types.Scene.vfxai = bpy.props.PointerProperty(type=VfxaiScene)


def unregister():
    """Takes them away."""
    del bpy.types.Scene.vfxai
    bpy.utils.unregister_class(VfxaiScene)
    for group in groups.values():
        bpy.utils.unregister_class(group)
    groups.clear()


def of_scene(scene):
    """The chosen node's panel, and its values."""
    panel = PANELS[scene.vfxai.node]
    return panel, getattr(scene.vfxai, "of_" + panel["id"].replace("-", "_"))
