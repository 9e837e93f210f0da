"""A network averaged over mirrored versions of a picture, which costs time and gains detail (Timofte et al., "Seven ways to improve example-based single image super resolution", 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

MIRRORS = ((1,), (2,), (1, 2))
"""Axes along which a picture is turned over."""


def restored(run: Callable[[Tensor], Tensor], planes: Tensor, quality: str) -> Tensor:
    """What `run` makes of planes (C, H, W): (K, H x scale, W x scale), for the quality "best" the mean over four mirrored versions. A new tensor."""
    total = run(planes)
    if quality != "best":
        return total
    for axes in MIRRORS:
        total += run(planes.flip(axes)).flip(axes)
    return total.div_(1 + len(MIRRORS))
