"""A node's description as JSON schema (draft 2020-12)."""

from typing import Any

TYPES = {"float": "number", "int": "integer", "bool": "boolean"}


def parameter_schema(facts: dict[str, Any]) -> dict[str, Any]:
    """The schema of one value."""
    schema: dict[str, Any] = {
        "type": TYPES.get(facts["kind"], "string"),
        "title": facts["label"],
        "description": facts["doc"],
        "default": facts["default"],
    }
    if facts["kind"] == "files":
        schema |= {"type": "array", "items": {"type": "string"}}
        if len(facts["names"]) > 1:
            schema["maxItems"] = len(facts["names"])
    if "min" in facts:
        schema |= {"minimum": facts["min"], "maximum": facts["max"]}
    if "options" in facts:
        schema["enum"] = facts["options"]
    if facts["kind"] == "region":
        schema["pattern"] = r"^(-?\d+,-?\d+,\d+,\d+)?$"
    return schema


def node_schema(description: dict[str, Any]) -> dict[str, Any]:
    """The schema of a [[node]] table of a recipe."""
    properties: dict[str, Any] = {"id": {"enum": [description["id"], *description["aliases"]]}}
    properties |= {name: parameter_schema(facts) for name, facts in description["parameters"].items()}
    for given in description["inputs"]:
        if given["kind"] == "mask":
            properties[given["name"]] = {"type": "string", "description": given["doc"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": description["title"],
        "description": description["summary"],
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "additionalProperties": False,
    }
