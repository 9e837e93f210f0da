"""The fill network: what stood behind a wire or a prop, from the surroundings and from frames that show it, not perfectly aligned."""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from vfxai.motion.camera import camera_motion
from vfxai.removal.background import BestNeighbours, align_neighbour
from vfxai.removal.filling import AlignedNeighbour, fill_planes, judged
from vfxai.train.arrays import Image, Picture
from vfxai.train.degradations import unit_noise
from vfxai.train.materials import defocused
from vfxai.train.pictures import as_image, load_pictures, orient, random_crop
from vfxai.train.task import Batch, Restore, Task, TrainConfig, side_by_side, stacked

NO_HINT, POOR_HINT = 0.4, 0.15
"""Share of the hints that are missing, and of those that show another place."""
FILMED = 0.4
"""Share of the crops that come from clips, with hints that the node's own search found."""
SEEN_HOLES = 3
"""Sets of holes drawn over each frame of the clips."""
SOFT = 0.2
"""Share of the drawn examples that are out of focus."""
ROUGH = 0.5
"""Miss that is stored as the most a byte holds."""


class RemoveTask(Task):
    """Fills holes."""

    id, node, does = "remove-s", "remove", "fills what a wire or a prop covers"
    encoding = "plate values in a display-like curve, about 0..1, logarithmic above"
    architecture, planes, channels_out = "unet", 17, 3  # see fill_planes
    receptive_field = 96
    fails = (
        "What no frame shows is invented: even surfaces and straight edges go on, texture becomes smooth, and things that were wholly "
        "covered do not come back."
    )
    default = TrainConfig(widths=(48, 64, 96, 128), blocks=(2, 2, 2, 3), crop=128, batch=5, steps=24_000)

    def load(self, data: Path) -> None:
        """Pictures as for denoise; what neighbours in the clips show is looked for here, which takes minutes."""
        self.pictures = load_pictures(data, self.config)
        clips = self.pictures.clips + self.pictures.renders
        self.filmed = [e for i, clip in enumerate(clips) for e in _filmed(clip, np.random.default_rng((i, 5)))]

    def batch(self, seed: int, step: int) -> Batch:
        """Planes, and the clean crop with the hole (N, 4, H, W)."""
        rng = np.random.default_rng((seed, step))
        side = self.config.crop
        pairs = [
            _cut(self.filmed, side, rng) if rng.random() < FILMED else _example(self.pictures.train, side, rng)
            for _ in range(self.config.batch)
        ]
        return stacked(pairs)

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """Absolute error in the holes, and of its differences between neighbours, which keeps edges."""
        hole = target[:, 3:]
        error = (result - target[:, :3]) * hole
        size = hole.sum() * 3 + 100
        steps = (error[..., 1:] - error[..., :-1]).abs().sum() + (error[..., 1:, :] - error[..., :-1, :]).abs().sum()
        return 10 * ((error**2 + 1e-6).sqrt() * hole).sum() / size + 3 * steps / size

    def score(self, restore: Restore) -> dict[str, float]:
        """PSNR in the holes without any hint, and with hints of every quality."""
        scores = {}
        for name, missing in (("psnr_invented", 1.0), ("psnr_hinted", 0.0)):
            error, count = 0.0, 0.0
            for index, picture in enumerate(self.pictures.validation):
                rng = np.random.default_rng(index)
                for _ in range(3):
                    planes, target = _example((picture,), 192, rng, missing)
                    hole = target[3:]
                    error += float(((restore(planes) - target[:3]) ** 2 * hole).sum())
                    count += 3 * float(hole.sum())
            scores[name] = float(-10 * np.log10(error / max(count, 1) + 1e-10))
        return scores

    def show(self, restore: Restore) -> Picture:
        """Without hints: the smooth guess, the network and the truth."""
        planes, target = _example((self.pictures.validation[0],), 192, np.random.default_rng(5), 1.0)
        seen = planes[:3] * (1 - planes[3:4])
        filled = np.where(planes[3:4] > 0, restore(planes), planes[:3])
        return side_by_side(seen, planes[:3], filled, target[:3])


def _example(pictures: tuple[Picture, ...], side: int, rng: np.random.Generator, missing: float = NO_HINT) -> tuple[Image, Image]:
    """Planes (17, H, W) and truth with the hole (4, H, W)."""
    clean = random_crop(pictures, side, rng)
    if rng.random() < 0.1:
        clean = np.repeat(clean.mean(0, keepdims=True), 3, 0)
    if rng.random() < SOFT:
        clean = np.ascontiguousarray(defocused(np.maximum(clean, 0).transpose(1, 2, 0), rng.uniform(0.5, 4)).transpose(2, 0, 1))
    hole = holes(side, side, int(rng.integers(2, 10)), rng)
    sigma = np.float32(rng.uniform(0, 0.04) if rng.random() < 0.4 else 0.0)
    given = torch.from_numpy(clean + sigma * unit_noise(clean.shape, 0.0, 0.0, rng)).float()
    none_at_all = rng.random() < missing
    hints = []
    for _ in range(2):
        if none_at_all or rng.random() < missing / 2:
            continue
        color, valid = _hint(clean, hole, pictures, rng)
        shown = torch.from_numpy(color + sigma * unit_noise(clean.shape, 0.0, 0.0, rng)).float()
        seen = torch.from_numpy(valid)
        hints.append(AlignedNeighbour(shown, seen, judged(given, shown, seen * (1 - torch.from_numpy(hole)))))
    planes = fill_planes(given, torch.from_numpy(hole), hints)
    return planes.numpy(), np.concatenate([clean, hole]).astype(np.float32)


def _filmed(clip: tuple[Picture, ...], rng: np.random.Generator) -> list[tuple[Picture, Picture, Picture]]:
    """Frames (H, W, 3), holes with the misses of two hints (H, W, 3; 0 where there is none), and the hints (H, W, 6), all of 8 bits."""
    frames = [torch.from_numpy(as_image(f)) for f in clip]
    height, width = frames[0].shape[1:]
    found = []
    for _ in range(SEEN_HOLES):
        count, speed = int(rng.integers(6, 20)), float(rng.choice([0, 3, 8]))
        first = holes(height, width, count, rng)
        moves = np.cumsum(rng.normal(0, speed, (len(clip), 2)), 0).round().astype(int)
        hidden = [torch.from_numpy(np.roll(first, tuple(m), (1, 2))) for m in moves]
        for t, picture in enumerate(frames):
            neighbours = BestNeighbours(picture)
            for s in sorted(set(range(len(clip))) - {t}, key=lambda s: abs(s - t)):
                covered = frames[s] * (1 - hidden[s])
                camera = camera_motion(picture, covered, 1 - hidden[t], 1 - hidden[s])
                neighbours.add(align_neighbour(picture * (1 - hidden[t]), hidden[t], covered, hidden[s], camera))
            a, b = neighbours.best(float("inf"))
            marks = torch.cat([hidden[t], _mark(a), _mark(b)])
            found.append((clip[t], _bytes(marks), _bytes(torch.cat([a.color, b.color]))))
    return found


def _mark(neighbour: AlignedNeighbour) -> Tensor:
    """How far a neighbour misses (1, H, W), in 0.01..1, and 0 where it shows nothing."""
    return neighbour.valid * (0.01 + 0.99 * (neighbour.misses.sqrt() / ROUGH).clamp_max(1))


def _marked(color: Image, mark: Image) -> AlignedNeighbour:
    """The neighbour (3, H, W) of a mark (H, W)."""
    misses = ((mark - 0.01) / 0.99 * ROUGH).clip(0) ** 2
    return AlignedNeighbour(*map(torch.from_numpy, (color, (mark > 0).astype(np.float32)[None], misses[None])))


def _bytes(planes: Tensor) -> Picture:
    return np.ascontiguousarray((planes.clamp(0, 1) * 255 + 0.5).byte().numpy().transpose(1, 2, 0))


def _cut(filmed: list[tuple[Picture, Picture, Picture]], side: int, rng: np.random.Generator) -> tuple[Image, Image]:
    """A crop of a frame of a clip, as _example() gives it."""
    whole = np.concatenate(filmed[rng.integers(len(filmed))], 2)
    y, x = (rng.integers(0, extent - side + 1) for extent in whole.shape[:2])
    crop = orient(whole[y : y + side, x : x + side], int(rng.integers(8))).astype(np.float32).transpose(2, 0, 1) / np.float32(255)
    order = rng.permutation(3)
    clean, hole, a, b = (np.ascontiguousarray(v) for v in (crop[order], crop[3:4], crop[6 + order], crop[9 + order]))
    hints = [_marked(color, mark) for color, mark in zip((a, b), crop[4:6], strict=True)]
    planes = fill_planes(torch.from_numpy(clean), torch.from_numpy(hole), hints)
    return planes.numpy(), np.concatenate([clean, hole]).astype(np.float32)


def holes(height: int, width: int, count: int, rng: np.random.Generator) -> Image:
    """(1, height, width), 1 where hidden: wires and scratches, or now and then discs and boxes instead."""
    mask = np.zeros((height, width), np.uint8)
    size = np.array([width, height])
    wires = rng.random() < 0.75
    for _ in range(count if wires else 0):
        ends = rng.uniform(-0.2, 1.2, (2, 2)) * size
        t = np.linspace(0, 1, 24)[:, None]
        sag = rng.normal(0, 0.12) * height * 4 * t * (1 - t)
        line = ends[0] * (1 - t) + ends[1] * t + sag * np.array([[0.0, 1.0]])
        cv2.polylines(mask, [(line * 16).round().astype(np.int32)], False, 1, int(rng.integers(2, 8)), cv2.LINE_8, 4)
    for _ in range(0 if wires else (count + 2) // 3):
        radius = rng.uniform(4, 22)
        x, y = rng.uniform(0.1, 0.9, 2) * size
        if rng.random() < 0.5:
            cv2.circle(mask, (int(x), int(y)), int(radius), 1, -1)
        else:
            sides = radius * rng.uniform(0.4, 2, 2)
            turned = cv2.boxPoints(((x, y), (sides[0], sides[1]), float(rng.uniform(0, 90))))
            cv2.fillPoly(mask, [turned.astype(np.int32)], 1)
    if not mask.any():
        mask[height // 3 : height // 2, width // 3 : width // 2] = 1
    return mask[None].astype(np.float32)


def _hint(clean: Image, hole: Image, pictures: tuple[Picture, ...], rng: np.random.Generator) -> tuple[Image, Image]:
    """Another frame moved onto this one, as well as a flow does it, and where it shows the scene."""
    side = clean.shape[1]
    kind = rng.random()
    if kind < POOR_HINT:
        color = random_crop(pictures, side, rng)
    else:
        reach = rng.uniform(0, 0.5) if kind < 0.5 else rng.uniform(0, 2) if kind < 0.75 else rng.uniform(0, 8)
        color = displaced(clean, reach, rng)
    if rng.random() < 0.3:
        sigma = float(rng.uniform(0.3, 0.9))
        color = np.stack([cv2.GaussianBlur(p, (0, 0), sigma) for p in color])
    if rng.random() < 0.4:
        color = color * np.float32(rng.uniform(0.93, 1.07)) + np.float32(rng.normal(0, 0.01))
    moved = np.roll(hole, tuple(int(v) for v in rng.normal(0, 0.12 * side, 2).round()), (1, 2))
    valid = 1 - moved
    if rng.random() < 0.1:
        valid = valid * (1 - hole)  # a static prop: shown nowhere
    return color.astype(np.float32), valid.astype(np.float32)


def displaced(picture: Image, reach: float, rng: np.random.Generator) -> Image:
    """(3, H, W) moved by a smooth random flow of about `reach` pixels."""
    height, width = picture.shape[1:]
    cells = int(rng.integers(1, 12))
    coarse = rng.normal(0, reach, (2, cells + 1, cells + 1)).astype(np.float32)
    flow = np.stack([cv2.resize(c, (width, height), interpolation=cv2.INTER_CUBIC) for c in coarse])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    moved = cv2.remap(
        np.ascontiguousarray(picture.transpose(1, 2, 0)),
        x + flow[0],
        y + flow[1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.ascontiguousarray(moved.transpose(2, 0, 1))
