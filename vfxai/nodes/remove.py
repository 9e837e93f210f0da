"""The remove node."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from vfxai.errors import InputError, ParameterError
from vfxai.schema.node import Node
from vfxai.schema.parameters import FilePath, Float, Int, Text
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Box, Frame, FrameWindow
    from vfxai.noise.profile import NoiseProfile
    from vfxai.removal.background import Background, BackgroundSearch, HiddenPart
    from vfxai.removal.filling import AlignedNeighbour
    from vfxai.schema.tools import Tools

MODEL = "remove-s"
MARGIN = 96
"""Pixels around what is hidden that are looked at: the reach of the network and of the search for motion."""
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
ANCHOR_EVERY = 24
"""Frames between those in which invented parts are made; what lies between takes them over, and so do later ones."""
GRAIN_FRAMES = 3
"""Frames of which the grain is measured."""


@dataclass(frozen=True)
class ShotMotion:
    """What remove learns from the whole shot: how the camera moves, where it cuts, and how the grain is."""

    frames: tuple[int, ...]
    camera: tuple[tuple[float, ...], ...]
    """Homography from each frame to the next, nine numbers row by row, in the pixel coordinates of the plate's windows."""
    cuts: tuple[int, ...]
    """First frame of every scene but the first."""
    grain: NoiseProfile

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file."""
        return {
            "frames": list(self.frames),
            "camera": [[round(v, 9) for v in m] for m in self.camera],
            "cuts": list(self.cuts),
            "grain": self.grain.to_dict(),
        }

    def scene(self, number: int) -> tuple[int, ...]:
        """The frames of the scene of a frame."""
        first = max((c for c in self.cuts if c <= number), default=self.frames[0])
        after = min((c for c in self.cuts if c > number), default=self.frames[-1] + 1)
        return tuple(f for f in self.frames if first <= f < after)

    def anchors(self, number: int) -> tuple[int, ...]:
        """The frames of the scene of a frame in which invented parts are made."""
        return self.scene(number)[::ANCHOR_EVERY]

    def between(self, number: int, other: int, window: Box) -> NDArray[Any]:
        """The homography from a frame to another one of its scene, in pixels of pictures that begin where a window does."""
        import numpy as np

        from vfxai.motion.camera import moved_origin

        start, end = self.frames.index(number), self.frames.index(other)
        low, high = min(start, end), max(start, end)
        matrix: NDArray[Any] = np.eye(3)
        for step in self.camera[low:high]:
            matrix = np.array(step).reshape(3, 3) @ matrix
        return moved_origin(matrix if end >= start else np.linalg.inv(matrix), window.x, window.y)


class Remove(Node):
    """Remove wires, rigs, props and logos: what a matte covers is replaced by what stands behind it.

    Real pixels of other frames come first: neighbours are moved onto the frame by the motion of the camera and then by dense flow, both
    estimated with the covered parts left out; the most consistent one wins, its exposure compensated. A trained network mends what is not well
    aligned and makes up what no frame shows; what it made up is the same in all frames of the scene. The plate's grain is put back. Pixels that
    the matte does not touch stay bit-identical. Three channels tell what was done: remove.matte, remove.source (number of the frame that
    a pixel comes from, 0 where it is the plate's or made up) and remove.invented; with a clean plate remove.clean_plate as well.
    """

    inputs = (Plate(), Mask("mask", optional=True, mixes=False, doc="Matte of what is removed: everything it touches, however faintly, is replaced."))  # fmt: skip
    encoding = Encoding.PERCEPTUAL
    models = (MODEL,)
    version = 7

    mask_layer: str = Text("", label="Mask layer", doc="Channel of the plate that holds the matte, such as wire.A, where there is no mask file.")  # fmt: skip
    grow: int = Int(0, min=0, max=100, unit="pixels", label="Grow", doc="Widens the matte, for soft edges that it misses.")
    feather: int = Int(0, min=0, max=100, unit="pixels", label="Feather", doc="Width of the transition to the plate, outside the grown matte.")  # fmt: skip
    search: int = Int(12, min=0, max=200, unit="frames", label="Search", doc="Frames before and after in which the background is looked for. 0 makes everything up.")  # fmt: skip
    clean_plate: str = FilePath("", label="Clean plate", doc="Picture of the scene without the thing, taken by the same camera; or a sequence in step with the plate.")  # fmt: skip
    grain: float = Float(1.0, min=0, max=2, label="Grain", doc="The plate's grain on what the network made, as a multiple of the measured grain.")  # fmt: skip

    def temporal_window(self) -> Window:
        """As wide as the search."""
        return Window(self.search, self.search, lazy=True)

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> ShotMotion:
        """From what ShotMotion.to_dict gave."""
        from vfxai.noise.profile import NoiseProfile

        try:
            frames, cuts = (tuple(int(f) for f in data[name]) for name in ("frames", "cuts"))
            camera = tuple(tuple(float(v) for v in m) for m in data["camera"])
            if len(camera) != len(frames) - 1 or any(len(m) != 9 for m in camera):
                raise ValueError("camera: expected nine numbers for each step between two frames")
            return ShotMotion(frames, camera, cuts, NoiseProfile.from_dict(data["grain"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"this is no analysis of remove: {error}",
                remedy="measure again, or give a file that remove wrote with --analysis",
            ) from error

    def analyze(self, plate: Clip, tools: Tools) -> ShotMotion:
        """Follows the camera over the whole shot, with the covered parts left out; finds cuts; measures the grain."""
        from dataclasses import replace

        from vfxai.image.clip import align, coverage
        from vfxai.image.fill import smooth_fill
        from vfxai.motion.camera import camera_motion, moved_origin
        from vfxai.motion.cuts import is_cut
        from vfxai.noise.measure import measure_profile

        frames = plate.frames
        canvas = plate[frames[0]].data_window  # of other frames it may be another
        chosen = set(frames[:: max(1, len(frames) // GRAIN_FRAMES)][:GRAIN_FRAMES])
        camera, cuts, sampled = [], [], []
        before: tuple[Tensor, Tensor] | None = None
        for done, number in enumerate(frames):
            tools.progress(done, len(frames), "following the camera")
            frame = plate[number]
            shown = align(replace(frame, layers={"known": 1 - self._hidden(plate, number, frame)}), canvas)
            known = shown.layers["known"] * coverage(frame, canvas)
            scene = smooth_fill(shown.color, known)  # what stands in the way must not make two scenes alike
            if before is not None:
                step = moved_origin(camera_motion(before[0], scene, before[1], known), -canvas.x, -canvas.y)
                camera.append(tuple(float(v) for v in step.flatten()))
                if is_cut(before[0], scene):
                    cuts.append(number)
            if number in chosen:
                sampled.append(_three_channels(frame.color))
            before = scene, known
        tools.progress(len(frames), len(frames), "following the camera")
        return ShotMotion(frames, tuple(camera), tuple(cuts), measure_profile(sampled))

    def process(self, at: FrameWindow, analysis: ShotMotion, tools: Tools) -> Frame:
        """Removes from the centre frame what its matte covers."""
        from dataclasses import replace

        import torch

        center, shot = at.center, at.shot
        if at.number not in analysis.frames:
            raise ParameterError(
                f"the analysis does not know frame {at.number}", remedy="measure again: delete the file of --analysis"
            )
        matte = self._weight(shot, at.number, center)
        found = tools.remember(
            ("filled", (at.number, center.data_window)), lambda: self._filled(shot, at.number, analysis, tools)
        )
        tools.record("invented", int(found.invented.sum()))
        share, own = matte[:, found.inside], center.color[:, found.inside]  # (1, N), (C, N)
        color = found.color + found.grain
        mixed = torch.where(share < 1, own + share * (color - own), color)
        layers = {
            "remove.matte": matte,
            "remove.source": found.plane(found.source),
            "remove.invented": found.plane(found.invented),
        }
        if self.clean_plate:
            layers["remove.clean_plate"] = found.plane(found.clean)
        return replace(center, color=replace(found, color=mixed).over(center.color), layers={**center.layers, **layers})

    def _filled(self, shot: Clip, number: int, analysis: ShotMotion, tools: Tools) -> Background:
        """What is hidden in a frame."""
        import torch

        from vfxai.image.matte import patches
        from vfxai.removal.background import Background, BackgroundSearch, HiddenPart

        anchor = self._anchor(number, analysis)
        if number in analysis.anchors(number):
            self._earlier(shot, anchor, analysis, tools)  # now, while little is in memory
        frame = shot[number]
        hidden, picture = self._hidden(shot, number, frame), _three_channels(frame.color)
        found, searches = patches(hidden, MARGIN, LARGEST, THICKEST), []
        for patch in found:
            at = (slice(None), *patch.whole)
            searches.append(BackgroundSearch(HiddenPart(picture[at], hidden[at], (patch.whole[1].start, patch.whole[0].start))))
        self._look(searches, shot, frame, number, analysis, tools)
        inside = hidden[0] > 0
        order = (inside.flatten().cumsum(0, dtype=torch.int32) - 1).view(inside.shape)  # place among N of each hidden pixel
        count = int(inside.sum())
        color, told = picture.new_zeros((2, 3, count)), picture.new_zeros(count)  # without grain, and the grain
        facts = picture.new_zeros((3, count))  # source, invented, clean
        scene = cache(lambda: self._scene_at(shot, frame, number, anchor, analysis, tools))
        for patch, search in zip(found, searches, strict=True):
            made = self._made(search, scene, number, analysis, tools)
            share = patch.share(SEAM).to(hidden.device)[made.inside]
            touched = share > 0
            to, share = order[patch.whole][made.inside][touched].long(), share[touched]
            own, before = torch.stack([made.color, made.grain])[..., touched], told[to]
            color[..., to] = torch.where(before > 0, color[..., to].lerp(own, share / (before + share)), own)
            values = torch.stack([made.source, made.invented, made.clean])[:, touched]
            facts[:, to] = torch.where(share > before, values, facts[:, to])
            told[to] += share
        return Background(inside, *color[:, : len(frame.color)], *facts)

    def _scene_at(
        self, shot: Clip, frame: Frame, number: int, anchor: int | None, analysis: ShotMotion, tools: Tools
    ) -> tuple[Tensor, NDArray[Any]] | None:
        """The whole frame (3, H, W) from which invented parts are taken over, without what was hidden in it, and the camera's way there."""
        earlier = self._earlier(shot, anchor, analysis, tools)
        if earlier is None or anchor is None:
            return None
        return _three_channels(earlier.over(shot[anchor].color)), analysis.between(number, anchor, frame.data_window)

    def _made(
        self,
        search: BackgroundSearch,
        scene: Callable[[], tuple[Tensor, NDArray[Any]] | None],
        number: int,
        analysis: ShotMotion,
        tools: Tools,
    ) -> Background:
        """What stands behind the hidden pixels of a part; `scene` gives the frame from which invented parts are taken over."""
        import torch

        from vfxai.models.mirrored import MOST
        from vfxai.noise.grain import grain
        from vfxai.removal.background import Background
        from vfxai.removal.filling import made_up

        part, neighbours = search.part, search.neighbours
        noise = 2 * sum(s * s for s in analysis.grain.sigma) / 3
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
        made = made_up(part.picture, part.hidden, shown, lambda planes: tools.run_model(MODEL, planes, passes))
        fill = made + share * (real.color - made)
        added = torch.zeros_like(fill)
        if self.grain and not analysis.grain.is_clean:
            x, y = part.origin  # no two parts of a frame have the same grain
            added = self.grain * (1 - share * seen) * grain(fill, analysis.grain, (number * 10007 + y) * 10007 + x)
        source = torch.tensor([0.0, *search.numbers], device=part.hidden.device)[neighbours.sources[:1]] * seen
        from_clean = seen & (neighbours.sources[:1] == 1) if self.clean_plate else torch.zeros_like(seen)
        inside = part.hidden[0] > 0
        planes = (source * ~from_clean, (~seen).float(), from_clean.float())
        return Background(inside, fill[:, inside], added[:, inside], *(plane[0, inside] for plane in planes))

    def _look(
        self, searches: Sequence[BackgroundSearch], shot: Clip, frame: Frame, number: int, analysis: ShotMotion, tools: Tools
    ) -> None:
        """Adds the clean plate and neighbours, near ones first, until enough show everything. Each is taken up once for all parts of the frame."""
        if self.clean_plate:
            for search in searches:
                search.add(self._clean(search.part, shot, frame, number, tools), number, counts=False)
        for other in self._neighbours(number, analysis):
            tools.check()
            lacking = [search for search in searches if search.lacks(ENOUGH)]
            if not lacking:
                break
            if not shot.has(other):
                continue
            there, camera = shot[other], analysis.between(number, other, frame.data_window)
            hidden, color = self._hidden(shot, other, there), _three_channels(there.color)
            for search in lacking:
                if search.gain(hidden, camera, ENOUGH) >= WORTH:
                    search.add(search.part.align(color, hidden, camera), other)

    def _neighbours(self, number: int, analysis: ShotMotion) -> list[int]:
        """Frames of the scene within the search, near ones first and far ones not all."""
        apart = [*(d for d in DISTANCES if d <= self.search), *range(DISTANCES[-1] + 8, self.search + 1, 8)]
        scene = set(analysis.scene(number))
        return [f for d in apart for f in (number - d, number + d) if f in scene]

    def _clean(self, part: HiddenPart, shot: Clip, frame: Frame, number: int, tools: Tools) -> AlignedNeighbour:
        """What the clean plate shows."""
        from dataclasses import replace

        import torch

        from vfxai.image.clip import align, in_format
        from vfxai.motion.camera import camera_motion

        clip = tools.open(self.clean_plate, frame)
        given = in_format(clip[number if clip.has(number) else clip.frames[0]], frame, self.clean_plate)
        clean = _three_channels(align(given, frame.data_window).color)
        hidden = self._hidden(shot, number, frame)
        camera = camera_motion(_three_channels(frame.color), clean, 1 - hidden, torch.ones_like(hidden))
        seen = part.align(clean, torch.zeros_like(hidden), camera)
        return replace(seen, misses=CLEAN_PLATE_GAIN * seen.misses)

    def _anchor(self, number: int, analysis: ShotMotion) -> int | None:
        """The frame before this one from which invented parts are taken over; None in the first part of a scene."""
        return max((a for a in analysis.anchors(number) if a < number), default=None)

    def _earlier(self, shot: Clip, anchor: int | None, analysis: ShotMotion, tools: Tools) -> Background | None:
        if anchor is None or not shot.has(anchor):
            return None
        window = shot[anchor].data_window  # that of the frame in work, over which all others are laid
        return tools.remember(("filled", (anchor, window)), lambda: self._filled(shot, anchor, analysis, tools))

    def _matte(self, shot: Clip, number: int, frame: Frame) -> Tensor:
        """The matte as it was given, (1, H, W); where there are two, what either covers."""
        given = shot.matte("mask", number)
        if self.mask_layer:
            inside = shot.channel(self.mask_layer, number)
            given = inside if given is None or inside is None else inside.maximum(given)
        if given is None and self.mask_layer:
            raise InputError(
                f"frame {number} has no channel {self.mask_layer!r}",
                remedy="give --mask-layer with the full name of a channel, such as mask.A",
            )
        if given is None:
            raise ParameterError(
                "there is nothing to remove", remedy="give --mask PATTERN, or --mask-layer with a channel of the plate"
            )
        return given.nan_to_num(0.0, 1.0, 0.0).clamp(0, 1).to(frame.color.device)

    def _hidden(self, shot: Clip, number: int, frame: Frame) -> Tensor:
        """1 where a pixel is replaced, be it in part."""
        return (self._weight(shot, number, frame) > 0).float()

    def _weight(self, shot: Clip, number: int, frame: Frame) -> Tensor:
        """How far each pixel is replaced: the matte grown, and feathered outwards."""
        from vfxai.image.matte import distance_outside

        distance = distance_outside(self._matte(shot, number, frame)) - self.grow
        return (1 - distance / (self.feather + 1)).clamp(0, 1)


def _three_channels(color: Tensor) -> Tensor:
    """(1, H, W) luminance as three equal channels; (3, H, W) as it is."""
    return color.expand(3, -1, -1) if len(color) == 1 else color
