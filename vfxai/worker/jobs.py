"""Recipes over files: run to the end, or one frame of them for a look."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vfxai.engine.file_job import FileJob
from vfxai.engine.recipe import Recipe
from vfxai.engine.resume import file_identity
from vfxai.engine.run import run as engine_run
from vfxai.errors import ParameterError
from vfxai.image.clip import Clip
from vfxai.image.files import write_frame
from vfxai.schema import registry
from vfxai.schema.events import Event, Progress
from vfxai.schema.node import Node
from vfxai.schema.parameters import ChoiceParameter, FileParameter, FilesParameter, IntParameter
from vfxai.schema.vocabulary import Input
from vfxai.session.analyses import Analyses
from vfxai.session.clips import SourceClip
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage
from vfxai.worker.client.answers import PreviewAnswer, RunAnswer
from vfxai.worker.client.requests import Preview, Run
from vfxai.worker.exchange import Exchange
from vfxai.worker.reduced import MiddleClip, ReducedClip, reduced
from vfxai.worker.service import Service


class Forward:
    """A run's events as lines to the client, but for progress, which comes there through the request."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def event(self, event: Event) -> None:
        """Sends it."""
        if isinstance(event, Progress):
            return
        facts = event.to_dict()
        self._exchange.tell(str(facts.pop("event")), **facts)
        if event.name == "start":
            self._exchange.total = int(facts["frames"])
        elif event.name == "frame":
            self._exchange.done += 1


def run(service: Service, message: Run, exchange: Exchange) -> RunAnswer:
    """Runs it to the end, as `vfxai run` does, with the networks of the worker."""
    recipe = recipe_of(message)
    quiet = Request(exchange.progress, cancelled=exchange.cancelled, turn=exchange.turn)  # whose warnings are events of the run
    with service.alone_at(os.path.realpath(recipe.output), exchange):
        outcome = engine_run(recipe, Forward(exchange), quiet, service.pool)
    return RunAnswer(outcome=outcome.to_dict())


def preview(service: Service, message: Preview, exchange: Exchange) -> PreviewAnswer:
    """Makes one frame of a reduced plate and writes it. What is learned for it is learned from the frames around it, unless it is at hand for any size."""
    if message.longest < 0 or not Path(message.output).is_absolute():
        raise ParameterError(
            f"preview: expected a size from 0 and an absolute output, got {message.longest} and {message.output!r}",
            remedy="send both",
        )
    recipe = recipe_of(message)
    if message.alone:
        recipe = replace(recipe, steps=tuple(replace(step, node=_rough(step.node)) for step in recipe.steps))
    job = FileJob(recipe, exchange, service.pool)
    whole, around = job.source.whole(), _around(job, message.time)
    files = [file_identity(whole.path(number)) for number in around]
    facts = [recipe.identity(), job.config_identity(), message.time, message.longest, message.alone, files]
    in_part = message.alone and all(step.node.learns_from_part() for step in recipe.steps)
    taught = MiddleClip if in_part else ReducedClip
    learned = service.learned(json.dumps(facts), lambda: _small(job, message, around, shape=taught).analyze(exchange))
    frame = _small(job, message, around, learned).frame(message.time, exchange)
    if message.longest and not all(step.node.reducible for step in recipe.steps):
        frame = reduced(frame, message.longest)
    write_frame(Path(message.output), frame, depth=recipe.job.depth, compression=recipe.job.compression, attributes={})
    box = frame.data_window
    return PreviewAnswer(path=message.output, width=box.width, height=box.height, colorspace=frame.colorspace)


def _rough(node: Node) -> Node:
    """The node without a look at other frames and in its least quality, which is the first of its choices, where it has such values."""
    parameters = node.parameters()
    radius, quality = parameters.get("radius"), parameters.get("quality")
    values: dict[str, Any] = {"radius": 0} if isinstance(radius, IntParameter) and radius.min <= 0 else {}
    if isinstance(quality, ChoiceParameter):
        values["quality"] = quality.options[0]
    return node.replaced(**values) if values else node


def _around(job: FileJob, time: int) -> list[int]:
    """The frames of the plate that one frame of the chain looks at."""
    windows = [step.node.temporal_window() for step in job.recipe.steps if not step.node.leaves_plate()]
    before, after = sum(w.before for w in windows), sum(w.after for w in windows)
    whole = job.source.whole()
    return [n for n in range(time - before, time + after + 1) if whole.has(n)]


def _small(
    job: FileJob, message: Preview, around: list[int], analyses: Analyses | None = None, shape: type[ReducedClip] = ReducedClip
) -> Session:
    """The session of a preview: over the frames that one frame needs, or the middles of them."""
    nodes, whole = [step.node for step in job.recipe.steps], job.source.whole()
    small = bool(message.longest) and all(node.reducible for node in nodes)

    def shaped(clip: Clip) -> Clip:
        return shape(clip, message.longest) if small else clip

    shot = shaped(SourceClip(around, whole.__getitem__))
    stages = [Stage(s.node, {name: shaped(clip) for name, clip in s.inputs.items()}) for s in job.session.stages]
    return Session(shot, stages, pool=job.pool, config=job.config, analyses=analyses)


def recipe_of(message: Run | Preview) -> Recipe:
    """The recipe with absolute paths and what the client's environment says; RecipeError where it makes no sense."""
    folder = Path(message.folder)
    if not folder.is_absolute():
        raise ParameterError(
            f"folder: expected an absolute folder, got {message.folder!r}", remedy="send the one that paths belong to"
        )
    registry.discover()
    recipe = Recipe.from_dict(absolute(message.recipe, folder))
    options: dict[str, Any] = {}
    if message.ocio and not recipe.job.ocio:
        options["ocio"] = _joined(message.ocio, folder)
    if message.license and recipe.job.license == "auto":
        options["license"] = message.license
    return replace(recipe, job=recipe.job.replaced(**options)) if options else recipe


def absolute(recipe: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A recipe as it was sent with every path of it absolute; what is not as it should be stays for Recipe to refuse."""
    found = {name: _joined(recipe[name], folder) if name in ("source", "output", "analysis") else recipe[name] for name in recipe}
    if "ocio" in found and isinstance(found["ocio"], str) and (folder / found["ocio"]).is_file():
        found["ocio"] = _joined(found["ocio"], folder)
    if isinstance(nodes := recipe.get("node"), list | tuple):
        found["node"] = [_node(table, folder) if isinstance(table, Mapping) else table for table in nodes]
    return found


def _node(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    kinds = {kind.id: kind for kind in map(registry.get, registry.names())}
    kind = kinds.get(table["id"]) if isinstance(table.get("id"), str) else None
    if kind is None:
        return dict(table)
    paths = {name for name, one in kind.parameters().items() if isinstance(one, FileParameter | FilesParameter)}
    inputs = {one.name: one for one in kind.inputs}
    found = {name: _joined(value, folder) if name in paths else value for name, value in table.items()}
    return {name: _fed(inputs[name], value, folder) if name in inputs else value for name, value in found.items()}


def _fed(declared: Input, value: Any, folder: Path) -> Any:
    """What an input is fed with, with its paths joined to the folder."""
    if isinstance(value, list | tuple):
        return [_fed(declared, one, folder) for one in value]
    return declared.moved(value, lambda path: str(_joined(path, folder))) if isinstance(value, str) and value else value


def _joined(value: Any, folder: Path) -> Any:
    """A path or a list of paths, in the folder where they are relative. Patterns stay as they are written."""
    if isinstance(value, list | tuple):
        return [_joined(one, folder) for one in value]
    return os.path.join(folder, value) if isinstance(value, str) and value else value  # noqa: PTH118  # Path would take "." and "//" out of patterns
