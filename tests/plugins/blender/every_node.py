"""Run by the Python that bpy is in: every shot of a plan through its node in the compositor. Exit code 0 where all were rendered.

python every_node.py EXTENSION PLAN_JSON OUTPUT_FOLDER
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import bpy

extension, plan, made = sys.argv[1:4]
sys.path.insert(0, str(Path(extension).parent))
module = importlib.import_module(Path(extension).name)
scene = bpy.context.scene


def leave(*error):
    """At the end of a script, mostly of one that raised, bpy 4.5 may wait for ever for a thread of its own."""
    if error:
        traceback.print_exception(*error)
    sys.stderr.flush()
    os._exit(1 if error else 0)


sys.excepthook = leave


def tree_of():
    if hasattr(scene, "compositing_node_group"):
        tree = scene.compositing_node_group = bpy.data.node_groups.new("test", "CompositorNodeTree")
        return tree
    scene.use_nodes = True
    return scene.node_tree


def render(tree, shot):
    image = bpy.data.images.load(shot["source"].replace("####", "1001"))
    image.source = "SEQUENCE"
    image.colorspace_settings.name = shot["space"]
    source = tree.nodes.new("CompositorNodeImage")
    source.image, source.frame_start, source.frame_duration = image, 1001, 3
    node = tree.nodes.new("VfxaiNode_" + shot["node"].replace("-", "_"))
    node.output = f"{made}/{shot['node']}/out.####.exr"
    named = {one["parameter"]: one["name"] for one in node.panel["properties"]}
    for name, value in shot["values"].items():
        setattr(node, named[name], value)
    for name, given in shot["inputs"].items():
        setattr(node, "input_" + name, ";".join(given) if isinstance(given, list) else given)
    tree.links.new(source.outputs[0], node.inputs[0])
    done = bpy.ops.vfxai.render_node(tree=tree.name, node=node.name)
    assert done == {"FINISHED"}, (shot["node"], done)


module.register()
for shot in json.loads(Path(plan).read_text()):
    render(tree_of(), shot)
Path(made, "config.json").write_text(json.dumps({"ocio": module.sources.ocio_config()}))
module.unregister()
leave()
