"""The fill network: what stood behind a wire or a prop, from the surroundings and from frames that show it, not perfectly aligned."""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from vfxai.motion.filling import fill_planes
from vfxai.train.degradations import unit_noise
from vfxai.train.pictures import Picture, load_pictures, random_crop
from vfxai.train.task import Batch, Config, Image, Restore, Task, side_by_side

NO_HINT, POOR_HINT = 0.3, 0.12
"""Share of the hints that are missing, and of those that show another place."""


class Remove(Task):
    """Fills holes."""

    id, node, does = "remove-s", "remove", "fills what a wire or a prop covers"
    encoding = "plate values in a display-like curve, about 0..1, logarithmic above"
    architecture, planes, channels_out = "unet", 12, 3  # see fill_planes
    receptive_field = 96
    fails = (
        "What no frame shows is invented: even surfaces and straight edges go on, texture becomes smooth, and things that were wholly "
        "covered do not come back."
    )
    default = Config(widths=(32, 64, 96, 128), blocks=(2, 2, 2, 3), crop=96, batch=8, steps=24_000)

    def load(self, data: Path) -> None:
        """Pictures as for denoise."""
        self.pictures = load_pictures(data, frozenset(self.config.leave_out), self.config.dead_leaves)

    def batch(self, seed: int, step: int) -> Batch:
        """Planes, and the clean crop with the hole (N, 4, H, W)."""
        rng = np.random.default_rng((seed, step))
        pairs = [_example(self.pictures.train, self.config.crop, rng) for _ in range(self.config.batch)]
        inputs, targets = (np.stack(side) for side in zip(*pairs, strict=True))
        return torch.from_numpy(inputs).float(), torch.from_numpy(targets).float()

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
    """Planes (12, H, W) and truth with the hole (4, H, W)."""
    clean = random_crop(pictures, side, rng)
    if rng.random() < 0.1:
        clean = np.repeat(clean.mean(0, keepdims=True), 3, 0)
    hole = holes(side, rng)
    sigma = np.float32(rng.uniform(0, 0.04) if rng.random() < 0.4 else 0.0)
    picture = clean + sigma * unit_noise(clean.shape, 0.0, 0.0, rng)
    none_at_all = rng.random() < missing
    hints = []
    for _ in range(2):
        if none_at_all or rng.random() < missing / 2:
            continue
        color, valid = _hint(clean, hole, pictures, rng)
        hints.append((torch.from_numpy(color + sigma * unit_noise(clean.shape, 0.0, 0.0, rng)).float(), torch.from_numpy(valid)))
    planes = fill_planes(torch.from_numpy(picture).float(), torch.from_numpy(hole), hints)
    return planes.numpy(), np.concatenate([clean, hole]).astype(np.float32)


def holes(side: int, rng: np.random.Generator) -> Image:
    """(1, side, side), 1 where hidden: wires, or a disc, box or stroke."""
    mask = np.zeros((side, side), np.uint8)
    if rng.random() < 0.6:
        for _ in range(int(rng.integers(1, 4))):
            ends = rng.uniform(-0.2, 1.2, (2, 2)) * side
            t = np.linspace(0, 1, 24)[:, None]
            sag = rng.normal(0, 0.12) * side * 4 * t * (1 - t)
            line = ends[0] * (1 - t) + ends[1] * t + sag * np.array([[0.0, 1.0]])
            thickness = int(rng.integers(2, 9))
            cv2.polylines(mask, [(line * 16).round().astype(np.int32)], False, 1, thickness, cv2.LINE_8, 4)
    else:
        size = rng.uniform(0.06, 0.28) * side
        centre = rng.uniform(0.1, 0.9, 2) * side
        if rng.random() < 0.5:
            cv2.circle(mask, tuple(int(v) for v in centre), int(size), 1, -1)
        else:
            turned = cv2.boxPoints(((*centre,), tuple(size * rng.uniform(0.4, 2, 2)), float(rng.uniform(0, 90))))
            cv2.fillPoly(mask, [turned.astype(np.int32)], 1)
    if not mask.any():
        mask[side // 3 : side // 2, side // 3 : side // 2] = 1
    return mask[None].astype(np.float32)


def _hint(clean: Image, hole: Image, pictures: tuple[Picture, ...], rng: np.random.Generator) -> tuple[Image, Image]:
    """Another frame moved onto this one, as well as a flow does it, and where it shows the scene."""
    side = clean.shape[1]
    kind = rng.random()
    if kind < POOR_HINT:
        color = random_crop(pictures, side, rng)
    else:
        reach = rng.uniform(0, 0.6) if kind < 0.55 else rng.uniform(0, 2.5) if kind < 0.85 else rng.uniform(0, 8)
        color = displaced(clean, reach, rng)
    if rng.random() < 0.3:
        sigma = float(rng.uniform(0.3, 0.9))
        color = np.stack([cv2.GaussianBlur(p, (0, 0), sigma) for p in color])
    if rng.random() < 0.4:
        color = color * np.float32(rng.uniform(0.93, 1.07)) + np.float32(rng.normal(0, 0.01))
    moved = np.roll(hole, tuple(int(v) for v in rng.normal(0, 0.12 * side, 2).round()), (1, 2))
    valid = 1 - np.maximum(moved, holes(side, rng) if rng.random() < 0.3 else 0)
    if rng.random() < 0.1:
        valid = valid * (1 - hole)  # a static prop: shown nowhere
    return color.astype(np.float32), valid.astype(np.float32)


def displaced(picture: Image, reach: float, rng: np.random.Generator) -> Image:
    """(3, H, W) moved by a smooth random flow of about `reach` pixels."""
    height, width = picture.shape[1:]
    cells = int(rng.integers(1, 7))
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
