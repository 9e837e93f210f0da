"""Compares two sequences frame by frame: PSNR, SSIM, largest error and temporal flicker, in a stated encoding."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vfxai.errors import InputError
from vfxai.measure import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame

    Pixels = NDArray[np.float32]
    ToPixels = Callable[[Frame], Pixels]


@dataclass(frozen=True)
class FrameMeasure:
    """How frame `number` of A differs from B. Decibels are infinite for equal pixels."""

    number: int
    squared_error: float
    """Mean over all samples of (A - B)^2, in the encoding of the comparison."""
    psnr: float
    hdr_psnr: float | None
    """PSNR on log2(x + 2^-8), peak 16 stops; only in scene-linear."""
    ssim: float
    max_error: float
    flicker: float | None
    """Mean |(A[t] - A[t-1]) - (B[t] - B[t-1])| against the frame before; None for the first frame."""
    nonfinite: int
    """Samples that are NaN or infinite in A or B and are left out."""

    @property
    def identical(self) -> bool:
        """Whether all finite samples are equal."""
        return self.squared_error == 0


@dataclass(frozen=True)
class Total:
    """All frames together."""

    frames: int
    psnr: float
    """Of the squared error averaged over all frames, so that an identical frame does not make it infinite."""
    hdr_psnr: float | None
    """Mean over frames that differ; infinite if none does."""
    ssim: float
    """Mean over frames."""
    max_error: float
    """Largest of any frame."""
    flicker: float | None
    """Mean over the steps between frames; None for one frame."""
    nonfinite: int


def plain(measure: FrameMeasure | Total) -> dict[str, Any]:
    """As JSON values; infinite decibels become null beside "identical": true, because JSON has no infinity."""
    values = {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in asdict(measure).items()}
    return values | {"identical": math.isinf(measure.psnr)}


def pixels_as_stored(frame: Frame) -> Pixels:
    """The colour of a frame as (H, W, C) float32, in the values that its file stores."""
    return np.ascontiguousarray(frame.color.detach().cpu().numpy().transpose(1, 2, 0))


def check_alike(a: Clip, b: Clip) -> None:
    """InputError unless both clips have the same frame numbers; two single frames may have different numbers."""
    if len(a.frames) == len(b.frames) == 1 or tuple(a.frames) == tuple(b.frames):
        return
    only_a, only_b = sorted(set(a.frames) - set(b.frames)), sorted(set(b.frames) - set(a.frames))
    told = [f"only in {name}: {_some(numbers)}" for name, numbers in (("A", only_a), ("B", only_b)) if numbers]
    raise InputError(f"the sequences have different frames ({'; '.join(told)})", remedy="give the frames both have with --frames")


def _some(numbers: list[int]) -> str:
    return ", ".join(str(n) for n in numbers[:5]) + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")


def check_same_size(number: int, a: Frame, b: Frame) -> None:
    """InputError unless both frames have the same channels and data window."""
    if a.color.shape != b.color.shape or a.data_window != b.data_window:
        raise InputError(
            f"frame {number} differs in size: A has {_described(a)}, B has {_described(b)}",
            remedy="compare sequences of one size and data window",
        )


def _described(frame: Frame) -> str:
    box, channels = frame.data_window, frame.color.shape[0]
    return f"{box.width}x{box.height} at {box.x},{box.y} with {channels} channel{'s' if channels > 1 else ''}"


def finite_pair(a: Pixels, b: Pixels) -> tuple[Pixels, Pixels, int]:
    """Both pictures (H, W, C) float32 with samples that are NaN or infinite in either set to 0 in both, and how many those are."""
    bad = ~(np.isfinite(a) & np.isfinite(b))
    count = int(bad.sum())
    return (np.where(bad, np.float32(0), a), np.where(bad, np.float32(0), b), count) if count else (a, b, 0)


def compare_clips(
    a: Clip,
    b: Clip,
    *,
    to_pixels: ToPixels = pixels_as_stored,
    peak: float = 1.0,
    hdr: bool = False,
    seen: Callable[[FrameMeasure, Pixels, Pixels], None] | None = None,
) -> Iterator[FrameMeasure]:
    """Measures frame after frame, A the result and B the reference; holds two frames of each at a time.

    `to_pixels` brings a frame to the encoding of the comparison as (H, W, C) float32; `peak` is full scale for PSNR and SSIM;
    `hdr` adds the PSNR on log2; `seen` is called with each measure and both pictures. InputError for different frames, sizes or
    data windows.
    """
    check_alike(a, b)
    before: tuple[Pixels, Pixels] | None = None
    for number_a, number_b in zip(a.frames, b.frames, strict=True):
        frame_a, frame_b = a[number_a], b[number_b]
        check_same_size(number_a, frame_a, frame_b)
        x, y, bad = finite_pair(to_pixels(frame_a), to_pixels(frame_b))
        same_size = before is not None and before[0].shape == x.shape  # a moving data window may change the size
        error = metrics.mean_squared_error(x, y)
        measure = FrameMeasure(
            number=number_a,
            squared_error=error,
            psnr=metrics.psnr_of_error(error, peak),
            hdr_psnr=metrics.hdr_psnr(x, y) if hdr else None,
            ssim=metrics.ssim(x, y, peak=peak),
            max_error=metrics.max_error(x, y),
            flicker=metrics.flicker(before[0], x, before[1], y) if before is not None and same_size else None,
            nonfinite=bad,
        )
        before = (x, y)
        if seen:
            seen(measure, x, y)
        yield measure


def total(measures: Iterable[FrameMeasure], *, peak: float = 1.0) -> Total:
    """Sums up; InputError where there is no frame."""
    every = list(measures)
    if not every:
        raise InputError("there is no frame to compare", remedy="check the pattern and --frames")
    steps = [m.flicker for m in every if m.flicker is not None]
    hdr = [m.hdr_psnr for m in every if m.hdr_psnr is not None]
    differing = [v for v in hdr if math.isfinite(v)]
    return Total(
        frames=len(every),
        psnr=metrics.psnr_of_error(float(np.mean([m.squared_error for m in every])), peak),
        hdr_psnr=(float(np.mean(differing)) if differing else math.inf) if hdr else None,
        ssim=float(np.mean([m.ssim for m in every])),
        max_error=max(m.max_error for m in every),
        flicker=float(np.mean(steps)) if steps else None,
        nonfinite=sum(m.nonfinite for m in every),
    )
