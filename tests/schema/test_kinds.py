"""Another kind of parameter is one class: every surface takes what it needs to know from the class."""

from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from vfxai.engine.recipe import Recipe
from vfxai.errors import ParameterError
from vfxai.schema import parameters, registry
from vfxai.schema.description import describe
from vfxai.schema.kind import Hosts, Parameter
from vfxai.schema.node import Node
from vfxai.surfaces.json_schema import node_schema
from vfxai.surfaces.options import add_options, settable, values_from
from vfxai.surfaces.reference import page


@dataclass(frozen=True)
class PointParameter(Parameter[tuple[float, float]]):
    """A place in a picture."""

    kind = "point"
    metavar = ("X", "Y")
    takes = "values"
    hosts = Hosts("XY_Knob", "FloatVectorProperty", "Double2D")

    def validate(self, value: object) -> tuple[float, float]:
        try:
            x, y = value  # type: ignore[misc]
            return float(x), float(y)
        except (TypeError, ValueError):
            raise self.refuse(value, "two numbers") from None

    def between(self, first: tuple[float, float], second: tuple[float, float], share: float) -> tuple[float, float]:
        return tuple(a + (b - a) * share for a, b in zip(first, second, strict=True))

    def extent(self) -> str:
        return "two numbers"

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


class Mark(Node):
    """Mark a place; for tests."""

    place: tuple[float, float] = PointParameter((0.0, 0.0), "Place", "Where.", animated=True)

    def process(self, at, analysis, tools):
        return at.center


def test_a_new_kind_is_on_every_surface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_nodes", {**registry._nodes, "mark": Mark})
    description = describe(Mark)
    parser = ArgumentParser()
    add_options(parser, "mark", settable(description))
    values = values_from(parser.parse_args(["--place", "1", "2.5"]), Mark.words())
    assert Mark(**values).place == (1.0, 2.5)
    assert "--place X Y" in parser.format_help() and "[two numbers]" in parser.format_help()
    for table in ({"id": "mark", "place": [1, 2.5]}, {"id": "mark", "place": {"1": [0, 0], "3": [4, 8]}}):
        jsonschema.validate(table, node_schema(description))
        recipe = Recipe.from_dict({"source": "a", "output": "b", "node": [table]})
        assert Recipe.from_dict(recipe.to_dict()).to_dict() == recipe.to_dict()
    assert recipe.steps[0].node.for_frame(2).place == (2.0, 4.0)
    assert "| `place` | Place | point by frame | two numbers |" in page(description)
    assert description["parameters"]["place"]["hosts"] == {"nuke": "XY_Knob", "blender": "FloatVectorProperty", "ofx": "Double2D"}
    with pytest.raises(ParameterError, match="place: expected two numbers, got 'x'"):
        Mark(place="x")


def test_every_kind_says_what_surfaces_need() -> None:
    kinds = [k for k in vars(parameters).values() if isinstance(k, type) and issubclass(k, Parameter) and k.kind]
    assert len({k.kind for k in kinds}) == len(kinds) == 9
    for kind in kinds:
        assert kind.takes in ("value", "values", "repeated", "switch")
        assert kind.hosts.nuke.endswith("_Knob") and kind.hosts.blender.endswith("Property") and kind.hosts.ofx
