"""The U-Net that all restoration networks of vfxai share.

Bias-free with ReLU, so the network is homogeneous of degree one: scaling the picture and the noise level by the same
factor scales the result by that factor (Mohan et al., "Robust and interpretable blind image denoising via bias-free
convolutional neural networks", ICLR 2020). Scene-linear values far above 1 therefore need no clamp. Residual blocks and the
noise level as an extra plane follow DRUNet (Zhang et al., 2021); working on pixel-unshuffled input follows FFDNet (2018).
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pixel_shuffle, pixel_unshuffle

FOLD = 2
"""Side of the squares of pixels that become channels."""


def conv3x3(channels_in: int, channels_out: int) -> nn.Conv2d:
    """A 3x3 convolution without bias that keeps height and width."""
    return nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)


def exactly(layer: nn.Conv2d, planes: Tensor, exact: int, fold: int = 1) -> Tensor:
    """A 3x3 convolution without bias of pixel-unshuffled planes (N, C, H, W), the first `exact` of them a picture whose last bits autocast would round off.

    To the network that would be noise. So the picture goes in as the sum of two numbers of the lower precision. And as nothing is gained by
    moving pixels about first, it is done as what it amounts to: a convolution of `fold` times the size and stride.
    """
    if not torch.is_autocast_enabled(planes.device.type):
        result: Tensor = layer(pixel_unshuffle(planes, fold))
        return result
    count, channels, height, width = planes.shape
    both = planes.new_empty((count, channels + exact, height, width), dtype=torch.get_autocast_dtype(planes.device.type))
    both[:, :channels] = planes
    both[:, channels:] = planes[:, :exact] - both[:, :exact]
    weight = pixel_shuffle(layer.weight.to(both.dtype), fold)
    weight = torch.cat([weight, weight[:, :exact]], 1).contiguous(memory_format=torch.channels_last)
    return conv2d(both, weight, stride=fold, padding=fold)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with one ReLU between them, added to the input. (N, C, H, W) in and out."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv3x3(channels, channels)
        self.second = conv3x3(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.relu_(self.first(x))).add_(x)


class UNet(nn.Module):
    """Encoder and decoder over pixel-unshuffled input, with additive skips.

    Input (N, planes, H, W), float, any range; the first `channels_out` planes are the picture, the others condition it.
    Output (N, channels_out, H, W), same encoding as the input picture. H and W must be multiples of `multiple`.
    """

    def __init__(
        self, planes: int, channels_out: int = 3, widths: Sequence[int] = (48, 96, 192), blocks: Sequence[int] = (2, 2, 3)
    ) -> None:
        super().__init__()
        self.channels_out = channels_out
        self.multiple = 2 ** len(widths)
        self.head = conv3x3(planes * FOLD**2, widths[0])
        self.encoders = nn.ModuleList(
            nn.Sequential(*[ResidualBlock(w) for _ in range(n)]) for w, n in zip(widths[:-1], blocks[:-1], strict=True)
        )
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2, bias=False) for a, b in pairwise(widths))
        self.middle = nn.Sequential(*[ResidualBlock(widths[-1]) for _ in range(blocks[-1])])
        self.ups = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2, bias=False) for a, b in pairwise(widths))
        self.decoders = nn.ModuleList(
            nn.Sequential(*[ResidualBlock(w) for _ in range(n)]) for w, n in zip(widths[:-1], blocks[:-1], strict=True)
        )
        self.tail = conv3x3(widths[0], channels_out * FOLD**2)
        self.unfold = nn.PixelShuffle(FOLD)

    def forward(self, x: Tensor) -> Tensor:
        # (N, planes, H, W) -> (N, 4 planes, H/2, W/2) -> (N, widths[0], H/2, W/2)
        features = exactly(self.head, x, self.channels_out, FOLD)
        skips = []
        for encoder, down in zip(self.encoders, self.downs, strict=True):
            features = encoder(features)
            skips.append(features)
            features = down(features)
        features = self.middle(features)
        for up, decoder in zip(reversed(self.ups), reversed(self.decoders), strict=True):
            features = decoder(up(features) + skips.pop())
        return x[:, : self.channels_out] + self.unfold(self.tail(features))
