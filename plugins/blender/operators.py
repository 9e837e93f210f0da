# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators: run a node over files, over a picture, over a strip. They wait in background and in scripts; in a window they show progress, and ESC stops."""

import json
from pathlib import Path

import bpy

from . import rendering, settings, sources, strips

EVERY = 0.2
"""Seconds between two looks at a render in work."""


class Running:
    """What the operators share: one render, waited for or watched."""

    bl_options = {"REGISTER"}
    _render = _timer = None

    def begin(self, context):
        """The render to be made. Raises ValueError with what is missing."""
        raise NotImplementedError  # each operator below says what it renders

    def finish(self, context, render):
        """Shows the result."""

    def execute(self, context):
        """Waits."""
        if not self._start(context):
            return {"CANCELLED"}
        return self._end(context)

    def invoke(self, context, event):
        """Watches where there is a window."""
        if bpy.app.background or context.window is None:
            return self.execute(context)
        if not self._start(context):
            return {"CANCELLED"}
        self._timer = context.window_manager.event_timer_add(EVERY, window=context.window)
        context.window_manager.progress_begin(0, 1000)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        """Shows how far it is; ESC stops it after the frame in work."""
        if event.type == "ESC":
            self._render.cancel()
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        done = self._render.poll()
        context.window_manager.progress_update(int(1000 * self._render.done / max(self._render.total, 1)))
        if context.workspace:
            context.workspace.status_text_set(
                f"vfxai: {self._render.what}, {self._render.done} of {self._render.total} (ESC stops)"
            )
        if not done:
            return {"RUNNING_MODAL"}
        self._leave(context)
        return self._end(context)

    def cancel(self, context):
        """Blender is closed, or opens another file: nothing stays behind."""
        self._render.close()
        self._leave(context)

    def _leave(self, context):
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.progress_end()
        if context.workspace:
            context.workspace.status_text_set(None)

    def _start(self, context):
        try:
            self._render = self.begin(context)
        except (ValueError, OSError, rendering.WorkerError) as error:
            self._tell(error)
            return False
        return True

    def _end(self, context):
        try:
            self._render.result()
        except rendering.WorkerError as error:
            self._tell(error)
            return {"CANCELLED"}
        for message in self._render.warnings[:8]:
            self.report({"WARNING"}, message)
        self.finish(context, self._render)
        return {"FINISHED"}

    def _tell(self, error):
        remedy = getattr(error, "remedy", "")
        text = getattr(error, "message", str(error)) + (f". {remedy}" if remedy else "")
        if bpy.app.background:
            print(f"vfxai: {text}", flush=True)
            self.report({"WARNING"}, text)  # an ERROR would raise in a script, which reads the result instead
        else:
            self.report({"ERROR"}, text)


class VFXAI_OT_run(Running, bpy.types.Operator):  # noqa: N801  # Blender's way of naming operators
    """Run a node of vfxai over files"""

    bl_idname, bl_label = "vfxai.run", "Run vfxai"
    node: bpy.props.StringProperty(name="Node", default="denoise")
    values: bpy.props.StringProperty(name="Values", default="{}", description="The node's parameters and inputs as JSON")
    source: bpy.props.StringProperty(name="Source", subtype="FILE_PATH")
    output: bpy.props.StringProperty(name="Output", subtype="FILE_PATH")
    frames: bpy.props.StringProperty(name="Frames")
    colorspace: bpy.props.StringProperty(
        name="Color space", description="By its name in Blender; where empty, what the files say"
    )
    overscan: bpy.props.BoolProperty(**settings.OVERSCAN)

    def begin(self, context):
        """Of what the properties say."""
        try:
            values = json.loads(self.values)
        except ValueError as error:
            raise ValueError(f"values are no JSON: {error}") from error
        source = bpy.path.abspath(self.source)
        output = rendering.output_of(source, self.node, self.output)
        table = {"id": self.node, **values}
        return rendering.Render(rendering.recipe_of(table, source, output, self.frames, self.colorspace, self.overscan))


class VFXAI_OT_render_node(Running, bpy.types.Operator):  # noqa: N801  # Blender's way of naming operators
    """Render the shot through this node; its result is shown by the node"""

    bl_idname, bl_label = "vfxai.render_node", "Render"
    tree: bpy.props.StringProperty(options={"HIDDEN"})
    node: bpy.props.StringProperty(options={"HIDDEN"})

    def begin(self, context):
        """Of the picture that is linked to the node's input."""
        node = (
            bpy.data.node_groups[self.tree].nodes[self.node]
            if self.tree in bpy.data.node_groups
            else context.scene.node_tree.nodes[self.node]
        )
        self._node = node
        return node.render(context)

    def finish(self, context, render):
        """Into the node's group."""
        self._node.show(render.recipe["output"])


class VFXAI_OT_update_node(bpy.types.Operator):  # noqa: N801  # Blender's way of naming operators
    """Show the frames that lie on disk"""

    bl_idname, bl_label = "vfxai.update_node", "Update"
    tree: bpy.props.StringProperty(options={"HIDDEN"})
    node: bpy.props.StringProperty(options={"HIDDEN"})

    def execute(self, context):
        """Reloads."""
        node = (
            bpy.data.node_groups[self.tree].nodes[self.node]
            if self.tree in bpy.data.node_groups
            else context.scene.node_tree.nodes[self.node]
        )
        return {"FINISHED"} if node.result and node.show(node.result) else {"CANCELLED"}


class VFXAI_OT_render_image(Running, bpy.types.Operator):  # noqa: N801  # Blender's way of naming operators
    """Process a picture or sequence; the result is a picture of its own"""

    bl_idname, bl_label = "vfxai.render_image", "Process image"
    image: bpy.props.StringProperty(name="Image")

    def begin(self, context):
        """The image editor's picture, or the one that is named."""
        image = bpy.data.images.get(self.image) or getattr(context.space_data, "image", None)
        if image is None:
            raise ValueError("there is no image; open one in the image editor")
        panel, owner = settings.of_scene(context.scene)
        source, frames, folder = sources.of_image(image, context.scene)
        self._space = image.colorspace_settings.name
        output = rendering.output_of(source, panel["id"])
        table = settings.table_of(owner, panel)
        return rendering.Render(rendering.recipe_of(table, source, output, frames, self._space, owner.overscan), folder)

    def finish(self, context, render):
        """Opens it where there is an editor."""
        made, _first, _count = rendering.load_result(render.recipe["output"], self._space)
        if made and getattr(context.space_data, "type", "") == "IMAGE_EDITOR":
            context.space_data.image = made


class VFXAI_OT_render_strip(Running, bpy.types.Operator):  # noqa: N801  # Blender's way of naming operators
    """Process the active image strip; the result is a strip above it, or a modifier of it"""

    bl_idname, bl_label = "vfxai.render_strip", "Process strip"
    modifier: bpy.props.BoolProperty(
        name="As modifier",
        description="Show the result by a compositor modifier of the strip, from Blender 5.0 on; else by a strip above",
    )

    @classmethod
    def poll(cls, context):
        """Needs an image strip."""
        strip = strips.active(context.scene)
        return strip is not None and strip.type == "IMAGE"

    def begin(self, context):
        """The strip's files."""
        self._strip = strip = strips.active(context.scene)
        if strip is None or strip.type != "IMAGE":
            raise ValueError("there is no active image strip")
        if self.modifier and not strips.has_modifiers():
            raise ValueError(
                "this Blender has no compositor modifiers of strips, which came with 5.0; process it to a strip above"
            )
        first = Path(bpy.path.abspath(strip.directory)) / strip.elements[0].filename
        source = (sources.pattern_of(first) if len(strip.elements) > 1 else None) or str(first)
        panel, owner = settings.of_scene(context.scene)
        self._space = strip.colorspace_settings.name
        output = rendering.output_of(source, panel["id"])
        table = settings.table_of(owner, panel)
        return rendering.Render(rendering.recipe_of(table, source, output, "", self._space, owner.overscan))

    def finish(self, context, render):
        """The new strip, over the same frames."""
        files = rendering.files_of(render.recipe["output"])
        if not files:
            return
        if self.modifier:
            strips.modify(self._strip, render.recipe["output"], self._space)
            return
        paths = [files[n] for n in sorted(files)]
        old = self._strip
        new = strips.all_of(context.scene).new_image(f"{old.name} vfxai", str(paths[0]), old.channel + 1, int(old.frame_start))
        for path in paths[1:]:
            new.elements.append(path.name)
        new.colorspace_settings.name = self._space
        old.mute = True


CLASSES = (VFXAI_OT_run, VFXAI_OT_render_node, VFXAI_OT_update_node, VFXAI_OT_render_image, VFXAI_OT_render_strip)


def register():
    """All of them."""
    for kind in CLASSES:
        bpy.utils.register_class(kind)


def unregister():
    """None of them."""
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)
