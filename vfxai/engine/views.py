"""Recipes over stereo plates whose views lie in files of their own: one recipe a view."""

from dataclasses import replace

from vfxai.engine.progress import Reporter
from vfxai.engine.recipe import Recipe, Step
from vfxai.engine.stereo import asked_views, node_of_view, views_held
from vfxai.errors import MissingInputError, ParameterError
from vfxai.image.absent import absent
from vfxai.image.sequence import Pattern
from vfxai.image.views import has_views, of_view, views_on_disk
from vfxai.schema.events import ErrorEvent, Event, FrameDone, Start


def by_view(recipe: Recipe) -> list[tuple[str, Recipe]]:
    """Each view and its recipe, with the view's name in the place of %V; the recipe itself, of no view, where the plate has no such place.

    ParameterError where the output has no place for several views, MissingInputError where the plate has none of those that are asked for.
    """
    held = not has_views(recipe.source)  # in one file, of which %V in the output makes one each
    if held and not has_views(recipe.output):
        return [("", recipe)]
    there = views_held(recipe) if held else views_on_disk(recipe.source)
    if not there and held and Pattern.parse(recipe.source).settled().files:
        raise ParameterError(f"{recipe.output} has a place for views, of which {recipe.source} holds none", remedy="leave out %V")
    if not there:
        raise absent(recipe.source)
    asked = asked_views(recipe)
    if lost := [view for view in asked if view not in there]:
        raise MissingInputError(
            f"{recipe.source} has no view {' or '.join(lost)}; there is {', '.join(there)}",
            remedy="give --views with some of these",
        )
    views = asked or there
    written = [pair for step in recipe.steps if not step.node.leaves_plate() for pair in step.node.files_written().items()]
    for name, text in (("output", recipe.output), ("analysis", recipe.job.analysis), *written):
        if len(views) > 1 and text and not has_views(text):
            raise ParameterError(
                f"{name}: {text} is one place for the views {', '.join(views)}", remedy="write %V where the view's name belongs"
            )
    return [(view, _of(recipe, view)) for view in views]


def _of(recipe: Recipe, view: str) -> Recipe:
    steps = tuple(
        Step(
            node_of_view(step.node, view),
            {name: tuple(of_view(text, view) for text in given) for name, given in step.inputs.items()},
        )
        for step in recipe.steps
    )
    within = "" if has_views(recipe.source) else view
    job = recipe.job.replaced(views=within, analysis=of_view(recipe.job.analysis, view))
    return replace(recipe, source=of_view(recipe.source, view), output=of_view(recipe.output, view), steps=steps, job=job)


class OfView:
    """A reporter of the run of one view among several, which names the view."""

    def __init__(self, reporter: Reporter, view: str) -> None:
        self._reporter, self._view = reporter, view

    def event(self, event: Event) -> None:
        """Hands an event on."""
        if isinstance(event, Start | FrameDone):
            event = replace(event, view=self._view)
        elif isinstance(event, ErrorEvent):
            event = replace(event, message=f"view {self._view}, {event.message}")
        self._reporter.event(event)
