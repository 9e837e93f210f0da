"""A node as plain data, from which every surface is derived."""

import inspect
from typing import Any

from vfxai.schema.node import Node


def describe(node: type[Node]) -> dict[str, Any]:
    """Everything a surface needs, JSON-able and in a fixed order: the shape of `vfxai nodes NODE --json`."""
    window = node().temporal_window()
    return {
        "id": node.id,
        "title": node.title(),
        "summary": node.summary(),
        "doc": inspect.cleandoc(node.__doc__ or ""),
        "aliases": list(node.aliases),
        "encoding": node.encoding.value,
        "window": {"before": window.before, "after": window.after},
        "models": list(node.models),
        "inputs": [i.facts() for i in node.inputs],
        "parameters": {name: parameter.facts() for name, parameter in node.parameters().items()},
    }
