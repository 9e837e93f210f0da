"""`vfxai NODE INPUT OUTPUT`: every node as a command, derived from its declaration."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from typing import TYPE_CHECKING, Any

from vfxai.cli.reporting import reporting
from vfxai.errors import CancelledError
from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.job import Job, describe_job
from vfxai.surfaces.options import add_options, flag_of, settable, values_from

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds a sub-command for every node."""
    registry.discover()
    for name in registry.names():
        description = describe(registry.get(name))
        parser = subparsers.add_parser(
            name, aliases=description["aliases"], help=description["summary"], description=description["doc"]
        )
        parser.add_argument("input", metavar="INPUT", help="file or pattern: sh010.####.exr, sh010.%%04d.exr, sh010.@@@@.exr")
        parser.add_argument("output", metavar="OUTPUT", help="file or pattern; its own padding is used")
        add_options(parser, name, settable(description))
        add_options(parser, "job", describe_job())
        add_json(parser)
        add_worker(parser)
        parser.set_defaults(run=run, node=name, events=True)


def add_worker(parser: ArgumentParser) -> None:
    """--worker and --no-worker."""
    said = "have the worker of this machine do it, started where there is none; $VFXAI_WORKER=1 does so always"
    parser.add_argument("--worker", action=BooleanOptionalAction, default=None, help=said)


def in_worker(options: Namespace) -> bool:
    """Whether the worker is to do it."""
    import os

    return options.worker if options.worker is not None else os.environ.get("VFXAI_WORKER", "") not in ("", "0")


def add_json(parser: ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout, nothing else")


def run(options: Namespace) -> int:
    """Runs one node as a recipe."""
    from vfxai.engine.recipe import Recipe

    node = {"id": options.node, **values_from(options, registry.get(options.node).words())}
    data = {"source": options.input, "output": options.output, **values_from(options, Job.parameters()), "node": [node]}
    return run_recipe(Recipe.from_dict(data, f"vfxai {options.node}", flag_of), options)


def run_recipe(recipe: Any, options: Namespace) -> int:
    """Runs a recipe with the reporter that suits the terminal; a signal stops it after the frame in work."""
    work: Any
    if in_worker(options):
        from vfxai.worker.remote import run as work
    else:
        from vfxai.engine.run import run as work
    try:
        with reporting(options) as (reporter, request):
            work(recipe, reporter, request)
    except BrokenPipeError as error:
        raise CancelledError(
            "stopped, as whoever read what this prints went away; frames written so far are whole",
            remedy="run the same command again to go on",
        ) from error
    return 0
