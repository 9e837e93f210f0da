"""The command line's entry: finds the sub-command, runs it, and turns every error into a few lines and an exit code."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

from vfxai import __version__, cli
from vfxai.cli.parser import Parser, nearest
from vfxai.errors import UsageError, VfxaiError, as_own
from vfxai.schema import registry

NO_COMMANDS = frozenset({"main", "parser", "reporting"})
"""Modules of vfxai.cli that are no sub-commands."""


def build() -> ArgumentParser:
    """The whole parser: one module of vfxai.cli a sub-command, one sub-command a node."""
    parser = Parser(prog="vfxai", description="Trained image restoration for visual effects, on EXR plates.")
    parser.add_argument("--version", action="version", version=f"vfxai {__version__}")
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for module in sorted(m.name for m in pkgutil.iter_modules(cli.__path__) if m.name not in NO_COMMANDS):
        importlib.import_module(f"vfxai.cli.{module}").add_parser(subparsers)
    for sub in {id(p): p for p in subparsers.choices.values()}.values():
        sub.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def check_command(parser: ArgumentParser, arguments: Sequence[str]) -> None:
    """UsageError where the first word is no command; argparse would list them all and name none."""
    subparsers: Any = next(a for a in parser._actions if a.dest == "command")  # noqa: SLF001  # argparse says it nowhere else
    if arguments and not arguments[0].startswith("-") and arguments[0] not in subparsers.choices:
        near = nearest(arguments[0], subparsers.choices)
        lost = "".join(f"; {name} is left out: {why}" for name, why in registry.problems().items())
        raise UsageError(f"vfxai: there is no command {arguments[0]!r}{near}{lost}", remedy="see `vfxai --help` for the commands")


def report(error: VfxaiError, options: Namespace | None) -> None:
    """An error as an event on stdout with --json, else, or where stdout takes nothing, as lines on stderr."""
    if getattr(options, "json", False) and getattr(options, "events", False):
        from vfxai.engine.progress import JsonLines
        from vfxai.schema.events import ErrorEvent

        try:
            JsonLines(sys.stdout).event(ErrorEvent.of(error))
        except OSError:
            drop_stdout()
        else:
            return
    print(f"error: {error.message}", file=sys.stderr)
    if error.remedy:
        print(f"  {error.remedy}", file=sys.stderr)


def drop_stdout() -> None:
    """Sends what stdout does not take nowhere, or Python tries once more when it ends, and complains."""
    with suppress(OSError):  # no file of the system
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; the exit code."""
    options = None
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  # closed by who started us; nobody listens
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115  # for as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of ASCII shows a path with an umlaut, too
    try:
        words = sys.argv[1:] if arguments is None else arguments
        parser = build()
        check_command(parser, words)
        options = parser.parse_args(words)
        return int(options.run(options))
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        drop_stdout()  # the reader went away; nothing is left to say
        return 0
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)
    except Exception as error:  # noqa: BLE001  # whatever happens is told in a few lines
        if getattr(options, "debug", False):
            traceback.print_exc()
        ours = as_own(error, "this is a defect of vfxai; report it with what --debug shows")
        report(ours, options)
        return ours.exit_code


if __name__ == "__main__":
    sys.exit(main())
