"""`vfxai farm RECIPE --to ENGINE`: a recipe as a job of a render farm."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

TO = ("openjd", "dask", "deadline", "opencue", "flamenco")


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("farm", help="make a job of a render farm from a recipe", description=__doc__)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="TOML or JSON file (docs/how-to/recipes.md)")
    parser.add_argument("--to", required=True, choices=TO, help="the engine; dask runs the job at once")
    parser.add_argument("--chunk", type=int, default=48, metavar="N", help="frames a task at the most (48)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for the engine's files (farm/ENGINE)")
    parser.add_argument("--submit", action="store_true", help="hand the job over with the engine's own command")
    parser.add_argument("--name", default="", help="the job's name (nodes and shot)")
    parser.add_argument("--gpus", type=int, default=0, metavar="N", help="graphics processors a task needs (0)")
    parser.add_argument("--memory", type=int, default=8, metavar="GIB", help="memory a task needs in GiB (8)")
    parser.add_argument("--retries", type=int, default=2, metavar="N", help="how often a failed chunk is tried again (2)")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable of every task")
    parser.add_argument("--map", action="append", default=[], metavar="OLD=NEW", help="where the farm's machines mount a folder")
    parser.add_argument("--executable", default="vfxai", metavar="PATH", help="the command on the farm's machines (vfxai)")
    parser.add_argument("--worker", action="store_true", help="a worker on each machine loads the networks once for its chunks")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="for dask: a scheduler that is there (processes here)")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="for dask without a scheduler: processes (1)")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Writes the job, and hands it over where asked."""
    from vfxai.engine.path_map import parse_rule
    from vfxai.engine.recipe import Recipe
    from vfxai.farm import engines
    from vfxai.farm.job import MachineNeeds, farm_job

    job = farm_job(
        Recipe.read(options.recipe),
        chunk=options.chunk,
        name=options.name,
        needs=MachineNeeds(options.gpus, options.memory, options.retries),
        environment=dict(parse_rule(text) for text in options.env),
        executable=options.executable,
        maps=[parse_rule(text) for text in options.map],
        worker=options.worker,
    )
    before, after = job.handles
    print(f"{job.name}: {len(job.frames)} frames in {len(job.chunks())} chunks, {before} and {after} frames read beside each")
    if options.to == "dask":
        from vfxai.farm import dask

        def said(frames: str, outcome: dict[str, object]) -> None:
            print(f"{frames} done", flush=True)

        dask.run(job, scheduler=options.scheduler, processes=options.processes, done=said)
        return 0
    folder = options.output or Path("farm") / options.to
    for path in engines.write(job, options.to, folder):
        print(path)
    if options.submit:
        print(engines.submit(job, options.to, folder))
    else:
        print(f"next: {engines.ENGINES[options.to].by_hand.format(folder=folder)}")
    return 0
