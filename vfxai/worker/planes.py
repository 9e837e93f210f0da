"""Pixels of the mapped files as planes of frames, and back."""

import mmap
import sys
import threading

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vfxai.errors import ParameterError
from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.worker.client.answers import RenderAnswer
from vfxai.worker.client.requests import Open, Put

SAMPLE = 4
"""Bytes of a float32."""
UNUSED = 3
"""References to planes that nobody has: the list of all, the one that is walked, and the question itself."""


def place(memory: mmap.mmap, offset: int, shape: tuple[int, ...], what: str) -> NDArray[np.float32]:
    """The float32 samples of a place in a map, shared with it. ParameterError where the place is not inside."""
    size = int(np.prod([int(n) for n in shape], dtype=object)) * SAMPLE
    if offset % SAMPLE or offset < 0 or min(shape) < 1 or offset + size > len(memory):
        raise ParameterError(
            f"{what}: {'x'.join(map(str, shape))} samples at {offset} are not inside a map of {len(memory)} bytes",
            remedy="ask for a larger map; offsets are multiples of 4",
        )
    return np.frombuffer(memory, np.float32, size // SAMPLE, offset).reshape(shape)


class Buffers:
    """Memory for planes, used again when no frame has it any more: the system takes longer to give new pages than it takes to copy a frame."""

    def __init__(self) -> None:
        self._made: list[NDArray[np.float32]] = []
        self._lock = threading.Lock()

    def take(self, shape: tuple[int, int, int]) -> NDArray[np.float32]:
        """Planes of a shape with anything in them; those that nobody has and that have another shape are given up."""
        with self._lock:
            unused = [one for one in self._made if sys.getrefcount(one) <= UNUSED]
            self._made = [one for one in self._made if one.shape == shape or not any(one is other for other in unused)]
            for one in unused:
                if one.shape == shape:
                    return one
            made = np.empty(shape, np.float32)
            self._made.append(made)
            return made


def frame_of_put(memory: mmap.mmap, put: Put, opened: Open, buffers: Buffers) -> Frame:
    """The frame that a client put: color and alpha copied, in the instance's colour space and format."""
    if put.channels not in (1, 3, 4):
        raise ParameterError(f"channels: expected 1, 3 or 4, got {put.channels}", remedy="send gray, RGB or RGBA")
    pixels = place(memory, put.offset, (put.height, put.width, put.channels), f"{put.input} at {put.time}")
    planes = buffers.take((put.channels, put.height, put.width))
    cv2.split(pixels, list(planes))
    color, alpha = torch.from_numpy(planes[:3]), torch.from_numpy(planes[3:])
    return Frame(
        color=color, alpha=alpha if put.channels == 4 else None, premultiplied=put.channels == 4 and opened.premultiplied,
        colorspace=opened.colorspace, data_window=Box(put.x, put.y, put.width, put.height),
        display_window=Box(0, 0, opened.width, opened.height), pixel_aspect=opened.pixel_aspect,
    )  # fmt: skip


def room_for(frame: Frame, channels: int) -> int:
    """Bytes that a result takes."""
    return frame.data_window.width * frame.data_window.height * channels * SAMPLE


def write_result(memory: mmap.mmap, offset: int, frame: Frame, channels: int) -> RenderAnswer:
    """Copies a result to its place in a map; the answer that says where it lies in its format."""
    box, display = frame.data_window, frame.display_window
    pixels = place(memory, offset, (box.height, box.width, channels), "result")
    color = frame.color.expand(3, -1, -1).contiguous().numpy()
    planes = list(color)
    if channels == 4:
        planes.append(frame.alpha[0].contiguous().numpy() if frame.alpha is not None else np.ones_like(color[0]))
    cv2.merge(planes, pixels)
    return RenderAnswer(
        x=box.x - display.x,
        y=box.y - display.y,
        width=box.width,
        height=box.height,
        format_width=display.width,
        format_height=display.height,
    )
