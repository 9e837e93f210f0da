"""Colorize through the command line, on a textured picture that pans."""

import json
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from plates import color_of, read

from vfxai.cli.main import main

HEIGHT, WIDTH = 64, 96
WEIGHTS = np.float64([0.2126, 0.7152, 0.0722])
FRAMES = range(1001, 1008)
HEADER = {
    "compression": OpenEXR.ZIP_COMPRESSION,
    "type": OpenEXR.scanlineimage,
    "colorInteropID": "lin_rec709_scene",
    "owner": "me",
}


def picture(seed: int = 0) -> np.ndarray:
    """Scene-linear patches of many colours with texture, (128, 256, 3)."""
    rng = np.random.default_rng(seed)
    patches = cv2.resize(rng.random((8, 16, 3), np.float32), (256, 128), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.random((128, 256)).astype(np.float32), (0, 0), 1.5)[..., None]
    return np.clip(patches, 0.02, None) * (0.3 + 1.6 * grain)


def frame(number: int, seed: int = 0, speed: float = 2.0) -> np.ndarray:
    move = np.float32([[1, 0, -speed * (number - 1001)], [0, 1, -10]])
    return cv2.warpAffine(picture(seed), move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def store(path: Path, color: np.ndarray) -> None:
    OpenEXR.File({**HEADER}, {c: color[..., i].astype(np.float16) for i, c in enumerate("RGB")}).write(str(path))


def shot(folder: Path, frames: range = FRAMES, speed: float = 2.0, second_scene: int = 9999) -> str:
    """A plate of luminance alone and the true colours beside it; another picture from `second_scene` on."""
    for number in frames:
        true = frame(number, int(number >= second_scene), speed)
        store(folder / f"true.{number}.exr", true)
        channels = {"Y": (true @ WEIGHTS).astype(np.float16), "depth.Z": np.full((HEIGHT, WIDTH), number, np.float32)}
        OpenEXR.File({**HEADER}, channels).write(str(folder / f"gray.{number}.exr"))
    return str(folder / "gray.####.exr")


def colorize(folder: Path, *options: str, name: str = "out", keys: tuple[int, ...] = ()) -> int:
    given = [option for key in keys for option in ("--key", f"{key}={folder}/true.{key}.exr")]
    return main(["colorize", str(folder / "gray.####.exr"), str(folder / f"{name}.####.exr"), *given, *options])


def error(folder: Path, number: int, name: str = "out") -> float:
    """Mean squared difference from the truth, of display-like values."""
    made, true = (np.maximum(color_of(folder / f"{n}.{number}.exr"), 0) ** (1 / 2.2) for n in (name, "true"))
    return float(((made - true) ** 2).mean())


def test_colours_come_to_all_frames_and_the_plate_keeps_everything_else(tmp_path: Path) -> None:
    shot(tmp_path)
    assert colorize(tmp_path, "--steps", "10", keys=(1001, 1007)) == 0
    for number in FRAMES:
        channels, header = read(tmp_path / f"out.{number}.exr")
        assert sorted(channels) == ["B", "G", "R", "colorize.confidence", "depth.Z"]
        assert channels["R"].dtype == np.float16
        assert (channels["depth.Z"] == number).all()
        assert header["owner"] == "me"
        plate = read(tmp_path / f"gray.{number}.exr")[0]["Y"].astype(np.float64)
        kept = sum(w * channels[c].astype(np.float64) for w, c in zip(WEIGHTS, "RGB", strict=True))
        assert (np.abs(kept - plate) <= 2**-11 * plate + 1e-6).all(), "luminance to half rounding"
        assert error(tmp_path, number) < 1e-3
    gray = np.repeat(read(tmp_path / "gray.1004.exr")[0]["Y"][..., None].astype(np.float32), 3, -1) ** (1 / 2.2)
    assert ((gray - color_of(tmp_path / "true.1004.exr") ** (1 / 2.2)) ** 2).mean() > 1e-2
    assert error(tmp_path, 1001) < 1e-6, "a key's own frame has its colours"
    assert (read(tmp_path / "out.1001.exr")[0]["colorize.confidence"] == 1).all()
    assert 0.3 < read(tmp_path / "out.1004.exr")[0]["colorize.confidence"].mean() < 1


def test_a_chunk_has_the_pixels_of_the_whole(tmp_path: Path) -> None:
    shot(tmp_path)
    analysis = ("--steps", "5", "--analysis", str(tmp_path / "shot.json"))
    assert colorize(tmp_path, *analysis, keys=(1001, 1007)) == 0
    assert colorize(tmp_path, *analysis, "--frames", "1005,1003", name="chunk", keys=(1001, 1007)) == 0
    for number in (1003, 1005):
        assert np.array_equal(color_of(tmp_path / f"out.{number}.exr"), color_of(tmp_path / f"chunk.{number}.exr"))


def test_a_cut_stops_the_colours(tmp_path: Path) -> None:
    shot(tmp_path, second_scene=1005)
    assert colorize(tmp_path, "--steps", "0", keys=(1001,)) == 0
    assert np.ptp(color_of(tmp_path / "out.1004.exr"), -1).mean() > 0.1
    other = color_of(tmp_path / "out.1005.exr")
    assert (other == other[..., :1]).all(), "no colour where nothing was painted"
    assert not read(tmp_path / "out.1005.exr")[0]["colorize.confidence"].any()


def test_another_key_never_makes_it_worse(tmp_path: Path) -> None:
    shot(tmp_path, range(1001, 1012), speed=5)
    errors = []
    for index, keys in enumerate(((1001,), (1001, 1011), (1001, 1006, 1011))):
        assert colorize(tmp_path, "--steps", "15", name=f"out{index}", keys=keys) == 0
        errors.append(np.mean([error(tmp_path, n, f"out{index}") for n in range(1001, 1012)]))
    assert errors[2] <= errors[1] <= errors[0]


def test_a_look_model_colours_another_shot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shot(tmp_path)
    look = str(tmp_path / "look.npz")
    assert colorize(tmp_path, "--steps", "60", "--save-look", look, keys=(1001, 1007)) == 0
    other = tmp_path / "other"
    other.mkdir()
    shot(other, range(1001, 1003))
    assert colorize(other, "--look-model", look) == 0
    gray = read(other / "gray.1002.exr")[0]["Y"].astype(np.float32)[..., None]
    plain = (((np.repeat(gray, 3, -1) ** (1 / 2.2)) - color_of(other / "true.1002.exr") ** (1 / 2.2)) ** 2).mean()
    assert error(other, 1002) < 0.6 * plain
    (tmp_path / "bad.npz").write_bytes(b"PK nothing")
    assert colorize(other, "--look-model", str(tmp_path / "bad.npz"), name="bad") == 2
    assert colorize(other, "--look-model", str(tmp_path / "absent.npz"), name="bad") == 3
    assert "Traceback" not in capsys.readouterr().err


def test_suggestions_need_no_keys_and_change_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shot(tmp_path, second_scene=1005)
    assert colorize(tmp_path, "--suggest", "2", "--frames", "1001", "--json", "--analysis", str(tmp_path / "a.json")) == 0
    told = [e["message"] for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "warning"]
    suggested = json.loads((tmp_path / "a.json").read_text())["nodes"][0]["analysis"]["suggested"]
    assert sorted(n >= 1005 for n in suggested) == [False, True], "one of each scene"
    assert any(", ".join(map(str, suggested)) in message for message in told)
    assert np.array_equal(read(tmp_path / "out.1001.exr")[0]["Y"], read(tmp_path / "gray.1001.exr")[0]["Y"])


def test_the_luma_of_a_video_plate_is_told_from_its_keys(tmp_path: Path) -> None:
    codes = (np.clip(frame(1001), 0, 1) ** (1 / 2.2) * 65535).astype(np.uint16)
    luma = np.round(codes @ [0.299, 0.587, 0.114]).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "key.png"), codes[..., ::-1])
    cv2.imwrite(str(tmp_path / "gray.1001.png"), luma)
    given = ("--key", f"1001={tmp_path}/key.png", "--steps", "0", "--colorspace", "sRGB Encoded Rec.709 (sRGB)")
    assert main(["colorize", str(tmp_path / "gray.####.png"), str(tmp_path / "out.####.png"), *given]) == 0
    made = cv2.imread(str(tmp_path / "out.1001.png"), cv2.IMREAD_UNCHANGED)[..., ::-1].astype(float)
    assert np.abs(made - codes).max() < 300, "0.5 % of 16 bits"


@pytest.mark.parametrize(("key", "code"), [("1050=true.1001.exr", 2), ("1002", 2), ("1002=absent.exr", 3), ("1002=small.exr", 3)])
def test_keys_that_do_not_fit_are_clear_errors(tmp_path: Path, key: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    shot(tmp_path, range(1001, 1004))
    store(tmp_path / "small.exr", frame(1001)[:20, :20])
    assert colorize(tmp_path, "--key", key.replace("=", f"={tmp_path}/")) == code
    said = capsys.readouterr().err
    assert "key" in said or "absent.exr" in said
    assert "Traceback" not in said


def test_strokes_with_alpha_leave_the_rest_to_the_other_keys(tmp_path: Path) -> None:
    shot(tmp_path)
    half = np.zeros((HEIGHT, WIDTH), np.float16)
    half[:, :48] = 1
    channels = {c: (frame(1007)[..., i] * half).astype(np.float16) for i, c in enumerate("RGB")} | {"A": half}
    OpenEXR.File({**HEADER}, channels).write(str(tmp_path / "strokes.exr"))
    keys = ("--key", f"1001={tmp_path}/true.1001.exr", "--key", f"1007={tmp_path}/strokes.exr", "--steps", "0")
    assert colorize(tmp_path, *keys) == 0
    assert error(tmp_path, 1004) < 2e-3


def test_a_key_that_was_cropped_to_its_paint_colours_no_more_than_that(tmp_path: Path) -> None:
    shot(tmp_path, range(1001, 1003))
    box = {
        "dataWindow": (np.int32([10, 10]), np.int32([29, 29])),
        "displayWindow": (np.int32([0, 0]), np.int32([WIDTH - 1, HEIGHT - 1])),
    }
    colors = {c: frame(1001)[10:30, 10:30, i].astype(np.float16) for i, c in enumerate("RGB")}
    for name, channels in (("alpha", colors | {"A": np.ones((20, 20), np.float16)}), ("opaque", colors)):
        OpenEXR.File({**HEADER, **box}, channels).write(str(tmp_path / f"{name}.exr"))
        assert colorize(tmp_path, "--key", f"1001={tmp_path}/{name}.exr", "--steps", "0", "--overwrite") == 0
        sure = read(tmp_path / "out.1001.exr")[0]["colorize.confidence"]
        assert sure[12:28, 12:28].min() == 1
        assert sure[40:].max() == 0


def test_a_gray_key_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shot(tmp_path, range(1001, 1003))
    assert colorize(tmp_path, "--key", f"1001={tmp_path}/gray.1001.exr", "--steps", "0") == 0
    assert "frame 1001 has no colour" in capsys.readouterr().err


def test_nothing_is_fitted_where_motion_covers_the_shot(tmp_path: Path) -> None:
    """Standing still, every frame has all its colours from a key; in a pan a part comes in that no key shows."""
    painters = {}
    for name, speed in (("still", 0.0), ("pan", 12.0)):
        folder = tmp_path / name
        folder.mkdir()
        shot(folder, range(1001, 1008), speed=speed)
        assert colorize(folder, "--steps", "2", "--analysis", str(folder / "a.json"), "--frames", "1004", keys=(1001,)) == 0
        painters[name] = json.loads((folder / "a.json").read_text())["nodes"][0]["analysis"]["painter"]
    assert painters["still"] is None and painters["pan"]
    assert error(tmp_path / "still", 1004) < 1e-4


def srgb(color: np.ndarray) -> np.ndarray:
    return np.where(color <= 0.0031308, 12.92 * color, 1.055 * np.maximum(color, 0.0031308) ** (1 / 2.4) - 0.055)


def srgb_shot(folder: Path, suffix: str) -> None:
    """A gray plate and one key beside it, of stored sRGB values that nothing in the files tells."""
    for number in range(1001, 1004):
        true = srgb(frame(number).clip(0, 1)).astype(np.float32)
        gray = np.repeat((true @ WEIGHTS).astype(np.float32)[..., None], 3, -1)
        for name, picture in (("true", true), ("gray", gray)):
            path = str(folder / f"{name}.{number}.{suffix}")
            if suffix == "exr":
                planes = {c: np.ascontiguousarray(picture[..., i]) for i, c in enumerate("RGB")}
                OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, planes).write(path)
            else:
                cv2.imwrite(path, (picture[..., ::-1] * 65535 + 0.5).astype(np.uint16))


@pytest.mark.parametrize("suffix", ["exr", "png"])
def test_a_key_over_an_srgb_plate_is_in_the_space_stated_for_the_plate(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    srgb_shot(tmp_path, suffix)
    words = [
        "colorize",
        f"{tmp_path}/gray.####.{suffix}",
        f"{tmp_path}/out.####.exr",
        "--key",
        f"1001={tmp_path}/true.1001.{suffix}",
    ]
    assert main([*words, "--steps", "0", "--colorspace", "sRGB Encoded Rec.709 (sRGB)", "--depth", "float"]) == 0
    told = capsys.readouterr().err
    if suffix == "exr":  # a PNG is in sRGB by its reader
        assert "true.1001.exr does not say its colour space; taken as sRGB" in told
    assert "not as bright as the plate" not in told
    wanted = srgb(frame(1003).clip(0, 1))
    off = np.abs(color_of(tmp_path / "out.1003.exr") - wanted)[4:-4, 4:-4]
    assert off.mean() < 0.02, "where plain propagation is"


def test_a_key_of_another_curve_is_told_and_only_its_chroma_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    srgb_shot(tmp_path, "exr")
    words = ["colorize", f"{tmp_path}/gray.####.exr", f"{tmp_path}/out.####.exr", "--key", f"1001={tmp_path}/true.1001.exr"]
    options = ["--steps", "0", "--colorspace", "sRGB Encoded Rec.709 (sRGB)", "--depth", "float"]
    assert main([*words, *options, "--beside-colorspace", "Linear Rec.709 (sRGB)"]) == 0
    told = capsys.readouterr().err
    assert "the key of frame 1001 is not as bright as the plate" in told and "--beside-colorspace" in told
    gray, made = (color_of(tmp_path / f"{name}.1002.exr") @ WEIGHTS for name in ("gray", "out"))
    assert np.abs(made - gray).max() < 2e-3, "the plate's luminance stays"
