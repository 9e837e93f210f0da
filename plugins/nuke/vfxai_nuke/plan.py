"""What a press of Render comes to: frames, sources, output, and the recipe, all taken from the Group at once."""

from __future__ import annotations

import getpass
import json
import os
from typing import Any, NamedTuple

import nuke

from . import color, knobs, output, paths, sources, state
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
    span: tuple[int, int]
    """First and last frame that are exported."""
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
    private = output.private_folder(result, group)
    folder = private + "/" + (kind if kind != PREVIEW else f"{kind}-{getpass.getuser()}-{os.getpid()}")
    found = [sources.find(group, i, given["name"], folder) for i, given in enumerate(facts["inputs"])]
    for given, source in zip(facts["inputs"], found):
        if source is None and not given["optional"]:
            raise Refusal("{}: nothing is connected to {}".format(group.name(), given["name"]), "Connect it.")
    there = [source for source in found if source is not None]
    plate = there[0]
    _same_size(group, facts, found)
    notes: list[str] = []
    views = list(nuke.views())
    frames = frames_of(group, plate, notes) if kind != PREVIEW else _viewed(plate)
    span = (plate.first, plate.last) if kind != PREVIEW else _around(facts, plate, frames[0])
    if kind == PREVIEW:
        result = "{}/shown/preview{}.%04d.exr".format(folder, ".%V" if len(views) > 1 else "")
    recipe = _recipe(group, facts, there, frames, span, result, views)
    return Plan(group, kind, frames, views, there, span, result, folder, recipe, state.of(group), notes)


def frames_of(group: nuke.Group, plate: Source, notes: list[str]) -> list[int]:
    """The frames that the Render tab asks for; all must be frames of the plate."""
    whole = range(plate.first, plate.last + 1)
    asked = group["vfxai_range"].value()
    if asked == "input":
        return list(whole)
    if asked == "project":
        root = nuke.root()
        first, last = int(root["first_frame"].value()), int(root["last_frame"].value())
        frames = [n for n in whole if first <= n <= last]
        if not frames:
            raise Refusal(
                f"the project's {first}-{last} has no frame of the plate's {plate.first}-{plate.last}", "Choose Frames: input."
            )
        if first < plate.first or last > plate.last:
            notes.append(f"the project goes beyond the plate: {paths.written(frames)} are rendered")
        return frames
    text = str(group["vfxai_frames"].value()).replace(",", " ").strip()
    try:
        frames = sorted(set(nuke.FrameRanges(text).toFrameList())) if text else []
    except (RuntimeError, ValueError, TypeError) as error:
        raise Refusal(f"{text!r} are no frames: {error}", "Write Custom as 1001-1048 or 1001 1005 1009-1012.") from error
    outside = [n for n in frames if n not in whole]
    if not frames or outside:
        what = "Custom is empty" if not frames else f"the plate has no frame {paths.written(outside)}"
        raise Refusal(f"{what}; it has {plate.first}-{plate.last}", "Correct Custom on the Render tab.")
    return frames


def _viewed(plate: Source) -> list[int]:
    frame = int(nuke.frame())
    if not plate.first <= frame <= plate.last:
        raise Refusal(f"the plate has no frame {frame}; it has {plate.first}-{plate.last}", "Go to a frame of it.")
    return [frame]


def _around(facts: Facts, plate: Source, frame: int) -> tuple[int, int]:
    """The frames that a preview looks at: the node's window, at most what the plate has."""
    window = facts["window"]
    return max(plate.first, frame - window["before"]), min(plate.last, frame + window["after"])


def _same_size(group: nuke.Group, facts: Facts, found: list[Any]) -> None:
    """Refusal where a matte has another format than the plate: it would cover other pixels than the artist sees."""
    plate: Any = group.input(0)
    for index, given in enumerate(facts["inputs"]):
        above: Any = group.input(index)
        if given["kind"] != "mask" or found[index] is None:
            continue
        sizes = [(n.format().width(), n.format().height()) for n in (plate, above)]
        if sizes[0] != sizes[1]:
            raise Refusal(
                "the {} is {}x{}, the plate {}x{}".format(given["name"], *sizes[1], *sizes[0]),
                "Put a Reformat before the {}.".format(given["name"]),
            )


def _recipe(
    group: nuke.Group, facts: Facts, there: list[Source], frames: list[int], span: tuple[int, int], result: str, views: list[str]
) -> dict[str, Any]:
    """The recipe in the form that `vfxai run` reads."""
    plate = there[0]
    node: dict[str, Any] = {"id": facts["id"]}
    for one in facts["knobs"]:
        if group.knob(one["name"]) is not None:  # a Group of an older vfxai may lack it, and has the default then
            found = knobs.value(group, one, range(span[0], span[1] + 1))
            if found != one["default"]:
                node[one["parameter"]] = found
    node.update({source.name: source.pattern for source in there[1:]})
    recipe: dict[str, Any] = {
        one["parameter"]: knobs.value(group, one, []) for one in table()["job"] if group.knob(one["name"]) is not None
    }
    recipe = {name: value for name, value in recipe.items() if value not in ("", "auto", "keep")}
    recipe.update(
        source=plate.pattern,
        output=result,
        frames=paths.written(frames),
        colorspace=plate.colorspace,
        ocio=color.config(group),
        node=[node],
    )
    if plate.exported and plate.half and "depth" not in recipe:
        recipe["depth"] = "half"  # the export is float to round nothing; the result is what the plate's files are
    return recipe


def colors(plan: Plan) -> dict[str, Any]:
    """How a Read shows the result: raw where it stands in the working space, else in this space."""
    other = plan.recipe.get("output_colorspace")
    return {"raw": plan.sources[0].raw and not other, "colorspace": other or plan.recipe["colorspace"]}


def recipes(plan: Plan) -> list[dict[str, Any]]:
    """One recipe a view."""
    text = json.dumps(plan.recipe)
    return [json.loads(text.replace("%V", json.dumps(view)[1:-1])) for view in plan.views]


def save(plan: Plan, path: str) -> list[str]:
    """Writes the recipe, one a view, each whole or not at all; the files."""
    several = len(plan.views) > 1
    files = [f"{path[:-5]}.{view}.json" if several else path for view in plan.views]
    for file, recipe in zip(files, recipes(plan)):
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
    facts = {"hash": plan.hash, "span": list(plan.span), "views": plan.views}
    try:
        with open(stamp, encoding="utf-8") as stream:
            if json.load(stream) == facts:
                return
    except (OSError, ValueError):
        pass
    sources.remove(plan.folder)
    for source in needed:
        sources.export(plan.group, source, plan.span, plan.views, plan.group["vfxai_metadata"].value())
    with open(stamp, "w", encoding="utf-8") as stream:
        json.dump(facts, stream)
