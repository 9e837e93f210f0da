"""Every way from a recipe to pixels: each takes a shot and gives a folder with what it made of it, in files that begin with `out`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_nuke import threads
from nuke_studio import pixels, studio_session

from tests.plugins.blender import fake_bpy
from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Host, open_bundle
from tests.plugins.ofx.instance import Instance
from tests.plugins.shots import FRAMES, SPACE, Pixels, Shot
from vfxai import apply, open_clip, write
from vfxai.cli.main import main
from vfxai.color.config import shipped_config
from vfxai.engine.recipe import Recipe
from vfxai.farm.job import farm_job

Hosts = Mapping[str, Path]
"""What `vfxai plugins HOST` made: nuke, blender, ofx."""


def command_line(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """`vfxai NODE`, with which all others are compared."""
    assert main([shot.node, shot.source, f"{folder}/out.####.exr", "--colorspace", SPACE, *shot.options()]) == 0


def python(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """The session, in a script."""
    clip = apply(open_clip(shot.source, colorspace=SPACE), shot.node, inputs=shot.inputs, **shot.values)
    write(clip, f"{folder}/out.####.exr")


def worker(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """`vfxai run --worker`."""
    assert main(["run", _written(shot, folder), "--worker"]) == 0


def farm(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """The tasks of a farm job one after the other, the last chunk first."""
    path = _written(shot, folder)
    job = farm_job(Recipe.read(Path(path)), chunk=2)
    assert len(job.chunks()) == 2
    if job.analyzes:
        assert main(job.analyze_arguments(path)) == 0
    for frames_of_task in reversed(job.chunks()):
        assert main(job.frames_arguments(path, frames_of_task)) == 0


def openjd(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """`vfxai farm --to openjd`, whose job the `openjd` command runs in processes of their own."""
    pytest.importorskip("openjd.cli", reason="openjd-cli comes with the extra dev")
    job = folder / "job"
    command = [
        "farm",
        _written(shot, folder),
        "--to",
        "openjd",
        "--chunk",
        "2",
        "--output",
        str(job),
        "--executable",
        str(hosts["vfxai"]),
    ]
    assert main(command) == 0
    template = ["run", str(job / "template.json"), "--step", "Frames", "--run-dependencies", "--extensions", "TASK_CHUNKING"]
    done = subprocess.run([sys.executable, "-m", "openjd", *template], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def nuke(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """A Group in the strict stand-in, with Reads at its inputs."""
    with studio_session(hosts["nuke"], hosts["worker"], folder / "shot ü") as studio:
        panel = studio.adapter("table").panel(shot.node)
        group = studio.node(shot.node, studio.read(shot.source.replace("####", "%04d"), colorspace=SPACE))
        named = {one["parameter"]: one["name"] for one in panel["knobs"]}
        for name, value in shot.values.items():
            group[named[name]].setValue(value)
        slots = [one["name"] for one in panel["inputs"]]
        for name, given in shot.inputs.items():
            number, _, path = given[0].partition("=") if isinstance(given, list) else ("", "", given.replace("####", "%04d"))
            extent = {"first": int(number), "last": int(number)} if number else {}
            read = studio.read(path.replace(f".{number}.", ".%04d."), colorspace=SPACE, **extent)
            group.setInput(slots.index(name), read)
        group["vfxai_output"].setValue(f"{folder}/out.%04d.exr")
        studio.render(group)
        assert (studio.session.messages, group["vfxai_state"].value()) == ([], "1001-1003 done")
        assert threads.faults == []


def blender(shot: Shot, folder: Path, hosts: Hosts) -> None:
    """A compositor node's properties in the stand-in, and its Render button."""
    with fake_bpy.extension(hosts["blender"], folder, str(shipped_config())) as made:
        node = made.nodes[shot.node](output=f"{folder}/out.####.exr")
        named = {one["parameter"]: one["name"] for one in node.panel["properties"]}
        for name, value in shot.values.items():
            setattr(node, named[name], value)
        for name, given in shot.inputs.items():
            setattr(node, "input_" + name, ";".join(given) if isinstance(given, list) else given)
        fake_bpy.link(node, fake_bpy.sequence(shot.source, SPACE, FRAMES[0], len(FRAMES)))
        render = node.render(type("Context", (), {"scene": None}))
        assert render.result()["failed"] in ([], ())


def ofx(shot: Shot, host: Host, bundle: Path) -> dict[int, Pixels]:
    """Frames in memory, through an effect in the strict host; what it showed by frame."""
    plugin = next(one for one in open_bundle(host, bundle) if one.id == f"org.vfxai.{shot.node}")
    clips = {"Source": Clip("Source", frames(shot.pictures), FRAMES[0], FRAMES[-1])}
    if shot.mattes:
        clips["Mask"] = Clip("Mask", frames(shot.mattes), FRAMES[0], FRAMES[-1])
    effect = Instance(plugin, clips)
    if shot.mattes:
        effect.set("use_mask", 1)
    for name, value in shot.values.items():
        if name not in effect.parameters.values:
            continue  # it always has this value in a host
        options = effect.parameters.values[name].properties.values.get("OfxParamPropChoiceOption")
        effect.set(name, options.index(value) if options else value)
    if "analyze" in effect.parameters.values:
        effect.press("analyze", FRAMES[1])
    made = {number: effect.render(number) for number in FRAMES}
    effect.destroy()
    assert not host.faults, host.faults
    return made


BY_FILE: Mapping[str, Callable[[Shot, Path, Hosts], Any]] = {
    "python": python, "worker": worker, "farm": farm, "nuke": nuke, "blender": blender,
}  # fmt: skip
"""All but the command line, and OFX, which writes no files."""


def _written(shot: Shot, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.json"
    path.write_text(json.dumps(shot.recipe(f"{folder}/out.####.exr")))
    return str(path)


def same_files(made: Path, expected: Path) -> None:
    """Asserts that the frames of two folders hold the same channels, types, windows and bits."""
    names = sorted(p.name for p in expected.glob("out.*.exr"))
    assert names and names == sorted(p.name for p in made.glob("out.*.exr"))
    for name in names:
        one, other = pixels(made / name), pixels(expected / name)
        assert one.keys() == other.keys()
        for channel in one:
            assert one[channel].dtype == other[channel].dtype, (name, channel)
            np.testing.assert_array_equal(one[channel], other[channel], err_msg=f"{name} {channel}")
