"""Moving pictures of known motion, made of stills: a camera that stands, pans, zooms or rolls, and things that move before it."""

import cv2
import numpy as np

from vfxai.train.arrays import Image, Picture


def camera_path(frames: int, reach: float, rng: np.random.Generator) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """A 2x3 matrix a frame, from the pixels of the view to those of the picture: still, slow or up to `reach` pixels a frame."""
    kind = rng.random()
    speed = 0.0 if kind < 0.2 else rng.uniform(0, 1.5) if kind < 0.55 else rng.uniform(1, reach)
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else rng.integers(4) * np.pi / 2
    velocity = speed * np.array([np.cos(angle), np.sin(angle)])
    change = rng.normal(0, 0.15) * velocity
    turn, zoom = (rng.normal(0, 0.006), rng.normal(0, 0.006)) if rng.random() < 0.25 and speed else (0.0, 0.0)
    start = rng.uniform(0, 1, 2) if speed else np.round(rng.uniform(0, 1, 2))
    path = []
    for index in range(frames):
        t = index - frames // 2
        size, cosine, sine = 1 + zoom * t, np.cos(turn * t), np.sin(turn * t)
        x, y = start + velocity * t + change * t * abs(t) / 2
        path.append(np.array([[size * cosine, -size * sine, x], [size * sine, size * cosine, y]]))
    return path


def moving_view(picture: Picture, height: int, width: int, frames: int, reach: float, rng: np.random.Generator) -> Image:
    """(frames, 3, height, width) in 0..1 of a camera over a picture, sampled with a Lanczos kernel; reflected beyond the edge."""
    centre = np.array([rng.uniform(width / 2, max(picture.shape[1] - width / 2, width / 2 + 1)),
                       rng.uniform(height / 2, max(picture.shape[0] - height / 2, height / 2 + 1))])  # fmt: skip
    centre = np.floor(centre)
    turn, views = int(rng.integers(8)), []
    for matrix in camera_path(frames, reach, rng):
        placed = matrix.copy()
        placed[:, 2] += centre - matrix[:, :2] @ (np.array([width, height]) // 2)
        flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
        view = cv2.warpAffine(picture, placed, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        view = view[:, ::-1] if turn & 1 else view
        view = view[::-1] if turn & 2 else view
        views.append(view.transpose(2, 0, 1))
    return np.asarray(np.stack(views), np.float32) / np.float32(255)


def moving_shape(height: int, width: int, frames: int, reach: float, rng: np.random.Generator) -> Image:
    """(frames, 1, height, width) cover 0..1 of a thing of random outline that moves and turns evenly."""
    corners = int(rng.integers(3, 9))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(0.08, 0.4) * min(height, width)
    outline = radius * rng.uniform(0.5, 1, corners)[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    centre = rng.uniform(0, 1, 2) * (width, height)
    velocity, turn = rng.uniform(-reach, reach, 2), rng.normal(0, 0.08)
    covers = []
    for index in range(frames):
        t = index - frames // 2
        cosine, sine = np.cos(turn * t), np.sin(turn * t)
        points = outline @ np.array([[cosine, sine], [-sine, cosine]]) + centre + velocity * t
        cover = np.zeros((height, width), np.uint8)
        cv2.fillPoly(cover, [(points * 16).round().astype(np.int32)], 255, cv2.LINE_AA, 4)
        covers.append(cover[None])
    return np.asarray(np.stack(covers), np.float32) / np.float32(255)


def moving_scene(
    pictures: tuple[Picture, ...], height: int, width: int, frames: int, reach: float, rng: np.random.Generator
) -> Image:
    """(frames, 3, height, width): a moving view, half the time with one to three moving things of other pictures before it."""
    scene = moving_view(pictures[rng.integers(len(pictures))], height, width, frames, reach, rng)
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(1, 4))):
            thing = moving_view(pictures[rng.integers(len(pictures))], height, width, frames, reach, rng)
            cover = moving_shape(height, width, frames, reach, rng)
            scene = scene * (1 - cover) + thing * cover
    return scene
