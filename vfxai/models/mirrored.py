"""A network averaged over turned versions of a picture, which costs time and gains detail (Timofte et al., "Seven ways to improve example-based single image super resolution", 2016)."""

from collections.abc import Callable

from torch import Tensor

Run = Callable[[Tensor], Tensor]
"""(N, C, H, W) -> (N, C', H * scale, W * scale)."""
FLIPS: tuple[tuple[int, ...], ...] = ((), (2, 3), (2,), (3,))
"""Axes along which the versions are turned over; four more are these of the transposed picture."""
MOST = 2 * len(FLIPS)
"""Turned versions that there are: four, and as many of the transposed picture."""


def mirrored(run: Run, passes: int) -> Run:
    """`run` averaged over the first 1 to MOST versions of what it is given."""

    def averaged(pieces: Tensor) -> Tensor:
        total = run(pieces)
        for version in range(1, passes):
            axes, transposed = FLIPS[version % len(FLIPS)], version >= len(FLIPS)
            turned = (pieces.mT if transposed else pieces).flip(axes)
            made = run(turned.contiguous()).flip(axes)
            total = total + (made.mT if transposed else made)
        return total / passes

    return averaged if passes > 1 else run
