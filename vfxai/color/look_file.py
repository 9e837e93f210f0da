"""A look from a file, ready to be applied: what was taken of the file, and which values of a plate it has no answer for."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
from torch import Tensor

from vfxai.color.cube import Cube, read_cube
from vfxai.color.look import INTERPOLATION, Apply, in_strips, processor_of
from vfxai.color.suffixes import LISTS, READS
from vfxai.errors import MissingInputError, ParameterError, UnreadableInputError
from vfxai.schema.events import Chosen

AGAIN = "export the look again, or in another format"
NEAR = 1 / 64
"""Share of a table's range up to which a value beyond it is not worth a word: noise about black, and what filters ring."""
BLACK, WHITE = 64 / 1023, 940 / 1023
"""Of video levels, as Resolve has them in 10 bits."""


@dataclass(frozen=True)
class LookFile:
    """What a file says."""

    apply: Apply
    chosen: tuple[Chosen, ...]
    """Which correction, which range of levels and which domain were taken."""
    domain: str
    """The levels that its table has, for people; empty where it answers for all values."""
    outside: Callable[[Tensor], int]
    """Pixels of (3, H, W) that lie beyond the table, and are cut to its edge."""


def read_look(path: str, look_id: str = "") -> LookFile:
    """A file, and of a collection the correction with an id, or of that number counted from 1.

    InputError where it is missing or no look; ParameterError for an unknown suffix, an unknown id, and for none where there are several.
    """
    file = Path(path)
    if file.suffix.lower() not in READS:
        raise ParameterError(f"{path} is no look", remedy=f"give a file of {', '.join(READS)}")
    if not file.is_file():
        raise MissingInputError(f"the look {path} is not there", remedy="check the path")
    chosen: list[Chosen] = []
    if file.suffix.lower() == ".cube":
        cube = read_cube(file)
        transform = cube_transform(cube)
        if cube.video_in or cube.video_out:
            which = " and ".join(w for w, there in (("in", cube.video_in), ("out", cube.video_out)) if there)
            chosen.append(Chosen("levels of the look", f"video range {which}", "a tag of the file says so"))
    else:
        transform = ocio.FileTransform(str(file.absolute()), interpolation=INTERPOLATION)
        if file.suffix.lower() in LISTS:
            correction, said = _correction(file, look_id)
            transform.setCCCId(correction)
            chosen += said
    if look_id and file.suffix.lower() not in LISTS:
        raise ParameterError(f"look_id: {path} is one look and no collection", remedy="leave out --look-id")
    ocio.ClearAllCaches()  # it would take an older version of the file for this one
    try:
        processor = ocio.Config.CreateRaw().getProcessor(transform)
        apply = in_strips(processor.getDefaultCPUProcessor().applyRGB)
        domain, outside = _domain(processor.createGroupTransform())
    except ocio.Exception as error:
        kind = file.suffix.lower()
        raise UnreadableInputError(f"the look {path} cannot be read: it is damaged, or no {kind} file", remedy=AGAIN) from error
    if domain:
        chosen.append(Chosen("domain of the look", domain, "its table has no values beyond"))
    return LookFile(apply, tuple(chosen), domain, outside)


def _correction(file: Path, look_id: str) -> tuple[str, list[Chosen]]:
    """The id, or the number from 0, of the correction to take of a file of slope, offset, power and saturation."""
    try:
        root = ElementTree.parse(file).getroot()
    except (ElementTree.ParseError, OSError, ValueError) as error:
        raise UnreadableInputError(f"the look {file} is no XML, as {file.suffix} files are", remedy=AGAIN) from error
    found = [e for e in root.iter() if str(e.tag).rpartition("}")[2] == "ColorCorrection"]
    ids = [str(e.get("id", "")).strip() or str(index) for index, e in enumerate(found, 1)]
    if not found:
        raise UnreadableInputError(f"the look {file} holds no ColorCorrection", remedy=AGAIN)
    named = ", ".join(ids[:24]) + (f" and {len(ids) - 24} more" if len(ids) > 24 else "")
    if not look_id:
        if len(found) > 1:
            raise ParameterError(f"{file} holds {len(found)} corrections: {named}", remedy="say which one with --look-id")
        return ("", [Chosen("correction of the look", ids[0], "the only one of the file")])
    if look_id in ids:
        at = ids.index(look_id)
    elif look_id.isascii() and look_id.isdigit() and 1 <= int(look_id) <= len(ids):
        at = int(look_id) - 1
    else:
        raise ParameterError(f"look_id: {file} has no correction {look_id!r}", remedy=f"give one of: {named}")
    if ids.count(ids[at]) > 1:
        raise ParameterError(
            f"look_id: {file} has {ids.count(ids[at])} corrections {ids[at]!r}", remedy="give them ids of their own"
        )
    return found[at].get("id") or str(at), [Chosen("correction of the look", ids[at], "--look-id")]


def cube_transform(cube: Cube) -> Any:
    """A .cube file as OpenColorIO's transforms."""
    steps: list[Any] = []
    if cube.video_in:
        steps.append(_scaled((WHITE - BLACK,) * 3, (BLACK,) * 3))
    if cube.curve is not None:
        steps.append(_fitted(*cube.curve_range))
        curve = ocio.Lut1DTransform(len(cube.curve), False)
        curve.setData(np.ascontiguousarray(cube.curve, np.float32).ravel())
        steps.append(curve)
    if cube.table is not None:
        steps.append(_fitted(*cube.table_range))
        table = ocio.Lut3DTransform(len(cube.table))
        table.setData(np.ascontiguousarray(cube.table.transpose(2, 1, 0, 3), np.float32).ravel())  # B fastest
        table.setInterpolation(INTERPOLATION)
        steps.append(table)
    if cube.video_out:
        steps.append(_scaled((1 / (WHITE - BLACK),) * 3, (-BLACK / (WHITE - BLACK),) * 3))
    return ocio.GroupTransform(steps)


def _scaled(scale: Sequence[float], offset: Sequence[float]) -> Any:
    matrix = ocio.MatrixTransform()
    matrix.setMatrix(np.diag([*scale, 1.0]).ravel().tolist())
    matrix.setOffset([*offset, 0.0])
    return matrix


def _fitted(low: Sequence[float], high: Sequence[float]) -> Any:
    """Brings a range of R, G, B to 0..1."""
    scale = [1 / (b - a) for a, b in zip(low, high, strict=True)]
    return _scaled(scale, [-a * s for a, s in zip(low, scale, strict=True)])


def _domain(group: Any) -> tuple[str, Callable[[Tensor], int]]:
    """The levels that the first table of a transform has, for people, and what counts the pixels beyond."""
    before: list[Any] = []
    for step in group:
        if isinstance(step, ocio.Lut3DTransform) or (isinstance(step, ocio.Lut1DTransform) and not step.getInputHalfDomain()):
            return _levels(before), _counter(before)
        before.append(step)
    return "", lambda color: 0


def _counter(before: Sequence[Any]) -> Callable[[Tensor], int]:
    """Counts the pixels that what stands before a table brings outside of 0..1."""
    processor = processor_of(ocio.GroupTransform(list(before))) if before else None

    def outside(color: Tensor) -> int:
        there = color if processor is None else in_strips(processor.applyRGB)(color)
        return int(((there < -NEAR) | (there > 1 + NEAR)).any(0).sum())

    return outside


def _levels(before: Sequence[Any]) -> str:
    """Which values what stands before a table brings to 0 and 1; where that is no scale, in words."""
    if not before:
        return "0 to 1"
    if any(not isinstance(step, ocio.MatrixTransform) for step in before):
        return "that of its table, behind a curve"
    back = ocio.GroupTransform(list(before), ocio.TRANSFORM_DIR_INVERSE)
    ends = np.array([[0.0] * 3, [1.0] * 3], np.float32)
    processor_of(back).applyRGB(ends)
    low, high = (float(v) for v in (ends[0].min(), ends[1].max()))
    return f"{low:.4g} to {high:.4g}"


def clipped_warning(look: LookFile, path: str, number: int, count: int, total: int) -> str:
    """What to say of pixels that a look's table cuts off."""
    return (
        f"the look {Path(path).name} has a table for values of {look.domain}: {count} of {total} pixels of frame {number} lie beyond and are "
        "clipped to its edge, as in other frames (`clipped` in the events). --look-space states the space in which it works, such as a log one"
    )
