"""Parameters and inputs of a node, or the options of a job, as command-line options; and the values back."""

from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Iterable, Mapping
from typing import Any

Facts = Mapping[str, Any]


def flag_of(name: str) -> str:
    """The option of a parameter."""
    return "--" + name.replace("_", "-")


def help_of(facts: Facts) -> str:
    """Help of one parameter: what it does, range or unit, default."""
    extent = f" [{facts['extent']}]" if facts.get("extent") not in (None, "", "path", "on, off") else ""
    default = f" (default {facts['default']})" if facts.get("default") not in ("", None, [], False) else ""
    return f"{facts['doc']}{extent}{default}".replace("%", "%%")


def add_option(parser: Any, name: str, facts: Facts) -> None:
    """Adds one option to a parser or to a group of one. Values stay text; the declaration judges them."""
    flag, metavar = flag_of(name), tuple(facts["metavar"])
    options: dict[str, Any] = {"default": SUPPRESS, "help": help_of(facts)}
    if facts["takes"] == "switch":
        parser.add_argument(flag, action=BooleanOptionalAction, **options)
    elif facts["takes"] == "repeated":
        parser.add_argument(flag, action="append", metavar=metavar[0], **options)
    elif facts["takes"] == "values":
        parser.add_argument(flag, nargs=len(metavar), metavar=metavar, **options)
    else:
        parser.add_argument(flag, metavar=metavar[0], **options)


def settable(description: Facts) -> dict[str, Facts]:
    """Facts of what a command line or a recipe may say of a node, by name: its parameters, and the inputs besides the plate."""
    return {**description["parameters"], **{i["name"]: i for i in description["inputs"] if i["takes"]}}


def add_options(parser: ArgumentParser, title: str, known: Mapping[str, Facts]) -> None:
    """Adds options under their groups, the first of which has a title."""
    groups: dict[str, Any] = {}
    for name, facts in known.items():
        heading = facts.get("group") or title
        if heading not in groups:
            groups[heading] = parser.add_argument_group(heading)
        add_option(groups[heading], name, facts)


def values_from(options: Namespace, names: Iterable[str]) -> dict[str, Any]:
    """What was given, by name."""
    return {name: getattr(options, name) for name in names if hasattr(options, name)}
