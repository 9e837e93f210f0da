"""A look as a file, and how much of it the file holds."""

from pathlib import Path

import torch
from torch import Tensor

from vfxai.color.look import Apply, Lattice, lattice_applied, write_lattice, write_list
from vfxai.color.suffixes import LISTS
from vfxai.look.cdl import fit_cdl
from vfxai.look.scale import Scale

CLOSE = 1e-3
"""Difference between a look and its file, in a plate's values, from which it is told."""


def write_look(path: str, apply: Apply, lattice: Lattice | None, colors: Tensor, scale: Scale, space: str) -> str:
    """Writes what `apply` does to the values of a colour space; returns what the file lacks, or "".

    A .cube or .clf file holds the lattice, of which `apply` is made; without one it is sampled. A list of slope, offset, power and
    saturation is fitted to the colours (K, 3) of the shot. OutputError where the file cannot be written.
    """
    made = _on(apply, colors)
    if Path(path).suffix.lower() in LISTS:
        found = fit_cdl(colors, made, torch.ones(len(colors)), scale)
        write_list(found.slope, found.offset, found.power, found.saturation, path)
        error = (scale.seen(found(colors)) - scale.seen(made)).abs().amax(1)
        better = "; a .clf or .cube holds it all"
    else:
        sampled = baked(apply, scale) if lattice is None else lattice
        write_lattice(sampled, path, f"vfxai tone: from and to {space}, trilinear")
        if lattice is not None:
            return ""
        error = (_on(lattice_applied(sampled), colors) - made).abs().amax(1)
        better = "; the look file itself holds it all"
    typical, large = float(error.mean()), float(error.quantile(0.99))
    if large <= CLOSE:
        return ""
    return (
        f"{path} is not the whole look: on this shot it is off by {typical:.4f} on average, {large:.4f} at the 99th percentile"
        + better
    )


def baked(apply: Apply, scale: Scale) -> Lattice:
    """A transform sampled at the knots of a scale."""
    knots = scale.knots()
    grid = torch.stack(torch.meshgrid(knots, knots, knots, indexing="ij"), -1).float()
    table = _on(apply, grid.reshape(-1, 3)).reshape(grid.shape).clamp(float(knots[0]), float(knots[-1]))
    return Lattice(knots.numpy(), table.numpy(), scale.domain, scale.step)


def _on(apply: Apply, colors: Tensor) -> Tensor:
    """A transform on colours (K, 3)."""
    return apply(colors.T[:, None].contiguous())[:, 0].T.contiguous()
