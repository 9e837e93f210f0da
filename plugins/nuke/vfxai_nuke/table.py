"""The nodes there are: nodes.json beside this file, written by `vfxai plugins nuke`."""

from __future__ import annotations

import functools
import json
import os
from typing import Any

from .telling import Refusal

Facts = dict[str, Any]
REMEDY = "Make the folder again with: vfxai plugins nuke --output DIR"


@functools.cache
def table() -> Facts:
    """Everything of nodes.json: version, executable, nodes, job, engines."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nodes.json")
    try:
        with open(path, encoding="utf-8") as stream:
            found: Facts = json.load(stream)
    except (OSError, ValueError) as error:
        raise Refusal(f"{path} cannot be read: {error}", REMEDY) from error
    return found


def panels() -> list[Facts]:
    """The panel of every node."""
    return list(table()["nodes"])


def panel(node: str) -> Facts:
    """The panel of one node; Refusal where this folder has none."""
    for found in panels():
        if found["id"] == node:
            return found
    raise Refusal("this folder of vfxai {} has no node {!r}".format(table()["version"], node), REMEDY)
