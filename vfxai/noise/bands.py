"""What was removed, split into luminance and colour and into octaves of fineness, each kept to a share: the controls of grain tools."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate


def weighted(removed: Tensor, luma: float, chroma: float, octaves: Sequence[float]) -> Tensor:
    """(3, H, W) of which each part is multiplied by its share, 0..1.

    `octaves`: of detail up to 2 pixels in size, up to 4, up to 8, and of what is coarser. Luminance is the mean of the channels, as noise has it.
    """
    if any(share != octaves[-1] for share in octaves):
        removed = _octaves(removed, octaves)
    elif octaves[-1] != 1:
        removed = removed * octaves[-1]
    if luma == chroma:
        return removed if luma == 1 else removed * luma
    luminance = removed.mean(0, keepdim=True)
    return luma * luminance + chroma * (removed - luminance)


def _octaves(removed: Tensor, octaves: Sequence[float]) -> Tensor:
    size = removed.shape[1:]
    result, finer, small = removed * octaves[0], removed, removed[None]
    for share, before in zip(octaves[1:], octaves, strict=False):
        if min(small.shape[2:]) < 2:
            break
        small = avg_pool2d(small, 2, ceil_mode=True, count_include_pad=False)
        coarser = interpolate(small, size=size, mode="bilinear", align_corners=False)[0]
        result += (share - before) * coarser
        finer = coarser
    del finer
    return result
