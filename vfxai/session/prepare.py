"""A plate's frame made ready for a node, and what the node did brought back into the plate."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from vfxai.color.config import Config
from vfxai.color.encoding import Encoded, decode, encode
from vfxai.image.frame import Frame
from vfxai.schema.node import Node

LEAST_ALPHA = 1e-4
"""Below this a premultiplied colour is not divided: half floats leave no colour to recover."""


@dataclass(frozen=True)
class Prepared:
    """A plate's frame as a node gets it, and the way back."""

    plate: Frame
    """As it came."""
    frame: Frame
    """Finite, alpha too, in the node's encoding, multiplied by alpha only where the node wants it so."""
    finite: Tensor
    """The plate's colour with what was not a number repaired, still premultiplied and in its space."""
    encoded: Encoded
    repaired: int
    """Pixels of which colour or alpha was not finite."""


def prepare(plate: Frame, node: Node, config: Config) -> Prepared:
    """Repairs, unpremultiplies and encodes a frame as a node wants it."""
    finite, repaired = repair_not_finite(plate.color)
    color, alpha = finite, plate.alpha
    if plate.alpha is not None:
        alpha, more = repair_not_finite(plate.alpha)
        repaired = int((~torch.isfinite(torch.cat([plate.color, plate.alpha]))).any(0).sum()) if more else repaired
    if alpha is not None and plate.premultiplied and not node.associated:
        color = divided(finite, alpha)
    elif alpha is not None and node.associated and not plate.premultiplied:
        color = finite * alpha
    encoded = encode(config, color, plate.colorspace, node.encoding)
    frame = replace(plate, color=encoded.pixels, alpha=alpha, premultiplied=node.associated and plate.alpha is not None)
    return Prepared(plate, frame, finite, encoded, repaired)


def bring_back(prepared: Prepared, result: Frame, node: Node, config: Config) -> Frame:
    """A node's result in the plate's space; samples that the node left alone keep the plate's value to the bit."""
    plate, given = prepared.plate, prepared.frame.alpha
    color, alpha = decode(config, result.color, prepared.encoded), result.alpha
    same_place = result.color.shape == plate.color.shape and result.data_window == plate.data_window
    if alpha is not None and plate.premultiplied and not node.associated:
        color = multiplied(color, alpha)
        if same_place and given is not None:
            # colour of alpha 0 is a glow where it came so, else what alpha no longer shows
            color = torch.where(alpha == 0, prepared.finite * (given == 0), color)
    elif alpha is not None and node.associated and not plate.premultiplied:
        color = divided(color, alpha)
    if same_place:
        kept = result.color == prepared.frame.color
        if plate.premultiplied and alpha is not None and given is not None:
            kept &= alpha == given
        color = torch.where(kept, prepared.finite, color)
    return replace(result, color=color, premultiplied=plate.premultiplied, colorspace=plate.colorspace)


def divided(color: Tensor, alpha: Tensor) -> Tensor:
    """Premultiplied colour (3 or 1, H, W) without its alpha (1, H, W). Where alpha is below LEAST_ALPHA or not finite it stays as it is."""
    return color if bool((alpha == 1).all()) else color / _divisor(alpha)


def multiplied(color: Tensor, alpha: Tensor) -> Tensor:
    """Colour (3 or 1, H, W) that divided() took its alpha (1, H, W) from, with it again."""
    return color if bool((alpha == 1).all()) else color * _divisor(alpha)


def _divisor(alpha: Tensor) -> Tensor:
    """Alpha, and 1 where there is too little of it or it is not finite."""
    return torch.where((alpha > LEAST_ALPHA) & (alpha < torch.inf), alpha, 1.0)


def repair_not_finite(color: Tensor) -> tuple[Tensor, int]:
    """(C, H, W) with NaN and infinities replaced by the mean of their finite neighbours, and how many pixels that were."""
    if bool(torch.isfinite(color.sum())):  # what is not finite stays so in a sum; a tenth of the time of asking every sample
        return color, 0
    finite = torch.isfinite(color)
    if bool(finite.all()):
        return color, 0
    count = int((~finite).any(0).sum())
    values, known = torch.where(finite, color, torch.zeros_like(color)), finite.float()
    for _ in range(64):
        if bool((known > 0).all()):
            break
        near = avg_pool2d(values[None] * known[None], 3, 1, 1)[0]
        share = avg_pool2d(known[None], 3, 1, 1)[0]
        fill = (known == 0) & (share > 0)
        values = torch.where(fill, near / share.clamp_min(1e-9), values)
        known = torch.where(fill, torch.ones_like(known), known)
    return values, count
