import json
from argparse import ArgumentParser
from pathlib import Path

import jsonschema
import pytest

from vfxai.engine.recipe import Recipe
from vfxai.errors import RecipeError
from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.job import describe_job
from vfxai.surfaces import reference
from vfxai.surfaces.json_schema import node_schema, recipe_schema
from vfxai.surfaces.options import add_options, settable, values_from

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden"
registry.discover()


@pytest.mark.parametrize("node", registry.names())
def test_the_description_is_the_golden_one(node: str) -> None:
    """A change here is a change of the public surface: rewrite the file with `vfxai nodes NODE --json` and say so in the changelog."""
    assert describe(registry.get(node)) == json.loads((GOLDEN / f"{node}.json").read_text())


def test_the_reference_pages_are_up_to_date() -> None:
    assert reference.stale(ROOT / "docs/reference") == []


@pytest.mark.parametrize("node", registry.names())
def test_defaults_satisfy_the_schema_and_bad_values_do_not(node: str) -> None:
    kind = registry.get(node)
    schema = node_schema(describe(kind))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"id": node, **kind().values()}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": node, "no_such_parameter": 1}, schema)


def test_options_give_the_values_that_were_given() -> None:
    parser = ArgumentParser()
    description = describe(registry.get("denoise"))
    add_options(parser, "denoise", settable(description))
    options = parser.parse_args(["--strength", "0.5", "--region-frame", "3", "--mask", "m.####.exr"])
    words = registry.get("denoise").words()
    assert values_from(options, words) == {"strength": "0.5", "region_frame": "3", "mask": "m.####.exr"}
    assert values_from(parser.parse_args([]), words) == {}
    assert "[0 to 2]" in parser.format_help()


def test_a_recipe_with_keys_follows_the_schema_and_a_wrong_one_does_not() -> None:
    schema = recipe_schema(describe_job(), [describe(registry.get(name)) for name in registry.names()])
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {
        "source": "a",
        "output": "b",
        "tile": 512,
        "node": [{"id": "denoise", "strength": {"1001": 0.5, "1048": 1}, "mask": "m"}],
    }
    jsonschema.validate(good, schema)
    Recipe.from_dict(good)
    for wrong in (
        {"tile": "big"},
        {"frmes": "1"},
        {"node": [{"id": "denoise", "radius": {"1001": 1}}]},
        {"node": []},
        {"depth": "byte"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(good | wrong, schema)
        with pytest.raises(RecipeError):
            Recipe.from_dict(good | wrong)
