"""Finds what stands behind the hidden pixels of a frame: in a clean plate, in other frames of the scene, or made up by a network."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vfxai.image.clip import align, in_format
from vfxai.image.matte import patches
from vfxai.models.mirrored import MOST
from vfxai.motion.camera import Homography, camera_motion
from vfxai.noise.grain import grain
from vfxai.removal.background import Background, BackgroundSearch, HiddenPart
from vfxai.removal.filling import AlignedNeighbour, made_up

if TYPE_CHECKING:
    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame
    from vfxai.removal.shot_motion import ShotMotion
    from vfxai.schema.tools import Tools

MARGIN = 96
"""Pixels around what is hidden that are looked at: as far as the network and the search for motion see."""
LARGEST = 2**20
"""Pixels, margin included, above which the surroundings of what is hidden are looked at in parts: memory stays bounded, and a wire across the frame
takes the time of what is near it."""
THICKEST = 24
"""Pixels across what is hidden at which such a part may end; larger props stay whole."""
SEAM = 12
"""Pixels on both sides of such an end over which one part fades into the next."""
ENOUGH = 3
"""Neighbours that show a hidden pixel, after which no further one is looked at for its sake."""
WORTH = 0.05
"""Share of the hidden pixels that a neighbour must show to those that lack it, to be looked at."""
DISTANCES = (1, 2, 3, 4, 6, 8, 12)
"""Frames at which neighbours are looked at; beyond, every 8th."""
TRUSTED = 3e-4
"""Mean squared difference around it, in display-like values, (4 of 255), at which a neighbour's pixel has a share of 1/e beside the
network's, which saw it too."""
POOR = 0.006
"""The same from which a neighbour is taken to show something else: of 0.03 to 0.0007 the best for wires over ten clips of ../shared/data/train/video
(none of a scene of dev/clips)."""
CLEAN_PLATE_GAIN = 0.25
"""Factor of the difference of a clean plate, which is taken before other frames unless it fits far worse."""
MUCH = 0.1
"""Share of the hidden pixels of a part that no frame shows, from which the network is averaged over all turned versions: as these are made once for
many frames, that may take its time. Gains 0.25 dB behind boxes that stand, on 27 clips of ../shared/data/train/video."""


@dataclass(frozen=True)
class BackgroundFinder:
    """Finds the background of the frames of a shot; pictures are in display-like values."""

    shot: Clip
    motion: ShotMotion
    tools: Tools
    hidden: Callable[[int, Frame], Tensor]
    """(1, H, W), 1 where a pixel of a frame by its number is replaced, be it in part."""
    fill: Callable[[Tensor, int], Tensor]
    """The fill network on planes (17, h, w), averaged over so many turned versions."""
    search: int
    """Frames before and after in which the background is looked for."""
    grain: float
    """Multiple of the measured grain on what is made up."""

    @property
    def has_clean_plate(self) -> bool:
        """Whether there are pictures without the thing."""
        return bool(self.tools.numbers("clean_plate"))

    def background(self, number: int) -> Background:
        """What is hidden in a frame, remembered."""
        window = self.shot[number].data_window
        return self.tools.remember(("filled", (number, window)), lambda: self._found(number))

    def _found(self, number: int) -> Background:
        anchor = self.motion.anchor(number)
        if number in self.motion.anchors(number):
            self._earlier(anchor)  # now, while little is in memory
        frame = self.shot[number]
        hidden, picture = self.hidden(number, frame), frame.color.expand(3, -1, -1)
        found, searches = patches(hidden, MARGIN, LARGEST, THICKEST), []
        for patch in found:
            at = (slice(None), *patch.whole)
            searches.append(BackgroundSearch(HiddenPart(picture[at], hidden[at], (patch.whole[1].start, patch.whole[0].start))))
        self._look(searches, frame, number)
        inside = hidden[0] > 0
        order = (inside.flatten().cumsum(0, dtype=torch.int32) - 1).view(inside.shape)  # place among N of each hidden pixel
        count = int(inside.sum())
        color, told = picture.new_zeros((2, 3, count)), picture.new_zeros(count)  # without grain, and the grain
        facts = picture.new_zeros((3, count))  # source, invented, clean
        scene = cache(lambda: self._scene_at(frame, number, anchor))
        for patch, search in zip(found, searches, strict=True):
            made = self._made(search, scene, number)
            share = patch.share(SEAM).to(hidden.device)[made.inside]
            touched = share > 0
            to, share = order[patch.whole][made.inside][touched].long(), share[touched]
            own, before = torch.stack([made.color, made.grain])[..., touched], told[to]
            color[..., to] = torch.where(before > 0, color[..., to].lerp(own, share / (before + share)), own)
            values = torch.stack([made.source, made.invented, made.clean])[:, touched]
            facts[:, to] = torch.where(share > before, values, facts[:, to])
            told[to] += share
        return Background(inside, *color[:, : len(frame.color)], *facts)

    def _earlier(self, anchor: int | None) -> Background | None:
        if anchor is None or not self.shot.has(anchor):
            return None
        return self.background(anchor)

    def _scene_at(self, frame: Frame, number: int, anchor: int | None) -> tuple[Tensor, Homography] | None:
        """The whole frame (3, H, W) from which invented parts are taken over, without what was hidden in it, and the camera's way there."""
        earlier = self._earlier(anchor)
        if earlier is None or anchor is None:
            return None
        scene = earlier.over(self.shot[anchor].color).expand(3, -1, -1)
        return scene, self.motion.between(number, anchor, frame.data_window)

    def _made(self, search: BackgroundSearch, scene: Callable[[], tuple[Tensor, Homography] | None], number: int) -> Background:
        """What stands behind the hidden pixels of a part; `scene` gives the frame from which invented parts are taken over."""
        part, neighbours = search.part, search.neighbours
        noise = 2 * sum(s * s for s in self.motion.grain.sigma) / 3
        shown = neighbours.best(POOR + noise)
        seen = shown[0].valid > 0
        missing = ~seen & (part.hidden > 0)
        if bool(missing.any()) and (there := scene()):
            earlier, camera = there
            guess = part.align(earlier, torch.zeros_like(earlier[:1]), camera)
            taken = missing & (guess.valid > 0) & (guess.misses < POOR + noise)
            shown[0] = shown[0].replaced(taken, guess)
            missing &= ~taken
        real = shown[0]
        share = real.valid * torch.exp(-(real.misses - noise).clamp_min(0) / TRUSTED)
        passes = MOST if float(missing.sum()) > MUCH * float(part.hidden.sum()) else 1
        made = made_up(part.picture, part.hidden, shown, lambda planes: self.fill(planes, passes))
        fill = made + share * (real.color - made)
        added = torch.zeros_like(fill)
        if self.grain and not self.motion.grain.is_clean:
            x, y = part.origin  # no two parts of a frame have the same grain
            added = self.grain * (1 - share * seen) * grain(fill, self.motion.grain, (number * 10007 + y) * 10007 + x)
        source = torch.tensor([0.0, *search.numbers], device=part.hidden.device)[neighbours.sources[:1]] * seen
        from_clean = seen & (neighbours.sources[:1] == 1) if self.has_clean_plate else torch.zeros_like(seen)
        inside = part.hidden[0] > 0
        planes = (source * ~from_clean, (~seen).float(), from_clean.float())
        return Background(inside, fill[:, inside], added[:, inside], *(plane[0, inside] for plane in planes))

    def _look(self, searches: Sequence[BackgroundSearch], frame: Frame, number: int) -> None:
        """Adds the clean plate and neighbours, near ones first, until enough show everything. Each is taken up once for all parts of the frame."""
        if self.has_clean_plate:
            for search in searches:
                search.add(self._clean(search.part, frame, number), number, counts=False)
        present = (other for other in self._neighbours(number) if self.shot.has(other))
        for other in self.shot.distinct(itertools.chain([number], present)):  # a copy shows nothing more
            if other == number:
                continue
            self.tools.check()
            lacking = [search for search in searches if search.lacks(ENOUGH)]
            if not lacking:
                break
            there, camera = self.shot[other], self.motion.between(number, other, frame.data_window)
            hidden, color = self.hidden(other, there), there.color.expand(3, -1, -1)
            for search in lacking:
                if search.gain(hidden, camera, ENOUGH) >= WORTH:
                    search.add(search.part.align(color, hidden, camera), other)

    def _neighbours(self, number: int) -> list[int]:
        """Frames of the scene within the search, near ones first and far ones not all."""
        apart = [*(d for d in DISTANCES if d <= self.search), *range(DISTANCES[-1] + 8, self.search + 1, 8)]
        scene = set(self.motion.scene(number))
        return [f for d in apart for f in (number - d, number + d) if f in scene]

    def _clean(self, part: HiddenPart, frame: Frame, number: int) -> AlignedNeighbour:
        """What the clean plate shows."""
        clip = self.tools.pictures("clean_plate", frame)
        given = in_format(clip[number if clip.has(number) else clip.frames[0]], frame, "the clean plate")
        clean = align(given, frame.data_window).color.expand(3, -1, -1)
        hidden = self.hidden(number, frame)
        camera = camera_motion(frame.color.expand(3, -1, -1), clean, 1 - hidden, torch.ones_like(hidden))
        seen = part.align(clean, torch.zeros_like(hidden), camera)
        return replace(seen, misses=CLEAN_PLATE_GAIN * seen.misses)
