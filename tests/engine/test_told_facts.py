"""What changes within a shot, what a file says without a name, and what cannot be kept is told; words of other libraries are none of ours."""

import json
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.color.config import find_config
from vfxai.engine.script import apply, open_clip
from vfxai.errors import ColorSpaceError, MemoryShortError, UnsupportedInputError, VfxaiError, reason
from vfxai.image.files import read_frame
from vfxai.session.node_clip import enough_memory

Y, X = np.mgrid[:32, :48]
PICTURE = ((0.4 + 0.2 * np.sin(X / 9) * np.cos(Y / 7))[..., None] * (1, 0.8, 0.6)).astype(np.float32)


def exr(path: Path, planes: dict[str, np.ndarray], **header: object) -> str:
    facts = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene", **header}
    OpenEXR.File(
        {k: v for k, v in facts.items() if v is not None}, {n: np.ascontiguousarray(p) for n, p in planes.items()}
    ).write(str(path))
    return str(path)


def plate(picture: np.ndarray = PICTURE, prefix: str = "", kind: type = np.float16) -> dict[str, np.ndarray]:
    return {prefix + c: picture[..., i].astype(kind) for i, c in enumerate("RGB")}


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main([*words]) == code
    out = capsys.readouterr()
    return out.err + out.out


def test_another_size_or_space_in_the_middle_of_a_shot_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exr(tmp_path / "p.1.exr", plate())
    exr(tmp_path / "p.2.exr", plate(PICTURE[:16, :24]))
    exr(tmp_path / "p.3.exr", plate(), colorInteropID="lin_ap1_scene")
    told = said(capsys, "denoise", f"{tmp_path}/p.#.exr", f"{tmp_path}/o.#.exr", "--strength", "0")
    assert "the size of the plate changes within the shot: 48x32 in its first frame, 24x16 in others" in told
    assert (
        "the colour space of the plate changes within the shot: Linear Rec.709 (sRGB) in its first frame, ACEScg in others"
        in told
    )


def test_values_that_a_half_does_not_take_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bright = PICTURE.copy()
    bright[0, 0] = 1e6
    source = exr(tmp_path / "a.exr", plate(bright, kind=np.float32))
    told = said(capsys, "denoise", source, f"{tmp_path}/h.exr", "--strength", "0", "--depth", "half")
    assert "h.exr takes values to 65504" in told and "--depth float" in told
    assert "takes values" not in said(capsys, "denoise", source, f"{tmp_path}/k.exr", "--strength", "0")
    assert float(read_frame(tmp_path / "k.exr").color.max()) == 1e6


def test_primaries_that_nobody_knows_are_not_taken_for_rec709(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alexa = (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.329)
    source = exr(tmp_path / "a.exr", plate(), colorInteropID=None, chromaticities=alexa)
    told = said(capsys, "denoise", source, f"{tmp_path}/o.exr", "--strength", "0", code=2)
    assert "its attribute chromaticities says '0.684" in told and "--colorspace" in told
    assert main(["denoise", source, f"{tmp_path}/o.exr", "--strength", "0", "--colorspace", "ACEScg"]) == 0


def test_a_container_of_the_academy_is_in_its_space(tmp_path: Path) -> None:
    config, path = find_config(), Path("a.exr")
    assert config.space(path, {"acesImageContainerFlag": 1}).name == "ACES2065-1"
    assert not config.space(path, {"acesImageContainerFlag": 0}).stated
    with pytest.raises(ColorSpaceError, match="chromaticities"):
        config.space(path, {"chromaticities": "no numbers at all"})


def test_two_of_three_colours_are_no_gray_picture_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = exr(tmp_path / "a.exr", {c: PICTURE[..., i] for i, c in enumerate("RG")})
    told = said(capsys, "denoise", source, f"{tmp_path}/o.exr", "--strength", "0")
    assert "layer of the plate is taken from R" in told or "there is also G" in told


def test_vectors_are_processed_as_colours_only_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = exr(tmp_path / "a.exr", plate(prefix="N."))
    with pytest.raises(UnsupportedInputError, match="N is data by its name") as caught:
        read_frame(tmp_path / "a.exr")
    assert "--layer N" in caught.value.remedy
    assert main(["denoise", source, f"{tmp_path}/o.exr", "--strength", "0", "--layer", "N"]) == 0
    assert main(["info", source]) == 0


def test_what_is_no_analysis_and_what_is_no_folder_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = exr(tmp_path / "a.exr", plate())
    before = Path(source).read_bytes()
    told = said(capsys, "denoise", source, f"{tmp_path}/o.exr", "--analysis", exr(tmp_path / "b.exr", plate()), code=2)
    assert "is no analysis, it is no text" in told and "codec" not in told
    assert Path(source).read_bytes() == before
    (tmp_path / "n.json").write_text("{}")
    told = said(capsys, "denoise", source, f"{tmp_path}/o.exr", "--analysis", f"{tmp_path}/n.json", code=2)
    assert "it has no 'schema'" in told
    told = said(capsys, "denoise", source, f"{source}/b/o.exr", "--strength", "0", code=5)
    assert f"{source} is a file" in told and "Errno" not in told


def test_a_name_in_other_letters_is_among_those_that_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b", "c", "d", "e"):
        for number in (1, 2):
            exr(tmp_path / f"{name}.{number:04d}.exr", plate())
    exr(tmp_path / "PLATE.0001.EXR", plate())
    assert "PLATE.####.EXR" in said(capsys, "info", f"{tmp_path}/plate.####.exr", code=3)


def test_a_picture_larger_than_memory_is_refused_before_it_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = exr(tmp_path / "a.exr", plate())
    told = said(capsys, "upscale", source, f"{tmp_path}/o.exr", "--size", "99999x99999", "--radius", "0", code=5)
    assert "GiB of free memory" in told and "defect" not in told
    with pytest.raises(MemoryShortError, match="a: memory does not suffice for frame 1"), enough_memory("a", "frame 1"):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    with pytest.raises(RuntimeError, match="else"), enough_memory("a", "frame 1"):
        raise RuntimeError("something else")


def test_a_chain_that_ends_larger_than_memory_or_its_files_is_refused_before_its_first_node_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vfxai.nodes.upscale.Upscale.process", lambda *_: pytest.fail("it works on a frame"))
    source = exr(tmp_path / "a.exr", plate())
    big = 'source = "{}"\noutput = "{}"\n' + '[[node]]\nid = "upscale"\nradius = 0\nscale = 8\n' * 5
    (tmp_path / "r.toml").write_text(big.format(source, f"{tmp_path}/o.exr"))
    told = said(capsys, "run", f"{tmp_path}/r.toml", code=5)
    assert "upscale: a picture of " in told and "GiB of free memory" in told
    told = said(
        capsys, "upscale", source, f"{tmp_path}/o.webp", "--size", "16384x16", "--fit", "stretch", "--radius", "0", code=5
    )
    assert "a .webp file takes 16383 pixels a side at the most" in told and "write .exr" in told
    clip = open_clip(source)
    with pytest.raises(MemoryShortError):
        for _ in range(6):
            clip = apply(clip, "upscale", scale=8, radius=0)


def test_a_bad_range_tells_a_good_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "1001-1048x2" in said(capsys, "denoise", "a.####.exr", "b.####.exr", "--frames", "1..3", code=2)


def test_no_message_is_longer_than_people_read(capsys: pytest.CaptureFixture[str]) -> None:
    error = VfxaiError("this is " + "9" * 10**6 + " and more")
    assert len(error.message) < 6100
    assert error.message.startswith("this is 9") and error.message.endswith("and more")
    assert len(said(capsys, "spaces", "9" * 5000, "8" * 5000, code=2)) < 600


def test_reasons_are_words() -> None:
    assert reason(PermissionError(13, "Permission denied", "/a")) == "permission denied"
    assert reason(KeyError("nodes")) == "it has no 'nodes'"
    assert reason(ValueError("so")) == "so"
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff".decode()
    assert reason(caught.value) == "it is no text"


def test_a_change_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(1, 6):
        cv2.imwrite(f"{tmp_path}/p.{number}.png", np.full((8 * number, 16, 3), 90, np.uint8))
    assert main(["denoise", f"{tmp_path}/p.#.png", f"{tmp_path}/o.#.png", "--strength", "0", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    messages = [e["message"] for e in events if e["event"] == "warning"]
    assert sum("changes within" in m for m in messages) == 1


@pytest.mark.parametrize("node", ["denoise", "upscale", "deinterlace", "wires"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (7, 40)])
def test_a_plate_of_a_few_pixels_is_no_defect(tmp_path: Path, node: str, size: tuple[int, int]) -> None:
    for number in (1, 2, 3):
        exr(tmp_path / f"p.{number}.exr", plate(PICTURE[: size[0], number : size[1] + number]))
    assert main([node, f"{tmp_path}/p.#.exr", f"{tmp_path}/o.#.exr"]) == 0
