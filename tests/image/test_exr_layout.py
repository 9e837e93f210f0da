import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.errors import InputError, UnreadableInputError, UnsupportedInputError
from vfxai.image import exr
from vfxai.image.exr_layout import layout_of
from vfxai.image.files import read_frame, read_header, write_frame

PLANE = np.random.default_rng(0).random((70, 40)).astype(np.float16)


def flat(path: Path, channels: dict[str, np.ndarray], **header: object) -> Path:
    OpenEXR.File({"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **header}, channels).write(str(path))
    return path


def replaced(path: Path, before: bytes, after: bytes) -> Path:
    """The file with bytes of the same length in the place of others, which are there."""
    data = path.read_bytes()
    assert before in data and len(before) == len(after)
    path.write_bytes(data.replace(before, after))
    return path


def test_the_layout_agrees_with_the_library_on_every_sound_file(shared_data: Path) -> None:
    for path in sorted((shared_data / "exr/openexr-images").rglob("*.exr")):
        if "Damaged" in path.parts:
            continue
        data = path.read_bytes()
        layout = layout_of(data, str(path))
        parts = OpenEXR.File(str(path), separate_channels=True, header_only=True).parts
        assert [sorted(c.name.decode() for c in p.channels) for p in layout.parts] == [
            sorted(c.name for c in p.header["channels"]) for p in parts
        ]
        assert layout.least_size <= len(data), path


@pytest.mark.parametrize("raw", [b"\xff" * 16, b"Studio Z\xfcrich 12"])
def test_text_of_another_tool_comes_back_to_the_byte_and_is_readable(tmp_path: Path, raw: bytes) -> None:
    mark = b"X" * len(raw)
    path = flat(tmp_path / "a.exr", dict.fromkeys("RGB", PLANE), AudioInfo=mark.decode(), owner="Zo\u00eb")
    frame = read_frame(replaced(path, mark, raw))
    assert frame.attributes["owner"] == "Zo\u00eb", "UTF-8 is left as it is"
    assert "\\x" in frame.attributes["AudioInfo"]
    assert read_header(path).parts[0].attributes["AudioInfo"] == frame.attributes["AudioInfo"]
    write_frame(tmp_path / "b.exr", frame, attributes={"vfxai/test": "1"})
    data = (tmp_path / "b.exr").read_bytes()
    at = layout_of(data, "b").parts[0].attributes[b"AudioInfo"]
    assert data[at.value : at.end] == raw
    assert np.array_equal(read_frame(tmp_path / "b.exr").color.numpy(), frame.color.numpy())


def test_lists_of_text_come_back_to_the_byte(tmp_path: Path) -> None:
    path = replaced(flat(tmp_path / "a.exr", dict.fromkeys("RGB", PLANE), crew=["QQQQ", "b"]), b"QQQQ", b"Z\xfcri")
    write_frame(tmp_path / "b.exr", read_frame(path))
    assert b"\x04\0\0\0Z\xfcri\x01\0\0\0b" in (tmp_path / "b.exr").read_bytes()


@pytest.mark.parametrize("tiled", [False, True])
def test_a_file_of_one_part_gains_no_type(tmp_path: Path, tiled: bool) -> None:
    kind = OpenEXR.tiledimage if tiled else OpenEXR.scanlineimage
    header = {"type": kind, "compression": OpenEXR.PIZ_COMPRESSION}
    if tiled:
        header["tiles"] = OpenEXR.TileDescription()
        header["tiles"].xSize = header["tiles"].ySize = 16
    OpenEXR.File(header, dict.fromkeys("RGB", PLANE)).write(str(tmp_path / "typed.exr"))
    frame = read_frame(tmp_path / "typed.exr")
    write_frame(tmp_path / "kept.exr", frame)
    assert b"type" in layout_of((tmp_path / "kept.exr").read_bytes(), "").parts[0].attributes
    (tmp_path / "plain.exr").write_bytes(exr_without_type(tmp_path / "typed.exr"))
    write_frame(tmp_path / "out.exr", read_frame(tmp_path / "plain.exr"), attributes={"vfxai/test": "1"})
    attributes = layout_of((tmp_path / "out.exr").read_bytes(), "").parts[0].attributes
    assert b"type" not in attributes and b"vfxai/test" in attributes
    assert np.array_equal(read_frame(tmp_path / "out.exr").color.numpy(), frame.color.numpy())


def exr_without_type(path: Path) -> bytes:
    """As a writer older than OpenEXR 2 leaves it."""
    data = bytearray(path.read_bytes())
    layout = layout_of(bytes(data), "")
    at = layout.parts[0].attributes[b"type"]
    for place in range(layout.end, layout.end + 8 * layout.parts[0].chunks, 8):
        struct.pack_into("<Q", data, place, struct.unpack_from("<Q", data, place)[0] - (at.end - at.start))
    del data[at.start : at.end]
    return bytes(data)


@pytest.mark.parametrize("compression", ["dwaa", "dwab", "zip", "zips", "piz", "htj2k256", "htj2k32", "rle", "none"])
def test_flat_frames_are_readable_whatever_they_were_pressed_to(tmp_path: Path, compression: str) -> None:
    black = np.zeros((1080, 2048), np.float16)
    write_frame(tmp_path / "b.exr", read_frame(flat(tmp_path / "a.exr", dict.fromkeys("RGBA", black))), compression=compression)
    assert float(read_frame(tmp_path / "b.exr").color.abs().max()) == 0


def test_what_does_not_fit_into_memory_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = flat(tmp_path / "a.exr", dict.fromkeys("RGB", PLANE))

    class Free:
        available = 2**10

    monkeypatch.setattr(exr.psutil, "virtual_memory", Free)
    with pytest.raises(UnreadableInputError, match="free memory"):
        read_frame(path)


def crafted(path: Path, names: list[bytes]) -> Path:
    """A sound file whose channels are called otherwise, byte for byte; the names have one letter."""
    flat(path, dict.fromkeys("ABGR"[: len(names)], PLANE))
    data = bytearray(path.read_bytes())
    at = layout_of(bytes(data), "").parts[0].attributes[b"channels"].value
    for name in names:
        data[at : at + 1] = name
        at += 18
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ([b"R", b"R", b"G", b"B"], UnreadableInputError),
        ([b"G", b"R", b"G", b"R"], UnreadableInputError),
        ([b"\x8d", b"B", b"G", b"R"], UnsupportedInputError),
        ([b"A", b"\xff", b"G", b"R"], UnsupportedInputError),
    ],
)
def test_channel_names_that_collide_or_are_no_text_are_refused_in_words(
    tmp_path: Path, names: list[bytes], error: type[InputError]
) -> None:
    path = crafted(tmp_path / "a.exr", names)
    for read in (read_frame, read_header):
        with pytest.raises(error, match="channel") as caught:
            read(path)
        assert str(path) in caught.value.message


def test_names_that_begin_alike_stay_apart(tmp_path: Path) -> None:
    channels = {
        n: np.full((9, 8), i, np.float16) for i, n in enumerate(("R", "R.R", "RR", "R.G", "G", "G.R", "B", "B.", "R.B.R"))
    }
    frame = read_frame(flat(tmp_path / "a.exr", dict(channels)))
    assert frame.color[:, 0, 0].tolist() == [0, 4, 6]
    write_frame(tmp_path / "b.exr", frame)
    after = OpenEXR.File(str(tmp_path / "b.exr"), separate_channels=True).channels()
    assert {n: float(c.pixels[0, 0]) for n, c in after.items()} == {n: float(p[0, 0]) for n, p in channels.items()}


def test_crafted_headers_end_in_words_and_not_in_faults(tmp_path: Path) -> None:
    """Each in its own process, which a fault of memory would end."""
    whole = flat(tmp_path / "a.exr", {"R": PLANE, "G": PLANE, "B": PLANE, "light.R": PLANE}).read_bytes()
    at = layout_of(whole, "").parts[0].attributes
    huge = struct.pack("<4i", -(2**30), -(2**30), 2**30, 2**30)
    cases = [whole[: at[b"dataWindow"].value] + huge + whole[at[b"dataWindow"].end :]]
    cases.append(whole[: at[b"dataWindow"].value] + struct.pack("<4i", 0, 0, 100000, 100000) + whole[at[b"dataWindow"].end :])
    cases.append(whole[: at[b"channels"].value] + b"\0" * at[b"channels"].size + whole[at[b"channels"].end :])
    cases.append(whole[: at[b"channels"].value - 4] + struct.pack("<i", -5) + whole[at[b"channels"].value :])
    cases.append(whole[: at[b"compression"].value] + b"\xee" + whole[at[b"compression"].end :])
    cases.append(whole[:4] + struct.pack("<I", 2 | 0x200) + whole[8:])
    cases.append(b"")
    program = """
import sys
from pathlib import Path
from vfxai.errors import InputError
from vfxai.image.files import read_frame, read_header
for path in map(Path, sys.argv[1:]):
    for read in (read_header, read_frame):
        try:
            read(path)
        except InputError as error:
            assert str(path) in error.message and error.remedy, error.message
            assert "EXR_ERR" not in error.message and "codec" not in error.message, error.message
        else:
            assert read is read_header, path
print("sound")
"""
    paths = []
    for index, data in enumerate(cases):
        paths.append(tmp_path / f"c{index}.exr")
        paths[-1].write_bytes(data)
    done = subprocess.run([sys.executable, "-c", program, *map(str, paths)], capture_output=True, text=True)
    assert done.returncode == 0 and "sound" in done.stdout, done.stderr[-3000:]
