"""A clip knows what it is before its first frame is read."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from simple import CONFIG, LINEAR, POOL, frame, plate

from vfxai.image import clip as clips
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.nodes.denoise import Denoise
from vfxai.nodes.upscale import Upscale
from vfxai.schema.clip_format import ClipFormat
from vfxai.session.clips import SourceClip
from vfxai.session.session import Session
from vfxai.session.stage import Stage


def test_of_files_from_a_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = {
        "type": OpenEXR.scanlineimage,
        "displayWindow": (np.int32([0, 0]), np.int32([719, 575])),
        "dataWindow": (np.int32([8, 8]), np.int32([39, 31])),
        "pixelAspectRatio": 1.0926,
        "framesPerSecond": Fraction(25, 1),
        "colorInteropID": "lin_rec709_scene",
    }
    OpenEXR.File(header, dict.fromkeys("RGB", np.zeros((24, 32), np.float16))).write(str(tmp_path / "a.1.exr"))
    made = clips.open_clip(tmp_path / "a.#.exr", colorspace=lambda path, attributes: CONFIG.space(path, attributes).name)
    monkeypatch.setattr(clips, "read_packed", None)  # no pixel is read
    found = made.format()
    assert (found.width, found.height, found.rate, found.colorspace) == (720, 576, 25, LINEAR)
    assert found.pixel_aspect == pytest.approx(1.0926)
    chain = [Stage(Deinterlace(mode="deinterlace")), Stage(Denoise()), Stage(Upscale(scale=2.0, square=True))]
    after = Session(made, chain, pool=POOL, config=CONFIG).clip().format()
    assert (after.width, after.height, after.rate, after.pixel_aspect) == (1573, 1152, 50, 1)
    film = Session(made, [Stage(Deinterlace())], pool=POOL, config=CONFIG).clip().format()
    assert film.rate is None, "the shot was not looked at"


def test_of_memory_and_of_a_host() -> None:
    assert plate().format() == ClipFormat(8, 6, 1.0, None, LINEAR)
    stated = ClipFormat(2048, 1080, 1.0, 24.0, "ACEScg")
    asked: list[int] = []
    assert SourceClip(range(9), asked.append, format=stated).format() == stated
    assert asked == []
    assert SourceClip(range(9), frame).format().width == 8
