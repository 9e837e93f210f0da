"""Smooth functions of three variables: uniform cubic B-splines on a lattice of coefficients."""

import numpy as np
import torch
from scipy.interpolate import BSpline
from torch import Tensor


def basis(at: Tensor, count: int) -> Tensor:
    """(M, count) float64: the uniform cubic B-splines over 0..1 at points `at` (M,); beyond 0..1 as at its ends. Each row sums to 1."""
    knots = np.arange(-3, count + 1) / (count - 3)
    place = at.double().clamp(0, 1).numpy()
    return torch.from_numpy(BSpline.design_matrix(place, knots, 3).toarray())


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
