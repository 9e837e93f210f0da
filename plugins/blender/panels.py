# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels of the image editor and the sequencer."""

import bpy

from . import settings, strips
from .nodes import draw


class VfxaiPanel:
    """The chosen node, its values, and a button."""

    bl_region_type, bl_category, bl_label = "UI", "vfxai", "vfxai"
    operator = ""

    def buttons(self, layout):
        """What starts a render."""
        layout.operator(self.operator)

    def draw(self, context):
        """Draws it."""
        panel, owner = settings.of_scene(context.scene)
        self.layout.prop(context.scene.vfxai, "node")
        self.buttons(self.layout)
        draw(owner, panel, self.layout)


class VFXAI_PT_image(VfxaiPanel, bpy.types.Panel):  # noqa: N801  # Blender's way of naming panels
    """In the image editor."""

    bl_space_type, operator = "IMAGE_EDITOR", "vfxai.render_image"


class VFXAI_PT_sequencer(VfxaiPanel, bpy.types.Panel):  # noqa: N801  # Blender's way of naming panels
    """In the sequencer."""

    bl_space_type, operator = "SEQUENCE_EDITOR", "vfxai.render_strip"

    def buttons(self, layout):
        """To a strip above, and as a modifier where there are such."""
        layout.operator(self.operator)
        if strips.has_modifiers():
            layout.operator(self.operator, text="Process as modifier").modifier = True


def register():
    """Both."""
    bpy.utils.register_class(VFXAI_PT_image)
    bpy.utils.register_class(VFXAI_PT_sequencer)


def unregister():
    """None."""
    bpy.utils.unregister_class(VFXAI_PT_sequencer)
    bpy.utils.unregister_class(VFXAI_PT_image)
