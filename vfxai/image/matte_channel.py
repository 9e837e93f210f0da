"""Which channel of a picture is the matte: alpha where it shows a shape or the colours do not, else brightness."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from vfxai.image.frame import Frame
from vfxai.schema.events import Chosen

FLAT = 1 / 512
"""Differences below half a step of 8 bits are none."""


class MatteChannel(Enum):
    """What is taken for the matte."""

    ALPHA = "alpha"
    BRIGHTNESS = "brightness"
    """The mean of the colours; of a gray picture its one channel."""


@dataclass(frozen=True)
class Seen:
    """What a frame of a matte looks like."""

    alpha: tuple[float, float] | None
    """Lowest and highest; None where there is none."""
    color: tuple[float, float]
    """Lowest and highest of the colours."""
    colored: bool
    """Whether R, G and B differ anywhere."""
    alike: bool
    """Whether the colours show the same as alpha."""

    @property
    def shape(self) -> bool:
        """Whether alpha shows one."""
        return self.alpha is not None and self.alpha[1] - self.alpha[0] > FLAT

    @property
    def black(self) -> bool:
        """Whether the colours are black all over."""
        return max(abs(self.color[0]), abs(self.color[1])) <= FLAT


def seen(frame: Frame) -> Seen:
    """Looks at a frame as it came from its file."""
    color = frame.color.nan_to_num(0.0)
    low, high = (float(v) for v in color.aminmax())
    colored = bool((color.amax(0) - color.amin(0)).max() > FLAT)
    if frame.alpha is None:
        return Seen(None, (low, high), colored, False)
    alpha = frame.alpha.nan_to_num(0.0)
    alike = bool((color.mean(0, keepdim=True) - alpha).abs().max() <= FLAT)
    return Seen((float(alpha.min()), float(alpha.max())), (low, high), colored, alike)


def channel_of(frames: Sequence[Seen], color_names: Sequence[str] = ("R", "G", "B")) -> tuple[MatteChannel, Chosen]:
    """What is the matte in a sequence of which these frames were seen, and what else could be: in `among`, where that is not plain."""
    colored = any(f.colored for f in frames)
    each = tuple(color_names) if colored else ()
    with_alpha = [f.alpha for f in frames if f.alpha is not None]
    if not with_alpha:
        why = "each colour shows another shape" if colored else "there is no alpha"
        return _said(MatteChannel.BRIGHTNESS, why, each)
    black, alike = all(f.black for f in frames), all(f.alike or f.black for f in frames)
    if any(f.shape for f in frames):
        if black or alike:
            return _said(MatteChannel.ALPHA, "the colours are black" if black else "the colours show the same", ())
        return _said(MatteChannel.ALPHA, "it shows a shape, and the colours are a picture" if colored else "it shows a shape", () if colored else ("brightness",))  # fmt: skip
    if black:
        return _said(MatteChannel.ALPHA, "the colours are black", ())
    if all(low >= 1 - FLAT for low, _ in with_alpha):
        return _said(MatteChannel.BRIGHTNESS, "alpha is 1 all over", ("alpha", *each) if colored else ())
    if all(high <= FLAT for _, high in with_alpha):
        return _said(MatteChannel.BRIGHTNESS, "alpha is 0 all over", ("alpha", *each))
    return _said(MatteChannel.ALPHA, "it changes from frame to frame", ("brightness",))


def _said(channel: MatteChannel, why: str, among: tuple[str, ...]) -> tuple[MatteChannel, Chosen]:
    return channel, Chosen("channel", channel.value, why, among)


def weight(frame: Frame, channel: MatteChannel) -> Tensor:
    """(1, H, W) in 0..1 of a frame: its alpha, or the mean of its colours; 0 where it is no number."""
    plane = frame.alpha if channel is MatteChannel.ALPHA and frame.alpha is not None else frame.color.mean(0, keepdim=True)
    return plane.nan_to_num(0.0).clamp(0, 1)


def extent_warning(name: str, weights: Sequence[tuple[int, Tensor]], keeps: bool) -> str:
    """What to say of a matte that is empty or full in all the frames that were looked at, "" of any other.

    `weights` are numbers of frames with (1, H, W) float32 in 0..1; `keeps` says that the matte is of what is left alone.
    """
    lowest, highest = min(float(w.min()) for _, w in weights), max(float(w.max()) for _, w in weights)
    if highest > 0 and lowest < 1:
        return ""
    state, effect = ("empty", keeps) if highest <= 0 else ("1 all over", not keeps)
    frames = ", ".join(str(n) for n, _ in weights)
    where = f"frame {frames}" if len(weights) == 1 else f"frames {frames}, which were looked at"
    return (
        f"the {name} is {state} in {where}: {'all of the plate is processed' if effect else 'nothing of the plate is processed'}"
    )
