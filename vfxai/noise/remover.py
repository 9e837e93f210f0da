"""The shipped denoise networks as all of vfxai asks them: in stabilised values, told how strong and of what kind the noise is."""

from collections.abc import Callable

import torch
from torch import Tensor

from vfxai.noise.profile import NoiseProfile
from vfxai.noise.stabilise import Stabiliser

RunModel = Callable[..., Tensor]
"""As Tools.run_model: id of a model, planes (C, H, W), passes."""
MODEL, FINE = "denoise-s", "denoise-fine-s"
STRONG = 16 / 255
"""Noise, as a part of white, from which the network for all noise is taken; the one for faint noise learned none stronger."""
BRIGHT = 256.0
"""Times its noise, or twice white if that is more, up to which the network sees a value; what lies above is put back untouched. Beside a highlight
a network errs by a part of it, so one of a thousand times white would spoil what is around."""
WORTH_A_WORD = 0.01
"""Share of a picture above that from which it is told of: highlights are smaller, and their grain is seen less than a lamp's or a sky's."""
SCALE = 1 / 32
"""Brings stabilised values near the 0..1 on which the network learned; it is homogeneous, so this only guards precision."""


def brightest(span: float) -> float:
    """The greatest stabilised value that a network is shown of a plate whose white lies `span` above black."""
    return max(BRIGHT, 2 * span)


class Remover:
    """Removes the noise of a profile from pictures that its curve has evened out."""

    def __init__(self, profile: NoiseProfile, run_model: RunModel, monochrome: bool = False) -> None:
        """`monochrome`: the three channels are one and the same."""
        self.curve = Stabiliser(profile)
        self._run_model = run_model
        self._shared = 1.0 if monochrome else profile.channel_correlation
        self._spatial, self._chroma = profile.spatial_correlation, profile.chroma_spatial_correlation
        self._span = self.curve.span(profile.white)
        self._most = brightest(self._span)

    def left(self, stabilised: Tensor) -> str:
        """What of a picture (3, H, W) in stabilised values is too bright to be worked on, in words; "" where it is next to nothing."""
        share = int((stabilised.amax(0) > self._most).count_nonzero()) / stabilised[0].numel()
        if share < WORTH_A_WORD:
            return ""
        level = float(self.curve.inverse(stabilised.new_full((3, 1, 1), self._most), unbiased=False).amax())
        return (
            f"{100 * WORTH_A_WORD:.0f} % of the picture or more is brighter than {level:.3g}, too far above the rest of it, and keeps its grain; "
            "a second pass over that part alone removes it (--mask, with --profile region measured there)"
        )

    def __call__(self, stabilised: Tensor, sigma: Tensor, strongest: float, passes: int = 1) -> Tensor:
        """(3, H, W) without the noise of standard deviation `sigma` (1, H, W), both stabilised; averaged over `passes` turned versions.

        `strongest` decides which network is asked, so that all frames of a shot are asked of the same.
        """
        model = FINE if self._span * STRONG > strongest else MODEL
        planes = torch.cat([stabilised, *(sigma * share for share in (1.0, self._spatial, self._shared, self._chroma))])
        planes[:3].clamp_(-self._most, self._most)
        result = self._run_model(model, planes.mul_(SCALE), passes).div_(SCALE)
        del planes
        for made, plane in zip(result, stabilised, strict=True):  # one by one, which takes less memory
            made.add_(plane).sub_(plane.clamp(-self._most, self._most))
        return result
