"""The reference pages of what all nodes share: the options of a job, recipes, and events."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from vfxai.schema.events import KINDS, Chosen, Failure, Outcome, events_schema
from vfxai.schema.job import describe_job
from vfxai.schema.plain import field_docs, schema
from vfxai.surfaces.json_schema import recipe_schema

OPTIONS = """{head}
# Options of a job

The same words on the command line of every node (`--output-colorspace`), in recipes (`output_colorspace`), in Python and on a farm. A recipe has them
beside `source`, `output` and its `[[node]]` tables; its JSON schema is [recipe.schema.json](recipe.schema.json), and `vfxai run --schema` prints it."""
EVENTS = """{head}
# Events

With `--json` every line on stdout is one of these; its `event` is the name. A later release may add fields, never take one away:
leave out those that you do not know. JSON schema: [events.schema.json](events.schema.json). In Python they are the classes of
`vfxai.schema.events`, which a reporter given to `vfxai.run` receives.
"""


def options_page(head: str) -> str:
    """The options under their headings."""
    parts, group = [OPTIONS.format(head=head)], ""
    for name, facts in describe_job().items():
        if facts["group"] != group:
            group = facts["group"]
            parts.append(f"\n## {group.capitalize()}\n\n| option | values | default | what it does |\n| --- | --- | --- | --- |")
        default = f"`{facts['default']}`" if facts["default"] not in ("", False) else ""
        parts.append(f"| `{name}` | {facts['extent']} | {default} | {facts['doc']} |")
    return "\n".join(parts) + "\n"


def events_page(head: str) -> str:
    """Each event and its fields."""
    parts = [EVENTS.format(head=head)]
    for name, kind in KINDS.items():
        parts.append(f"## {name}\n\n{_says(kind)}\n\n{_table(kind)}\n")
    parts.append("## What is in them\n")
    parts += [f"### {inner.__name__}\n\n{_says(inner)}\n\n{_table(inner)}\n" for inner in (Chosen, Failure)]
    parts.append("## Outcome\n\nWhat `vfxai.run` returns, and what a worker sends when a run has ended.\n")
    parts.append(_table(Outcome) + "\n")
    return "\n".join(parts)


def _says(kind: type[Any]) -> str:
    return (kind.__doc__ or "").split("\n")[0]


def _table(kind: type[Any]) -> str:
    docs, properties = field_docs(kind), schema(kind)["properties"]
    rows = [f"| `{f.name}` | {_word(properties[f.name])} | {docs.get(f.name, '')} |" for f in fields(kind)]
    return "\n".join(["| field | kind | meaning |", "| --- | --- | --- |", *rows])


def _word(one: Mapping[str, Any]) -> str:
    if "anyOf" in one:
        return " or ".join(_word(each) for each in one["anyOf"])
    inner = one.get("items") or one.get("additionalProperties")
    inside = f" of {_word(inner)}" if isinstance(inner, Mapping) and inner else ""
    return str(one.get("type", "any value")) + inside


def shared_pages(head: str, descriptions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Every page by file name."""
    return {
        "job.md": options_page(head),
        "events.md": events_page(head),
        "events.schema.json": json.dumps(events_schema(), indent=1) + "\n",
        "recipe.schema.json": json.dumps(recipe_schema(describe_job(), descriptions), indent=1) + "\n",
    }
