"""OpenCue: a job file of pyoutline, which launches it.

Source: pyoutline 1.37 (`outline.Outline`, `outline.modules.shell.Shell`, `outline.cuerun`).
"""

from vfxai.farm.job import RECIPE, FarmJob

SCRIPT = "job.py"


def files(job: FarmJob) -> dict[str, str]:
    """The job file and the recipe. `python job.py` launches it where pyoutline is installed and OPENCUE's hosts are set."""
    return {SCRIPT: _script(job), RECIPE: job.recipe_text()}


def submit_command(job: FarmJob, folder: str) -> list[str]:
    """The job file is a script."""
    return ["python", f"{folder}/{SCRIPT}"]


def _script(job: FarmJob) -> str:
    layers = []
    shared = {"memory": f"{job.needs.memory_gib}g", "env": dict(job.environment)} | (
        {"gpus": job.needs.gpus, "gpu_memory": "4g"} if job.needs.gpus else {}
    )
    options = "".join(f", {k}={v!r}" for k, v in shared.items() if v)
    if job.analyzes:
        command = [job.executable, *job.analyze_arguments("RECIPE")]
        layers.append(f'analyze = Shell("analyze", command={_list(command)}, range="{job.frames[0]}"{options})')
        layers.append("outline.add_layer(analyze)")
    command = [job.executable, *job.frames_arguments("RECIPE", "#FRAMESPEC#")]
    layers.append(f'frames = Shell("frames", command={_list(command)}, chunk={job.chunk}, range="{job.range}"{options})')
    layers.append("outline.add_layer(frames)")
    if job.analyzes:
        layers.append("frames.depend_all(analyze)")
    return _HEAD.format(name=job.name, range=job.range) + "\n".join(layers) + _TAIL


def _list(command: list[str]) -> str:
    """The command as an expression of Python, quoted for a shell as pyoutline does not; the recipe lies beside the script."""
    return '" ".join(map(quote, [' + ", ".join("RECIPE" if word == "RECIPE" else repr(word) for word in command) + "]))"


_HEAD = '''"""Launched by `python job.py`; `python job.py --xml` prints the job instead."""

import getpass
import os
import sys
from shlex import quote

from outline import Outline, cuerun
from outline.modules.shell import Shell

RECIPE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recipe.json")

outline = Outline({name!r}, frame_range="{range}", shot=os.environ.get("SHOT", "shot"), show=os.environ.get("SHOW", "show"), user=getpass.getuser())
'''
_TAIL = """
if "--xml" in sys.argv:
    print(cuerun.OutlineLauncher(outline).serialize(use_pycuerun=False))
else:
    cuerun.launch(outline, use_pycuerun=False)
"""
