"""Dense optical flow between two frames."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

HUGE = 2**24
"""Pixels above which the flow is sought at half of the size that it would be otherwise: 8K then takes the time and memory of 4K."""
LARGE = 2**22
"""Pixels above which the flow between noisy frames is sought at half size: all of 2K is sought as it is, 4K in its time and memory."""
LEAST_SIDE = 16
"""Pictures smaller than this are taken as still: the pyramid of the flow needs more."""
PATCH, STRIDE = 12, 7
"""Side and step in pixels of the patches that are sought between noisy frames. Frames moved by the flows of guides, of seven training clips and four kinds of
noise, then miss each other by 0.11 of the noise's variance, with the 8 and 3 of other flows by 0.12, at half size by 0.15. Sides of 16 and steps of 8 give the
result 0.05 dB more, for a third more time."""
SMOOTHNESS = 60.0
"""Weight of the evenness of a flow between noisy frames when it is refined; OpenCV's 20 is for pictures without noise."""
SEARCH, REFINE = 5, 2
"""Steps of the search and of the refinement between noisy frames; with OpenCV's 25 and 5 errors are the same to a twentieth."""


def estimate_flow(reference: Tensor, neighbour: Tensor, *, fine: bool = False, start: Tensor | None = None) -> Tensor:
    """Where each pixel of `reference` lies in `neighbour`: (2, H, W) float32, x then y, in pixels.

    Takes (C, H, W) float32 pictures of any range, denoised as far as possible. Dense inverse search (Kroeger et al., 2016, in OpenCV) on the
    luminance, brought to 8 bits between its 0.5 and 99.5 percentiles. `fine` searches at full instead of half size, for twice the time;
    `start` is a flow to begin with. Runs on the CPU; the result is on the device of `reference`.
    """
    if min(reference.shape[1:]) < LEAST_SIDE:
        return torch.zeros((2, *reference.shape[1:]), device=reference.device)
    gray = eight_bits(reference, neighbour)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale((0 if fine else 1) + (reference[0].numel() > HUGE))
    begin = None if start is None else np.ascontiguousarray(start.detach().cpu().numpy().transpose(1, 2, 0))
    flow = search.calc(gray[0], gray[1], begin)  # (H, W, 2)
    return torch.from_numpy(np.ascontiguousarray(flow.transpose(2, 0, 1))).to(reference.device)


def steady_flow(reference: Tensor, neighbour: Tensor) -> Tensor:
    """As estimate_flow(), between pictures in which some noise is left: of larger patches and smoother, so that it follows the scene rather than the noise."""
    if min(reference.shape[1:]) < 4 * PATCH:  # no room for a pyramid of these patches
        return estimate_flow(reference, neighbour, fine=True)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setPatchSize(PATCH)
    search.setPatchStride(STRIDE)
    search.setVariationalRefinementAlpha(SMOOTHNESS)
    search.setGradientDescentIterations(SEARCH)
    search.setVariationalRefinementIterations(REFINE)
    size = reference[0].numel()
    search.setFinestScale((size > LARGE) + (size > HUGE))
    gray = eight_bits(reference, neighbour)
    flow = search.calc(gray[0], gray[1], None)  # (H, W, 2)
    return torch.from_numpy(np.ascontiguousarray(flow.transpose(2, 0, 1))).to(reference.device)


def eight_bits(*pictures: Tensor) -> list[NDArray[np.uint8]]:
    """The luminance (H, W) of pictures (C, H, W) of any range, all brought to 8 bits between their common 0.5 and 99.5 percentiles."""
    planes = [p.mean(0).detach().float().cpu().numpy() for p in pictures]
    low, high = np.percentile(np.concatenate([p.ravel()[::7] for p in planes]), (0.5, 99.5))
    return [((p - low) * (255 / max(high - low, 1e-6))).clip(0, 255).astype(np.uint8) for p in planes]
