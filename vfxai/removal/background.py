"""What other frames show of what is hidden in one: neighbours moved onto it by camera and local motion, estimated with the hidden parts known."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from vfxai.image.fill import around, smooth_fill
from vfxai.motion.camera import Homography, moved_by
from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import inside, warp
from vfxai.removal.filling import AlignedNeighbour, judged

FINE = 2**20
"""Pixels up to which the flow is sought at full size; larger pictures are sharp at half size too, in a quarter of the time."""
ROOM = 256
"""Pixels that things may move besides the camera; further away nothing is looked for."""
SEARCH_RADIUS = 4
"""Pixels beside something hidden in which the search's patches touch it, and the flow is taken from further out."""
EXPOSED = 16.0
"""Radius (standard deviation, pixels) over which a neighbour's exposure is judged."""
SEEN = 0.1
"""Share of a moved matte below which a pixel counts as shown."""
MOST_DRIFT = 0.1
"""Difference of exposure, in display-like values, that is compensated."""


def align_neighbour(
    picture: Tensor, hidden: Tensor, neighbour: Tensor, hidden_there: Tensor, camera: Homography, origin: tuple[int, int] = (0, 0)
) -> AlignedNeighbour:
    """Moves `neighbour` onto `picture`, in display-like values; the hidden parts are 1.

    `picture` (3, h, w) and `hidden` (1, h, w) may be a part of the frame at `origin` (x, y); the neighbour is whole (3, H, W). `camera` says where
    the pixels of the frame lie in the neighbour by the motion of the camera alone; dense flow adds what else moves, up to ROOM pixels. Behind
    what is hidden the flow goes on smoothly from around it.
    """
    still = moved_by(camera, torch.zeros_like(picture[:2]), origin)
    y, x = (_reached(still[1 - axis], axis, origin[1 - axis], neighbour.shape[1 + axis]) for axis in (0, 1))
    neighbour, hidden_there, place = neighbour[:, y, x], hidden_there[:, y, x], (origin[0] - x.start, origin[1] - y.start)
    size = neighbour.shape[1:]
    touched = max_pool2d(hidden_there[None], 3, 1, 1)[0]  # by the cubic kernel

    def moved(flow: Tensor) -> tuple[Tensor, Tensor]:
        lost = torch.maximum((warp(touched, flow, place) > SEEN).float(), (~inside(flow, (size[0], size[1]), place)).float())
        return warp(neighbour, flow, place), lost

    near, hidden_near = moved(still)
    blind = ((hidden + hidden_near) > 0).float()
    fine = picture[0].numel() <= FINE
    flow = estimate_flow(smooth_fill(picture, 1 - blind), smooth_fill(near, 1 - blind), fine=fine)
    across = max_pool2d(blind[None], (1, 2 * SEARCH_RADIUS + 1), 1, (0, SEARCH_RADIUS))
    sure = 1 - max_pool2d(across, (2 * SEARCH_RADIUS + 1, 1), 1, (SEARCH_RADIUS, 0))[0]
    flow = smooth_fill(flow, sure) if bool(sure.any()) else torch.zeros_like(flow)
    color, hidden_moved = moved(moved_by(camera, flow, origin))
    both = ((hidden + hidden_moved) == 0).float()
    drift = around((picture - color) * both, both, EXPOSED).clamp(-MOST_DRIFT, MOST_DRIFT)
    color = color + drift
    return AlignedNeighbour(color, (hidden_moved == 0).float(), judged(picture, color, both))


def _reached(flow: Tensor, axis: int, origin: int, extent: int) -> slice:
    """The rows (axis 0) or columns (1) of a neighbour of `extent` that a part at `origin` can come from; one at least. `flow` (h, w) is along that axis."""
    place = torch.arange(flow.shape[axis], device=flow.device) + origin
    found = flow + (place[:, None] if axis == 0 else place)
    start = min(max(int(found.amin()) - ROOM, 0), extent - 1)
    return slice(start, max(min(int(found.amax()) + ROOM + 1, extent), start + 1))


@dataclass(frozen=True)
class HiddenPart:
    """The part of a frame that holds what is hidden."""

    picture: Tensor
    """(3, h, w)."""
    hidden: Tensor
    """(1, h, w)."""
    origin: tuple[int, int]
    """x and y of its first pixel in the frame."""

    def align(self, neighbour: Tensor, hidden_there: Tensor, camera: Homography) -> AlignedNeighbour:
        """A whole neighbour (3, H, W), covered where `hidden_there` (1, H, W) is 1, moved onto this part as align_neighbour() does."""
        return align_neighbour(self.picture, self.hidden, neighbour, hidden_there, camera, self.origin)

    def revealed(self, hidden_there: Tensor, camera: Homography) -> Tensor:
        """(1, h, w) bool: the hidden pixels that a neighbour is likely to show, by the motion of the camera alone."""
        flow = moved_by(camera, torch.zeros_like(self.picture[:2]), self.origin)
        size = (hidden_there.shape[1], hidden_there.shape[2])
        return (self.hidden > 0) & (warp(hidden_there, flow, self.origin) < SEEN) & inside(flow, size, self.origin)


class BestNeighbours:
    """The two best neighbours of each pixel of a frame."""

    def __init__(self, picture: Tensor) -> None:
        _, height, width = picture.shape
        self.colors = torch.zeros((2, 3, height, width), device=picture.device)
        self.misses = torch.full((2, height, width), torch.inf, device=picture.device)
        self.sources = torch.zeros((2, height, width), dtype=torch.int32, device=picture.device)
        """Index of the neighbour, in the order in which they were added, from 1; 0 where there is none."""
        self._count = 0

    def add(self, seen: AlignedNeighbour) -> None:
        """Takes a neighbour where it is better than those before; of equals the earlier one stays."""
        self._count += 1
        misses = torch.where(seen.valid[0] > 0, seen.misses[0], torch.inf)
        first, second = misses < self.misses[0], misses < self.misses[1]
        moved = torch.where(first, self.misses[0], misses), torch.where(first, self.sources[0], self._count)
        shown = torch.where(first, self.colors[0], seen.color)
        self.misses[1], self.sources[1] = (
            torch.where(second, a, b) for a, b in zip(moved, (self.misses[1], self.sources[1]), strict=True)
        )
        self.colors[1] = torch.where(second, shown, self.colors[1])
        self.misses[0], self.colors[0] = (
            torch.where(first, misses, self.misses[0]),
            torch.where(first, seen.color, self.colors[0]),
        )
        self.sources[0] = torch.where(first, self._count, self.sources[0])

    def best(self, most: float) -> list[AlignedNeighbour]:
        """Both, the better first, valid where one was added that misses less than `most`."""
        fits = (self.sources > 0) & (self.misses < most)
        return [AlignedNeighbour(c, f.float()[None], m[None]) for c, f, m in zip(self.colors, fits, self.misses, strict=True)]


class BackgroundSearch:
    """What has been found behind the hidden pixels of a part of a frame."""

    def __init__(self, part: HiddenPart) -> None:
        self.part, self.neighbours = part, BestNeighbours(part.picture)
        self.numbers: list[float] = []
        """Frame number of each neighbour."""
        self._times = torch.zeros_like(part.hidden)
        """How many neighbours show a pixel."""
        self._count = float(part.hidden.sum())

    def lacks(self, enough: int) -> bool:
        """Whether some hidden pixel is shown by fewer than `enough` neighbours."""
        return bool(self._lacking(enough).any())

    def gain(self, hidden_there: Tensor, camera: Homography, enough: int) -> float:
        """Share, 0..1, of the hidden pixels that lack neighbours and that another one is likely to show.

        `hidden_there` (1, H, W) is 1 where the other one is covered; `enough` neighbours are as many as a pixel needs.
        """
        return float((self.part.revealed(hidden_there, camera) & self._lacking(enough)).sum()) / self._count

    def add(self, seen: AlignedNeighbour, number: float, *, counts: bool = True) -> None:
        """Takes a neighbour of the frame `number`; one that does not count makes no neighbour unneeded."""
        self.neighbours.add(seen)
        self.numbers.append(float(number))
        self._times += seen.valid * counts

    def _lacking(self, enough: int) -> Tensor:
        return (self._times < enough) & (self.part.hidden > 0)


@dataclass(frozen=True)
class Background:
    """What stands behind the hidden pixels of a frame or a part of it; N are those, row by row."""

    inside: Tensor
    """(H, W) bool, where they are."""
    color: Tensor
    """(C, N), without the grain that made-up pixels lack."""
    grain: Tensor
    """(C, N), that grain: of this frame, so not to be taken over into others."""
    source: Tensor
    """(N,) float32: number of the frame that a pixel comes from, 0 where it is made up."""
    invented: Tensor
    """(N,) float32, 1 where no frame shows the scene and the network made it up."""
    clean: Tensor
    """(N,) float32, 1 where the clean plate shows the scene."""

    def over(self, color: Tensor) -> Tensor:
        """A picture (C, H, W) without what is hidden."""
        result = color.clone()
        result[:, self.inside] = self.color
        return result

    def plane(self, values: Tensor) -> Tensor:
        """(1, H, W) of one of (N,), 0 elsewhere."""
        result = values.new_zeros((1, *self.inside.shape))
        result[0, self.inside] = values
        return result
