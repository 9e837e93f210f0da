"""The upscaling network: plain residual blocks at the small size, then a pixel shuffle.

Bias-free with ReLU, hence homogeneous like the U-Net (docs/decisions/0002), so that highlights need no clamp. All work is done at the
small size and the picture is unfolded at the end (Shi et al., "Real-time single image and video super-resolution using an efficient
sub-pixel convolutional neural network", 2016); residual blocks without normalisation follow EDSR (Lim et al., 2017).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from vfxai.nets.unet import ResidualBlock, conv3x3, exactly


class Upscaler(nn.Module):
    """Input (N, planes, H, W), any range; the first three planes are the picture, the others condition it.

    Output (N, 3, H x scale, W x scale), in the encoding of the input. Any size.
    """

    multiple = 1

    def __init__(self, planes: int, scale: int, widths: Sequence[int], blocks: Sequence[int]) -> None:
        super().__init__()
        width, self.scale = widths[0], scale
        self.head = conv3x3(planes, width)
        self.body = nn.Sequential(*[ResidualBlock(width) for _ in range(blocks[0])])
        self.join = conv3x3(width, width)
        self.tail = conv3x3(width, 3 * scale * scale)
        self.unfold = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        features = exactly(self.head, x, 3)
        details = self.tail(self.join(self.body(features)).add_(features))
        nearest = x[:, :3].repeat_interleave(self.scale**2, 1)  # (N, 3 scale^2, H, W), which unfold() lays out as blocks
        return self.unfold(details + nearest)
