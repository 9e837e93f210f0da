"""Motion of the camera between two frames, as a homography, with parts of the pictures left out."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vfxai.motion.flow import eight_bits

Homography = NDArray[np.float64]
"""3x3, from pixels (x, y, 1) of a frame to those of another, last entry 1."""
CORNERS = 600
"""Points that are followed."""
LEAST_FOUND = 12
"""Points that must agree; with fewer the camera is taken as still."""
AGREES = 1.0
"""Pixels by which a point may miss the homography."""


def camera_motion(reference: Tensor, neighbour: Tensor, known: Tensor, known_there: Tensor) -> Homography:
    """Where the pixels of `reference` lie in `neighbour` if only the camera moved.

    (C, H, W) pictures of any range; only corners where `known` (1, H, W) is 1 are followed, by pyramidal Lucas-Kanade, and those are dropped
    that land where `known_there` is 0. RANSAC (USAC with MAGSAC scoring) finds the motion of the majority. The identity where too little agrees.
    """
    first, second = eight_bits(reference, neighbour)
    usable = (known[0].cpu().numpy() > 0).astype(np.uint8)
    points = cv2.goodFeaturesToTrack(first, CORNERS, 0.01, max(4, min(first.shape) // 60), mask=usable)
    still = np.eye(3)
    if points is None or len(points) < LEAST_FOUND:
        return still
    moved, found, _ = cv2.calcOpticalFlowPyrLK(first, second, points, None, winSize=(15, 15), maxLevel=5)
    returned, back, _ = cv2.calcOpticalFlowPyrLK(second, first, moved, None, winSize=(15, 15), maxLevel=5)
    missed = np.linalg.norm((returned - points)[:, 0], axis=1)
    place = moved[:, 0].round().astype(int)
    height, width = first.shape
    inside = (place >= 0).all(1) & (place[:, 0] < width) & (place[:, 1] < height)
    seen = np.zeros(len(points), bool)
    seen[inside] = known_there[0].cpu().numpy()[place[inside, 1], place[inside, 0]] > 0
    good = (found[:, 0] > 0) & (back[:, 0] > 0) & (missed < AGREES) & seen
    if good.sum() < LEAST_FOUND:
        return still
    matrix, agrees = cv2.findHomography(points[good], moved[good], cv2.USAC_MAGSAC, AGREES, maxIters=5000, confidence=0.999)
    return still if matrix is None or agrees.sum() < LEAST_FOUND else np.asarray(matrix / matrix[2, 2], np.float64)


def moved_origin(matrix: Homography, x: float, y: float) -> Homography:
    """The same motion with pixels counted from (x, y) on, in both frames."""
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = (-x, -y), (x, y)
    moved = there @ matrix @ back
    return np.asarray(moved / moved[2, 2], np.float64)


def moved_by(matrix: Homography, flow: Tensor, origin: tuple[int, int] = (0, 0)) -> Tensor:
    """The flow (2, h, w) that first goes along `flow` and then by a homography, for the part of a picture at `origin` (x, y)."""
    height, width = flow.shape[-2:]
    x = torch.arange(origin[0], origin[0] + width, dtype=torch.float32, device=flow.device)
    y = torch.arange(origin[1], origin[1] + height, dtype=torch.float32, device=flow.device)[:, None]
    px, py = x + flow[0], y + flow[1]
    m = matrix.tolist()
    depth = m[2][0] * px + m[2][1] * py + m[2][2]
    return torch.stack([(m[0][0] * px + m[0][1] * py + m[0][2]) / depth - x, (m[1][0] * px + m[1][1] * py + m[1][2]) / depth - y])
