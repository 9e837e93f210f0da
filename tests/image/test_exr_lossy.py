"""What lossy compressions alter, against OpenEXR itself."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.image.exr_lossy import alters
from vfxai.image.exr_write import COMPRESSIONS
from vfxai.image.untouched import differences

NAMES = ("R", "G", "B", "Y", "A", "Z", "diffuse.G", "crypto00.R", "crypto00.r", "crypto00.A", "N.X", "motion.u")


def planes(dtype: type) -> dict[str, np.ndarray]:
    noise = np.random.default_rng(1)
    return {n: (noise.random((64, 64)) * 3e4).astype(dtype) for n in NAMES}


@pytest.mark.parametrize("compression", sorted(COMPRESSIONS))
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint32])
def test_what_is_said_to_be_altered_is_what_openexr_alters(compression: str, dtype: type, tmp_path: Path) -> None:
    made = planes(dtype)
    header = {"type": OpenEXR.scanlineimage, "compression": COMPRESSIONS[compression]}
    OpenEXR.File(header, {n: p.copy() for n, p in made.items()}).write(str(tmp_path / "a.exr"))
    back = OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True).channels()
    altered = {n for n, plane in made.items() if not np.array_equal(back[n].pixels, plane)}
    assert altered == {n for n in NAMES if alters(compression, n, np.dtype(dtype))}


def plate(path: Path, compression: str) -> str:
    header = {"type": OpenEXR.scanlineimage, "compression": COMPRESSIONS[compression], "colorInteropID": "lin_ap1_scene"}
    OpenEXR.File(header, {n: p for n, p in planes(np.float32).items() if n != "Y"}).write(str(path))
    return str(path)


@pytest.mark.parametrize(
    ("stored", "asked", "says"),
    [
        ("dwaa", "keep", "dwaa is lossy and alters crypto00.R, which"),
        ("zip", "pxr24", "pxr24 is lossy and alters N.X, Z, crypto00.A, crypto00.R, crypto00.r, motion.u, which"),
        ("dwaa", "zip", ""),
        ("zip", "keep", ""),
        ("b44", "keep", ""),
    ],
)
def test_data_that_is_altered_is_told_of(
    stored: str, asked: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "denoise",
        plate(tmp_path / "a.exr", stored),
        str(tmp_path / "b.exr"),
        "--strength",
        "0",
        "--json",
        "--compression",
        asked,
    ]
    assert main(command) == 0
    said = " ".join(
        e["message"] + e["remedy"] for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "warning"
    )
    assert (says in said and "--compression zip" in said) if says else "lossy" not in said


def test_a_check_gives_the_compression_as_the_reason(tmp_path: Path) -> None:
    given = plate(tmp_path / "a.exr", "zip")
    command = ["denoise", given, str(tmp_path / "b.exr"), "--strength", "0", "--compression", "dwaa"]
    assert main(command) == 0
    found = dict(differences(tmp_path / "b.exr", Path(given)))
    (said,) = [what for what in found if "crypto00.R" in what]
    assert said.endswith("the compression of the file, dwaa, is lossy") and "--compression zip" in found[said]
