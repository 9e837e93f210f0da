"""What a press of Render comes to: frames, sources, output, and the recipe, all taken from the Group at once."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

import nuke

from . import color, knobs, output, paths, ranges, sources, state
from . import group as groups
from .sources import Source
from .table import Facts, table
from .telling import Refusal

SHOT, PREVIEW, FARM = "shot", "preview", "farm"
"""What is made: the frames of the Render tab, the viewer's frame, or a recipe whose exported frames stay where they are."""


class Plan(NamedTuple):
    """A job that is ready to be exported and run."""

    group: nuke.Group
    kind: str
    """SHOT, PREVIEW or FARM."""
    frames: list[int]
    """Of the plate, to be processed."""
    views: list[str]
    sources: list[Source]
    """Of the inputs that are connected, the plate's first."""
    result: str
    """Pattern of the output, with %V where the script has several views."""
    folder: str
    """For exported frames."""
    recipe: dict[str, Any]
    hash: str
    """Of what the result will be made of."""
    notes: list[str]
    """What was decided for the artist, in words."""


def make(group: nuke.Group, kind: str = SHOT) -> Plan:
    """The plan. Nothing is written. Raises Refusal where something is missing or does not fit together."""
    facts = groups.node_facts(group)
    result = output.pattern(group)
    folder = output.private_folder(result, group) + "/" + (kind if kind != PREVIEW else f"{kind}-{output.user()}-{os.getpid()}")
    plate = group.input(0)
    if plate is None:
        raise Refusal(f"{group.name()}: nothing is connected to plate", "Connect it.")
    notes: list[str] = []
    views = list(nuke.views())
    if kind == PREVIEW:
        result = "{}/shown/preview{}.%04d.exr".format(folder, ".%V" if len(views) > 1 else "")
        frames = ranges.viewed(plate)
        seen = ranges.around(group, facts, plate, frames[0])
    else:
        frames = ranges.asked(group, plate, notes)
        seen = list(range(plate.firstFrame(), plate.lastFrame() + 1))
    found = [sources.find(group, given, folder, seen) for given in facts["inputs"]]
    there = [source for source in found if source is not None]
    lacking = [given["name"] for given, source in zip(facts["inputs"], found) if source is None and not given["optional"]]
    if lacking:
        raise Refusal("{}: nothing is connected to {}".format(group.name(), ", ".join(lacking)), "Connect it.")
    if any(source.exported for source in there) and nuke.root()["proxy"].value():
        notes.append("exported at full size though the proxy is on")
    _same_size(group, facts)
    recipe = _recipe(group, facts, there, seen)
    recipe.update(output=result, frames=paths.written(frames))
    if len(views) > 1:
        _one_file_a_view(group, facts, recipe, views)
    return Plan(group, kind, frames, views, there, result, folder, recipe, state.of(group), notes)


def _same_size(group: nuke.Group, facts: Facts) -> None:
    """Refusal where a matte has another format than the plate: it would cover other pixels than the artist sees."""
    plate: Any = group.input(0)
    for given in facts["inputs"]:
        above: Any = sources.above(group, given)
        if above is None or given["kind"] not in ("mask", "cleanplate"):
            continue
        sizes = [(n.format().width(), n.format().height()) for n in (plate, above)]
        if sizes[0] != sizes[1]:
            raise Refusal(
                "the {} is {}x{}, the plate {}x{}".format(given["name"], *sizes[1], *sizes[0]),
                "Put a Reformat before the {}.".format(given["name"]),
            )


def _one_file_a_view(group: nuke.Group, facts: Facts, recipe: dict[str, Any], views: list[str]) -> None:
    """Refusal where what is written besides the frames is one file for several views: each would write over the others'."""
    node = recipe["node"][0]
    written = [(one["label"], node.get(one["parameter"], "")) for one in facts["knobs"] if one.get("writes")]
    for label, path in [*written, ("Analysis", recipe.get("analysis", ""))]:
        if path and paths.of_view(path, views[0]) == path:
            raise Refusal(
                "{}: {} is one file for the views {}".format(group.name(), path, ", ".join(views)),
                f"Write %V where the view's name belongs in {label}.",
            )


def _recipe(group: nuke.Group, facts: Facts, there: list[Source], seen: list[int]) -> dict[str, Any]:
    """The recipe in the form that `vfxai run` reads, but for its frames and its output."""
    plate = there[0]
    node: dict[str, Any] = {"id": facts["id"]}
    for one in facts["knobs"]:
        if group.knob(one["name"]) is not None:  # a Group of an older vfxai may lack it, and has the default then
            found = knobs.value(group, one, seen)
            if found != one["default"]:
                node[one["parameter"]] = found
    node.update(_fed(group, there[1:]))
    recipe: dict[str, Any] = {
        one["parameter"]: knobs.value(group, one, []) for one in table()["job"] if group.knob(one["name"]) is not None
    }
    recipe = {name: value for name, value in recipe.items() if value not in ("", "auto", "keep")}
    recipe.update(source=plate.pattern, colorspace=plate.colorspace, ocio=color.config(group), node=[node])
    if plate.exported and plate.half and "depth" not in recipe:
        recipe["depth"] = "half"  # the export is float to round nothing; the result is what the plate's files are
    return recipe


def _fed(group: nuke.Group, there: list[Source]) -> dict[str, Any]:
    """What the inputs besides the plate are in a recipe: a pattern, a row of them, or FRAME=FILE for each picture."""
    fed: dict[str, Any] = {}
    for source in there:
        given = source.given
        if given["takes"] == "value":
            fed[given["input"]] = source.pattern
        elif given["takes"] == "repeated":
            fed[given["input"]] = [f"{n}={paths.frame_path(source.pattern, n)}" for n in source.frames]
        else:
            together = [s.pattern for s in there if s.given["input"] == given["input"]]
            if len(together) < given["of"]:
                raise Refusal(
                    "{}: {} alone says nothing".format(group.name(), given["name"]), "Connect the other of the two as well."
                )
            fed[given["input"]] = together
    return fed


def colors(plan: Plan) -> dict[str, Any]:
    """How a Read shows the result: raw where it stands in the working space, else in this space."""
    other = plan.recipe.get("output_colorspace")
    return {"raw": plan.sources[0].raw and not other, "colorspace": other or plan.recipe["colorspace"]}


def recipes(plan: Plan) -> list[dict[str, Any]]:
    """The recipe; where it names views in a way that `vfxai run` does not tell from the files, one for each."""
    if len(plan.views) > 1 and "%V" in plan.sources[0].pattern and all(re.fullmatch("[A-Za-z0-9]+", view) for view in plan.views):
        return [{**plan.recipe, "views": ",".join(plan.views)}]
    return [_of_view(plan.recipe, view) for view in plan.views]


def _of_view(value: Any, view: str) -> Any:
    """A recipe, or a part of one, with the view in every pattern."""
    if isinstance(value, dict):
        return {name: _of_view(one, view) for name, one in value.items()}
    if isinstance(value, list):
        return [_of_view(one, view) for one in value]
    return paths.of_view(value, view) if isinstance(value, str) and "/" in value else value


def save(plan: Plan, path: str) -> list[str]:
    """Writes the recipe, or one a view, each whole or not at all; the files."""
    found = recipes(plan)
    files = [f"{path[:-5]}.{view}.json" for view in plan.views] if len(found) > 1 else [path]
    for file, recipe in zip(files, found):
        _write(file, json.dumps(recipe, indent=1, ensure_ascii=False) + "\n")
    return files


def _write(path: str, text: str) -> None:
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path + ".part", "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(path + ".part", path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error}", "Check the folder, free space and permission.") from error


def export(plan: Plan) -> None:
    """Exports what must be exported. What an earlier press exported of the very same script is taken as it is."""
    needed = [source for source in plan.sources if source.exported]
    if not needed:
        return
    stamp = os.path.join(plan.folder, "exported.json")
    facts = {"hash": plan.hash, "frames": [s.frames for s in needed], "views": plan.views}
    try:
        with open(stamp, encoding="utf-8") as stream:
            if json.load(stream) == facts:
                return
    except (OSError, ValueError):
        pass
    sources.remove(plan.folder)
    for source in needed:
        sources.export(plan.group, source, plan.views, plan.group["vfxai_metadata"].value())
    _write(stamp, json.dumps(facts))
