"""A node's table, and a whole recipe, as JSON schema (draft 2020-12)."""

from collections.abc import Iterable, Mapping
from typing import Any

from vfxai.surfaces.options import settable

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def parameter_schema(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of one value, or, where it may be animated, of values by frame."""
    schema = dict(facts["schema"])
    if facts.get("animated"):
        keys = {
            "type": "object",
            "patternProperties": {"^[+-]?[0-9]+$": schema},
            "additionalProperties": False,
            "minProperties": 1,
        }
        schema = {"anyOf": [schema, keys]}
    words = {"title": facts["label"], "default": facts["default"]} if "label" in facts else {}
    return {**schema, "description": facts["doc"], **words}


def node_schema(description: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a [[node]] table of a recipe."""
    properties: dict[str, Any] = {"id": {"enum": [description["id"], *description["aliases"]]}}
    properties |= {name: parameter_schema(facts) for name, facts in settable(description).items()}
    return {
        "$schema": DRAFT,
        "title": description["title"],
        "description": description["summary"],
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "additionalProperties": False,
    }


def recipe_schema(job: Mapping[str, Any], descriptions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The schema of a whole recipe, from the facts of a job's options and the descriptions of the nodes."""
    tables = [node_schema(d) for d in descriptions]
    for table in tables:
        table.pop("$schema")
    return {
        "$schema": DRAFT,
        "title": "vfxai recipe",
        "type": "object",
        "properties": {
            "source": {"type": "string", "minLength": 1, "description": "File or pattern of the plate."},
            "output": {"type": "string", "minLength": 1, "description": "File or pattern that is written."},
            **{name: parameter_schema(facts) for name, facts in job.items()},
            "node": {"type": "array", "minItems": 1, "items": {"oneOf": tables}},
        },
        "required": ["source", "output", "node"],
        "additionalProperties": False,
    }
