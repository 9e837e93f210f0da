"""What the fill network is shown: a picture with holes, and what other frames show there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from vfxai.image.matte import distance_outside

HINTS = 2
"""Aligned neighbours that the network looks at."""
WIDE = 32
"""Pixels across from which what no frame shows is made up at half the size first: gains 0.2 dB in boxes of 32 to 48 pixels on held-out pictures, and
costs as much in those of 16 and 24."""
COMPARED = (1.5, 5.0)
"""Radii (standard deviation, pixels) over which a neighbour's agreement is judged, by the worse of the two."""


@dataclass(frozen=True)
class Sight:
    """A neighbour as it would look from the frame in question."""

    color: Tensor
    """(3, H, W), exposure compensated."""
    valid: Tensor
    """(1, H, W), 1 where the neighbour lies and is not hidden itself."""
    misses: Tensor
    """(1, H, W), mean squared difference to the frame around each pixel, judged where both are known."""

    def replaced(self, where: Tensor, by: "Sight") -> "Sight":
        """This one, with another where `where` (1, H, W; bool)."""
        pairs = (self.color, by.color), (self.valid, by.valid), (self.misses, by.misses)
        return Sight(*(torch.where(where, new, old) for old, new in pairs))


SWEEPS = 4
"""Of averaging at each level of the pyramid; without them its blocks show behind large props, and more change little."""


def smooth_fill(picture: Tensor, known: Tensor) -> Tensor:
    """(C, H, W) with what is not `known` (1, H, W; 0..1) spread smoothly from its surroundings: a membrane over the hole.

    A pyramid of means (Gortler et al., 1996) gives the shape, a few sweeps towards the mean of the four neighbours at each level take its blocks away.
    """
    values, weight = [picture * known], [known]
    while max(values[-1].shape[1:]) > 1:
        values.append(_half(values[-1]))
        weight.append(_half(weight[-1]))
    result = values[-1] / weight[-1].clamp_min(1e-12)
    for v, w in zip(reversed(values[:-1]), reversed(weight[:-1]), strict=True):
        level = v / w.clamp_min(1e-12)
        y, x = (w[0] < 1).nonzero(as_tuple=True)  # the rest is known; behind a wire in a large plate that is nearly all
        own, share = level[:, y, x], w[0, y, x]
        own = own * share
        level[:, y, x] = own + (1 - share) * _between(result, y, x, v.shape[1:])
        up, down = (y - 1).clamp_min(0), (y + 1).clamp_max(v.shape[1] - 1)
        left, right = (x - 1).clamp_min(0), (x + 1).clamp_max(v.shape[2] - 1)
        for _ in range(SWEEPS):
            mean = (level[:, y, left] + level[:, y, right] + level[:, up, x] + level[:, down, x]) / 4
            level[:, y, x] = own + (1 - share) * mean
        result = level
    return result


def _between(small: Tensor, y: Tensor, x: Tensor, size: Sequence[int]) -> Tensor:
    """(C, N): the pixels at y and x (N,) of `small` (C, h, w) enlarged bilinearly to `size`."""
    low, high, shares = [], [], []
    for place, wanted, have in ((y, size[0], small.shape[1]), (x, size[1], small.shape[2])):
        at = ((place + 0.5) * (have / wanted) - 0.5).clamp(0, have - 1)
        low.append(at.long())
        high.append((low[-1] + 1).clamp_max(have - 1))
        shares.append(at - low[-1])
    (y0, x0), (y1, x1), (sy, sx) = low, high, shares
    above = small[:, y0, x0].lerp(small[:, y0, x1], sx)
    return above.lerp(small[:, y1, x0].lerp(small[:, y1, x1], sx), sy)


def _half(planes: Tensor) -> Tensor:
    """Sums of 2x2 pixels, so that one known pixel of four counts whole."""
    return 4 * avg_pool2d(planes[None], 2, 2, ceil_mode=True, count_include_pad=True, divisor_override=4)[0]


def made_up(picture: Tensor, hole: Tensor, sights: Sequence[Sight], run: Callable[[Tensor], Tensor]) -> Tensor:
    """(3, H, W): what the network `run` makes of fill_planes(). Wide parts that no neighbour shows it makes up at half the size first, and so on.

    What is far from anything known would otherwise lie beyond what a network of a few layers takes in.
    """
    planes = fill_planes(picture, hole, sights)
    guess, shown = _guess(picture, hole, sights)
    far = wide(~shown)
    if bool(far.any()):
        known = shown.float()
        share = _half(known)
        small = _half(guess * known) / share.clamp_min(1e-6)
        less = (share < 1).float()
        made = torch.where(less > 0, made_up(small * (1 - less), less, (), run), small)
        large = interpolate(made[None], scale_factor=2, mode="bicubic", align_corners=False)[0]
        planes[:3] = torch.where(far, large[:, : picture.shape[1], : picture.shape[2]], planes[:3])
    return run(planes)


def wide(unseen: Tensor) -> Tensor:
    """(1, H, W; bool): the parts of what is unseen (1, H, W; bool) that are WIDE or more across; none where all is unseen."""
    depth = distance_outside((~unseen).float())
    middle = (depth > WIDE / 2) & depth.isfinite()
    return unseen & (distance_outside(middle.float()) <= WIDE / 2)


def fill_planes(picture: Tensor, hole: Tensor, sights: Sequence[Sight]) -> Tensor:
    """The network's input (17, H, W): first guess, hole, two neighbours with where they are valid, how far each misses, and the smooth fill.

    `picture` (3, H, W) in display-like values; `hole` (1, H, W), 1 where it is not known. Fewer than two sights are allowed. The guess in the
    hole is the mean of the neighbours, and goes on smoothly where there is none; a miss is a root mean square in the picture's values.
    """
    nothing = torch.zeros_like(hole)
    pairs = [*sights, *[Sight(torch.zeros_like(picture), nothing, nothing)] * HINTS][:HINTS]
    smooth = torch.where(hole > 0, smooth_fill(picture, 1 - hole), picture)
    guess, shown = _guess(picture, hole, sights)
    planes = [torch.where(shown, guess, smooth_fill(guess, shown.float())), hole]
    for sight in pairs:
        planes += [sight.color * sight.valid, sight.valid]
    return torch.cat([*planes, *(torch.where(s.valid > 0, s.misses, 0.0).sqrt() for s in pairs), smooth])


def _guess(picture: Tensor, hole: Tensor, sights: Sequence[Sight]) -> tuple[Tensor, Tensor]:
    """(3, H, W) with the mean of the neighbours in the hole, and where it or the picture is known (1, H, W; bool)."""
    used = sights[:HINTS]
    seen = sum((s.valid for s in used), torch.zeros_like(hole))
    mean = sum((s.color * s.valid for s in used), torch.zeros_like(picture)) / seen.clamp_min(1)
    return torch.where(hole > 0, mean, picture), (hole == 0) | (seen > 0)


def judged(picture: Tensor, color: Tensor, both: Tensor) -> Tensor:
    """(1, H, W): mean squared difference of two pictures (3, H, W) around each pixel, of what is known in `both` (1, H, W)."""
    square = ((picture - color) ** 2).mean(0, keepdim=True)
    near, wide = (around(square * both, both, radius) for radius in COMPARED)
    return torch.maximum(near, wide)


def around(values: Tensor, known: Tensor, radius: float) -> Tensor:
    """Means of what is known around each pixel; where nothing is within reach, those of the nearest that have one."""
    share = blurred(known, radius)
    return smooth_fill(blurred(values, radius) / share.clamp_min(1e-3), (share > 1e-3).float())


def blurred(planes: Tensor, radius: float) -> Tensor:
    """(C, H, W) through a Gaussian of a standard deviation in pixels, 0 beyond the edge."""
    picture = np.ascontiguousarray(planes.detach().cpu().numpy().transpose(1, 2, 0))
    height, width = picture.shape[:2]
    step = min(int(radius / 4), height, width)
    if step > 1:  # a wide blur leaves nothing that a smaller picture would not show
        small = cv2.resize(picture, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), radius / step, borderType=cv2.BORDER_CONSTANT)
        soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        soft = cv2.GaussianBlur(picture, (0, 0), radius, borderType=cv2.BORDER_CONSTANT)
    return torch.from_numpy(np.ascontiguousarray(soft.reshape(picture.shape).transpose(2, 0, 1))).to(planes.device)
