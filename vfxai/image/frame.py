"""One image in memory, and a few neighbouring ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

from vfxai.image.box import Box

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from vfxai.image.clip import Clip
    from vfxai.image.geometry import Geometry


class Stored(Protocol):
    """What a reader keeps for the writer besides the frame's tensors: every part, channel and attribute in its stored type."""

    def resized(self, geometry: "Geometry") -> "Stored":
        """All that is kept in another size; the processed channels are left empty, for the frame's own pixels."""
        ...

    def labelled(self, old: Collection[str], new: Mapping[str, Any]) -> "Stored":
        """All that is kept, with new attributes of the processed part in the place of old ones."""
        ...

    def besides(self) -> list[str]:
        """Names of the channels that are not in the frame's tensors."""
        ...

    def unknown(self) -> list[str]:
        """Names of the layers of which nothing says what they hold, so that they are not blended."""
        ...

    def channel(self, name: str) -> "Tensor | None":
        """(1, H, W) float32 of a channel of the processed part as read; None where there is none of this name."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One image: the processed colour and alpha as tensors, everything else as it was stored. Knows nothing of files."""

    color: "Tensor"
    """(C, H, W) float32 on any device, C 3 (R G B) or 1 (luminance), rows top to bottom over the data window, unbounded, in `colorspace`,
    premultiplied if `premultiplied`."""
    alpha: "Tensor | None"
    """(1, H, W) float32, or None where the layer has none."""
    premultiplied: bool
    """Whether `color` is associated with `alpha`. The engine hands nodes unpremultiplied frames."""
    colorspace: str
    """Name in the OCIO config in use; "" while not yet known, as the reader leaves it."""
    data_window: Box
    """Where color, alpha and extra channels lie."""
    display_window: Box
    """The delivered format."""
    pixel_aspect: float = 1.0
    """Width of a pixel divided by its height."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Header attributes of the processed part, as plain Python values, for reading (colour space, timecode, field order)."""
    layers: Mapping[str, "Tensor"] = field(default_factory=dict)
    """Channels that nodes added, by their full names such as remove.source: (1, H, W) float32, written as float."""
    stored: Stored | None = None
    """What the reader keeps for the writer. Opaque outside vfxai.image."""

    views: "tuple[Frame, ...]" = ()
    """The other views of a stereo file, processed too, which are written into the same file."""

    def with_color(self, color: "Tensor", alpha: "Tensor | None" = None) -> Self:
        """The same frame with other colour (3 or 1, H, W) float32 of the same size; alpha (1, H, W) is kept unless given."""
        return replace(self, color=color, alpha=self.alpha if alpha is None else alpha)

    def to(self, device: "str | torch.device") -> Self:
        """The same frame with its tensors on a device; what is stored for the writer stays where it is."""
        color = self.color.to(device)
        if color is self.color:
            return self
        alpha = None if self.alpha is None else self.alpha.to(device)
        return replace(self, color=color, alpha=alpha, layers={name: plane.to(device) for name, plane in self.layers.items()})

    def channel(self, name: str) -> "Tensor | None":
        """(1, H, W) float32 of any channel that a node added or of the processed part as read; None where there is none of this name."""
        if name in self.layers:
            return self.layers[name]
        return self.stored.channel(name) if self.stored is not None else None


@dataclass(frozen=True, slots=True)
class FrameWindow:
    """A frame and its neighbours in time, as a node's `process` receives them."""

    number: int
    """Frame number of the centre."""
    center: Frame
    """The frame to process."""
    numbers: Mapping[int, int]
    """True frame number by offset: 0 is the centre, -1 the one before. At the ends of a clip offsets are mirrored or clamped."""
    shot: "Clip"
    """All frames, prepared as the centre is and lying where it lies; made when they are asked for."""

    @property
    def offsets(self) -> list[int]:
        """The offsets of frames that are no copies of each other, ascending; of what stands at several, the nearest. All frames are asked for."""
        nearest: dict[int, int] = {}
        for offset in sorted(self.numbers, key=abs):
            nearest.setdefault(self.numbers[offset], offset)
        return sorted(nearest[number] for number in self.shot.distinct(nearest))

    def key(self, offset: int) -> tuple[int, Box]:
        """What the frame at an offset may be remembered by: its number, and the data window over which it is laid here."""
        return self.numbers[offset], self.center.data_window

    def __getitem__(self, offset: int) -> Frame:
        """The frame at an offset; KeyError outside the node's window."""
        number = self.numbers[offset]
        return self.center if number == self.numbers[0] else self.shot[number]
