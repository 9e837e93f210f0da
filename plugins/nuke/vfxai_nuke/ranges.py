"""Which frames: those that the Render tab asks for, the viewer's, those around it, and those that a person typed."""

from __future__ import annotations

import nuke

from . import paths
from .table import Facts
from .telling import Refusal


def typed(text: str) -> list[int]:
    """Frames that a person wrote as Nuke takes them, with commas or blanks between; Refusal where they are none."""
    text = text.replace(",", " ").strip()
    try:
        return sorted(set(nuke.FrameRanges(text).toFrameList())) if text else []
    except (RuntimeError, ValueError, TypeError) as error:
        raise Refusal(f"{text!r} are no frames: {error}", "Write them as 1001-1048 or 1001 1005 1009-1012.") from error


def asked(group: nuke.Group, plate: nuke.Node, notes: list[str]) -> list[int]:
    """The frames that the Render tab asks for; all must be frames of the plate."""
    whole = range(plate.firstFrame(), plate.lastFrame() + 1)
    which = group["vfxai_range"].value()
    if which == "input":
        return list(whole)
    if which == "project":
        root = nuke.root()
        first, last = int(root["first_frame"].value()), int(root["last_frame"].value())
        frames = [n for n in whole if first <= n <= last]
        if not frames:
            raise Refusal(
                f"the project's {first}-{last} has no frame of the plate's {plate.firstFrame()}-{plate.lastFrame()}",
                "Choose Frames: input.",
            )
        if first < plate.firstFrame() or last > plate.lastFrame():
            notes.append(f"the project goes beyond the plate: {paths.written(frames)} are rendered")
        return frames
    frames = typed(str(group["vfxai_frames"].value()))
    outside = [n for n in frames if n not in whole]
    if not frames or outside:
        what = "Custom is empty" if not frames else f"the plate has no frame {paths.written(outside)}"
        raise Refusal(f"{what}; it has {plate.firstFrame()}-{plate.lastFrame()}", "Correct Custom on the Render tab.")
    return frames


def viewed(plate: nuke.Node) -> list[int]:
    """The viewer's frame; Refusal where the plate does not have it."""
    frame = int(nuke.frame())
    if not plate.firstFrame() <= frame <= plate.lastFrame():
        raise Refusal(f"the plate has no frame {frame}; it has {plate.firstFrame()}-{plate.lastFrame()}", "Go to a frame of it.")
    return [frame]


def around(group: nuke.Group, facts: Facts, plate: nuke.Node, frame: int) -> list[int]:
    """The frames that a preview looks at: as many on each side as the node's radius says, at most what the plate has."""
    before, after = facts["window"]["before"], facts["window"]["after"]
    if facts["radius"]:
        before = after = int(group[knob_of(facts, facts["radius"])].value())
    return list(range(max(plate.firstFrame(), frame - before), min(plate.lastFrame(), frame + after) + 1))


def knob_of(facts: Facts, parameter: str) -> str:
    """The knob of a parameter."""
    return str(next(one["name"] for one in facts["knobs"] if one["parameter"] == parameter))
