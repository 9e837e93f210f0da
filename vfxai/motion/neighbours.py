"""A frame fused with its neighbours, as denoise does it: with what the next frames need as well kept for them."""

from collections.abc import Callable, Sequence

from torch import Tensor

from vfxai.image.frame import FrameWindow
from vfxai.motion.flow import HUGE
from vfxai.motion.noise_fusion import Flows, flows_between, fuse_noisy
from vfxai.schema.tools import Tools

MOST_HALF = 65000.0
"""Guides are kept as half: where a picture is a thousand times its noise their rounding lets neighbours weigh a little less, which nobody sees."""


def fused_frames(
    at: FrameWindow,
    offsets: Sequence[int],
    noisy: Callable[[int], Tensor],
    alone: Callable[[Tensor], Tensor],
    told: float,
    tools: Tools,
) -> tuple[Tensor, Tensor]:
    """As fuse_noisy(): the mean (3, H, W) and the deviation (1, H, W) of the noise in it. `noisy` gives stabilised frames (3, H, W), float32.

    `alone` denoises one of them without its neighbours; `told` is all that changes over a shot in how it does so.
    """

    def guide(offset: int) -> Tensor:
        def made() -> Tensor:
            return alone(noisy(offset)).clamp_(-MOST_HALF, MOST_HALF).half()

        return tools.remember(("guide", (at.key(offset), told)), made).float()

    def flows(offset: int) -> Flows:
        """There and back; a pair of frames is looked at once, whichever of them is the centre."""
        first, second = sorted((0, offset), key=lambda o: at.numbers[o])  # an offset below 0 may be a later frame, mirrored

        def made() -> Flows:
            forth, back = flows_between(guide(first), guide(second))
            return forth.half(), back.half()

        pair: Flows = tools.remember(("flows", (at.key(first), at.key(second), told)), made)
        forth, back = (flow.float() for flow in pair)
        return (forth, back) if first == 0 else (back, forth)

    for offset in offsets:
        guide(offset)  # kept for fuse_noisy(), and made now while little else is in memory
    # of 8K there is no room to keep flows, nor to make guides anew beside those in work
    room = at.center.color[0].numel() <= HUGE
    return fuse_noisy(offsets, noisy, guide, flows if room else None)
