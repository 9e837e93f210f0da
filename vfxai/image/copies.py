"""Whether frames are copies of each other: held and repeated frames, animation on twos, 24 frames a second made 30."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from vfxai.image.frame import Frame

Alike = Callable[["Frame", "Frame"], bool]
APART = 16
"""Rows and columns between the pixels that are compared first: frames with noise differ in them, and the rest need not be looked at."""


def is_copy(first: "Frame", second: "Frame") -> bool:
    """Whether two frames have the very same colour in every sample; two pictures of one scene never do, for their noise."""
    return first.color.shape == second.color.shape and torch.equal(first.color, second.color)


def distinct(numbers: Iterable[int], frame: Callable[[int], "Frame"], alike: Alike | None = None) -> Iterator[int]:
    """Of frames by number, in their order, those that are no copies of one before; each is asked for when it is its turn.

    `alike` judges two frames, and asks for those before again and again; without it frames are told by a few pixels, and asked for again only where
    these are the same.
    """
    found: dict[int, Tensor] = {}
    for number in numbers:
        if number in found:
            continue
        one = frame(number)
        sample = one.color[:, ::APART, ::APART].clone()
        near = found if alike else [n for n, other in found.items() if other.shape == sample.shape and torch.equal(other, sample)]
        if not any((alike or is_copy)(frame(other), one) for other in near):
            found[number] = sample
            yield number
