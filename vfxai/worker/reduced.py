"""A clip at reduced size, for previews."""

from dataclasses import replace

from vfxai.image.box import Box
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.image.geometry import scaled


class ReducedClip(Clip):
    """Frames whose format is at most `longest` pixels long; smaller ones stay as they are. Channels that nodes do not process are left out."""

    def __init__(self, clip: Clip, longest: int) -> None:
        self._clip, self._longest = clip, longest

    @property
    def frames(self) -> tuple[int, ...]:
        """As the clip's."""
        return self._clip.frames

    @property
    def is_still(self) -> bool:
        """As the clip."""
        return self._clip.is_still

    def has(self, number: int) -> bool:
        """As the clip."""
        return self._clip.has(number)

    def origin(self, number: int) -> int:
        """As the clip's."""
        return self._clip.origin(number)

    def __getitem__(self, number: int) -> Frame:
        return reduced(self._clip[number], self._longest)


class MiddleClip(ReducedClip):
    """Of such frames the middle alone, half as wide and as high: what a node learns from that takes a quarter of the time."""

    def __getitem__(self, number: int) -> Frame:
        frame = super().__getitem__(number)
        box = frame.data_window
        x, y, width, height = box.width // 4, box.height // 4, -(-box.width // 2), -(-box.height // 2)
        rows, columns = slice(y, y + height), slice(x, x + width)
        return replace(
            frame,
            color=frame.color[:, rows, columns].contiguous(),
            alpha=None if frame.alpha is None else frame.alpha[:, rows, columns].contiguous(),
            data_window=Box(box.x + x, box.y + y, width, height),
            layers={},
            stored=None,
        )


def reduced(frame: Frame, longest: int) -> Frame:
    """The frame with a format of at most `longest` pixels; values stay within the range of what they are made of."""
    display, box = frame.display_window, frame.data_window
    factor = longest / max(display.width, display.height)
    if factor >= 1:
        return frame
    geometry = scaled(display, frame.pixel_aspect, factor, square=False)
    return replace(
        frame,
        color=geometry.blended(frame.color, box),
        alpha=None if frame.alpha is None else geometry.blended(frame.alpha, box),
        data_window=geometry.data_window(box),
        display_window=geometry.display,
        layers={},
        stored=None,
    )
