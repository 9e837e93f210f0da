"""The network that measures noise: power by frequency of blocks of 8x8 pixels, which convolutions over the blocks tell noise from texture by.

Noise has the same power in all blocks, in every direction and in no one hue; texture has not. Powers go in as logarithms over the mean of their
surroundings, and what comes out is multiplied by that mean, so that a picture times a factor gives deviations times that factor, though there are
biases.
"""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate

BLOCK = 8
SURROUNDINGS = 9
"""Side in blocks of what the mean of powers is taken over."""
LEAST = 1e-9
"""Added to powers, in squares of values of about 0..1: a flat block has none."""
TURNED = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])
"""Luminance and two differences of colour, orthonormal, of R, G, B."""
MOST = 12.0
"""Logarithm of the most that deviations may lie above or below the mean of their surroundings: more is none, and overflows in training."""
FREQUENCIES = BLOCK**2 - 1
PAIRS = ((0, 1), (0, 2), (1, 2))
BANDS = ((1, 3), (3, 5), (5, 8), (8, 15))
"""Sums of vertical and horizontal frequency, from and up to, of which the spread is told: of noise it is that of chance, of texture more."""
SPREADS = (5, 9)
"""Sides in blocks of the surroundings in which it is looked at."""
FEATURES = 3 * FREQUENCIES + len(PAIRS) + 3 * len(BANDS) * (1 + len(SPREADS))
"""Planes of what is told of a block: powers, how alike planes are, and by band how peaked power is and how it spreads."""


class Grid(nn.Module):
    """Two 3x3 convolutions over the grid of blocks, the first with holes of `reach` blocks, added to the input."""

    def __init__(self, width: int, reach: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=reach, dilation=reach, padding_mode="replicate")
        self.second = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(torch.relu(self.first(x)))


class NoiseMeter(nn.Module):
    """Deviation of the noise of luminance and of colour at every place, and each times the correlation of adjacent samples.

    Input (N, 3, H, W): R, G, B of noise that is even; float, any range. Output (N, 4, H, W), >= 0, in the same unit, one value a block.
    H and W must be multiples of `multiple`.
    """

    multiple = BLOCK
    waves: Tensor
    bands: Tensor
    turn: Tensor

    def __init__(
        self, planes: int = 3, channels_out: int = 4, widths: Sequence[int] = (64,), blocks: Sequence[int] = (6,)
    ) -> None:
        super().__init__()
        if (planes, channels_out) != (3, 4):
            raise ValueError(f"a noise meter takes 3 planes and gives 4, not {planes} and {channels_out}")
        (width,), (count,) = widths, blocks
        basis = dct(np.eye(BLOCK), axis=0, norm="ortho")  # a frequency in each row
        waves = np.einsum("ui,vj->uvij", basis, basis).reshape(BLOCK**2, 1, BLOCK, BLOCK)[1:]
        self.register_buffer("waves", torch.from_numpy(waves.astype(np.float32)), persistent=False)
        total = np.add.outer(np.arange(BLOCK), np.arange(BLOCK)).reshape(-1)[1:]
        bands = np.array([(total >= low) & (total < high) for low, high in BANDS], np.float32)
        self.register_buffer("bands", torch.from_numpy(bands)[:, :, None, None], persistent=False)
        self.register_buffer("turn", torch.from_numpy(TURNED.astype(np.float32))[:, :, None, None], persistent=False)
        self.head = nn.Conv2d(FEATURES, width, 1)
        self.grid = nn.Sequential(*[Grid(width, (1, 2, 4)[i % 3]) for i in range(count)])
        self.tail = nn.Conv2d(width, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):  # the last bits of a picture are what is measured
            powers, others = self._powers(x.float())
        mean = powers.mean(1, keepdim=True)  # (N, 1, H/8, W/8)
        mean = avg_pool2d(mean, SURROUNDINGS, 1, SURROUNDINGS // 2, count_include_pad=False)
        told = self.tail(self.grid(self.head(torch.cat([powers - mean, others], 1)))).float()
        deviations = (told[:, :2].clamp(-MOST, MOST) + mean / 2).exp()
        result = torch.cat([deviations, deviations * torch.sigmoid(told[:, 2:])], 1)
        return interpolate(result, scale_factor=BLOCK, mode="nearest")

    def _powers(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logarithms of powers (N, 3 x FREQUENCIES, H/8, W/8), and what else is told of blocks: how alike luminance and colours
        are (-1..1), how unevenly power lies within the bands, and how it differs between blocks."""
        turned = conv2d(x, self.turn)
        waves = [conv2d(turned[:, k : k + 1], self.waves, stride=BLOCK) for k in range(3)]
        squares = [w.square() for w in waves]
        sums = [s.sum(1, keepdim=True) + LEAST for s in squares]
        alike = [(waves[a] * waves[b]).sum(1, keepdim=True) / (sums[a] * sums[b]).sqrt() for a, b in PAIRS]
        bands = torch.cat([conv2d(s, self.bands) for s in squares], 1) + LEAST
        peaked = torch.cat([conv2d(s.square(), self.bands) for s in squares], 1) + LEAST**2
        spread = [_spread(bands.log(), side) for side in SPREADS]
        return (torch.cat(squares, 1) + LEAST).log(), torch.cat([*alike, (peaked / bands.square()).log(), *spread], 1)


def _spread(values: Tensor, side: int) -> Tensor:
    """Logarithm of the deviation of values (N, C, h, w) within squares of a side."""
    mean, square = (avg_pool2d(x, side, 1, side // 2, count_include_pad=False) for x in (values, values.square()))
    return ((square - mean.square()).clamp_min(0) + 1e-3).log()
