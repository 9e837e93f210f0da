# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips of the sequencer, whose names and abilities differ by version."""

import bpy

from . import rendering


def all_of(scene):
    """The strips of a scene, made where there are none; called so since Blender 4.4."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def active(scene):
    """The active strip, or None."""
    editor = scene.sequence_editor
    return getattr(editor, "active_strip", None) if editor else None


def has_modifiers():
    """Whether a strip may have a compositor modifier, as since Blender 5.0."""
    kind = getattr(bpy.types, "StripModifier", None)
    return kind is not None and "COMPOSITOR" in kind.bl_rna.properties["type"].enum_items


def modify(strip, output, colorspace):
    """Shows the frames of an output instead of the strip's own, by a modifier named vfxai; the one that is there is used again."""
    modifier = strip.modifiers.get("vfxai") or strip.modifiers.new("vfxai", "COMPOSITOR")
    tree = modifier.node_group
    if tree is None or "Result" not in tree.nodes:
        tree = bpy.data.node_groups.new(f"vfxai {strip.name}", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="INPUT", socket_type="NodeSocketColor")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        result, out = tree.nodes.new("CompositorNodeImage"), tree.nodes.new("NodeGroupOutput")
        result.name = "Result"
        tree.links.new(result.outputs[0], out.inputs[0])
        modifier.node_group = tree
    result = tree.nodes["Result"]
    image, first, count = rendering.load_result(output, colorspace, result.image)
    result.image = image
    if image.source == "SEQUENCE":
        result.frame_start, result.frame_duration, result.frame_offset = int(strip.frame_start), max(count, 1), first - 1
        result.use_auto_refresh = True
