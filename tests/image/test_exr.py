import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import torch

from vfxai.errors import InputError, MissingInputError, OutputError, ParameterError, UnreadableInputError, UnsupportedInputError
from vfxai.image.exr_stored import to_type
from vfxai.image.files import read_frame, write_frame
from vfxai.image.geometry import scaled

LUMINANCE_CHROMA = {"Rec709_YC.exr", "XYZ_YC.exr", "Flowers.exr"}
LOSSY = {
    "Compression.B44_COMPRESSION",
    "Compression.B44A_COMPRESSION",
    "Compression.DWAA_COMPRESSION",
    "Compression.PXR24_COMPRESSION",
}


def files(shared: Path, damaged: bool) -> list[Path]:
    found = sorted(p for p in (shared / "exr/openexr-images").rglob("*") if p.is_file())
    found = [p for p in found if p.suffix not in (".md", ".rst") and p.name != "COPYING"]
    return [p for p in found if ("Damaged" in p.parts) == damaged]


def test_every_flat_conformance_file_comes_back_bit_identical(shared_data: Path, tmp_path: Path) -> None:
    count = 0
    for path in files(shared_data, damaged=False):
        if path.name in LUMINANCE_CHROMA or path.name == "Trunks.exr":
            with pytest.raises(UnsupportedInputError):
                read_frame(path)
            continue
        frame = read_frame(path)
        write_frame(tmp_path / "out.exr", frame, attributes={"vfxai/test": "1"})
        before = OpenEXR.File(str(path), separate_channels=True)
        after = OpenEXR.File(str(tmp_path / "out.exr"), separate_channels=True)
        assert len(before.parts) == len(after.parts), path
        assert any(p.header.get("vfxai/test") == "1" for p in after.parts), path
        for a, b in zip(before.parts, after.parts, strict=True):
            assert list(a.channels) == list(b.channels), path
            lossy = str(a.compression()) in LOSSY
            for name, channel in a.channels.items():
                got = b.channels[name].pixels
                assert got.dtype == channel.pixels.dtype
                if lossy:  # encoding decoded pixels again is what the library itself does
                    decoded = OpenEXR.File(str(path), separate_channels=True)
                    for part in decoded.parts:
                        if "tiles" in part.header:
                            part.header["tiles"].mode = OpenEXR.ONE_LEVEL
                    decoded.write(str(tmp_path / "again.exr"))
                    again = OpenEXR.File(str(tmp_path / "again.exr"), separate_channels=True)
                    assert got.tobytes() == again.channels()[name].pixels.tobytes(), (path, name)
                else:
                    assert got.tobytes() == channel.pixels.tobytes(), (path, name)
            for name, value in a.header.items():
                if name == "tiles" and "MIPMAP" in repr(value):
                    assert "ONE_LEVEL" in repr(b.header[name])  # documented: the first level is kept
                elif name not in ("channels", "chunkCount"):
                    assert repr(b.header[name]) == repr(value), (path, name)
        count += 1
    assert count > 35


def test_damaged_files_are_clear_errors_within_bounds(shared_data: Path) -> None:
    """Each in a process with 4 GiB of address space: no crash, no hang, no unbounded memory."""
    program = """
import resource, sys
from pathlib import Path
from vfxai.errors import InputError
from vfxai.image.files import read_frame
resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
for path in sys.argv[1:]:
    try:
        read_frame(Path(path))
        print("read", path)
    except InputError as error:
        assert str(path) in error.message, error.message
"""
    damaged = [str(p) for p in files(shared_data, damaged=True)]
    assert len(damaged) > 30
    done = subprocess.run([sys.executable, "-c", program, *damaged], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "read /" not in done.stdout


def test_a_layer_is_chosen_by_name(tmp_path: Path) -> None:
    pixels = np.full((4, 5), 0.5, np.float16)
    channels = {"R": pixels, "G": pixels, "B": pixels, "diffuse.R": pixels * 2, "diffuse.G": pixels, "diffuse.B": pixels}
    OpenEXR.File({"type": OpenEXR.scanlineimage}, channels).write(str(tmp_path / "a.exr"))
    assert float(read_frame(tmp_path / "a.exr", "diffuse").color[0, 0, 0]) == 1
    with pytest.raises(InputError, match="no layer 'specular'") as caught:
        read_frame(tmp_path / "a.exr", "specular")
    assert "diffuse" in caught.value.remedy


EDGE = np.where(np.arange(16) > 7, 100, -3).astype(np.float32) * np.ones((12, 1), np.float32)
"""Which blending would give values between."""


def plate(path: Path, extra: tuple[str, ...], **attributes: str) -> None:
    """R, G, B and further channels, all of them the edge."""
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **attributes}
    OpenEXR.File(header, dict.fromkeys((*"RGB", *extra), EDGE)).write(str(path))


DATA = ("P.X", "P.Y", "P.Z", "N.x", "N.y", "N.z", "motion.x", "motion.y", "forward.u", "forward.v", "depth.Z", "st.u", "st.v")
CRYPTO = ("crypto00.R", "crypto00.A", "CryptoAsset01.r", "crypto_object00.red", "ViewLayer.CryptoMaterial02.g", "crypto_object.R")


@pytest.mark.parametrize(
    ("channels", "attributes", "blended"),
    [
        (DATA, {}, False),
        (CRYPTO, {}, False),
        (("mattes00.R", "mattes01.g", "View.mattes00.r"), {"cryptomatte/1a2b3c4/name": "mattes"}, False),
        (("mattes00.R", "mattes.R"), {"cryptomatte/1a2b3c4/hash": "mattes"}, True),
        (("diffuse.R", "diffuse.A", "specular.Y", "light00.blue"), {}, True),
    ],
)
def test_only_colours_are_blended_when_the_size_changes(
    channels: tuple[str, ...], attributes: dict[str, str], blended: bool, tmp_path: Path
) -> None:
    plate(tmp_path / "a.exr", channels, **attributes)
    frame = read_frame(tmp_path / "a.exr")
    for factor in (1.5, 0.4):
        resized = frame.stored.resized(scaled(frame.display_window, 1.0, factor, False)).file.parts[0].channels
        assert {n: set(np.unique(resized[n].pixels)) != {-3, 100} for n in channels} == dict.fromkeys(channels, blended)


@pytest.mark.parametrize("factor", [0.5, 1.5, 2])
def test_a_colour_beside_the_plate_does_not_ring_and_keeps_nan_in_its_place(factor: float, tmp_path: Path) -> None:
    light = np.full((32, 48), 0.05, np.float32)
    light[10:18, 10:18], light[:, 44:], light[28, 28] = 200, -1, np.nan
    OpenEXR.File({"type": OpenEXR.scanlineimage}, dict.fromkeys((*"RGB", "light.R"), light)).write(str(tmp_path / "a.exr"))
    frame = read_frame(tmp_path / "a.exr")
    resized = frame.stored.resized(scaled(frame.display_window, 1.0, factor, False)).file.parts[0].channels["light.R"].pixels
    assert 0 < np.isnan(resized).mean() < 0.05
    lit = resized[: int(24 * factor), : int(24 * factor)]
    assert lit.min() == np.float32(0.05) and lit.max() == 200


def test_a_part_that_holds_one_layer_counts_as_its_name(tmp_path: Path) -> None:
    names = {"beauty": "RGB", "CryptoObject00": "rgb", "P": "XYZ", "light": "RY"}
    parts = [OpenEXR.Part({"type": OpenEXR.scanlineimage}, dict.fromkeys(c, EDGE), n) for n, c in names.items()]
    OpenEXR.File(parts).write(str(tmp_path / "a.exr"))
    frame = read_frame(tmp_path / "a.exr")
    made = frame.stored.resized(scaled(frame.display_window, 1.0, 1.5, False)).file.parts[1:]
    kept = {p.name(): all(set(np.unique(c.pixels)) == {-3, 100} for c in p.channels.values()) for p in made}
    assert kept == {"CryptoObject00": True, "P": True, "light": False}


def test_a_file_of_alpha_alone_is_a_gray_picture(tmp_path: Path) -> None:
    matte = np.linspace(0, 1, 12, dtype=np.float16).reshape(3, 4)
    OpenEXR.File({"type": OpenEXR.scanlineimage}, {"A": matte}).write(str(tmp_path / "matte.exr"))
    frame = read_frame(tmp_path / "matte.exr")
    assert frame.alpha is None
    assert np.array_equal(frame.color.numpy(), matte[None].astype(np.float32))
    write_frame(tmp_path / "again.exr", frame)
    with OpenEXR.File(str(tmp_path / "again.exr"), separate_channels=True) as file:
        assert np.array_equal(file.channels()["A"].pixels, matte)


def test_data_without_colour_is_refused(tmp_path: Path) -> None:
    OpenEXR.File({"type": OpenEXR.scanlineimage}, {"Z": np.ones((4, 5), np.float32)}).write(str(tmp_path / "z.exr"))
    with pytest.raises(UnsupportedInputError, match="no R, G, B or Y"):
        read_frame(tmp_path / "z.exr")


def test_half_rounds_to_even_and_holds_at_its_largest_value() -> None:
    values = np.array([[1e9, -1e9, 65519, np.inf, 1 + 2**-11, 1 + 3 * 2**-11]], np.float32)
    got = to_type(values, np.float16).astype(np.float32)
    assert got.tolist() == [[65504, -65504, 65504, np.inf, 1.0, 1 + 2 * 2**-10]]


def test_only_changed_samples_change(tmp_path: Path) -> None:
    pixels = np.array([[np.nan, 1, 2, 3]], np.float16)
    OpenEXR.File({"type": OpenEXR.scanlineimage}, dict.fromkeys("RGB", pixels)).write(str(tmp_path / "a.exr"))
    frame = read_frame(tmp_path / "a.exr")
    color = frame.color.clone()
    color[0, 0, 2] = 9
    write_frame(tmp_path / "b.exr", frame.with_color(color))
    got = OpenEXR.File(str(tmp_path / "b.exr"), separate_channels=True).channels()
    assert got["G"].pixels.tobytes() == pixels.tobytes()
    assert np.isnan(got["R"].pixels[0, 0])
    assert got["R"].pixels[0, 1:].tolist() == [1, 9, 3]


@pytest.mark.parametrize(("depth", "dtype"), [("keep", np.float16), ("float", np.float32), ("half", np.float16)])
def test_depth_concerns_the_processed_channels(tmp_path: Path, depth: str, dtype: type) -> None:
    channels = {n: np.full((2, 2), 0.1, np.float16) for n in "RGB"} | {"id": np.full((2, 2), 7, np.uint32)}
    OpenEXR.File({"type": OpenEXR.scanlineimage}, channels).write(str(tmp_path / "a.exr"))
    write_frame(tmp_path / "b.exr", read_frame(tmp_path / "a.exr"), depth=depth, compression="piz")
    file = OpenEXR.File(str(tmp_path / "b.exr"), separate_channels=True)
    assert file.channels()["R"].pixels.dtype == dtype
    assert file.channels()["id"].pixels.dtype == np.uint32
    assert file.header()["compression"] == OpenEXR.PIZ_COMPRESSION


@pytest.mark.parametrize("suffix", [".png", ".tif", ".dpx"])
def test_whole_numbers_of_other_formats_come_back_exactly(tmp_path: Path, suffix: str) -> None:
    import OpenImageIO as oiio

    pixels = np.random.default_rng(0).integers(0, 65536, (9, 7, 3)).astype(np.uint16)
    spec = oiio.ImageSpec(7, 9, 3, "uint16")
    target = oiio.ImageOutput.create(str(tmp_path / f"a{suffix}"))
    assert target.open(str(tmp_path / f"a{suffix}"), spec) and target.write_image(pixels) and target.close()
    frame = read_frame(tmp_path / f"a{suffix}")
    assert 0 <= float(frame.color.min()) <= float(frame.color.max()) <= 1
    write_frame(tmp_path / f"b{suffix}", frame)
    back = oiio.ImageInput.open(str(tmp_path / f"b{suffix}")).read_image("uint16")
    assert np.array_equal(back, pixels)


def test_a_picture_of_another_format_becomes_an_exr(tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6, 3), 128, np.uint8))
    write_frame(tmp_path / "a.exr", read_frame(tmp_path / "a.png"), attributes={"vfxai/x": "y"})
    assert torch.allclose(read_frame(tmp_path / "a.exr").color, torch.full((3, 4, 6), 128 / 255), atol=1e-3)


def test_what_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    OpenEXR.File({"type": OpenEXR.scanlineimage}, {n: np.zeros((2, 2), np.float16) for n in "RGB"}).write(str(tmp_path / "a.exr"))
    frame = read_frame(tmp_path / "a.exr")
    with pytest.raises(OutputError, match="cannot be written"):
        write_frame(tmp_path / "a.exr" / "below.exr", frame)
    with pytest.raises(ParameterError, match="htj2k"):
        write_frame(tmp_path / "b.exr", frame, compression="htj2k")
    with pytest.raises(MissingInputError):
        read_frame(tmp_path / "nothing.exr")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.exr"]


def test_a_truncated_file_is_unreadable(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((64, 64)).astype(np.float16)
    OpenEXR.File({"type": OpenEXR.scanlineimage}, dict.fromkeys("RGB", pixels)).write(str(tmp_path / "a.exr"))
    data = (tmp_path / "a.exr").read_bytes()
    for part in (3, 100, len(data) // 2, len(data) - 10):
        (tmp_path / "cut.exr").write_bytes(data[:part])
        with pytest.raises(UnreadableInputError):
            read_frame(tmp_path / "cut.exr")


@pytest.mark.parametrize(("gray", "colored"), [("Y", "R"), ("beauty.Y", "beauty.R"), ("scan", "scan.R")])
def test_a_gray_channel_that_got_colours_becomes_three_of_its_type(tmp_path: Path, gray: str, colored: str) -> None:
    pixels = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    channels = {gray: pixels, "depth.Z": pixels + 1}
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, "owner": "me"}, channels).write(
        str(tmp_path / "in.exr")
    )
    frame = read_frame(tmp_path / "in.exr", gray if gray == "scan" else gray.rpartition(".")[0] or None)
    color = torch.stack([frame.color[0] * factor for factor in (2.0, 1.0, 0.5)])
    write_frame(tmp_path / "out.exr", frame.with_color(color))
    after = OpenEXR.File(str(tmp_path / "out.exr"), separate_channels=True)
    names = {colored[:-1] + c for c in "RGB"}
    assert set(after.channels()) == names | {"depth.Z"}
    assert np.array_equal(after.channels()[colored].pixels, pixels * 2)
    assert np.array_equal(after.channels()["depth.Z"].pixels, pixels + 1)
    assert after.header()["owner"] == "me"


def test_layers_of_which_nothing_says_what_they_hold_are_named(tmp_path: Path) -> None:
    plate(tmp_path / "a.exr", ("kitchen.R", "kitchen.G", "kitchen.B", "diffuse.R", "N.R", "Z"))
    assert read_frame(tmp_path / "a.exr").stored.unknown() == ["kitchen"]
