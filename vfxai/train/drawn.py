"""Pictures that we draw: each family a function of size and generator, deterministic, about a tenth of a second a picture.

A family returns (size, size, 3) float32, R G B, display-referred, 0..1, and is stored with 8 bits, dithered so that gradients have no bands.
"""

from collections.abc import Callable, Iterator, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.train.arrays import Picture
from vfxai.train.materials import (
    GAMMA,
    Canvas,
    Map,
    colored,
    defocused,
    film_color,
    material,
    palette,
    perspective,
    ramp,
    shading,
    spectral_noise,
)

SIZE = 512
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX_SMALL, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)  # fmt: skip
LETTERS = np.array(list("eeeettaaooiinnsshhrrdlcumwfgypbvkjxqzEATOINSHRDLCU0123456789.,:;-!?&%"))
"""Common ones more often."""
FILMED = 0.5
"""Share of the pictures that get the colour of film."""


def draw(counts: Mapping[str, int]) -> Iterator[Picture]:
    """So many pictures of each family by name; the same ones in every run."""
    for family, count in counts.items():
        if family == "dead_leaves":
            yield from draw_dead_leaves(count)
            continue
        for index in range(count):
            yield draw_one(family, index)


def draw_one(family: str, index: int, size: int = SIZE) -> Picture:
    """A picture of a family as it is trained on."""
    rng = np.random.default_rng((index, *family.encode()))
    picture = FAMILIES[family](size, rng)
    if rng.random() < FILMED:
        picture = film_color(picture, rng)
    return np.asarray(np.clip(picture * 255 + rng.random(picture.shape, dtype=np.float32), 0, 255), np.uint8)


def draw_dead_leaves(count: int, size: int = SIZE) -> Iterator[Picture]:
    """Draws dead leaves, without the colour of film."""
    for index in range(count):
        yield leaves(size, np.random.default_rng((index, 77)))


def leaves(size: int, rng: np.random.Generator) -> Picture:
    """Opaque shapes with radius density r**-3, as in natural pictures (Lee, Mumford and Huang, 2001), of 8 bits."""
    canvas = np.zeros((size, size, 3), np.uint8)
    for _ in range(3000):
        radius = min(4.0 / np.sqrt(1 - rng.random() * (1 - (4 / 160) ** 2)), 160)
        centre = rng.integers(0, size, 2)
        colour = tuple(int(v) for v in np.clip(rng.normal(128, 60) + rng.normal(0, 35, 3), 0, 255))
        if rng.random() < 0.5:
            axes = (int(radius), max(1, int(radius * rng.uniform(0.2, 1))))
            cv2.ellipse(canvas, tuple(map(int, centre)), axes, rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
        else:
            angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
            points = centre + radius * np.stack([np.cos(angles), np.sin(angles)], 1)
            cv2.fillPoly(canvas, [points.astype(np.int32)], colour, cv2.LINE_AA)
    return canvas


def _dead_leaves(size: int, rng: np.random.Generator) -> Canvas:
    return leaves(size, rng).astype(np.float32) / np.float32(255)


def textures(size: int, rng: np.random.Generator) -> Canvas:
    """One to three materials that meet along a random border, under uneven light."""
    picture = material(size, rng)
    for _ in range(int(rng.integers(0, 3))):
        border = spectral_noise(size, rng.uniform(1.5, 2.5), rng)
        cover = ramp(border - np.float32(rng.normal(0, 0.7)), rng.uniform(5, 80))[..., None]
        picture = picture * (1 - cover) + material(size, rng) * cover
    return np.asarray(picture * shading(size, rng)[..., None], np.float32)


def patterns(size: int, rng: np.random.Generator) -> Canvas:
    """Something periodic seen from a side: bricks, tiles, windows, stripes, a weave, a mesh, printed dots."""
    double = 2 * size
    y, x = np.mgrid[0:double, 0:double].astype(np.float32)
    kind = int(rng.integers(6))
    period = np.exp(rng.uniform(np.log(8), np.log(150 if kind < 3 else 50)))
    flat = (_bricks, _windows, _stripes, _weave, _mesh, _dots)[kind](y, x, float(period), rng)
    if rng.random() < 0.7:
        flat = flat * (1 + np.float32(rng.uniform(0, 0.12)) * spectral_noise(double, rng.uniform(0.6, 1.2), rng))[..., None]
    seen = perspective(np.asarray(flat, np.float32), float(rng.uniform(0, 0.3)), rng)
    return np.asarray(np.clip(seen * shading(size, rng)[..., None], 0, 1), np.float32)


def _tones(rows: Map, columns: Map, spread: float, rng: np.random.Generator) -> Map:
    """A factor around 1 for each cell of a grid, (H, W, 1)."""
    table = 1 + spread * rng.standard_normal((61, 67), dtype=np.float32)
    return np.asarray(table[rows.astype(int) % 61, columns.astype(int) % 67][..., None], np.float32)


def _bricks(y: Map, x: Map, period: float, rng: np.random.Generator) -> Canvas:
    long, shift = period * rng.choice([1, 1, 2, 2.5]), float(rng.choice([0.0, 0.5]))
    row = y // period
    along = x / long + row * shift
    mortar = period * rng.uniform(0.04, 0.15)
    joint = ((y % period) < mortar) | ((along % 1) * long < mortar)
    brick, gap = palette(2, rng)
    tones = _tones(row, np.floor(along), rng.uniform(0, 0.25), rng)
    return np.where(joint[..., None], gap, brick * tones).astype(np.float32)


def _windows(y: Map, x: Map, period: float, rng: np.random.Generator) -> Canvas:
    tall, wide = period * rng.uniform(1, 1.6), period
    down, across = (y / tall) % 1, (x / wide) % 1
    edge = rng.uniform(0.12, 0.3)
    inside = (down > edge) & (down < 1 - edge / 2) & (across > edge) & (across < 1 - edge)
    wall, frame, glass, lit = palette(4, rng)
    bar = rng.uniform(0.02, 0.06)
    frames = inside & (
        (np.abs(across - 0.5) < bar)
        | (np.abs(down - 0.5) < bar)
        | (across < edge + bar)
        | (across > 1 - edge - bar)
        | (down < edge + bar)
    )
    tones = _tones(y // tall, x // wide, 0.4, rng)
    panes = np.where(tones > 1.5, lit, glass * np.clip(tones, 0.3, 1.5) * (1.2 - 0.4 * down[..., None]))
    sill = (down < edge) & (down > edge - 2 * bar) & (across > edge - bar) & (across < 1 - edge + bar)
    picture = np.where(inside[..., None], panes, wall)
    picture = np.where(frames[..., None], frame, picture)
    return np.where(sill[..., None], np.float32(0.6) * wall, picture).astype(np.float32)


def _stripes(y: Map, x: Map, period: float, rng: np.random.Generator) -> Canvas:
    angle = rng.uniform(0, np.pi)
    bend = rng.uniform(0, 2) * spectral_noise(len(y), 2.5, rng) if rng.random() < 0.4 else 0.0
    phase = (x * np.cos(angle) + y * np.sin(angle)) / period + bend
    wave = np.sin(2 * np.pi * phase) + rng.uniform(-0.7, 0.7)
    return colored(ramp(wave.astype(np.float32), rng.uniform(1.5, 30)), palette(int(rng.integers(2, 4)), rng))


def _weave(y: Map, x: Map, period: float, rng: np.random.Generator) -> Canvas:
    row, column = y // period, x // period
    over = (row + column) % 4 < 2 if rng.random() < 0.5 else (row + column) % 2 < 1
    repeat = int(rng.integers(1, 12))
    warp, weft = (palette(3, rng)[rng.integers(0, 3, repeat)] for _ in range(2))
    colors = np.where(over[..., None], warp[column.astype(int) % repeat], weft[row.astype(int) % repeat])
    across = np.where(over, x / period % 1, y / period % 1) * 2 - 1
    round_thread = np.sqrt(np.clip(1 - across**2, 0, 1)) * rng.uniform(0.3, 0.8) + 0.3
    return np.asarray(np.clip(colors * round_thread[..., None], 0, 1), np.float32)


def _mesh(y: Map, x: Map, period: float, rng: np.random.Generator) -> Canvas:
    angle = rng.uniform(0, np.pi)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    thin = rng.uniform(0.05, 0.35)
    wire = np.minimum(np.abs((u / period) % 1 - 0.5), np.abs((v / period) % 1 - 0.5)) < thin / 2
    behind = cv2.resize(material(len(y) // 4, rng), (len(y), len(y)), interpolation=cv2.INTER_CUBIC)
    return np.where(wire[..., None], palette(1, rng)[0], behind).astype(np.float32)


def _dots(y: Map, x: Map, period: float, rng: np.random.Generator) -> Canvas:
    centres = np.hypot((x / period) % 1 - 0.5, (y / period) % 1 - 0.5)
    amount = 0.1 + 0.6 * ramp(spectral_noise(len(y), 2.0, rng), 1.0)
    cover = np.clip((amount * 0.7 - centres) * period + 0.5, 0, 1)[..., None]
    ink, paper = palette(2, rng)
    return np.asarray(paper * (1 - cover) + ink * cover, np.float32)


def lettering(size: int, rng: np.random.Generator) -> Canvas:
    """Lines of text and line art on paper, a wall or a screen, often askew."""
    double = 2 * size
    paper, *inks = palette(5, rng)
    picture = np.broadcast_to(paper, (double, double, 3)).astype(np.float32)
    if rng.random() < 0.5:
        ground = cv2.resize(material(size, rng), (double, double), interpolation=cv2.INTER_CUBIC)
        picture = picture + np.float32(rng.uniform(0.05, 0.6)) * (ground - picture)
    picture = np.ascontiguousarray(picture)
    both = rng.random()
    if both < 0.75:
        _text(picture, inks, rng)
    if both > 0.45:
        _line_art(picture, inks, rng)
    seen = perspective(picture, float(rng.uniform(0, 0.2)), rng)
    return np.asarray(seen * shading(size, rng)[..., None], np.float32)


def _text(picture: Canvas, inks: list[NDArray[np.float32]], rng: np.random.Generator) -> None:
    """Writes lines of random words from top to bottom, headings among small print."""
    side, y = len(picture), 0.0
    while y < side:
        font = FONTS[rng.integers(len(FONTS))] + (cv2.FONT_ITALIC if rng.random() < 0.2 else 0)
        height = float(np.exp(rng.uniform(np.log(14), np.log(60 if rng.random() < 0.8 else 300))))
        scale = cv2.getFontScaleFromHeight(font, max(int(height), 8), 1)
        thick = max(1, round(height * rng.uniform(0.04, 0.2)))
        ink = tuple(float(v) for v in inks[rng.integers(len(inks))])
        for _ in range(int(rng.integers(1, 7))):
            y += height * rng.uniform(1.5, 2.2)
            words = ("".join(rng.choice(LETTERS, rng.integers(1, 10))) for _ in range(int(side / height / 2)))
            start = (int(rng.uniform(-0.1, 0.4) * side), int(y))
            cv2.putText(picture, " ".join(words), start, font, scale, ink, thick, cv2.LINE_AA)


def _line_art(picture: Canvas, inks: list[NDArray[np.float32]], rng: np.random.Generator) -> None:
    """Draws curves, circles, filled outlines and hatching of even thickness."""
    side = len(picture)
    for _ in range(int(rng.integers(6, 30))):
        ink, fill = (tuple(float(v) for v in inks[i]) for i in rng.integers(0, len(inks), 2))
        thick, centre = int(rng.integers(1, 9)), rng.uniform(0, side, 2)
        radius, kind = float(np.exp(rng.uniform(np.log(12), np.log(side / 3)))), rng.integers(4)
        if kind == 0:
            steps = np.cumsum(rng.normal(0, radius / 8, (30, 2)), 0)
            smooth = cv2.GaussianBlur(steps.astype(np.float32), (1, 9), 2)
            cv2.polylines(picture, [(smooth + centre).round().astype(np.int32)], False, ink, thick, cv2.LINE_AA)
        elif kind == 1:
            x, y = (int(v) for v in centre)
            cv2.circle(picture, (x, y), int(radius), ink, thick, cv2.LINE_AA)
        elif kind == 2:
            angles = np.linspace(0, 2 * np.pi, int(rng.integers(3, 40)), endpoint=False)
            outline = centre + radius * rng.uniform(0.6, 1, (len(angles), 1)) * np.stack([np.cos(angles), np.sin(angles)], 1)
            points = [outline.round().astype(np.int32)]
            cv2.fillPoly(picture, points, fill, cv2.LINE_AA)
            cv2.polylines(picture, points, True, ink, thick, cv2.LINE_AA)
        else:
            angle, gap = rng.uniform(0, np.pi), rng.uniform(3, 14) + thick
            way = np.array([np.cos(angle), np.sin(angle)])
            for offset in np.arange(-radius, radius, gap):
                middle = centre + offset * way[::-1] * (1, -1)
                ends = [tuple(int(v) for v in middle + s * radius * way) for s in (-0.5, 0.5)]
                cv2.line(picture, ends[0], ends[1], ink, thick, cv2.LINE_AA)


def gradients(size: int, rng: np.random.Generator) -> Canvas:
    """Nothing but smooth light: a sky with a glow and soft clouds, or balls and pipes in front of a wall."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / np.float32(size)
    colors = palette(int(rng.integers(2, 4)), rng)
    angle = rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi)
    along = (y - 0.5) * np.cos(angle) + (x - 0.5) * np.sin(angle) + 0.5
    picture = colored(np.clip(along, 0, 1) ** np.float32(rng.uniform(0.5, 2)), colors)
    if rng.random() < 0.5:
        glow = np.exp(-(np.hypot(y - rng.uniform(-0.2, 1.2), x - rng.uniform(-0.2, 1.2)) ** 2) / rng.uniform(0.005, 0.2))
        picture = picture + (glow * rng.uniform(0.1, 0.9))[..., None] * np.array([1.0, 0.93, 0.8], np.float32)
    if rng.random() < 0.5:
        cloud = ramp(spectral_noise(size, rng.uniform(1.8, 2.6), rng) - np.float32(rng.uniform(0, 1)), rng.uniform(1, 6))
        picture = picture + np.float32(rng.uniform(0.1, 0.6)) * cloud[..., None] * (palette(1, rng)[0] - picture)
    for _ in range(int(rng.integers(0, 6))):
        picture = _ball(np.asarray(picture, np.float32), y, x, rng)
    return np.asarray(np.clip(picture * shading(size, rng)[..., None], 0, 1), np.float32)


def _ball(picture: Canvas, y: Map, x: Map, rng: np.random.Generator) -> Canvas:
    """Adds a lit ball or pipe with a soft shadow."""
    size, radius, turn = len(y), rng.uniform(0.05, 0.3), rng.uniform(0, np.pi)
    centre, pipe = rng.uniform(0, 1, 2), rng.random() < 0.4

    def around(row: float, column: float) -> tuple[Map, Map]:
        """Distance from the axis in radii, down and across."""
        dy, dx = (y - np.float32(row)) / np.float32(radius), (x - np.float32(column)) / np.float32(radius)
        return (dy * np.float32(np.cos(turn)) + dx * np.float32(np.sin(turn)), np.zeros_like(dx)) if pipe else (dy, dx)

    dy, dx = around(*centre)
    distance, beside = np.hypot(dy, dx), np.hypot(*around(centre[0] + 0.08, centre[1] + 0.05))
    light = rng.normal(0, 1, 3)
    light = np.array([*light[:2], abs(light[2]) + 0.5]) / np.linalg.norm([*light[:2], abs(light[2]) + 0.5])
    facing = dx * light[0] + dy * light[1] + np.sqrt(np.clip(1 - distance**2, 0, 1)) * light[2]
    shine = np.clip(facing, 0, 1) ** rng.uniform(8, 60) * rng.uniform(0, 0.6)
    surface = palette(1, rng)[0] * (0.15 + 0.85 * np.clip(facing, 0, 1)[..., None]) ** (1 / GAMMA) + shine[..., None]
    shadow = np.clip(1.3 - beside, 0, 1)
    cover = np.clip((1 - distance) * radius * size + 0.5, 0, 1)[..., None]
    return np.asarray(picture * (1 - 0.5 * shadow[..., None]) * (1 - cover) + surface * cover, np.float32)


def out_of_focus(size: int, rng: np.random.Generator) -> Canvas:
    """A background with highlights far out of focus, and sharp things in front of it; now and then the other way round."""
    far = _dead_leaves(size, rng) if rng.random() < 0.6 else textures(size, rng)
    far = far + np.float32(rng.uniform(0.2, 0.8)) * (far.mean(-1, keepdims=True) - far)  # dead leaves are gaudy
    lamps = np.zeros_like(far)
    count = int(rng.integers(0, 60))
    lamps[tuple(rng.integers(0, size, (2, count)))] = rng.uniform(1, 6, (count, 1)) * rng.uniform(0.5, 1, (count, 3))
    far = defocused(np.maximum(far, cv2.dilate(lamps, np.ones((3, 3), np.uint8))), rng.uniform(3, 22))
    near, cover = material(size, rng), np.zeros((4 * size, 4 * size), np.uint8)
    for _ in range(int(rng.integers(1, 7))):
        corners = int(rng.integers(3, 24))
        angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        radius = 4 * size * rng.uniform(0.03, 0.3) * rng.uniform(0.6, 1, (corners, 1))
        points = rng.uniform(0, 4 * size, 2) + radius * np.stack([np.cos(angles), np.sin(angles)], 1)
        cv2.fillPoly(cover, [points.astype(np.int32)], 255)
    share = cv2.resize(cover, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / np.float32(255)
    near = near * shading(size, rng)[..., None]
    if rng.random() < 0.2:
        return np.asarray(near * (1 - share) + far * share, np.float32)
    return np.asarray(np.clip(far, 0, 1) * (1 - share) + near * share, np.float32)


def wires(size: int, rng: np.random.Generator) -> Canvas:
    """Cables, twigs and fences a quarter of a pixel to five pixels wide, dark or bright, before sky, textures or a blur."""
    behind = (gradients, textures, out_of_focus)[int(rng.choice(3, p=[0.5, 0.2, 0.3]))](size, rng)
    fine = 4 * size
    for _ in range(int(rng.integers(1, 4))):
        cover = np.zeros((fine, fine), np.uint8)
        thick = max(1, round(4 * float(np.exp(rng.uniform(np.log(0.25), np.log(5))))))
        if rng.random() < 0.65:
            _cables(cover, thick, rng)
        else:
            _twig(cover, rng.uniform(0, fine, 2), rng.uniform(0, 2 * np.pi), 4 * thick, rng)
        share = cv2.resize(cover, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / np.float32(255)
        color = palette(1, rng)[0] * rng.choice([0.2, 0.5, 1.0])
        light = behind**GAMMA * (1 - share) + color**GAMMA * share
        behind = np.asarray(np.maximum(light, 0) ** (1 / GAMMA), np.float32)
    return behind


def _cables(cover: NDArray[np.uint8], thick: int, rng: np.random.Generator) -> None:
    """Catenaries that run side by side."""
    side, count = len(cover), int(rng.integers(1, 9))
    start, end = rng.uniform(-0.3, 1.3, (2, 2)) * side
    gap, sag = rng.normal(0, 0.05, 2) * side, rng.normal(0, 0.1) * side
    t = np.linspace(0, 1, 60)[:, None]
    for index in range(count):
        hang = sag * rng.uniform(0.8, 1.2) * 4 * t * (1 - t)
        line = start * (1 - t) + end * t + gap * index + hang * np.array([[0.0, 1.0]])
        cv2.polylines(cover, [line.round().astype(np.int32)], False, 255, thick)


def _twig(cover: NDArray[np.uint8], at: NDArray[np.float64], angle: float, width: float, rng: np.random.Generator) -> None:
    """A branch that forks and thins."""
    while width >= 1:
        step = rng.uniform(0.02, 0.06) * len(cover)
        there = at + step * np.array([np.cos(angle), np.sin(angle)])
        ends = [tuple(int(v) for v in p) for p in (at, there)]
        cv2.line(cover, ends[0], ends[1], 255, max(1, int(width)))
        if rng.random() < 0.45:
            _twig(cover, there, angle + rng.choice([-1, 1]) * rng.uniform(0.3, 1), width * 0.6, rng)
        at, angle, width = there, angle + rng.normal(0, 0.2), width * 0.88


FAMILIES: dict[str, Callable[[int, np.random.Generator], Canvas]] = {
    "dead_leaves": _dead_leaves,
    "textures": textures,
    "patterns": patterns,
    "lettering": lettering,
    "wires": wires,
    "gradients": gradients,
    "out_of_focus": out_of_focus,
}
"""By the name that a configuration gives their count under."""
