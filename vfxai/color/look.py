"""Colour transforms as files and lattices, applied by OpenColorIO itself, so that any program that uses it makes the same pixels."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import torch
from numpy.typing import NDArray
from torch import Tensor

from vfxai.color.suffixes import LISTS
from vfxai.errors import OutputError
from vfxai.image.partial import whole_file

INTERPOLATION = ocio.INTERP_LINEAR
"""Trilinear: what OpenColorIO and Nuke do with a .cube or .clf unless told otherwise."""
STRIP = 64
"""Lines that a thread takes at a time; they stay in its cache."""

Apply = Callable[[Tensor], Tensor]
"""(3, H, W) float32 to a new (3, H, W) float32."""


@dataclass(frozen=True)
class Lattice:
    """A transform by its results at unevenly spaced knots, straight between them: a shaper and a 3D table."""

    knots: NDArray[np.float64]
    """(N,) ascending from -65504 to 65504, half values; the same for R, G and B."""
    table: NDArray[np.float32]
    """(N, N, N, 3): R G B at the knots of R, G, B."""
    domain: tuple[float, float]
    """Knots between which the table and the shaper of a .cube file lie."""
    step: float
    """Distance of the shaper's samples in a .cube file; all knots within the domain lie on them."""

    def near(self) -> "Lattice":
        """The part within the domain."""
        inside = np.flatnonzero((self.knots >= self.domain[0]) & (self.knots <= self.domain[1]))
        cut = slice(inside[0], inside[-1] + 1)
        return Lattice(self.knots[cut], self.table[cut, cut, cut], self.domain, self.step)

    def shaper(self) -> NDArray[np.float64]:
        """(S,) in 0..1: the place among the knots of evenly spaced levels of the domain."""
        levels = np.arange(round((self.domain[1] - self.domain[0]) / self.step) + 1) * self.step + self.domain[0]
        return np.interp(levels, self.knots, np.linspace(0, 1, len(self.knots)))

    def whole_shaper(self) -> NDArray[np.float64]:
        """(65536,) in 0..1: the place of every half value, in the order of their bits."""
        levels = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
        return np.interp(np.nan_to_num(levels, nan=0.0), self.knots, np.linspace(0, 1, len(self.knots)))


def _table(lattice: Lattice) -> Any:
    table = ocio.Lut3DTransform(len(lattice.knots))
    table.setData(np.ascontiguousarray(lattice.table, np.float32).ravel())  # B fastest, as our last axis
    table.setInterpolation(INTERPOLATION)
    return table


def _whole(lattice: Lattice) -> Any:
    shaper = ocio.Lut1DTransform(65536, True)
    shaper.setData(np.repeat(lattice.whole_shaper().astype(np.float32), 3))
    return ocio.GroupTransform([shaper, _table(lattice)])


def _near(lattice: Lattice) -> Any:
    near = lattice.near()
    low, high = near.domain
    place = near.shaper().astype(np.float32)
    shaper = ocio.Lut1DTransform(len(place), False)
    shaper.setData(np.repeat(place, 3))
    scale = 1 / (high - low)
    fitted = ocio.MatrixTransform()
    fitted.setMatrix(np.diag([scale, scale, scale, 1.0]).ravel().tolist())
    fitted.setOffset([-low * scale] * 3 + [0.0])
    return ocio.GroupTransform([fitted, shaper, _table(near)])


def processor_of(transform: Any) -> Any:
    """What applies a transform on the CPU."""
    return ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()


def lattice_applied(lattice: Lattice) -> Apply:
    """The lattice, ready to be applied to pictures."""
    near, whole = processor_of(_near(lattice)), processor_of(_whole(lattice))
    low, high = lattice.domain

    def apply(pixels: NDArray[np.float32]) -> None:
        # an even shaper is faster by half than one of half values, and the same function within the domain
        (near if low <= float(pixels.min()) and float(pixels.max()) <= high else whole).applyRGB(pixels)

    return in_strips(apply)


def in_strips(apply: Callable[[NDArray[np.float32]], None]) -> Apply:
    """Applies something that works in place on (h, W, 3) to whole pictures, on all cores."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def applied(color: Tensor) -> Tensor:
        plane = color.detach().cpu()
        result = torch.empty_like(plane, memory_format=torch.contiguous_format)

        def strip(top: int) -> None:
            rows = slice(top, top + STRIP)
            pixels = plane[:, rows].permute(1, 2, 0).clone(memory_format=torch.contiguous_format)  # also of one pixel
            apply(pixels.numpy())
            result[:, rows] = pixels.permute(2, 0, 1)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(strip, range(0, plane.shape[1], STRIP)))
        return result.to(color.device)

    return applied


def write_lattice(lattice: Lattice, path: str, description: str) -> None:
    """Writes a .cube (within the domain) or .clf (all half values) file, whole or not at all. OutputError where that fails."""
    if Path(path).suffix.lower() == ".cube":
        _written(path, lambda made: Path(made).write_text(_cube(lattice.near(), description), encoding="ascii", errors="replace"))
        return
    group = _whole(lattice)
    group.getFormatMetadata().addChildElement("Description", description)
    _written(path, lambda made: group.write("Academy/ASC Common LUT Format", made))


def write_list(
    slope: tuple[float, float, float], offset: tuple[float, float, float], power: tuple[float, float, float], saturation: float, path: str
) -> None:  # fmt: skip
    """Writes a .cdl, .ccc or .cc file, whole or not at all. OutputError where that fails."""
    made = ocio.CDLTransform(slope=slope, offset=offset, power=power, sat=saturation)
    _written(path, lambda name: ocio.GroupTransform([made]).write(LISTS[Path(path).suffix.lower()], name))


def _written(path: str, write: Callable[[str], object]) -> None:
    try:
        with whole_file(Path(path)) as partial:
            write(str(partial))
    except (OSError, ocio.Exception) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "OpenColorIO does not write it"
        raise OutputError(f"{path} cannot be written: {reason}", remedy="check the folder and the free space") from error


def _cube(near: Lattice, description: str) -> str:
    """The text: a shaper (LUT_1D) and a table (LUT_3D, R fastest), as DaVinci Resolve and OpenColorIO read it."""
    low, high = near.domain
    place = near.shaper()
    rows = near.table.transpose(2, 1, 0, 3).reshape(-1, 3)
    lines = [f"# {line}" for line in description.splitlines()]
    lines += [f"LUT_1D_SIZE {len(place)}", f"LUT_1D_INPUT_RANGE {low:.9g} {high:.9g}"]
    lines += [f"LUT_3D_SIZE {len(near.knots)}", "LUT_3D_INPUT_RANGE 0 1"]
    lines += [f"{p:.9g} {p:.9g} {p:.9g}" for p in place.tolist()]
    lines += [f"{r:.9g} {g:.9g} {b:.9g}" for r, g, b in rows.tolist()]
    return "\n".join(lines) + "\n"
