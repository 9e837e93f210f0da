"""What to do, as data: source, chain of nodes with values, output. TOML for people, the same structure as JSON for machines."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from vfxai.errors import RecipeError, VfxaiError
from vfxai.schema import registry
from vfxai.schema.node import Node
from vfxai.schema.parameters import FileParameter


@dataclass(frozen=True)
class Step:
    """One node of the chain."""

    node: Node
    masks: Mapping[str, str] = field(default_factory=dict)
    """Pattern of each matte by input name."""

    def to_dict(self) -> dict[str, Any]:
        """As a [[node]] table."""
        return {"id": self.node.id, **self.node.values(), **self.masks}


@dataclass(frozen=True)
class Recipe:
    """A whole job. Words and meanings are those of the command line's common options."""

    source: str
    output: str
    steps: tuple[Step, ...]
    frames: str = ""
    layer: str = ""
    colorspace: str = ""
    ocio: str = ""
    missing: str = "error"
    analysis: str = ""
    depth: str = "keep"
    compression: str = "keep"
    device: str = "auto"
    backend: str = "auto"
    precision: str = "auto"
    tile: str = "auto"
    overwrite: bool = False

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "recipe") -> Self:
        """From plain values; RecipeError lists every problem."""
        registry.discover()
        if not isinstance(data, Mapping):
            raise RecipeError(f"{where}: expected a table of values", remedy="correct the recipe; see `vfxai run --help`")
        problems: list[str] = []
        known = {f.name: f for f in fields(cls) if f.name != "steps"}
        problems += [f"unknown key {k!r}" for k in data if k not in known and k != "node"]
        for name in ("source", "output"):
            if not isinstance(data.get(name), str) or not data[name]:
                problems.append(f"{name} is missing")
        for name, value in data.items():
            if name in known and type(value) is not known[name].type:
                if name == "tile" and isinstance(value, int):
                    continue
                problems.append(f"{name}: expected {getattr(known[name].type, '__name__', known[name].type)}, got {value!r}")
        nodes = data.get("node", [])
        if not isinstance(nodes, list) or not nodes:
            problems.append("there is no [[node]]")
            nodes = []
        steps = [_step(table, index, problems) for index, table in enumerate(nodes)]
        if problems:
            raise RecipeError(
                f"{where}: " + "; ".join(problems), remedy="correct the recipe; `vfxai nodes` lists nodes and parameters"
            )
        values: dict[str, Any] = {k: (str(v) if k == "tile" else v) for k, v in data.items() if k in known}
        return cls(steps=tuple(s for s in steps if s), **values)

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a TOML or JSON file; relative patterns are relative to the folder one works in, as on the command line."""
        try:
            text = path.read_text(encoding="utf-8")
            data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as error:
            raise RecipeError(f"{path} cannot be read: {error}", remedy="correct the file") from error
        return cls.from_dict(data, str(path))

    def to_dict(self) -> dict[str, Any]:
        """As plain values, which from_dict takes."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "steps"}
        return {**values, "node": [s.to_dict() for s in self.steps]}

    def identity(self) -> str:
        """Hash of everything that decides the pixels, the versions of the nodes included; where, when and how fast they are made does not."""
        facts = self.to_dict()
        for name in ("output", "frames", "device", "tile", "overwrite", "analysis"):
            facts.pop(name)
        for step, table in zip(self.steps, facts["node"], strict=True):
            for name, parameter in step.node.parameters().items():
                if isinstance(parameter, FileParameter) and parameter.writes:
                    table.pop(name)
        facts["versions"] = [s.node.version for s in self.steps]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _step(table: Any, index: int, problems: list[str]) -> Step | None:
    if not isinstance(table, dict) or not isinstance(table.get("id"), str):
        problems.append(f"node {index + 1}: id is missing")
        return None
    try:
        kind = registry.get(table["id"])
        masks = {m.name: str(table[m.name]) for m in kind.masks() if table.get(m.name)}
        return Step(kind(**{k: v for k, v in table.items() if k != "id" and k not in {m.name for m in kind.masks()}}), masks)
    except VfxaiError as error:
        problems.append(f"node {index + 1}: {error.message}")
        return None
