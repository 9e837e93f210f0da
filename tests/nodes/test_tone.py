"""Tone: what it learns, and that OpenColorIO makes the same pixels from what it exports. Plates are made here."""

import json
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
from plates import color_of, read, texture, write

from vfxai.cli.main import main
from vfxai.measure.metrics import color_difference
from vfxai.nodes.tone import Tone

FRAMES = range(1001, 1004)


def coded(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def graded(linear: np.ndarray) -> np.ndarray:
    """Scene-linear values under slope and power, a filmic toe and a turn of hues; exposure beyond white stays exposure."""
    x = np.maximum(linear * [1.15, 1.0, 0.88], 0) ** 1.08
    x = x * (x + 0.02) / (x + 0.035)
    gray = x @ [0.2126, 0.7152, 0.0722]
    turn = np.array([[0.98, 0.06, -0.04], [-0.04, 0.98, 0.06], [0.06, -0.04, 0.98]])
    return (gray[..., None] + 1.1 * (x - gray[..., None]) @ turn.T).astype(np.float32)


def scene(frame: int) -> np.ndarray:
    """Patches of all hues from black to 12, other ones in every frame."""
    rng = np.random.default_rng(frame)
    patches = rng.random((24, 32, 3)).astype(np.float32) ** 2 * 1.5
    patches[0] *= 8
    return np.repeat(np.repeat(patches, 2, 0), 2, 1)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The analysis of one pair, so that not every test has to fit it."""
    folder = tmp_path_factory.mktemp("learnt")
    write(folder / "in.1001.exr", scene(1001))
    write(folder / "after.1001.exr", graded(scene(1001)))
    pair = ("--pair", str(folder / "in.1001.exr"), str(folder / "after.1001.exr"))
    tone(str(folder / "in.####.exr"), folder, *pair, "--analysis", str(folder / "look.json"))
    return str(folder / "look.json")


@pytest.fixture
def shot(tmp_path: Path) -> str:
    for frame in FRAMES:
        write(tmp_path / f"in.{frame}.exr", scene(frame), frame=frame)
    write(tmp_path / "after.1001.exr", graded(scene(1001)))
    return str(tmp_path / "in.####.exr")


def tone(shot: str, folder: Path, *options: str) -> None:
    """Runs it on all frames, as float."""
    assert main(["tone", shot, str(folder / "out.####.exr"), "--depth", "float", "--overwrite", *options]) == 0


def of_file(look: Path, pixels: np.ndarray, **facts: object) -> np.ndarray:
    ocio.ClearAllCaches()
    made = pixels.astype(np.float32).reshape(-1, 1, 3)  # a copy: it works in place
    ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(look), **facts)).getDefaultCPUProcessor().applyRGB(made)
    return made.reshape(pixels.shape)


def test_one_pair_grades_the_other_frames(shot: str, learnt: str, tmp_path: Path) -> None:
    tone(shot, tmp_path, "--analysis", learnt)
    for frame in FRAMES:
        difference = color_difference(*(coded(p) for p in (color_of(tmp_path / f"out.{frame}.exr"), graded(scene(frame)))))
        assert difference.mean() < (0.4 if frame == 1001 else 1.0)
        assert np.percentile(difference, 95) < 2.5


SHARES = [(), ("--strength", "0.6", "--protect-skin", "0.8", "--protect-neutrals", "1"), ("--luma-only",)]


@pytest.mark.parametrize("share", SHARES)
def test_opencolorio_makes_the_same_pixels_from_the_export(share: tuple[str, ...], learnt: str, tmp_path: Path) -> None:
    hdr = scene(1001)
    hdr[:4] = np.linspace(-60000, 60000, hdr[:4].size).reshape(hdr[:4].shape)
    hdr[4:8] = np.linspace(-1.9, 124, hdr[:4].size).reshape(hdr[:4].shape)
    write(tmp_path / "hdr.1001.exr", hdr)
    stored = color_of(tmp_path / "hdr.1001.exr")
    for suffix in ("clf", "cube"):
        look = tmp_path / f"look.{suffix}"
        tone(str(tmp_path / "hdr.1001.exr"), tmp_path, "--analysis", learnt, *share, "--export", str(look))
        ours = color_of(next(tmp_path.glob("out.*.exr")))
        inside = slice(None) if suffix == "clf" else slice(4, None)  # a .cube file covers -2..125
        made = of_file(look, stored)[inside]
        assert (np.abs(made - ours[inside]) / np.maximum(1, np.abs(made))).max() < 1e-4
        if suffix == "cube":
            tetrahedral = of_file(look, stored, interpolation=ocio.INTERP_TETRAHEDRAL)[inside]
            assert (np.abs(tetrahedral - ours[inside]) / np.maximum(1, np.abs(made))).mean() < 1e-3


def test_a_decision_list_holds_what_it_can(shot: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ("--pair", str(tmp_path / "in.1001.exr"), str(tmp_path / "after.1001.exr"))
    tone(shot, tmp_path, *pair, "--export", str(tmp_path / "look.cdl"))
    said = capsys.readouterr()
    assert "is not the whole look" in said.out + said.err
    write(tmp_path / "after.1001.exr", scene(1001) * np.array([1.2, 1.0, 0.9], np.float32))
    tone(shot, tmp_path, *pair, "--export", str(tmp_path / "gain.cdl"))
    said = capsys.readouterr()
    assert "is not the whole look" not in said.out + said.err
    made = of_file(tmp_path / "gain.cdl", scene(1002))
    assert np.abs(made - scene(1002) * [1.2, 1.0, 0.9]).max() < 0.03


def test_a_look_file_is_applied_as_opencolorio_does(shot: str, tmp_path: Path) -> None:
    (tmp_path / "grade.cdl").write_text(CDL)
    tone(shot, tmp_path, "--look", str(tmp_path / "grade.cdl"))
    plate = color_of(tmp_path / "in.1002.exr")
    assert np.abs(color_of(tmp_path / "out.1002.exr") - of_file(tmp_path / "grade.cdl", plate)).max() < 1e-6
    tone(
        shot, tmp_path, "--look", str(tmp_path / "grade.cdl"), "--look-space", "ACEScct", "--export", str(tmp_path / "baked.clf")
    )
    inside = color_of(tmp_path / "out.1002.exr")
    assert np.abs(inside - of_file(tmp_path / "grade.cdl", plate)).max() > 0.05
    assert (np.abs(inside - of_file(tmp_path / "baked.clf", plate)) / np.maximum(1, inside)).mean() < 3e-3


CDL = """<ColorDecisionList xmlns="urn:ASC:CDL:v1.01"><ColorDecision><ColorCorrection><SOPNode><Slope>1.1 1.0 0.9</Slope>
<Offset>0.01 0.0 -0.01</Offset><Power>1.1 1.0 0.95</Power></SOPNode><SatNode><Saturation>0.9</Saturation></SatNode>
</ColorCorrection></ColorDecision></ColorDecisionList>"""


def test_a_gradient_rises_without_bands_over_the_whole_range(learnt: str, tmp_path: Path) -> None:
    ramp = np.concatenate([np.linspace(-2, 0, 1024), np.geomspace(1e-3, 100, 11264)]).astype(np.float32)
    picture = np.repeat(ramp.reshape(96, 128)[..., None], 3, 2)
    write(tmp_path / "ramp.1001.exr", picture)
    tone(str(tmp_path / "ramp.1001.exr"), tmp_path, "--analysis", learnt)
    ours = color_of(next(tmp_path.glob("out.*.exr"))).reshape(-1, 3)
    stored = color_of(tmp_path / "ramp.1001.exr").reshape(-1, 3)[:, 0]
    assert (np.diff(ours, axis=0) >= 0).all()
    assert ours.max() > 95 and ours.min() < -1
    light = (stored > 0.02) & (np.diff(stored, prepend=0) > 0)
    slope = np.diff(np.log(ours[light]), axis=0) / np.diff(np.log(stored[light]))[:, None]
    even = slope[: len(slope) // 128 * 128].reshape(-1, 128, 3).mean(1)  # over half rounding
    assert even.min() > 0.6 and even.max() < 1.6
    assert np.abs(np.diff(even, axis=0)).max() < 0.15, "no step in the slope"


def test_an_inverted_pair_does_not_invert(shot: str, tmp_path: Path) -> None:
    write(tmp_path / "after.1001.exr", 1.5 - np.clip(scene(1001), 0, 1.5))
    ramp = np.repeat(np.linspace(0, 2, 48 * 64, dtype=np.float32).reshape(48, 64)[..., None], 3, 2)
    write(tmp_path / "ramp.1001.exr", ramp)
    tone(str(tmp_path / "ramp.1001.exr"), tmp_path, "--pair", str(tmp_path / "in.1001.exr"), str(tmp_path / "after.1001.exr"))
    assert (np.diff(color_of(next(tmp_path.glob("out.*.exr"))).reshape(-1, 3), axis=0) >= -1e-6).all()


def test_other_footage_gives_one_look_a_shot(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    pictures = [np.roll(texture(), 3 * i, 1) for i in range(3)]
    other = [np.kron(rng.random((8, 8, 3)), np.ones((6, 8, 1))).astype(np.float32) * 0.7 + 0.05]
    for frame, picture in enumerate(pictures + other * 3):
        write(tmp_path / f"in.{1001 + frame}.exr", picture)
    (tmp_path / "stills").mkdir()
    write(tmp_path / "stills/one.exr", texture() * np.array([1.3, 1.0, 0.7], np.float32))
    (tmp_path / "stills/notes.txt").write_text("no picture")
    analysis = tmp_path / "looks.json"
    arguments = ("--reference", str(tmp_path / "stills"), "--analysis", str(analysis), "--export", str(tmp_path / "look.cube"))
    tone(str(tmp_path / "in.####.exr"), tmp_path, *arguments)
    assert [s["from"] for s in json.loads(analysis.read_text())["nodes"][0]["analysis"]["shots"]] == [1001, 1004]
    assert sorted(p.name for p in tmp_path.glob("look.*")) == ["look.1001.cube", "look.1004.cube"]
    made = [color_of(tmp_path / f"out.{1001 + i}.exr") for i in range(6)]
    assert np.array_equal(np.roll(made[0], 3, 1), made[1]), "the same colours in every frame of a shot"
    assert np.array_equal(made[3], made[5])
    wanted = (texture() * [1.3, 1.0, 0.7]).reshape(-1, 3)
    assert np.abs(made[0].reshape(-1, 3).mean(0) - wanted.mean(0)).max() < 0.02
    again = tmp_path / "again"
    tone(str(tmp_path / "in.####.exr"), again, "--analysis", str(analysis))
    assert np.array_equal(color_of(again / "out.1005.exr"), made[4]), "a saved look needs neither pair nor reference"


def test_pairs_in_two_shots_make_two_looks(tmp_path: Path) -> None:
    for frame, picture in enumerate([texture(), texture(), scene(7), scene(7)]):
        write(tmp_path / f"in.{1001 + frame}.exr", picture)
        gain = [1.2, 1.0, 0.8] if frame < 2 else [0.8, 1.0, 1.2]
        write(tmp_path / f"after.{1001 + frame}.exr", picture * np.array(gain, np.float32))
    tone(str(tmp_path / "in.####.exr"), tmp_path, "--pair", str(tmp_path / "in.####.exr"), str(tmp_path / "after.####.exr"))
    for frame, gain in ((1001, [1.2, 1.0, 0.8]), (1004, [0.8, 1.0, 1.2])):
        made, plate = color_of(tmp_path / f"out.{frame}.exr"), color_of(tmp_path / f"in.{frame}.exr")
        assert np.abs(made - plate * gain).mean() < 5e-3


def test_a_gray_layer_stays_one_channel(tmp_path: Path) -> None:
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
    OpenEXR.File(header, {"Y": texture()[..., 0].astype(np.float16)}).write(str(tmp_path / "in.1001.exr"))
    (tmp_path / "grade.cdl").write_text(CDL)
    tone(str(tmp_path / "in.1001.exr"), tmp_path, "--look", str(tmp_path / "grade.cdl"))
    assert set(read(next(tmp_path.glob("out.*.exr")))[0]) == {"Y"}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "give one of --pair BEFORE AFTER, --reference STILLS, --look FILE and --style MODEL"),
        (("--look", "a.cube", "--reference", "b.png"), 2, "reference and look, and can follow only one"),
        (("--look", "absent.cube"), (3, 6), "absent.cube is not there"),
        (("--look", "broken.cube"), (3, 6), "broken.cube, line 1"),
        (("--look", "look.txt"), (2, 6), "look.txt is no look"),
        (("--reference", "none/*"), 3, "none"),
        (("--reference", "stills"), 3, "there is no picture in"),
        (("--look", "a.cdl", "--export", "look.lut"), 2, "look.lut is no look"),
        (("--look-space", "ACEScct", "--reference", "stills"), 2, "look_space"),
        (("--style", "denoise-s"), 2, "the model denoise-s was made for denoise"),
        (("--pair", "in.1001.exr", "wide.exr"), 3, "the pair has frames of 64x48 and 64x20"),
    ],
)
def test_mistakes_are_named(
    options: tuple[str, ...], code: int | tuple[int, ...], words: str, shot: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("stills").mkdir()
    Path("broken.cube").write_text("LUT_3D_SIZE two\n")
    Path("look.txt").write_text("no look")
    write(Path("wide.exr"), scene(1)[:20])
    status = main(["tone", shot, str(tmp_path / "out.####.exr"), *options])
    assert status in (code if isinstance(code, tuple) else (code,))
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("out.*.exr"))


def test_the_declaration_needs_nothing_heavy() -> None:
    import subprocess
    import sys

    check = "import sys, vfxai.nodes.tone; sys.exit(bool({'torch', 'numpy', 'cv2', 'PyOpenColorIO'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
    assert Tone(strength=0).is_identity()
