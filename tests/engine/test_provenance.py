"""What a frame says of how it was made."""

from pathlib import Path

import numpy as np

from vfxai.cli.main import main
from vfxai.image.files import read_frame, write_frame
from vfxai.models.machine import machine_class
from vfxai.session.clips import frame_of


def test_a_frame_names_the_class_of_the_machine_that_made_it(tmp_path: Path) -> None:
    plate = frame_of(np.full((16, 16, 3), 0.5, np.float32), "")
    write_frame(tmp_path / "plate.1001.exr", plate, attributes={"colorInteropID": "lin_rec709_scene"})
    job = ["denoise", str(tmp_path / "plate.####.exr"), str(tmp_path / "out.####.exr"), "--strength", "0", "--device", "cpu"]
    assert main(job) == 0
    assert read_frame(tmp_path / "out.1001.exr").attributes["vfxai/machine"] == machine_class("cpu")
