"""Pictures stored by real codecs and read again: JPEG through OpenCV, video through PyAV (FFmpeg's libraries; in the extras `bench` and `train`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from vfxai.errors import UsageError

if TYPE_CHECKING:
    from av import VideoCodecContext

Pixels = NDArray[np.float32]
"""(H, W, 3), R G B, display-referred, 0..1."""


@dataclass(frozen=True)
class Codec:
    """An encoder of FFmpeg and how it is set."""

    encoder: str
    decoder: str
    layout: str
    """Pixel format: subsampling of colour and bits a sample."""
    options: Mapping[str, str] = field(default_factory=dict)
    canvas: tuple[int, int] | None = None
    """Width and height where the format knows no other; pictures are mirrored up to it, so that the whole canvas costs as many bits."""


def _quantised(scale: int) -> dict[str, str]:
    return {"qmin": str(scale), "qmax": str(scale)}


CODECS = {
    "MPEG-2 4:2:0, invisible": Codec("mpeg2video", "mpeg2video", "yuv420p", _quantised(2)),
    "MPEG-2 4:2:0, visible": Codec("mpeg2video", "mpeg2video", "yuv420p", _quantised(10)),
    "DV 4:2:0": Codec("dvvideo", "dvvideo", "yuv420p", canvas=(720, 576)),
    "H.264 4:2:0, invisible": Codec("libx264", "h264", "yuv420p", {"crf": "16", "preset": "fast"}),
    "H.264 4:2:0, visible": Codec("libx264", "h264", "yuv420p", {"crf": "28", "preset": "fast"}),
    "H.264 4:2:2 10 bits, invisible": Codec("libx264", "h264", "yuv422p10le", {"crf": "16", "preset": "fast"}),
    "ProRes 422, 10 bits": Codec("prores_ks", "prores", "yuv422p10le", {"profile": "2"}),
    "ProRes 422 Proxy, 10 bits": Codec("prores_ks", "prores", "yuv422p10le", {"profile": "0"}),
}
"""At rates at which nothing is seen of the codec, and at such at which blocks are."""
_FIELDS = {"flags": "+ildct+ilme"}
INTERLACED = {
    "MPEG-2 4:2:2": Codec("mpeg2video", "mpeg2video", "yuv422p", _quantised(5) | _FIELDS),
    "DV 4:1:1": Codec("dvvideo", "dvvideo", "yuv411p", _FIELDS, (720, 576)),
}
"""Of woven frames, whose fields are coded apart; colour keeps all lines, for that of two fields is not to be mixed."""
RATE = 25
DEEP = 65535
MULTIPLE = 16
"""Sides are filled up to this by mirroring, as macroblocks are."""


def jpeg(frame: Pixels, quality: int, sampling: int) -> Pixels:
    """A picture (H, W, 3), clipped to 0..1, after storing as JPEG and reading; `sampling` is one of OpenCV's IMWRITE_JPEG_SAMPLING_FACTOR_."""
    eight = np.round(np.clip(frame[..., ::-1], 0, 1) * 255).astype(np.uint8)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    file = cv2.imencode(".jpg", eight, options)[1]
    return np.ascontiguousarray(np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR))[..., ::-1], np.float32) / np.float32(255)


def available() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


def require() -> None:
    """Raises UsageError where PyAV is not installed."""
    if not available():
        raise UsageError("PyAV is not installed", remedy="pip install av, or install vfxai[bench]")


def coded(frames: Sequence[Pixels], codec: Codec) -> list[Pixels]:
    """The frames of a clip after storing and reading; 16 bits on the way to the codec and back, which then rounds to its own."""
    require()
    import av

    height, width = frames[0].shape[:2]
    encoder = cast("VideoCodecContext", av.CodecContext.create(codec.encoder, "w"))
    canvas = codec.canvas or (-(-width // MULTIPLE) * MULTIPLE, -(-height // MULTIPLE) * MULTIPLE)
    encoder.width, encoder.height = canvas
    encoder.pix_fmt, encoder.options = codec.layout, dict(codec.options)
    encoder.framerate, encoder.time_base, encoder.thread_count = Fraction(RATE), Fraction(1, RATE), 1
    decoder = cast("VideoCodecContext", av.CodecContext.create(codec.decoder, "r"))
    decoder.thread_count = 1
    packets = []
    for number, frame in enumerate(frames):
        picture = av.VideoFrame.from_ndarray(_deep(frame, canvas), format="rgb48le")
        picture.pts, picture.time_base = number, encoder.time_base
        packets += encoder.encode(picture.reformat(format=codec.layout, dst_colorspace="ITU709", interpolation="BICUBIC"))
    packets += encoder.encode(None)
    made = [f for packet in packets for f in decoder.decode(packet)] + list(decoder.decode(None))
    return [
        np.ascontiguousarray(
            f.reformat(format="rgb48le", src_colorspace="ITU709", interpolation="BICUBIC").to_ndarray()[:height, :width],
            np.float32,
        )
        / np.float32(DEEP)
        for f in made
    ]


def _deep(frame: Pixels, canvas: tuple[int, int]) -> NDArray[np.uint16]:
    height, width = frame.shape[:2]
    values = np.round(np.clip(frame, 0, 1) * DEEP).astype(np.uint16)
    more = 0, canvas[1] - height, 0, canvas[0] - width
    return np.asarray(cv2.copyMakeBorder(values, *more, cv2.BORDER_REFLECT), np.uint16)


def filtered(frames: Sequence[Pixels], name: str, arguments: str) -> list[Pixels]:
    """The frames of a clip after one of FFmpeg's filters, in 8 bits 4:4:4 luminance and colour, where filters are at home."""
    require()
    import av

    height, width = frames[0].shape[:2]
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat("yuv444p"), time_base=Fraction(1, RATE))
    worker, sink = graph.add(name, arguments), graph.add("buffersink")
    source.link_to(worker)
    worker.link_to(sink)
    graph.configure()
    for number, frame in enumerate(frames):
        deep = np.round(np.clip(frame, 0, 1) * DEEP).astype(np.uint16)
        picture = av.VideoFrame.from_ndarray(deep, format="rgb48le").reformat(format="yuv444p", dst_colorspace="ITU709")
        picture.pts, picture.time_base = number, Fraction(1, RATE)
        graph.push(picture)
    graph.push(None)
    made: list[av.VideoFrame] = []
    while len(made) < len(frames):
        try:
            made.append(graph.vpull())
        except (av.BlockingIOError, av.EOFError):
            break
    return [
        np.asarray(f.reformat(format="rgb48le", src_colorspace="ITU709").to_ndarray(), np.float32) / np.float32(DEEP)
        for f in made
    ]
