"""Impulses: pixels that are not of the scene, such as salt and pepper or specks of dirt, found and filled by a trained network."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any, Self

import torch
from torch import Tensor

from vfxai.noise.temporal import aligned

RunModel = Callable[[str, Tensor], Tensor]
MODEL = "impulse-s"
CERTAIN = 1.0
"""Least logit at which a pixel counts as covered; above 0 because a lost highlight hurts more than a speck that stays."""
PERSISTENT = 0.3
"""Share of detections that are in the next frame too, at the same place or where the picture moved, above which they are scene detail, such as stars."""
COMMON = 0.0008
"""Least density at which impulses count as a property of the plate."""
MEASURED, STRIPS = 2**19, 4
"""Pixels of a frame, in strips of whole rows spread over its height, that are measured: at the density COMMON five frames of them hold 6,000 impulses."""
AT_EXTREMES = 0.8
"""Share of the detections at the exact extremes of their frame from which the impulses are salt and pepper."""

LEAST_OF_EACH = 0.1
"""Share of salt, or of pepper, among salt and pepper below which there is none: detail that is clipped is black or white, seldom both."""


@dataclass(frozen=True)
class Impulses:
    """What a plate's impulses are like, and the tone curve under which the network looks for them."""

    density: float
    """Share of samples covered, 0..1."""
    persistence: float
    """Share of those that are covered in the next frame too, there or where the picture moved, 0..1; 1 where there is no next frame to tell, or hardly any are."""
    at_extremes: float
    """Share of those that equal the least or greatest value of their frame, 0..1; 0 where nearly all are at one end, as in clipped texture."""
    white: float
    """Plate value that the network sees as 1."""
    exponent: float
    """Power that spreads the plate's mid tones, about 0.45 for scene-linear and 1 for display-referred plates."""

    @property
    def salt_and_pepper(self) -> bool:
        """Whether they lie at the extremes; repair() then takes no other sample for one."""
        return self.at_extremes >= AT_EXTREMES

    @property
    def present(self) -> bool:
        """Whether the plate has impulses that `auto` should remove: salt and pepper, or what neighbouring frames do not show."""
        return self.density >= COMMON and (self.persistence < PERSISTENT or self.salt_and_pepper)

    def to_repair(self, choice: str) -> bool:
        """Whether they are filled where a node's choice is auto, on, only or off."""
        return choice in ("on", "only") or (choice == "auto" and self.present)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """From what to_dict gave, possibly edited by a person. Raises KeyError, TypeError or ValueError where a value is missing or senseless."""
        found = cls(**{name: float(data[name]) for name in (f.name for f in fields(cls))})
        shares = (found.density, found.persistence, found.at_extremes)
        if not (all(0 <= share <= 1 for share in shares) and 0 < found.white < inf and 0 < found.exponent < inf):
            raise ValueError("impulses: shares lie within 0..1, white and exponent above 0")
        return found


def tone_curve(frames: Sequence[Tensor]) -> tuple[float, float]:
    """White and exponent that bring frames (3, H, W) of any encoding to about 0..1 with their median near 0.4."""
    values = torch.cat([f.mean(0).flatten()[:: max(1, f[0].numel() // 200_000)] for f in frames])
    values = values[torch.isfinite(values)]
    black, middle, white = (float(v) for v in torch.quantile(values, values.new_tensor([0.05, 0.5, 0.995])))
    if white <= 0 or white - black < 1e-6:
        return max(white, 1.0), 1.0
    if middle / white > 0.22:  # display-referred or log
        return max(white, 1.0) if white > 0.5 else white, 1.0
    return white, 1 / 2.2


def planes_of(seen: Tensor) -> Tensor:
    """What the network sees of (3, H, W): the picture; +1 where a sample equals its greatest and -1 where its least; a plane of ones.

    Salt and pepper of a scanner or a bad link lie exactly at the extremes; so do clipped areas, which the network tells by their
    surroundings. The ones give a network without bias a level to compare with. (7, H, W).
    """
    return torch.cat([seen, (seen == seen.max()).float() - (seen == seen.min()).float(), torch.ones_like(seen[:1])])


def _seen(color: Tensor, impulses: Impulses) -> Tensor:
    """Plate values in the network's curve: a power up to white, logarithmic and equally steep there beyond; odd."""
    size, exponent = (color / impulses.white).abs(), impulses.exponent
    return color.sign() * torch.where(size <= 1, size**exponent, 1 + exponent * size.clamp_min(1).log())


def _stored(seen: Tensor, impulses: Impulses) -> Tensor:
    """The inverse of _seen."""
    size, exponent = seen.abs(), impulses.exponent
    linear = torch.where(size <= 1, size.clamp_max(1) ** (1 / exponent), ((size - 1).clamp_min(0) / exponent).exp())
    return seen.sign() * linear * impulses.white


def find(color: Tensor, impulses: Impulses, run_model: RunModel) -> tuple[Tensor, Tensor]:
    """Where (3, H, W) is covered, bool, and what the network puts there, in the values of `color`."""
    planes = planes_of(_seen(color, impulses))
    result = run_model(MODEL, planes)
    if impulses.salt_and_pepper:
        return (result[3:] > 0) & (planes[3:6] != 0), _stored(result[:3], impulses)
    return result[3:] > CERTAIN, _stored(result[:3], impulses)


def repair(color: Tensor, impulses: Impulses, run_model: RunModel) -> tuple[Tensor, int]:
    """Fills the covered samples of (3, H, W), leaves every other bit as it was; also returns how many were filled."""
    covered, fill = find(color, impulses, run_model)
    return torch.where(covered, fill, color), int(covered.sum())


def unmeasured(frames: Sequence[Tensor]) -> Impulses:
    """No impulses, with the tone curve of frames (3, H, W)."""
    return Impulses(0.0, 0.0, 0.0, *tone_curve(frames))


def _part(frame: Tensor) -> Tensor:
    """What is measured of (3, H, W)."""
    _, height, width = frame.shape
    rows = max(MEASURED // (STRIPS * width), 16)
    if STRIPS * rows >= height:
        return frame
    return torch.cat([frame[:, top : top + rows] for top in range(rows // 2, height - rows, -(-height // STRIPS))], 1)


def _near(covered: Tensor) -> Tensor:
    """(C, H, W) bool with the neighbours of what is covered."""
    return torch.nn.functional.max_pool2d(covered.float()[None], 3, 1, 1)[0] > 0


def measure(frames: Sequence[Tensor], followers: Sequence[Tensor | None], run_model: RunModel) -> Impulses:
    """Measures the impulses of some frames (3, H, W), each with the frame that follows it where there is one."""
    curve = unmeasured(frames)
    samples = found = dark = bright = again = compared = 0
    seen: list[Tensor] = []
    for frame in map(_part, frames):
        covered, _ = find(frame, curve, run_model)
        seen.append(covered)
        samples += covered.numel()
        found += int(covered.sum())
        dark += int((covered & (frame == frame.min())).sum())
        bright += int((covered & (frame == frame.max())).sum())
    density = found / max(samples, 1)
    for frame, follower, covered in zip(frames, followers, seen, strict=True) if density >= COMMON else ():
        if (
            follower is not None and follower.shape == frame.shape and not torch.equal(follower, frame)
        ):  # a copy shows nothing new
            moved = torch.from_numpy(aligned(frame.cpu().numpy(), follower.cpu().numpy())).to(frame)
            known = _part(moved.isfinite())
            followed = _part(torch.where(moved.isfinite(), moved, frame))
            covered = covered & known
            near = _near(find(_part(follower), curve, run_model)[0]) | _near(find(followed, curve, run_model)[0])
            compared += int(covered.sum())
            again += int((covered & near).sum())
    chance = 1 - (1 - density) ** 18  # of an unrelated impulse within one pixel, where it stood or where the picture went
    persistence = max(0.0, again / compared - chance) if compared else 1.0
    extreme = dark + bright if min(dark, bright) > LEAST_OF_EACH * (dark + bright) else 0
    return Impulses(density, persistence, extreme / max(found, 1), curve.white, curve.exponent)
