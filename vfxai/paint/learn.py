"""The pass over a whole shot before its frames are coloured: cuts, motion, and the network fitted to the keys."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from vfxai.color.luminance import LUMAS, Luminance
from vfxai.errors import ParameterError
from vfxai.image.box import Box
from vfxai.image.clip import Clip, align
from vfxai.motion.cuts import is_cut
from vfxai.paint.keys import common_luma, luma_errors, paint_of, read_key
from vfxai.paint.painter import Example, Painter
from vfxai.paint.shot import PaintedShot
from vfxai.paint.size import reduced
from vfxai.paint.suggest import change, thumbnail
from vfxai.schema.tools import Tools

HELD_GUIDES = 12
"""Luminances at the small size that are kept: the keys on both sides, and neighbours."""
EXAMPLES = 8
"""Frames between the keys that the network learns from besides them."""
KEY_DISTANCE = 24
"""Frames from a key within which they lie, and half of those between two keys that tell of one another: beyond, motion carries too little
that is sure, and finding it would take most of the time."""


def survey(plate: Clip, luminance: Luminance, tools: Tools) -> tuple[dict[int, float], tuple[int, ...]]:
    """How much every frame differs from the one before, by number, and the first frames of new scenes."""
    changes, cuts = {}, []
    before = small = None
    for done, number in enumerate(plate.frames):
        tools.progress(done, len(plate.frames), "looking for cuts")
        guide = reduced(luminance.of(plate[number].color))
        thumb = thumbnail(guide)
        changes[number] = 0.0 if small is None else change(small, thumb)
        if before is not None and is_cut(before, guide):
            cuts.append(number)
        before, small = guide, thumb
    tools.progress(len(plate.frames), len(plate.frames), "looking for cuts")
    return changes, tuple(cuts)


def painted_shot(
    plate: Clip,
    frames: Sequence[int],
    cuts: Sequence[int],
    canvas: Box,
    luminance: Luminance,
    tools: Tools,
) -> PaintedShot:
    """The shot with its keys at the small size."""

    @lru_cache(HELD_GUIDES)
    def guide(number: int) -> Tensor:
        return reduced(luminance.of(align(plate[number], canvas).color))

    def paint(number: int) -> Tensor:  # large pictures of one key at a time
        key = read_key(number, plate[number], tools)
        return reduced(paint_of(align(key, canvas), luminance))

    paints = {number: paint(number) for number in tools.numbers("key")}
    return PaintedShot(
        frames, cuts, paints, guide, lambda done, total: tools.progress(done, total, "following motion"), tools.check
    )


def luminance_of(stated: str, plate: Clip, keys: Sequence[int], tools: Tools) -> Luminance:
    """What counts as the plate's luminance: of light by its space where that is linear, else the stated luma, or what "auto" tells from the keys."""
    own = tools.luminance(plate[plate.frames[0]])
    errors = [_luma_errors(plate, number, tools) for number in keys]
    if own.linear:
        return own
    return common_luma(errors) if stated == "auto" else Luminance(LUMAS[stated], False)


def _luma_errors(plate: Clip, number: int, tools: Tools) -> dict[str, float]:
    """Of one key; a warning where it is gray."""
    frame = plate[number]
    key = read_key(number, frame, tools)
    if bool((key.color == key.color[:1]).all()):
        tools.warn(f"the key of frame {number} has no colour; is it the plate itself?")
    return luma_errors(key, frame)


COVERED = 0.97
"""Mean confidence of every sampled frame from which motion is taken to bring all colours: what is left are seams that neighbours fill as well."""


def is_covered(shot: PaintedShot) -> bool:
    """Whether motion alone colours the whole shot: a key is near every frame, and of the frames in between none has a part that no key shows."""
    if not shot.painted or any(_away(shot, number) > KEY_DISTANCE for number in shot.frames):
        return False
    return all(float(shot.brought(number)[1].mean()) >= COVERED for number in _least_known(shot))


def _least_known(shot: PaintedShot) -> list[int]:
    """The frames from which the keys are farthest: in the middle between two, and at the ends of the scenes."""
    found = set()
    for key in shot.painted:
        scene = shot.scene(key)
        at, painted = scene.index(key), [scene.index(k) for k in shot.painted if k in scene]
        later = [i for i in painted if i > at]
        found |= {scene[0], scene[-1], scene[(at + later[0]) // 2] if later else scene[-1]}
    return sorted(found - set(shot.painted))


def _away(shot: PaintedShot, number: int) -> float:
    """Frames to the nearest key of a frame's scene."""
    return min((abs(key - number) for key in shot.keys(number)), default=float("inf"))


def fitted(painter: Painter, shot: PaintedShot, steps: int, tools: Tools) -> Painter:
    """The painter after it has learnt from the keys, and from the frames between them where motion is sure."""
    keys, between = shot.painted, sample(shot)
    examples = []
    for number in keys:
        others = shot.without(number)
        near = any(abs(number - k) <= 2 * KEY_DISTANCE for k in others.keys(number))
        colors = torch.cat(shot.brought(number))
        hint = torch.cat(others.brought(number)) if near else torch.zeros_like(colors)
        examples += [Example.of(shot.guide(number), colors, hint)] * max(1, len(between) // len(keys))
    for number in between:
        colors = torch.cat(shot.brought(number))
        examples.append(Example.of(shot.guide(number), colors, colors))
    painter.fit(examples, steps, len(keys), lambda done, total: tools.progress(done, total, "fitting colours"))
    return painter


def sample(shot: PaintedShot) -> list[int]:
    """Frames between, before and after the keys, EXAMPLES at most and evenly spread, each within KEY_DISTANCE of a key of its scene."""
    found = []
    for key in shot.painted:
        scene = shot.scene(key)
        at = scene.index(key)
        for way in (-1, 1):
            end = next((i for i in range(at + way, len(scene) if way > 0 else -1, way) if scene[i] in shot.painted), None)
            gap = (len(scene) - 1 - at if way > 0 else at) if end is None else abs(end - at) * 2 / 3
            step = min(round(gap / 2), KEY_DISTANCE)
            if step:
                found.append(scene[at + way * step])
    distinct = sorted(set(found) - set(shot.painted))
    return [distinct[round(i)] for i in np.linspace(0, len(distinct) - 1, min(EXAMPLES, len(distinct)))]


def check_keys(keys: Sequence[int], frames: Sequence[int]) -> None:
    """ParameterError where a key is of a frame that the shot does not have."""
    absent = sorted(set(keys) - set(frames))
    if absent:
        raise ParameterError(
            f"key: the shot has no frame {', '.join(map(str, absent))}; it goes from {frames[0]} to {frames[-1]}",
            remedy="give the number of the frame that was painted",
        )
