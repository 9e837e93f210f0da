"""Whether denoise ever makes a picture worse: crops of textures and others under no noise to much, and what measuring the noise costs."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from vfxai.bench.asked import Asked
from vfxai.bench.degrade import gaussian, generator, sensor_noise
from vfxai.bench.methods import Ours, Pixels, Say
from vfxai.bench.pictures import Picture, load_plates, shared_data
from vfxai.bench.product import denoise_pictures
from vfxai.bench.quality_hdr import PLATES
from vfxai.bench.table import Result
from vfxai.measure import metrics
from vfxai.noise.profile import NoiseProfile

GRAINY = ("GoldenGate", "CandleGlass")
"""Plates with noise of their own, seen at a glance at 1:1: grain of a scan, 0.6 % of white in red and green and 3 % in blue; noise of a sensor in the dark
behind a candle. They are no truth where nothing or little is added, and are told apart."""
SIDE = 256
MIDDLE = 0.18
"""What the median of a scene-linear crop is brought to, as a plate is exposed."""
SENSORS = (("none", 0.0, 0.0), ("faint", 0.0005, 1e-6), ("light", 0.001, 1e-5), ("heavy", 0.008, 2e-4))
"""Gain and read variance in scene-linear crops."""
SIGMAS = (0.0, 1.0, 5.0, 25.0)
"""Of 255, in display-referred crops."""
WORSE = 0.1
"""Loss in dB from which a crop counts as worse than its input."""
SLOW = 32
"""Standard deviation in pixels of the low pass on which a shift of tone or colour is seen."""
MOST = 99.0
"""PSNR in dB of a crop that comes back bit by bit, for means."""


def part(asked: Asked) -> Result:
    """The table `harm`; `limit` is in crops of a picture."""
    folder = asked.plates_folder or shared_data("exr", "openexr-images")
    plates = [Picture(p.name, _exposed(p.pixels)) for p in _crops(load_plates(folder, PLATES, crop=None), asked.limit)]
    return run(plates, _crops(asked.whole_stills(), asked.limit), ours=denoise_pictures, say=asked.say)


def _crops(pictures: Sequence[Picture], limit: int | None) -> list[Picture]:
    """Squares of SIDE on a grid, at most `limit` of a picture."""
    found = []
    for picture in pictures:
        height, width = picture.pixels.shape[:2]
        corners = [(x, y) for y in range(0, height - SIDE + 1, SIDE) for x in range(0, width - SIDE + 1, SIDE)][:limit]
        found += [Picture(f"{picture.name} at {x}, {y}", picture.pixels[y : y + SIDE, x : x + SIDE]) for x, y in corners]
    return found


def _exposed(pixels: Pixels) -> Pixels:
    middle = float(np.median(pixels))
    return np.asarray(pixels * (MIDDLE / middle if middle > 0 else 1), np.float32)


def run(plates: Sequence[Picture], stills: Sequence[Picture], *, ours: Ours, say: Say) -> Result:
    """One row a kind and level of noise: crops worse than their input, worst loss, largest slow shift in units of the noise, means blind and told."""
    rows = []
    for name, gain, read in SENSORS if plates else ():

        def exposed(p: Picture, name: str = name, gain: float = gain, read: float = read) -> Pixels:
            return sensor_noise(p.pixels, gain, read, generator("harm", name, p.name)) if read else p.pixels

        own = {p.name for p in plates if p.name.startswith(GRAINY)}
        for of, group in (("", [p for p in plates if p.name not in own]), (", own noise", [p for p in plates if p.name in own])):
            condition = f"scene-linear{of}, {name}"
            rows += [_row(condition, group, exposed, (gain, read), ours, "scene-linear", metrics.hdr_psnr, say)] if group else []
    for sigma in SIGMAS if stills else ():

        def displayed(p: Picture, sigma: float = sigma) -> Pixels:
            return gaussian(p.pixels, sigma / 255, generator("harm", sigma, p.name)) if sigma else p.pixels

        level = (0.0, (sigma / 255) ** 2)
        rows.append(_row(f"display, sigma {sigma:g}", stills, displayed, level, ours, "display", metrics.psnr, say))
    notes = (
        f"{len(plates)} scene-linear crops of {SIDE} x {SIDE} with their median at {MIDDLE} (PSNR on log2), {len(stills)} display-referred ones. Worse: by "
        f"{WORSE} dB and more. Shift: the largest low-passed difference (Gaussian of {SLOW} pixels) in standard deviations of the noise.",
        "Told: the same node with the true profile, through --profile file. What it reaches above blind is what measuring costs.",
        f"Own noise: crops of {' and '.join(GRAINY)}, whose noise is seen at a glance. It is removed as it should be, which counts as loss, for no picture "
        "without it exists; these rows stand under no floor.",
        "Floors: none worse; without noise 55 dB to the input; a mean cost of 1.5 dB on texture, 0.3 dB elsewhere.",
    )
    columns = {"condition": 0, "worse %": 1, "worst dB": 2, "in dB": 2, "blind dB": 2, "told dB": 2, "cost dB": 2, "shift": 3}
    return Result("harm", "Denoise does no harm", columns, rows, notes)


def _row(
    condition: str,
    crops: Sequence[Picture],
    degrade: Callable[[Picture], Pixels],
    noise: tuple[float, float],
    ours: Ours,
    encoding: str,
    score: Callable[[Any, Any], float],
    say: Say,
) -> dict[str, Any]:
    """`noise`: gain and read variance that are told; both 0 where there is none."""
    scores, shifts = [], []
    for crop in crops:
        plate = degrade(crop)
        blind = ours([plate], encoding)[0]
        told = plate if not noise[1] else _told(plate, noise, ours, encoding)
        scores.append([min(score(p, crop.pixels), MOST) for p in (plate, blind, told)])
        sigma = np.sqrt(noise[0] * np.maximum(crop.pixels, 0) + noise[1]) if noise[1] else np.float32(1 / 255)
        shifts.append(float(np.abs(cv2.GaussianBlur((blind - plate) / sigma, (0, 0), SLOW)).max()))
        say(f"{condition}, {crop.name}: in {scores[-1][0]:.2f}, blind {scores[-1][1]:.2f}, told {scores[-1][2]:.2f} dB")
    before, after, best = np.array(scores).T
    gains = after - before
    return {
        "condition": condition,
        "worse %": float(100 * np.mean(gains < -WORSE)),
        "worst dB": float(gains.min() if noise[1] else after.min()),
        "in dB": float(before.mean()),
        "blind dB": float(after.mean()),
        "told dB": float(best.mean()),
        "cost dB": float(np.mean(best - after)),
        "shift": max(shifts),
    }


def _told(plate: Pixels, noise: tuple[float, float], ours: Ours, encoding: str) -> Pixels:
    """What the node makes of a plate of which it is told the noise."""
    gain, read = noise
    profile = NoiseProfile(((0.0, 1.0),) * 3, ((read, read + gain),) * 3, (gain,) * 3, 0.0, 0.0, 0.0, 1.0)
    impulses = {"density": 0.0, "persistence": 0.0, "at_extremes": 0.0, "white": 1.0, "exponent": 1.0}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "profile.json"
        file.write_text(json.dumps({"profile": profile.to_dict(), "impulses": impulses}))
        return ours([plate], encoding, profile="file", profile_file=str(file), impulse="off")[0]
