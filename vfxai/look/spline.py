"""Smooth functions of three variables: uniform cubic B-splines on a lattice of coefficients."""

import torch
from torch import Tensor


def basis(at: Tensor, count: int) -> Tensor:
    """(M, count): the uniform cubic B-splines over 0..1 at points `at` (M,) within it; each row sums to 1."""
    place = at.clamp(0, 1) * (count - 3)
    cell = place.floor().clamp(max=count - 4)
    t = (place - cell)[:, None]
    local = torch.cat([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], 1) / 6
    columns = cell.long()[:, None] + torch.arange(4)
    return torch.zeros(len(at), count, dtype=at.dtype).scatter(1, columns, local)


def spread(coefficients: Tensor, rows: Tensor) -> Tensor:
    """Values (M, M, M, C) of coefficients (n, n, n, C) where every axis is sampled by the same (M, n) basis."""
    for _ in range(3):
        coefficients = torch.tensordot(coefficients, rows, dims=([0], [1])).movedim(-1, 2)  # each axis in turn comes first
    return coefficients


def gathered(values: Tensor, rows: Tensor) -> Tensor:
    """The transpose of spread(): (M, M, M, C) to (n, n, n, C)."""
    return spread(values, rows.T)


def bending(coefficients: Tensor) -> Tensor:
    """The gradient of half the sum of squared second differences along the axes, mixed ones twice, of (n, n, n, C)."""
    total = torch.zeros_like(coefficients)
    for axis in range(3):
        second = coefficients.diff(2, axis)
        total += undiff(undiff(second, axis), axis)
        other = (axis + 1) % 3
        mixed = coefficients.diff(1, axis).diff(1, other)
        total += 2 * undiff(undiff(mixed, other), axis)
    return total


def undiff(values: Tensor, axis: int) -> Tensor:
    """The transpose of a first difference along an axis."""
    edge = torch.zeros_like(values.narrow(axis, 0, 1))
    return -torch.cat([edge, values, edge], axis).diff(1, axis)
