"""`vfxai nodes [NODE]`: the nodes and their parameters."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.surfaces.options import help_of, settable

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("nodes", help="list the nodes, or the parameters of one", description=__doc__)
    parser.add_argument("node", nargs="?", metavar="NODE")
    parser.add_argument("--json", action="store_true", help="the description as JSON, one node a line")
    parser.add_argument("--schema", action="store_true", help="the JSON schema of the node's table in a recipe")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Prints them."""
    import sys

    for module, problem in registry.discover().items():
        print(f"warning: {module} is left out: {problem}", file=sys.stderr)
    for name in [registry.get(options.node).id] if options.node else registry.names():
        description = describe(registry.get(name))
        if options.schema:
            from vfxai.surfaces.json_schema import node_schema

            print(json.dumps(node_schema(description)))
        elif options.json:
            print(json.dumps(description))
        elif options.node:
            print(description["doc"], end="\n\n")
            for parameter, facts in settable(description).items():
                print(f"  {parameter:16} {help_of(facts).replace('%%', '%')}")
        else:
            print(f"{name:14} {description['summary']}")
    return 0
