"""A node's description as command-line options, and the values back."""

from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction, Namespace
from typing import Any


def help_of(facts: dict[str, Any]) -> str:
    """Help of one parameter: what it does, range or unit, default."""
    extent = f" {facts['min']:g}..{facts['max']:g}" if facts["kind"] in ("float", "int") and abs(facts["max"]) < 1e8 else ""
    unit = f" {facts['unit']}" if facts["unit"] else ""
    default = f" (default {facts['default']})" if facts["default"] not in ("", None, []) else ""
    return f"{facts['doc']}{extent}{unit}{default}".replace("%", "%%")


def add_options(parser: ArgumentParser, description: dict[str, Any]) -> None:
    """Adds the parameters and mattes of a node to a parser. Values stay text; the node judges them."""
    group = parser.add_argument_group(f"{description['id']}")
    for name, facts in description["parameters"].items():
        flag = "--" + name.replace("_", "-")
        if facts["kind"] == "bool":
            group.add_argument(flag, action=BooleanOptionalAction, default=SUPPRESS, help=help_of(facts))
        elif facts["kind"] == "choice":
            group.add_argument(flag, default=SUPPRESS, choices=facts["options"], help=help_of(facts))
        elif facts["kind"] == "files" and len(facts["names"]) == 1:
            group.add_argument(flag, default=SUPPRESS, action="append", metavar=facts["names"][0], help=help_of(facts))
        elif facts["kind"] == "files":
            group.add_argument(
                flag, default=SUPPRESS, nargs=len(facts["names"]), metavar=tuple(facts["names"]), help=help_of(facts)
            )
        else:
            metavar = {"file": "FILE", "region": "X,Y,W,H", "text": "TEXT"}.get(facts["kind"], "NUMBER")
            group.add_argument(flag, default=SUPPRESS, metavar=metavar, help=help_of(facts))
    for given in description["inputs"]:
        if given["kind"] == "mask":
            group.add_argument(f"--{given['name']}", default=SUPPRESS, metavar="PATTERN", help=given["doc"])


def values_from(options: Namespace, description: dict[str, Any]) -> dict[str, Any]:
    """The parameters that were given, and patterns of mattes, by name."""
    names = [*description["parameters"], *(i["name"] for i in description["inputs"] if i["kind"] == "mask")]
    return {name: getattr(options, name) for name in names if hasattr(options, name)}
