"""FFmpeg's filters as peers, where the program is installed. It runs as a process of its own on 8-bit planar RGB, losslessly."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vfxai.errors import UsageError

Picture = NDArray[np.float32]
"""(H, W, 3), R G B, 0..1."""
DEINTERLACERS = ("yadif", "bwdif", "w3fdif", "estdif", "nnedi")


def program() -> str | None:
    """Path of ffmpeg: the system's, else that of the package imageio-ffmpeg."""
    found = shutil.which("ffmpeg")
    if found is None:
        try:
            import imageio_ffmpeg

            found = str(imageio_ffmpeg.get_ffmpeg_exe())
        except (ImportError, RuntimeError):
            return None
    return found


def run_filter(frames: Sequence[Picture], chain: str) -> list[Picture]:
    """The frames after a chain of filters, as many as come out, of the same size."""
    ffmpeg = program()
    if ffmpeg is None:
        raise UsageError(
            "ffmpeg is not installed", remedy="apt install ffmpeg, or pip install imageio-ffmpeg, or leave this peer out"
        )
    height, width = frames[0].shape[:2]
    planar = [np.clip(np.round(f * 255), 0, 255).astype(np.uint8).transpose(2, 0, 1)[[1, 2, 0]] for f in frames]  # G B R
    raw = ["-f", "rawvideo", "-pix_fmt", "gbrp"]
    command = [
        ffmpeg,
        "-v",
        "error",
        *raw,
        "-s",
        f"{width}x{height}",
        "-r",
        "25",
        "-i",
        "-",
        "-vf",
        chain,
        "-fps_mode",
        "passthrough",
        *raw,
        "-",
    ]
    done = subprocess.run(command, input=b"".join(p.tobytes() for p in planar), capture_output=True, check=False)
    if done.returncode:
        raise UsageError(f"ffmpeg {chain} failed: {done.stderr.decode(errors='replace').strip()}", remedy="leave this peer out")
    out = np.frombuffer(done.stdout, np.uint8).reshape(-1, 3, height, width)[:, [2, 0, 1]].transpose(0, 2, 3, 1)
    return [np.ascontiguousarray(f, np.float32) / np.float32(255) for f in out]


def deinterlaced(frames: Sequence[Picture], name: str, top_first: bool, weights: Path | None = None) -> list[Picture]:
    """Two pictures of each interlaced frame, by one of DEINTERLACERS told the field order. nnedi needs its file of weights."""
    parity = "tff" if top_first else "bff"
    options = {
        "yadif": f"yadif=mode=send_field:parity={parity}",
        "bwdif": f"bwdif=mode=send_field:parity={parity}",
        "w3fdif": f"w3fdif=filter=complex:mode=field:parity={parity}",
        "estdif": f"estdif=mode=field:parity={parity}",
        "nnedi": f"nnedi=weights={weights}:field={'tf' if top_first else 'bf'}:nsize=s16x6:nns=n64:qual=slow",
    }
    return run_filter(frames, f"setfield={parity},{options[name]}")[: 2 * len(frames)]
