"""`vfxai run RECIPE.toml`: a chain of nodes without files in between. Options go before what the recipe says."""

from __future__ import annotations

import json
from argparse import Action, ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vfxai.cli.node import add_json, add_worker, run_recipe
from vfxai.schema.job import Job, describe_job
from vfxai.surfaces.options import add_options, values_from

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("run", help="run a recipe: a chain of nodes", description=__doc__)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="TOML or JSON file (docs/how-to/recipes.md)")
    parser.add_argument("--schema", action=PrintSchema, nargs=0, help="print the JSON schema of a recipe, and leave")
    add_options(parser, "job", describe_job())
    parser.add_argument(
        "--map", action="append", default=[], metavar="OLD=NEW", help="where this machine mounts a folder of the recipe"
    )
    parser.add_argument("--map-rules", type=Path, metavar="FILE", help="the same from a file of Open Job Description")
    add_json(parser)
    add_worker(parser)
    parser.set_defaults(run=run, events=True)


class PrintSchema(Action):
    """Prints what a recipe may say, as --help prints the options."""

    def __call__(self, parser: ArgumentParser, *_: Any) -> None:
        """Leaves the program."""
        from vfxai.schema import registry
        from vfxai.schema.description import describe
        from vfxai.surfaces.json_schema import recipe_schema

        registry.discover()
        print(json.dumps(recipe_schema(describe_job(), [describe(registry.get(n)) for n in registry.names()])))
        parser.exit()


def run(options: Namespace) -> int:
    """Reads and runs it."""
    from dataclasses import replace

    from vfxai.engine.path_map import mapper, parse_rule, read_rules, with_paths
    from vfxai.engine.recipe import Recipe

    recipe = Recipe.read(options.recipe)
    rules = [parse_rule(text) for text in options.map] + list(read_rules(options.map_rules) if options.map_rules else ())
    if rules:
        recipe = with_paths(recipe, mapper(rules))
    instead = values_from(options, Job.parameters())
    return run_recipe(replace(recipe, job=recipe.job.replaced(**instead)), options)
