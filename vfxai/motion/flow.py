"""Dense optical flow between two frames."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

HUGE = 2**24
"""Pixels above which the flow is sought at half of the size that it would be otherwise: 8K then takes the time and memory of 4K."""
LEAST_SIDE = 16
"""Pictures smaller than this are taken as still: the pyramid of the flow needs more."""


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


def eight_bits(*pictures: Tensor) -> list[NDArray[np.uint8]]:
    """The luminance (H, W) of pictures (C, H, W) of any range, all brought to 8 bits between their common 0.5 and 99.5 percentiles."""
    planes = [p.mean(0).detach().float().cpu().numpy() for p in pictures]
    low, high = np.percentile(np.concatenate([p.ravel()[::7] for p in planes]), (0.5, 99.5))
    return [((p - low) * (255 / max(high - low, 1e-6))).clip(0, 255).astype(np.uint8) for p in planes]
