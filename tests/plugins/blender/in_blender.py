"""Run by the Python that bpy is in: the extension in this folder, on this plate, beside what the command line made. Exit code 0 where all agree.

python in_blender.py EXTENSION PLATE_PATTERN WHOLE_FOLDER WORK
"""

import array
import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import bpy

extension, plate, whole, work = sys.argv[1:5]
sys.path.insert(0, str(Path(extension).parent))


def leave(*error):
    """bpy waits for ever at the end of a script that raised."""
    traceback.print_exception(*error)
    sys.stderr.flush()
    os._exit(1)


sys.excepthook = leave
module = importlib.import_module(Path(extension).name)
module.register()
scene = bpy.context.scene
first = sorted(Path(plate).parent.glob("*.exr"))[0]


def pixels(path):
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    found = array.array("f", [0.0]) * len(image.pixels)
    image.pixels.foreach_get(found)
    bpy.data.images.remove(image)
    return found.tobytes()


def agree(folder, names, other=whole):
    assert names, "nothing was rendered"
    for name in names:
        assert pixels(Path(folder) / name) == pixels(Path(other) / name), name


def tree_of():
    if hasattr(scene, "compositing_node_group"):
        tree = bpy.data.node_groups.new("test", "CompositorNodeTree")
        scene.compositing_node_group = tree
        return tree
    scene.use_nodes = True
    return scene.node_tree


# files, by the operator that scripts and farms call
values = json.dumps({"radius": 1})
done = bpy.ops.vfxai.run(
    "INVOKE_DEFAULT", node="denoise", values=values, source=plate, output=f"{work}/run/p.####.exr", frames="1001-1003"
)
assert done == {"FINISHED"}, done
agree(f"{work}/run", [f"p.{n}.exr" for n in (1001, 1002, 1003)])

# the node: its input is an Image node of the sequence
tree = tree_of()
image = bpy.data.images.load(str(first))
image.source = "SEQUENCE"
source = tree.nodes.new("CompositorNodeImage")
source.image, source.frame_start, source.frame_duration = image, 1001, 3
image.colorspace_settings.name = "Linear Rec.709"
node = tree.nodes.new("VfxaiNode_denoise")
node.radius, node.output = 1, f"{work}/node/p.####.exr"
tree.links.new(source.outputs[0], node.inputs[0])
done = bpy.ops.vfxai.render_node(tree=tree.name, node=node.name)
assert done == {"FINISHED"}, done
agree(f"{work}/node", [f"p.{n}.exr" for n in (1001, 1002, 1003)])
inner = node.node_tree.nodes["Result"]
assert inner.image.source == "SEQUENCE" and inner.image.colorspace_settings.name == "Linear Rec.709" and inner.frame_duration == 3
assert bpy.ops.vfxai.update_node(tree=tree.name, node=node.name) == {"FINISHED"}

# keyframes on a property are values by frame
node.strength = 0.0
node.keyframe_insert("strength", frame=1001)
node.strength = 1.0
node.keyframe_insert("strength", frame=1003)
for curve in module.settings._curves(tree.animation_data.action):
    for point in curve.keyframe_points:
        point.interpolation = "LINEAR"
node.output = f"{work}/keys/p.####.exr"
assert bpy.ops.vfxai.render_node(tree=tree.name, node=node.name) == {"FINISHED"}
agree(f"{work}/keys", [f"p.{n}.exr" for n in (1001, 1002, 1003)], f"{whole}/keys")

# without a link the user is told, and nothing breaks
lonely = tree.nodes.new("VfxaiNode_tone")
assert bpy.ops.vfxai.render_node(tree=tree.name, node=lonely.name) == {"CANCELLED"}

# a picture in memory
scene.vfxai.node = "denoise"
scene.vfxai.of_denoise.radius = 0
memory = bpy.data.images.new("memory", 32, 24, float_buffer=True)
memory.pixels.foreach_set(array.array("f", [0.25, 5.0, -0.5, 1.0] * (32 * 24)))
done = bpy.ops.vfxai.render_image(image="memory")
assert done == {"FINISHED"}, done

# a strip: the result lies above it
editor = scene.sequence_editor or scene.sequence_editor_create()
strips = editor.strips if hasattr(editor, "strips") else editor.sequences
strip = strips.new_image("plate", str(first), 1, 1)
for path in sorted(Path(plate).parent.glob("*.exr"))[1:3]:
    strip.elements.append(path.name)
editor.active_strip = strip
done = bpy.ops.vfxai.render_strip()
assert done == {"FINISHED"}, done
made = [s for s in strips if s.name == "plate vfxai"]
assert len(made) == 1 and made[0].channel == 2 and strip.mute
# as a modifier of the strip, where this Blender has such
done = bpy.ops.vfxai.render_strip(modifier=True)
if bpy.app.version >= (5, 0, 0):
    assert done == bpy.ops.vfxai.render_strip(modifier=True) == {"FINISHED"}, done
    (modifier,) = strip.modifiers
    result = modifier.node_group.nodes["Result"]
    assert (
        modifier.type == "COMPOSITOR"
        and result.image.source == "SEQUENCE"
        and (result.frame_start, result.frame_duration) == (1, 3)
    )
else:
    assert done == {"CANCELLED"} and not strip.modifiers
module.unregister()
print("all agree in Blender", bpy.app.version_string)
