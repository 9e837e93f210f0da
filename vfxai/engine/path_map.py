"""Paths of a recipe on a machine that mounts them elsewhere."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from vfxai.engine.recipe import Recipe
from vfxai.errors import ParameterError, reason
from vfxai.schema.parameters import FileParameter, FilesParameter

Rules = Sequence[tuple[str, str]]
"""Prefixes of paths and what stands for them; the first that fits counts."""
JOB_PATHS = ("source", "output", "analysis", "ocio")


def with_paths(recipe: Recipe, change: Callable[[str], str]) -> Recipe:
    """The recipe with every path and pattern in it changed; empty ones and addresses such as ocio://default stay."""

    def changed(value: object, move: Callable[[str], str] = change) -> object:
        if isinstance(value, list | tuple):
            return [changed(one, move) for one in value]
        return move(value) if isinstance(value, str) and value and "://" not in value else value

    table = recipe.to_dict()
    table |= {name: changed(table[name]) for name in JOB_PATHS}
    for step, values in zip(recipe.steps, table["node"], strict=True):
        files = [name for name, one in step.node.parameters().items() if isinstance(one, FileParameter | FilesParameter)]
        values |= {name: changed(values[name]) for name in files}
        inputs = [one for one in step.node.inputs if one.name in values]
        values |= {one.name: changed(values[one.name], partial(one.moved, move=change)) for one in inputs}
    return Recipe.from_dict(table)


def absolute(path: str) -> str:
    """The path from the root of this machine; what is written with another system's drive or root stays."""
    return path if path[1:3] in (":/", ":\\") or path.startswith("\\\\") else str(Path(path).absolute())


def mapper(rules: Rules) -> Callable[[str], str]:
    """What `rules` make of a path: a prefix counts where it ends at a separator; both kinds of slashes are one."""

    def mapped(path: str) -> str:
        plain = path.replace("\\", "/")
        for old, new in rules:
            prefix = old.replace("\\", "/").rstrip("/")
            if plain == prefix or plain.startswith(prefix + "/"):
                return new.rstrip("/\\") + plain[len(prefix) :]
        return path

    return mapped


def parse_rule(text: str) -> tuple[str, str]:
    """OLD=NEW. ParameterError where one side is missing."""
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise ParameterError(f"map: {text!r} is no OLD=NEW", remedy="write it as --map /mnt/shows=/Volumes/shows")
    return old, new


def read_rules(path: Path) -> Rules:
    """Those of a file of Open Job Description (version pathmapping-1.0). ParameterError where it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return [(str(rule["source_path"]), str(rule["destination_path"])) for rule in data.get("path_mapping_rules", [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParameterError(
            f"{path} holds no path mapping rules: {reason(error)}", remedy="give a file of Open Job Description, pathmapping-1.0"
        ) from error
