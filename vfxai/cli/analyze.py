"""`vfxai analyze NODE INPUT FILE`: what a node learns from a whole shot, before any frame is made."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from vfxai.cli.node import add_json, add_worker, run_recipe
from vfxai.errors import OutputError
from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.job import Job, describe_job
from vfxai.surfaces.options import add_options, flag_of, settable, values_from

if TYPE_CHECKING:
    from argparse import _SubParsersAction

ELSEWHERE = ("analysis", "step")
"""Options of a job that the command itself says."""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command, with one of its own for every node that learns from the shot."""
    registry.discover()
    parser = subparsers.add_parser("analyze", help="learn from a whole shot what a node needs, into a file", description=__doc__)
    nodes = parser.add_subparsers(title="nodes", metavar="NODE", required=True, parser_class=type(parser))
    options = {name: facts for name, facts in describe_job().items() if name not in ELSEWHERE}
    for name in registry.names():
        kind = registry.get(name)
        if not kind.learns():
            continue
        own = nodes.add_parser(
            name, aliases=list(kind.aliases), help=kind.summary(), description=f"What {name} learns from a shot."
        )
        own.add_argument("input", metavar="INPUT", help="file or pattern of the shot")
        own.add_argument(
            "file", metavar="FILE", help="what it learned, as JSON, for --analysis of the node's own command; may be edited"
        )
        add_options(own, name, settable(describe(kind)))
        add_options(own, "job", options)
        add_json(own)
        add_worker(own)
        own.add_argument("--debug", action="store_true", default=SUPPRESS, help="show the traceback of an error")
        own.set_defaults(run=run, node=name, events=True)


def run(options: Namespace) -> int:
    """Learns, unless the file is there; with --overwrite it is replaced when that is done."""
    from vfxai.engine.recipe import Recipe

    file, job = Path(options.file), values_from(options, Job.parameters())
    if file.exists() and not job.get("overwrite"):
        raise OutputError(f"{file} is there", remedy="--overwrite learns anew; the node's own command takes it with --analysis")
    node = {"id": options.node, **values_from(options, registry.get(options.node).words())}
    asked = {"analysis": str(file), "step": "analyze", "output": str(file.with_name(f"{file.stem}.####.exr"))}
    return run_recipe(
        Recipe.from_dict({"source": options.input, **job, **asked, "node": [node]}, f"vfxai analyze {options.node}", flag_of),
        options,
    )
