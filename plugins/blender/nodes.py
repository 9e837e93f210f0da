# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of the compositor, one for each node of vfxai: a group that shows its input until it was rendered, then its result."""

import bpy

from . import rendering, settings, sources

classes = []


class VfxaiNode:
    """What all of them do. Python cannot compute in the compositor: an Image node inside reads what the worker wrote."""

    panel = None

    @classmethod
    def poll(cls, tree):
        """Compositor only."""
        return tree.bl_idname == "CompositorNodeTree"

    def init(self, context):
        """Builds the group: input to output, and the picture beside."""
        tree = bpy.data.node_groups.new(f"vfxai {self.panel['title']}", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="INPUT", socket_type="NodeSocketColor")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        given, result, out = (tree.nodes.new(kind) for kind in ("NodeGroupInput", "CompositorNodeImage", "NodeGroupOutput"))
        result.name, given.location, out.location = "Result", (-300, 100), (300, 0)
        tree.links.new(given.outputs[0], out.inputs[0])
        self.node_tree = tree

    def copy(self, node):
        """A copy has a group of its own."""
        if self.node_tree:
            self.node_tree = self.node_tree.copy()

    def draw_buttons(self, context, layout):
        """Buttons first, then inputs and parameters."""
        row = layout.row(align=True)
        for operator in ("vfxai.render_node", "vfxai.update_node"):
            button = row.operator(operator)
            button.tree, button.node = self.id_data.name, self.name
        draw(self, self.panel, layout)

    def render(self, context):
        """The render of what is linked to the input: an Image node, whose files are used as they are. Raises ValueError where there is none."""
        link = next((one for one in self.id_data.links if one.to_node == self), None)
        node = link.from_node if link else None
        image = getattr(node, "image", None)
        if image is None:
            raise ValueError(
                "link an Image node to the input; render what lies before it with a File Output node (OpenEXR) first"
            )
        source, frames, folder = sources.of_image(image, context.scene)
        self.space = image.colorspace_settings.name
        numbers = range(node.frame_start, node.frame_start + node.frame_duration) if image.source == "SEQUENCE" else []
        table = settings.table_of(self, self.panel)
        settings.curves_of(self, self.panel, table, context.scene, numbers)
        output = rendering.output_of(source, self.panel["id"], self.output)
        return rendering.Render(rendering.recipe_of(table, source, output, frames, self.space, self.overscan), folder)

    def show(self, output):
        """Shows the frames of an output instead of the input; whether there are any."""
        inner = self.node_tree.nodes["Result"]
        image, first, count = rendering.load_result(output, self.space, inner.image)
        if image is None:
            return False
        inner.image = image
        if image.source == "SEQUENCE":
            inner.frame_start, inner.frame_duration, inner.frame_offset = first, max(count, 1), first - 1
            inner.use_auto_refresh = True
        out = next(n for n in self.node_tree.nodes if n.bl_idname == "NodeGroupOutput")
        self.node_tree.links.new(inner.outputs[0], out.inputs[0])
        self.result = output
        return True


def draw(owner, panel, layout):
    """Inputs and parameters of a node."""
    for one in panel["inputs"]:
        layout.prop(owner, "input_" + one["name"])
    for one in panel["properties"]:
        layout.prop(owner, one["name"])
    layout.prop(owner, "overscan")


def register():
    """A class for each node, and its place in the Add menu."""
    for panel in settings.TABLE["nodes"]:
        name = "VfxaiNode_" + panel["id"].replace("-", "_")
        own = {
            "output": bpy.props.StringProperty(
                name="Output", subtype="FILE_PATH", description="Where the result goes; where empty, beside the input"
            ),
            "result": bpy.props.StringProperty(options={"HIDDEN"}),
            "space": bpy.props.StringProperty(options={"HIDDEN"}),
        }
        facts = {
            "bl_idname": name,
            "bl_label": f"vfxai {panel['title']}",
            "panel": panel,
            "__annotations__": settings.annotations(panel) | own,
        }
        classes.append(type(name, (VfxaiNode, bpy.types.CompositorNodeCustomGroup), facts))
        bpy.utils.register_class(classes[-1])
    bpy.types.NODE_MT_add.append(menu)


def unregister():
    """Takes them away; scripts that hold such nodes keep their groups."""
    bpy.types.NODE_MT_add.remove(menu)
    for kind in reversed(classes):
        bpy.utils.unregister_class(kind)
    classes.clear()


def menu(self, context):
    """In the compositor's Add menu."""
    if getattr(context.space_data, "tree_type", "") == "CompositorNodeTree":
        for kind in classes:
            self.layout.operator("node.add_node", text=kind.bl_label).type = kind.bl_idname
