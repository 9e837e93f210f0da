# SPDX-License-Identifier: GPL-3.0-or-later
"""vfxai in Blender: nodes in the compositor, operators for pictures and strips. Everything is done by the worker, outside Blender."""

from . import nodes, operators, panels, settings

PARTS = (settings, operators, nodes, panels)


def register():
    """Called by Blender when the extension is enabled."""
    for part in PARTS:
        part.register()


def unregister():
    """Called by Blender when it is disabled."""
    for part in reversed(PARTS):
        part.unregister()
