"""Renders short clips of made-up scenes with their true motion, for training and for measuring optical flow.

    python3.11 -m venv bpyenv && bpyenv/bin/pip install bpy==4.5.15
    bpyenv/bin/python examples/blender/scenes.py out/rendered --clips 12 --threads 1

Needs Blender's Python module (Python 3.11) and numpy, in an environment of their own. A clip is a function of seed and number. It holds

    NAME/NAME.1001.webp   display-referred frames of 8 bits, lossless: Cycles, OIDN, view transform AgX, sRGB display
    NAME/flow.1001.npz    `forward` (2, H, W) float16: pixels right and down from this frame to the next; none for the last frame
    scenes.json           command, seed, and what of each clip was drawn by lot

Everything the camera sees is geometry, so the motion is known at each pixel: that of the surface through the pixel's centre,
without depth of field, without motion blur. It is rendered apart from the picture, with one sample.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import bpy
import numpy as np

FIRST = 1001
BLURRED = 0.25
"""Share of the clips whose frames have motion blur."""
SHALLOW = 0.5
"""Share of the clips with depth of field."""


def main() -> None:
    """Renders what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--start", type=int, default=0, help="number of the first clip (0)")
    parser.add_argument("--frames", type=int, default=5)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--height", type=int, default=216)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of Cycles; 0 takes all cores")
    options = parser.parse_args()
    facts = {}
    for number in range(options.start, options.start + options.clips):
        name = f"scene_{options.seed:02d}_{number:03d}"
        folder = options.out / name
        done = len(list(folder.glob("*.webp"))) == options.frames and len(list(folder.glob("*.npz"))) == options.frames - 1
        rng = np.random.default_rng((options.seed, number))
        facts[name] = build(options, rng)
        if not done:
            folder.mkdir(parents=True, exist_ok=True)
            render(options, folder, facts[name]["motion blur"])
        print(name, facts[name], flush=True)
    record = options.out / "scenes.json"
    known = json.loads(record.read_text())["clips"] if record.exists() else {}
    command = " ".join(["scenes.py", *sys.argv[1:]])
    record.write_text(
        json.dumps({"command": command, "blender": bpy.app.version_string, "clips": {**known, **facts}}, indent=1) + "\n"
    )


def build(options: argparse.Namespace, rng: np.random.Generator) -> dict[str, object]:
    """Makes a scene; returns what was drawn by lot."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.edit.keyframe_new_interpolation_type = "LINEAR"
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = FIRST, FIRST + options.frames - 1
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    scene.cycles.max_bounces = 3
    scene.cycles.seed = int(rng.integers(1 << 30))
    scene.render.resolution_x, scene.render.resolution_y = options.width, options.height
    scene.render.resolution_percentage = 100
    scene.render.threads_mode, scene.render.threads = ("FIXED", options.threads) if options.threads else ("AUTO", 1)
    scene.display_settings.display_device = "sRGB"
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = str(rng.choice(["None", "AgX - Medium High Contrast", "AgX - Punchy"]))
    scene.view_settings.exposure = float(rng.normal(0.3, 0.3))
    scene.view_layers[0].use_pass_vector = True
    light(rng)
    surroundings(rng)
    count = int(rng.integers(8, 26))
    for _ in range(count):
        thing(scene, rng)
    for _ in range(int(rng.integers(0, 4))):
        cable(rng)
    speed, shallow = camera(scene, rng)
    return {"things": count, "camera speed": speed, "depth of field": shallow, "motion blur": bool(rng.random() < BLURRED)}


def light(rng: np.random.Generator) -> None:
    """A sky, and one or two lamps that cast shadows."""
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (*(0.6 + 0.4 * rng.random(3) * (0.7, 0.85, 1.0)), 1)
    background.inputs["Strength"].default_value = rng.uniform(0.15, 0.8)
    for _ in range(int(rng.integers(1, 3))):
        sun = bpy.data.lights.new("sun", "SUN")
        sun.energy, sun.angle = rng.uniform(1.5, 5), rng.uniform(0.005, 0.2)
        sun.color = np.clip(1 + rng.normal(0, 0.12) * np.array([1, 0, -1]), 0, 1)
        bpy.context.collection.objects.link(lamp := bpy.data.objects.new("sun", sun))
        lamp.rotation_euler = (rng.uniform(0.2, 1.2), 0, rng.uniform(0, 2 * math.pi))


def surroundings(rng: np.random.Generator) -> None:
    """Ground and a far shell with a texture, so that no ray leaves the scene."""
    bpy.ops.mesh.primitive_plane_add(size=160)
    bpy.context.object.data.materials.append(material(rng, scale=rng.uniform(0.3, 3), bumpy=True))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=60, segments=64, ring_count=32)
    shell = bpy.context.object
    bpy.ops.object.shade_smooth()
    shell.data.materials.append(material(rng, scale=rng.uniform(0.02, 0.15), bumpy=False))
    shell.visible_shadow = shell.visible_diffuse = shell.visible_glossy = False  # the sky lights through it


def material(rng: np.random.Generator, scale: float, bumpy: bool) -> bpy.types.Material:
    """A surface whose colour is a procedural texture over the object."""
    made = bpy.data.materials.new("surface")
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    surface, place = nodes["Principled BSDF"], nodes.new("ShaderNodeTexCoord")
    kind = rng.choice(["Noise", "Voronoi", "Wave", "Brick", "Checker", "Magic", "Noise", "Voronoi"])
    texture = nodes.new(f"ShaderNodeTex{kind}")
    links.new(place.outputs["Object"], texture.inputs["Vector"])
    texture.inputs["Scale"].default_value = scale * float(np.exp(rng.uniform(0, 2)))
    for name, value in (("Detail", rng.uniform(2, 10)), ("Roughness", rng.uniform(0.4, 0.75)), ("Distortion", rng.uniform(0, 4))):
        if name in texture.inputs:
            texture.inputs[name].default_value = value
    factor = next(o for name in ("Fac", "Distance", "Factor", "Color") for o in texture.outputs if o.name == name)
    ramp = nodes.new("ShaderNodeValToRGB")
    links.new(factor, ramp.inputs["Fac"])
    for position in np.sort(rng.uniform(0.2, 0.8, int(rng.integers(0, 3)))):
        ramp.color_ramp.elements.new(float(position))
    mood = rng.normal(0, 0.15, 3)
    for element in ramp.color_ramp.elements:
        color = np.exp(rng.uniform(np.log(0.03), np.log(0.8)) + mood + rng.normal(0, 0.25, 3))
        element.color = (*np.clip(color, 0.01, 0.9), 1)
    links.new(ramp.outputs["Color"], surface.inputs["Base Color"])
    surface.inputs["Roughness"].default_value = rng.uniform(0.15, 1)
    surface.inputs["Metallic"].default_value = float(rng.random() < 0.15)
    if bumpy and rng.random() < 0.6:
        bump = nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value = rng.uniform(0.1, 0.8)
        links.new(factor, bump.inputs["Height"])
        links.new(bump.outputs["Normal"], surface.inputs["Normal"])
    return made


def thing(scene: bpy.types.Scene, rng: np.random.Generator) -> None:
    """A solid or a word, on the ground or in the air; half of them move and turn evenly."""
    mesh = bpy.ops.mesh
    kinds = (mesh.primitive_cube_add, mesh.primitive_uv_sphere_add, mesh.primitive_cylinder_add, mesh.primitive_cone_add,
             mesh.primitive_torus_add, mesh.primitive_monkey_add, bpy.ops.object.text_add)  # fmt: skip
    add = kinds[rng.integers(len(kinds))]
    size = float(np.exp(rng.uniform(np.log(0.15), np.log(1.6))))
    height = size if rng.random() < 0.6 else rng.uniform(0.3, 4)
    add(location=(rng.uniform(-6, 6), rng.uniform(-6, 8), height))
    made = bpy.context.object
    if made.type == "FONT":
        made.data.body = "".join(rng.choice(list("AEGKMRSTWXaegkmsw0123456789"), int(rng.integers(1, 6))))
        made.data.extrude = 0.1
    elif add not in (mesh.primitive_cube_add, mesh.primitive_monkey_add):
        bpy.ops.object.shade_smooth_by_angle(angle=0.6)
    made.scale = size * rng.uniform(0.4, 1.4, 3)
    made.rotation_euler = rng.uniform(0, 2 * math.pi, 3)
    made.data.materials.append(material(rng, scale=rng.uniform(0.5, 4), bumpy=True))
    if rng.random() < 0.5:
        keyed(scene, made, rng.normal(0, 0.08, 3) * rng.uniform(0, 1.5), rng.normal(0, 0.04, 3) * rng.integers(0, 2))


def keyed(scene: bpy.types.Scene, made: bpy.types.Object, velocity: np.ndarray, turn: np.ndarray) -> None:
    """Moves and turns an object evenly, by so much a frame, from one frame before the clip to one after it."""
    where, how = np.array(made.location), np.array(made.rotation_euler)
    for frame in (scene.frame_start - 1, scene.frame_end + 1):
        steps = frame - (scene.frame_start + scene.frame_end) / 2
        made.location, made.rotation_euler = where + velocity * steps, how + turn * steps
        made.keyframe_insert("location", frame=frame)
        made.keyframe_insert("rotation_euler", frame=frame)


def cable(rng: np.random.Generator) -> None:
    """A thin wire that hangs across the scene."""
    curve = bpy.data.curves.new("cable", "CURVE")
    curve.dimensions, curve.bevel_depth = "3D", float(np.exp(rng.uniform(np.log(0.003), np.log(0.04))))
    spline = curve.splines.new("POLY")
    spline.points.add(24)
    start, end = (np.array([side * 9, rng.uniform(-5, 6), rng.uniform(0.5, 5)]) for side in (-1, 1))
    sag = rng.uniform(0, 1.5)
    for index, point in enumerate(spline.points):
        t = index / 24
        point.co = (*(start * (1 - t) + end * t - np.array([0, 0, sag * 4 * t * (1 - t)])), 1)
    curve.materials.append(material(rng, scale=1.0, bumpy=False))
    bpy.context.collection.objects.link(bpy.data.objects.new("cable", curve))


def camera(scene: bpy.types.Scene, rng: np.random.Generator) -> tuple[float, bool]:
    """A camera that looks about at the middle and stands, or moves and pans evenly; its speed and whether focus is shallow."""
    angle, away = rng.uniform(-0.6, 0.6), rng.uniform(6, 12)
    bpy.ops.object.camera_add(location=(away * math.sin(angle), -away * math.cos(angle), rng.uniform(0.6, 4)))
    made = bpy.context.object
    scene.camera = made
    made.data.lens = rng.uniform(24, 70)
    down = math.atan2(made.location.z - rng.uniform(0.3, 1.8), away)
    made.rotation_euler = (math.pi / 2 - down, rng.normal(0, 0.03), angle + rng.normal(0, 0.08))
    speed = 0.0 if rng.random() < 0.2 else float(rng.uniform(0.1, 1))
    keyed(scene, made, speed * rng.normal(0, (0.12, 0.15, 0.05)), speed * rng.normal(0, (0.006, 0.006, 0.014)))
    shallow = bool(rng.random() < SHALLOW)
    made.data.dof.use_dof = shallow
    made.data.dof.focus_distance = away * rng.uniform(0.6, 1.2)
    made.data.dof.aperture_fstop = float(np.exp(rng.uniform(np.log(0.3), np.log(3.0))))
    """Of a scene in metres that stand for decimetres, so that blur is as strong as in a close shot."""
    return round(speed, 3), shallow


def render(options: argparse.Namespace, folder: Path, blurred: bool) -> None:
    """Writes the frames and the motion between them."""
    scene = bpy.context.scene
    shallow = scene.camera.data.dof.use_dof
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        scene.camera.data.dof.use_dof = shallow
        scene.render.use_motion_blur, scene.render.motion_blur_shutter = blurred, 0.5
        scene.cycles.samples, scene.cycles.filter_width, scene.cycles.use_denoising = options.samples, 1.5, True
        output(scene, folder / f"{folder.name}.{frame}.webp", "WEBP")
        if frame < scene.frame_end:
            scene.camera.data.dof.use_dof = scene.render.use_motion_blur = scene.cycles.use_denoising = False
            scene.cycles.samples, scene.cycles.filter_width = 1, 0.01
            layers = folder / f"layers.{frame}.exr"
            output(scene, layers, "OPEN_EXR_MULTILAYER")
            np.savez_compressed(folder / f"flow.{frame}.npz", forward=forward_motion(layers).astype(np.float16))
            layers.unlink()


def output(scene: bpy.types.Scene, path: Path, kind: str) -> None:
    """Renders the current frame into a file; WebP of quality 100 is lossless."""
    settings = scene.render.image_settings
    settings.file_format = kind
    settings.quality = 100
    if kind == "WEBP":
        settings.color_mode = "RGB"
    else:
        settings.color_depth = "32"
    scene.render.filepath = str(path.resolve())
    bpy.ops.render.render(write_still=True)


def forward_motion(layers: Path) -> np.ndarray:
    """(2, H, W) float32, pixels right and down to the next frame, of a file with Cycles' pass Vector.

    Its Z and W are this frame's position minus the next one's, right and up.
    """
    sys.path += [str(p) for p in Path(bpy.utils.resource_path("LOCAL")).rglob("site-packages") if str(p) not in sys.path]
    import OpenImageIO  # Blender's own, beside its modules

    source = OpenImageIO.ImageInput.open(str(layers))
    names = list(source.spec().channelnames)
    pixels = np.asarray(source.read_image("float"))
    source.close()
    z, w = (pixels[..., next(i for i, n in enumerate(names) if n.endswith(f"Vector.{c}"))] for c in "ZW")
    return np.stack([-z, w])


if __name__ == "__main__":
    main()
