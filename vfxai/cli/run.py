"""`vfxai run RECIPE.toml`: a chain of nodes without files in between."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from vfxai.cli.node import add_json, run_recipe

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("run", help="run a recipe: a chain of nodes", description=__doc__)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="TOML or JSON file (docs/how-to/recipes.md)")
    parser.add_argument("--frames", help="frames to process instead of the recipe's")
    parser.add_argument("--overwrite", action="store_true", help="make all frames again")
    add_json(parser)
    parser.set_defaults(run=run, events=True)


def run(options: Namespace) -> int:
    """Reads and runs it."""
    from dataclasses import replace

    from vfxai.engine.recipe import Recipe

    recipe = Recipe.read(options.recipe)
    if options.frames:
        recipe = replace(recipe, frames=options.frames)
    return run_recipe(replace(recipe, overwrite=recipe.overwrite or options.overwrite), options)
