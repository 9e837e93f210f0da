"""What the nodes of a chain learned from a whole shot, in the form in which it is stored, sent to other machines, and used."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from vfxai import __version__
from vfxai.errors import ParameterError, reason

SCHEMA = 1
"""Of to_dict(); an analysis of another one is refused, and made anew where vfxai made it."""
REMEDY = "delete it to measure again, or give a file that --analysis wrote"


@dataclass(frozen=True)
class Learned:
    """What one node learned."""

    node: str
    """Id of the node."""
    version: int
    """Of the node's code that learned it."""
    data: dict[str, Any] | None
    """Plain values, from which the node's load_analysis() makes what it works with; None where it needs nothing of the shot."""
    warnings: tuple[str, ...] = ()
    """What there was to say about it, which is said again to whoever uses it."""


@dataclass(frozen=True)
class Analyses:
    """What the nodes of a chain learned from a whole shot, one entry a node, in order. May be edited as a file, and is hashed by content."""

    learned: tuple[Learned, ...]
    precisions: Mapping[str, str] = field(default_factory=dict)
    """The precision in which each model ran, such as "fp32", by model id. All frames of a shot keep it, whichever machine makes them."""

    @property
    def is_empty(self) -> bool:
        """Whether no node needed anything of the shot."""
        return all(one.data is None for one in self.learned)

    @property
    def hash(self) -> str:
        """SHA-256 of what decides pixels: what was learned, and the precisions; not which release learned it, nor what was said."""
        facts = [[one.node, one.data] for one in self.learned], dict(self.precisions)
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file; of one shape whatever the number of nodes."""
        nodes = [
            {"node": one.node, "version": one.version, "warnings": list(one.warnings), "analysis": one.data}
            for one in self.learned
        ]
        return {"vfxai": __version__, "schema": SCHEMA, "precisions": dict(self.precisions), "nodes": nodes}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """From what to_dict() gave, possibly edited; ParameterError for anything else."""
        try:
            if data["schema"] != SCHEMA:
                raise ValueError(f"its schema is {data['schema']!r}, this release knows {SCHEMA}")
            learned = tuple(
                Learned(
                    str(one["node"]),
                    int(one.get("version", 1)),
                    _table(one["analysis"]),
                    tuple(map(str, one.get("warnings", ()))),
                )
                for one in data["nodes"]
            )
            return cls(learned, {str(model): str(precision) for model, precision in data.get("precisions", {}).items()})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ParameterError(f"this is no analysis: {reason(error)}", remedy=REMEDY) from error

    def check(self, nodes: list[str]) -> None:
        """ParameterError where these are not analyses of nodes of these ids, in this order."""
        found = [one.node for one in self.learned]
        if found != nodes:
            raise ParameterError(
                f"this is an analysis of {' and '.join(found) or 'nothing'}, the chain has {' and '.join(nodes)}", remedy=REMEDY
            )


def _table(data: Any) -> dict[str, Any] | None:
    if data is not None and not isinstance(data, dict):
        raise ValueError(f"analysis: expected a table of values, got {data!r}")
    return data


def stored_form(analysis: Any) -> dict[str, Any] | None:
    """The plain values of a node's analysis as a JSON file gives them back, so that the first use is like every later one."""
    if analysis is None:
        return None
    stored: dict[str, Any] = json.loads(json.dumps(analysis.to_dict()))
    return stored
