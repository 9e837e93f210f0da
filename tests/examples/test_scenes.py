"""The generator of rendered scenes, in Blender's own environment: $VFXAI_BPY, or bpyenv in or beside the checkout."""

import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples/blender/scenes.py"


@pytest.fixture(scope="module")
def blender_python() -> Path:
    candidates = [Path(os.environ["VFXAI_BPY"])] if "VFXAI_BPY" in os.environ else []
    candidates += [folder / "bpyenv/bin/python" for folder in (ROOT, ROOT.parent)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    pytest.skip("no environment with bpy: set VFXAI_BPY to its Python, see examples/blender/scenes.py")


def clip(python: Path, out: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """Frames (H, W, 3) and motion (2, H, W) of a scene whose camera moves and whose frames are not blurred."""
    values = {"start": 0, "clips": 1, "frames": 2, "width": 256, "height": 144, "samples": 16, "threads": 1}
    options = [text for name, value in values.items() for text in (f"--{name}", str(value))]
    alone = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([python, SCRIPT, out, *options], check=True, capture_output=True, env=alone)
    folder = out / "scene_00_000"
    frames = [cv2.imread(str(p)) for p in sorted(folder.glob("*.webp"))]
    return frames, np.load(folder / "flow.1001.npz")["forward"].astype(np.float32)


@pytest.mark.long
def test_the_next_frame_moved_back_along_the_motion_is_this_frame(blender_python: Path, tmp_path: Path) -> None:
    (first, second), flow = clip(blender_python, tmp_path / "one")
    assert first.shape == (144, 256, 3)
    assert flow.shape == (2, 144, 256)
    y, x = np.mgrid[0:144, 0:256].astype(np.float32)

    def missed(across: float, down: float) -> float:
        moved = cv2.remap(second, x + across * flow[0], y + down * flow[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return float(np.median(np.abs(moved.astype(np.float32) - first).mean(-1)))

    assert np.abs(flow).max() > 1
    others = (missed(0, 0), missed(-1, 1), missed(1, -1), missed(0.5, 0.5))
    assert missed(1, 1) < 0.6 * min(others)
    again, same = clip(blender_python, tmp_path / "two")
    assert np.array_equal(flow, same)
    assert np.abs(again[0].astype(int) - first).max() <= 2  # sampling may differ in the last bit
