"""The command line's entry: finds the sub-command, runs it, and turns every error into a few lines and an exit code."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from vfxai import __version__, cli
from vfxai.cli.parser import Parser, nearest
from vfxai.errors import ResourceError, UsageError, VfxaiError


def build() -> ArgumentParser:
    """The whole parser: one module of vfxai.cli a sub-command, one sub-command a node."""
    parser = Parser(prog="vfxai", description="Trained image restoration for visual effects, on EXR plates.")
    parser.add_argument("--version", action="version", version=f"vfxai {__version__}")
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for module in sorted(m.name for m in pkgutil.iter_modules(cli.__path__) if m.name not in ("main", "parser")):
        importlib.import_module(f"vfxai.cli.{module}").add_parser(subparsers)
    for sub in {id(p): p for p in subparsers.choices.values()}.values():
        sub.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def check_command(parser: ArgumentParser, arguments: Sequence[str]) -> None:
    """UsageError where the first word is no command; argparse would list them all and name none."""
    subparsers: Any = next(a for a in parser._actions if a.dest == "command")
    if arguments and not arguments[0].startswith("-") and arguments[0] not in subparsers.choices:
        near = nearest(arguments[0], subparsers.choices)
        raise UsageError(f"vfxai: there is no command {arguments[0]!r}{near}", remedy="see `vfxai --help` for the commands")


def report(error: VfxaiError, options: Namespace | None) -> None:
    """An error as an event on stdout with --json, else as lines on stderr."""
    if getattr(options, "json", False) and getattr(options, "events", False):
        from vfxai.engine.progress import JsonLines
        from vfxai.schema.events import ErrorEvent

        JsonLines(sys.stdout).event(ErrorEvent.of(error))
        return
    print(f"error: {error.message}", file=sys.stderr)
    if error.remedy:
        print(f"  {error.remedy}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; the exit code."""
    options = None
    try:
        words = sys.argv[1:] if arguments is None else arguments
        parser = build()
        check_command(parser, words)
        options = parser.parse_args(words)
        return int(options.run(options))
    except VfxaiError as error:
        if getattr(options, "debug", False):
            raise
        report(error, options)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away; nothing is left to say
        return 0
    except (OSError, MemoryError) as error:  # a refusal that nobody expected, such as of a name too long
        if getattr(options, "debug", False):
            raise
        report(ResourceError(f"the system refused: {error or 'memory is short'}", remedy="check names, memory and disk"), options)
        return ResourceError.exit_code
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)


if __name__ == "__main__":
    sys.exit(main())
