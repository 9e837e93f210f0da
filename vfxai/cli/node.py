"""`vfxai NODE INPUT OUTPUT`: every node as a command, derived from its declaration."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.surfaces.options import add_options, values_from

if TYPE_CHECKING:
    from argparse import _SubParsersAction

COMMON = (
    "frames",
    "layer",
    "colorspace",
    "ocio",
    "missing",
    "analysis",
    "depth",
    "compression",
    "device",
    "backend",
    "precision",
    "tile",
    "overwrite",
)


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
        add_options(parser, description)
        add_common(parser)
        parser.set_defaults(run=run, node=name, events=True)


def add_common(parser: ArgumentParser) -> None:
    """The options that every node and every recipe has."""
    group = parser.add_argument_group("common")
    group.add_argument("--frames", default="", help="frames to process: 1001-1048x1,1060 (all on disk)")
    group.add_argument("--layer", default="", help="layer, view or part to process (the first with R, G, B or Y)")
    group.add_argument("--colorspace", default="", help="colour space of the input (what the file says)")
    group.add_argument("--ocio", default="", metavar="CONFIG", help="OpenColorIO config ($OCIO, else the shipped one)")
    group.add_argument(
        "--missing", default="error", choices=("error", "hold", "skip"), help="what to do for frames that are not there (error)"
    )
    group.add_argument(
        "--analysis", default="", metavar="FILE", help="read the shot's analysis from here if it is there, else write it"
    )
    group.add_argument("--depth", default="keep", choices=("keep", "half", "float"), help="type of the processed channels (keep)")
    group.add_argument("--compression", default="keep", metavar="NAME", help="keep, none, zip, zips, piz, dwaa, ... (keep)")
    group.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (auto)")
    group.add_argument("--backend", default="auto", choices=("auto", "torch", "onnx"), help="what runs the networks (auto)")
    group.add_argument("--precision", default="auto", choices=("auto", "fp32", "fp16", "bf16"), help="of the networks (auto)")
    group.add_argument("--tile", default="auto", metavar="PIXELS", help="side of a tile in pixels (auto: what fits)")
    group.add_argument(
        "--overwrite",
        action="store_true",
        help="make all frames again (keep those whose recipe, models and inputs are unchanged)",
    )
    add_json(parser)


def add_json(parser: ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout, nothing else")


def run(options: Namespace) -> int:
    """Runs one node as a recipe."""
    from vfxai.engine.recipe import Recipe

    description = describe(registry.get(options.node))
    table: dict[str, Any] = {"id": options.node, **values_from(options, description)}
    common = {name: getattr(options, name) for name in COMMON}
    return run_recipe(
        Recipe.from_dict({"source": options.input, "output": options.output, **common, "node": [table]}, "command"), options
    )


def run_recipe(recipe: Any, options: Namespace) -> int:
    """Runs a recipe with the reporter that suits the terminal; a signal stops it after the frame in work."""
    import os
    import signal
    import sys
    import threading

    from vfxai.engine.progress import Bar, JsonLines, PlainLines
    from vfxai.engine.run import run as engine_run

    reporter: Any
    stdout = None
    if options.json and _is_real(sys.stdout):
        stdout = os.dup(1)
        os.dup2(2, 1)  # OpenEXR prints warnings to the process's stdout, which only events may reach
        reporter = JsonLines(os.fdopen(os.dup(stdout), "w"))
    elif options.json:
        reporter = JsonLines(sys.stdout)
    else:
        reporter = Bar() if sys.stdout.isatty() else PlainLines()
    cancelled = threading.Event()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda *_: cancelled.set())
    try:
        engine_run(recipe, reporter, cancelled)
        return 0
    finally:
        for restored, handler in before.items():
            signal.signal(restored, handler)
        if isinstance(reporter, Bar):
            reporter.close()
        if stdout is not None:
            os.dup2(stdout, 1)
            os.close(stdout)


def _is_real(stream: Any) -> bool:
    try:
        return stream.fileno() == 1
    except (OSError, AttributeError, ValueError):
        return False
