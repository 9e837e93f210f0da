"""What to do, as data: source, chain of nodes with values, output, options. TOML for people, the same structure as JSON for machines."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from vfxai.errors import ParameterError, RecipeError, VfxaiError
from vfxai.schema import registry
from vfxai.schema.job import ELSEWHERE, Job
from vfxai.schema.keyed import Keyed
from vfxai.schema.kind import is_text, shown, told
from vfxai.schema.node import Node
from vfxai.schema.parameters import FileParameter, FilesParameter

LARGEST = 16 * 2**20
"""Bytes of a recipe's file: an hour of keys for several parameters. What is larger is no recipe."""
REMEDY = "correct the recipe; `vfxai nodes` lists nodes and parameters, `vfxai run --schema` what a recipe may say"


@dataclass(frozen=True)
class Step:
    """One node of the chain."""

    node: Node
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns of what the node is fed besides the plate, by input name: one of a matte, two of a pair, any number of keys."""

    def to_dict(self) -> dict[str, Any]:
        """As a [[node]] table."""
        alone = {i.name for i in self.node.inputs if i.takes == "value"}
        fed = {name: given[0] if name in alone else list(given) for name, given in self.inputs.items()}
        return {"id": self.node.id, **self.node.values(), **fed}


@dataclass(frozen=True)
class Recipe:
    """A whole job."""

    source: str
    output: str
    steps: tuple[Step, ...]
    job: Job = field(default_factory=Job)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "recipe", spell: Callable[[str], str] | None = None) -> Self:
        """From plain values; RecipeError lists every problem.

        Where they come from a command line `where` is the command and `spell` gives the option of a parameter; the error is a ParameterError then.
        """
        registry.discover()
        if not isinstance(data, Mapping):
            raise RecipeError(f"{where}: expected a table of values, got {shown(data)}", remedy=REMEDY)
        found = _Problems(spell)
        own = {k: v for k, v in data.items() if k not in ("source", "output", "node")}
        for name in ("source", "output"):
            if name not in data:
                found.texts.append(f"{name} is missing")
            elif not isinstance(data[name], str) or not data[name] or not is_text(data[name]):
                found.add(name, f"expected a file or pattern, got {shown(data[name])}")
        job = found.collect("", lambda: _made(Job, own))
        nodes = data.get("node", [])
        if not isinstance(nodes, list) or not nodes:
            found.add("[[node]]", f"expected one table or more, got {shown(nodes)}")
            nodes = []
        steps = [found.collect(f"node {i + 1}: ", lambda table=table: _step(table)) for i, table in enumerate(nodes)]
        if found.texts:
            kind = ParameterError if spell else RecipeError
            raise kind(f"{where}: {told(found.texts)}", remedy=found.remedy(where))
        return cls(str(data["source"]), str(data["output"]), tuple(s for s in steps if s), job or Job())

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a TOML or JSON file; relative patterns are relative to the folder one works in, as on the command line."""
        try:
            with path.open("rb") as stream:
                raw = stream.read(LARGEST + 1)
            if len(raw) > LARGEST:
                raise RecipeError(f"{path} is no recipe: it has more than {LARGEST >> 20} MiB", remedy="name a TOML or JSON file")
            text = raw.decode("utf-8-sig")  # editors of Windows begin a file with a mark
            data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        except UnicodeDecodeError as error:
            raise RecipeError(f"{path} is no recipe: it is no text in UTF-8", remedy="name a TOML or JSON file") from error
        except RecursionError as error:
            raise RecipeError(f"{path} cannot be read: it is nested too deeply", remedy="correct the file") from error
        except (OSError, ValueError) as error:
            raise RecipeError(f"{path} cannot be read: {str(error)[:200]}", remedy="correct the file") from error
        return cls.from_dict(data, str(path))

    def to_dict(self) -> dict[str, Any]:
        """As plain values, which from_dict takes."""
        return {"source": self.source, "output": self.output, **self.job.values(), "node": [s.to_dict() for s in self.steps]}

    def whole(self) -> Self:
        """The recipe of the whole shot, whichever chunk or step of it this is."""
        return replace(self, job=self.job.replaced(frames="", step="all", overwrite=False))

    def versions(self) -> str:
        """The nodes with their versions, in order, such as "denoise 8, tone 4"."""
        return ", ".join(f"{step.node.id} {step.node.version}" for step in self.steps)

    def identity(self, *, versions: bool = True) -> str:
        """Hash of what decides the pixels of all frames, the `versions` of the nodes included unless told otherwise; where, when and how fast they are made does not.

        Values by frame have no part in it, whatever the shot's analyses see: changing() says them. Of files counts only that they are given, not where
        they lie: a shot is the same shot wherever a machine mounts it. What is in them, the colour config among them, and the precision that "auto"
        came to, is for those to add who know it.
        """
        others = {"source", "output", "ocio", "precision", *ELSEWHERE}
        facts = {k: v for k, v in self.to_dict().items() if k not in others}
        for step, table in zip(self.steps, facts["node"], strict=True):
            for name, parameter in step.node.parameters().items():
                if parameter.animated or (isinstance(parameter, FileParameter) and parameter.writes):
                    table.pop(name)
                elif isinstance(parameter, FileParameter | FilesParameter):
                    table[name] = bool(table[name])
            table |= {one.name: one.counts(step.inputs[one.name]) for one in step.node.inputs if one.name in step.inputs}
        facts["versions"] = [s.node.version for s in self.steps] if versions else []
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def asked(self) -> str:
        """Hash of the values that were asked for, of whichever frames: the same of all chunks of a shot, and of a range of it that is made again.

        Of values by frame counts only that they are such: hosts send those of the frames in work.
        """
        values = [
            {
                n: "by frame" if isinstance(v := getattr(step.node, n), Keyed) else v
                for n, p in step.node.parameters().items()
                if p.animated
            }
            for step in self.steps
        ]
        return hashlib.sha256(json.dumps([self.identity(), values], sort_keys=True).encode()).hexdigest()

    def changing(self, number: int, origin: int) -> list[Any]:
        """The values that may change over the shot, of every frame of a node that a frame of the output sees through the nodes after it.

        `origin` is the number of the plate's frame that it is made of.
        """
        found: list[Any] = []
        before = after = 0
        for step in reversed(self.steps):
            near = sorted({at + d for at in (number, origin) for d in range(-before, after + 1)})
            animated = [n for n, p in step.node.parameters().items() if p.animated]
            seen = [step.node.for_frame(n) for n in near] if step.node.by_frame() else [step.node]
            found += [[getattr(node, name) for name in animated] for node in seen]
            window = step.node.temporal_window()
            before, after = before + window.before, after + window.after
        return found


class _Problems:
    """Everything that is wrong, in words."""

    def __init__(self, spell: Callable[[str], str] | None) -> None:
        self.texts: list[str] = []
        self._spell = spell
        self._remedies: list[str] = []

    def add(self, name: str, says: str) -> None:
        """Something is wrong with a value."""
        self.texts.append(f"{self._spell(name) if self._spell else name}: {says}")

    def collect(self, prefix: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, or None and its error."""
        try:
            return make()
        except VfxaiError as error:
            prefix = "" if self._spell else prefix  # on a command line there is one node, and its options say which
            problems = error.problems if isinstance(error, ParameterError) else ()
            for name, says in problems:
                self.add(prefix + name, says)
            if not problems:
                self.texts.append(prefix + error.message)
                self._remedies.append(error.remedy)
            return None

    def remedy(self, where: str) -> str:
        """What to do: as the only error says, else where to look."""
        if len(self.texts) == len(self._remedies) == 1 and self._remedies[0]:
            return self._remedies[0]
        return f"see `{where} --help`" if self._spell else REMEDY


def _made(kind: type[Any], values: Mapping[Any, Any]) -> Any:
    return kind(**{str(k): v for k, v in values.items()})


def _step(table: Any) -> Step:
    if not isinstance(table, Mapping) or not isinstance(table.get("id"), str):
        raise RecipeError("id is missing" if isinstance(table, Mapping) else f"expected a table, got {shown(table)}")
    kind = registry.get(table["id"])
    named = {i.name: i for i in kind.inputs if i.takes}
    problems: list[tuple[str, str]] = []
    fed, node = {}, None
    for name in [n for n in table if n in named and table[n] not in ("", [], ())]:
        try:
            fed[name] = named[name].accept(table[name])
        except ParameterError as error:
            problems += error.problems
    try:
        node = _made(kind, {k: v for k, v in table.items() if k != "id" and k not in named})
    except ParameterError as error:
        if not error.problems:
            raise
        problems += error.problems
    if problems or node is None:
        raise ParameterError(told([f"{n}: {says}" for n, says in problems]), problems=tuple(problems))
    return Step(node, fed)
