"""`vfxai worker start|status|stop|log`: the process that owns the device for all hosts and commands of a user on this machine."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import _SubParsersAction

START_SECONDS = 60.0
"""How long a worker may take until it listens: Python and vfxai, from a cold network disk."""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command with its four verbs."""
    parser = subparsers.add_parser("worker", help="the process that hosts and commands share", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="start|status|stop|log")
    start = verbs.add_parser("start", help="start a worker, and return as soon as it listens; does nothing where one runs")
    start.add_argument("--idle", type=float, metavar="MINUTES", help="end after so long without work; 0 is never (20)")
    start.add_argument(
        "--load",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module that declares further nodes; may be repeated",
    )
    start.add_argument("--foreground", action="store_true", help="serve in this process, for systemd and the like")
    status = verbs.add_parser("status", help="what it holds and does")
    status.add_argument("--json", action="store_true", help="one JSON object")
    stop = verbs.add_parser("stop", help="end it, and all that is under way")
    stop.add_argument("--finish", action="store_true", help="let what is under way come to its end first")
    log = verbs.add_parser("log", help="what it did, a line each")
    log.add_argument("--lines", type=int, default=40, metavar="N", help="the last N lines (40)")
    log.add_argument("--path", action="store_true", help="say where the log is")
    for verb, act in ((start, run_start), (status, run_status), (stop, run_stop), (log, run_log)):
        verb.set_defaults(run=act)


def run_start(options: Namespace) -> int:
    """Starts it."""
    arguments = [
        *(["--idle", str(options.idle)] if options.idle is not None else []),
        *(f"--load={name}" for name in options.load),
    ]
    if options.foreground:
        from vfxai.worker.main import main

        return main(arguments)
    from vfxai.worker.start import start

    start(arguments, START_SECONDS)
    return 0


def run_status(options: Namespace) -> int:
    """Prints what it holds and does; 1 where none runs."""
    from vfxai.errors import WorkerMissingError
    from vfxai.worker.client import Worker
    from vfxai.worker.remote import as_own_errors

    try:
        with as_own_errors(), Worker("vfxai worker status", start=False) as worker:
            facts = worker.status()
    except WorkerMissingError:
        print(json.dumps({"running": False}) if options.json else "no worker runs")
        return 1
    print(json.dumps({"running": True, **facts}) if options.json else in_words(facts))
    return 0


def in_words(facts: dict[str, Any]) -> str:
    """Status for people."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items() if version)
    ends = f"ends after {facts['idle_minutes']:g} minutes without work" if facts["idle_minutes"] else "runs until it is stopped"
    gib = {name: f"{facts[name] / 2**30:.2f} GiB" for name in ("memory", "device_memory", "cache")}
    lines = [
        f"worker {facts['pid']} of vfxai {facts['version']}, protocol {facts['protocol']}, for {facts['seconds']:.0f} s; {ends}",
        f"{versions}; device {facts['device'] or 'not used yet'}",
        f"memory {gib['memory']}, on the device {gib['device_memory']}, pictures of clients {gib['cache']}",
        f"log {facts['log']}",
    ]
    lines += [f"model {one['id']}: {one['device']}, {one['backend']} {one['precision']}" for one in facts["models"]]
    lines += [f"client {one['client']}: {one['instances']} instances, {one['jobs']} jobs" for one in facts["clients"]]
    lines += [
        f"job of {one['client']}: {one['what']}, {one['done']} of {one['total']}, {one['seconds']:.0f} s" for one in facts["jobs"]
    ]
    return "\n".join(lines)


def run_stop(options: Namespace) -> int:
    """Stops it; says so where none runs."""
    from vfxai.errors import WorkerMissingError
    from vfxai.worker.client import Worker
    from vfxai.worker.remote import as_own_errors

    try:
        with as_own_errors(), Worker("vfxai worker stop", start=False) as worker:
            worker.stop(finish=options.finish)
            print("the worker ends" + (" after the work under way" if options.finish else ""))
    except WorkerMissingError:
        print("no worker runs")
    return 0


def run_log(options: Namespace) -> int:
    """Prints the end of the log."""
    from vfxai.errors import MissingInputError
    from vfxai.worker.log import log_file, tail

    path = log_file()
    if options.path:
        print(path)
        return 0
    if not path.is_file():
        raise MissingInputError(f"there is no log {path}", remedy="it is written as soon as a worker runs: `vfxai worker start`")
    sys.stdout.write(tail(path, options.lines))
    return 0
