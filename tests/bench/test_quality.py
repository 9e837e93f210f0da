"""The quality benches run whole on tiny pictures with a stand-in for the product."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.bench.fakes import blur
from vfxai.bench import (
    pictures,
    quality_colorize,
    quality_costs,
    quality_denoise,
    quality_fields,
    quality_flow,
    quality_hdr,
    quality_impulse,
    quality_tone,
    quality_video,
)
from vfxai.bench.methods import OURS, lead_over
from vfxai.bench.pictures import Picture, reduced
from vfxai.errors import MissingInputError, UnreadableInputError


def smooth(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    noise = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 6)
    return np.asarray((blurred - blurred.min()) / (blurred.max() - blurred.min()) * 0.8 + 0.1, dtype=np.float32)


STILLS = [Picture("one", smooth(1)), Picture("two", smooth(2))]
QUIET: list[str] = []


def by(rows: object, condition: str, method: str) -> dict[str, float]:
    return next(r for r in rows if r["condition"] == condition and r["method"] == method)


def test_denoise_measures_what_was_degraded_and_what_came_back() -> None:
    result = quality_denoise.run(STILLS, ours=blur, with_peers=(), say=QUIET.append)
    assert len(result.rows) == 9
    assert by(result.rows, "sigma 25", "as degraded")["PSNR dB"] == pytest.approx(20.17, abs=0.15)
    assert by(result.rows, "sigma 25", OURS)["PSNR dB"] > 27
    assert "33.7 / 31.0 / 27.8" in result.markdown()
    assert "bm3d" not in result.markdown()


def test_denoise_measures_reduced_pictures_apart() -> None:
    smaller = [reduced(p, 32) for p in STILLS]
    assert [max(p.pixels.shape[:2]) for p in smaller] == [32, 32]
    assert smaller[0].pixels.mean() == pytest.approx(STILLS[0].pixels.mean(), abs=1e-3)
    result = quality_denoise.run(STILLS, smaller=smaller, ours=blur, with_peers=(), say=QUIET.append, sigmas=(25,))
    assert [r["condition"] for r in result.rows if r["method"] == OURS] == ["sigma 25", "sigma 25, reduced"]
    assert "Reduced: 2 whole pictures" in result.markdown()


def test_peers_stand_beside_ours_where_installed() -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra bench) is not installed")
    result = quality_denoise.run(STILLS[:1], ours=blur, with_peers=("nlmeans",), say=QUIET.append, sigmas=(50,))
    assert by(result.rows, "sigma 50", "NL-means, told the level")["PSNR dB"] > 20


def test_impulse_bench_has_both_kinds_of_noise_and_the_median() -> None:
    result = quality_impulse.run(STILLS[:1], ours=blur, with_peers=(), say=QUIET.append, levels=(0.03,))
    assert [r["condition"] for r in result.rows if r["method"] == OURS] == [
        "Gaussian 0.03",
        "salt and pepper 0.03, each channel",
        "salt and pepper 0.03, whole pixels",
    ]
    assert by(result.rows, "salt and pepper 0.03, each channel", "switching median")["PSNR dB"] > 40
    assert "less switching median" in result.markdown()


def test_hdr_bench_measures_on_the_log_scale() -> None:
    bright = Picture("lamp", smooth(3) * np.float32(60))
    result = quality_hdr.run([bright], ours=blur, with_peers=(), say=QUIET.append)
    light = by(result.rows, "light", "as degraded")["PSNR log2 dB"]
    assert light > by(result.rows, "heavy", "as degraded")["PSNR log2 dB"] + 8
    assert "brightest value 54" in result.markdown()


def test_video_bench_states_gain_and_flicker() -> None:
    pytest.importorskip("vfxai.motion.flow")
    clips = {"still": [Picture(str(i), smooth(1)) for i in range(3)]}
    result = quality_video.run(clips, ours=blur, say=QUIET.append)
    single, temporal = (
        by([r | {"condition": r["clip"]} for r in result.rows], "all clips", m)
        for m in (quality_video.SINGLE, quality_video.TEMPORAL)
    )
    assert temporal["PSNR dB"] > single["PSNR dB"] + 2
    assert temporal["flicker"] < single["flicker"]
    assert f"gains {temporal['PSNR dB'] - single['PSNR dB']:+.2f} dB" in result.notes[1]


def test_colorize_bench_leaves_keys_out_and_has_the_peer() -> None:
    wide = smooth(1, 48, 96)
    clip = [Picture(str(t), np.ascontiguousarray(wide[:, 2 * t : 2 * t + 64])) for t in range(9)]
    result = quality_colorize.run({"pan": clip}, say=QUIET.append, steps=5)
    rows = {(r["case"], r["method"]): r for r in result.rows}
    assert len(rows) == 4 * 5, "two paces, two means, five methods"
    ours, peer, gray = (rows["all clips", m] for m in (quality_colorize.OURS, quality_colorize.PEER, quality_colorize.GRAY))
    assert ours["PSNR dB"] > gray["PSNR dB"] + 5
    assert peer["PSNR dB"] > gray["PSNR dB"] + 5
    assert gray["colourfulness %"] == pytest.approx(0, abs=0.1)


def test_lead_is_ours_less_the_peer() -> None:
    rows = [{"condition": "c", "method": OURS, "dB": 30.0}, {"condition": "c", "method": "peer", "dB": 31.5}]
    assert lead_over(rows, "dB", "peer") == "dB, vfxai less peer: -1.50 (c)."
    assert lead_over(rows, "dB", "absent") == ""


def test_stills_are_cropped_like_cbsd68_and_turned_where_upright(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((400, 600, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "tall.png"), np.full((600, 400), 65535, np.uint16))
    stills = {p.name: p.pixels for p in pictures.load_stills(tmp_path)}
    assert stills["wide"].shape == (321, 481, 3)
    assert stills["tall"].shape == (481, 321, 3)
    assert stills["tall"].max() == 1
    assert len(pictures.load_stills(tmp_path, limit=1, crop=None)) == 1


def test_a_picture_has_its_channels_in_the_order_r_g_b(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "red.png"), np.full((4, 4, 3), (0, 0, 255), np.uint8))
    assert pictures.read_picture(tmp_path / "red.png")[0, 0].tolist() == [1, 0, 0]


def test_folders_without_pictures_and_damaged_files_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no pictures"):
        pictures.load_stills(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(UnreadableInputError, match=r"broken\.png"):
        pictures.load_stills(tmp_path)


def test_a_folder_of_frames_is_one_clip(tmp_path: Path) -> None:
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"f.{number}.png"), np.zeros((20, 20, 3), np.uint8))
    assert [len(frames) for frames in pictures.load_clips(tmp_path).values()] == [2]


def test_tone_bench_grades_from_one_frame_and_from_a_still() -> None:
    clips = {"clip": [Picture(str(i), np.roll(smooth(1), 4 * i, 1)) for i in range(3)]}
    result = quality_tone.run(clips, say=QUIET.append, grades=1)
    rows = {(r["from"], r["method"]): r for r in result.rows}
    assert rows["pair", "vfxai tone, display"]["mean"] < 0.5 < rows["pair", "3x3 matrix"]["mean"]
    assert rows["pair", "vfxai tone, scene-linear"]["95 %"] < 1.5
    assert rows["reference", "vfxai tone"]["mean"] < rows["pair", "untouched"]["mean"] / 3
    picture = smooth(2)
    assert np.array_equal(quality_tone.grade("a", 1)(picture), quality_tone.grade("a", 1)(picture))
    assert quality_tone.curves(picture, picture**1.2, [picture])[0] == pytest.approx(picture**1.2, abs=2e-3)
    assert quality_tone.matrix(picture, picture @ np.diag([1.1, 1.0, 0.8]), [picture])[0][..., 2] == pytest.approx(
        picture[..., 2] * 0.8, abs=1e-5
    )
    assert quality_tone.mkl(picture, picture * 0.5 + 0.1, [picture])[0] == pytest.approx(picture * 0.5 + 0.1, abs=1e-4)


def rendered(folder: Path, dx: int, dy: int) -> Path:
    """Two frames of a pattern that moves by dx to the right and dy down, as examples/blender/scenes.py stores them."""
    clip = folder / "scene_00_000"
    clip.mkdir(parents=True)
    noise = np.random.default_rng(0).random((160, 200, 3)).astype(np.float32)
    wide = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)
    for number, (x, y) in ((1001, (20, 20)), (1002, (20 - dx, 20 - dy))):
        cv2.imwrite(str(clip / f"{clip.name}.{number}.webp"), wide[y : y + 120, x : x + 160], [cv2.IMWRITE_WEBP_QUALITY, 101])
    motion = np.stack([np.full((120, 160), v, np.float16) for v in (dx, dy)])
    np.savez_compressed(clip / "flow.1001.npz", forward=motion)
    return folder


def test_flow_bench_measures_against_the_stored_motion_of_rendered_scenes(tmp_path: Path) -> None:
    pytest.importorskip("vfxai.motion.flow")
    result = quality_flow.run(STILLS[:1], say=QUIET.append, renders=rendered(tmp_path, 6, -3))
    found = {r["method"]: r["pixels"] for r in result.rows if r["pictures"] == "rendered scenes"}
    assert found["no motion"] == pytest.approx(np.hypot(6, 3), abs=1e-3)
    assert found["vfxai, fine"] < 0.3
    assert {r["pictures"] for r in quality_flow.run(STILLS[:1], say=QUIET.append).rows} == {"moved stills"}


def test_a_folder_without_motion_or_with_a_broken_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"flow\.\*\.npz"):
        next(quality_flow.rendered_scenes(tmp_path))
    rendered(tmp_path, 1, 1)
    (tmp_path / "scene_00_000/flow.1001.npz").write_bytes(b"none")
    with pytest.raises(UnreadableInputError, match="holds no motion"):
        next(quality_flow.rendered_scenes(tmp_path))


def test_fields_bench_knows_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_fields, "STRUCTURES", {"2:3": ((2, 3), 0), "still": ((2,), 0)})
    monkeypatch.setattr(quality_fields, "UNDER_NOISES", ("still",))
    monkeypatch.setattr(quality_fields, "UNDER_OVERLAYS", ("2:3",))
    monkeypatch.setattr(quality_fields, "MOVES", ((5, 0),))
    monkeypatch.setattr(quality_fields, "LEVELS", (0.0, 0.04))
    monkeypatch.setattr(quality_fields, "FRAMES", 8)
    grains = np.random.default_rng(5).random((140, 260, 3)).astype(np.float32)
    still = Picture("grains", cv2.GaussianBlur(grains, (0, 0), 1.5) * 1.5 - 0.25)
    said: list[str] = []
    rows = quality_fields.run([still], say=said.append).rows
    plain, noisy = {"2:3", "2:3, cut", "still", "still, cut"}, {"still, soft noise", "still, growing noise"}
    assert {r["shots"] for r in rows} == {*plain, *noisy, "2:3, bars", "2:3, logo", "2:3, crawl"}
    assert [r["all found"] for r in rows if "cut" not in r["shots"]] == [1] * 9, said
    assert len(said) == sum(r["count"] - r["all found"] for r in rows)


def test_costs_bench_tells_how_far_each_cost_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_fields, "STRUCTURES", {"2:3": ((2, 3), 0)})
    monkeypatch.setattr(quality_fields, "UNDER_NOISES", ())
    monkeypatch.setattr(quality_fields, "UNDER_OVERLAYS", ())
    monkeypatch.setattr(quality_fields, "MOVES", ((5, 0),))
    monkeypatch.setattr(quality_fields, "LEVELS", (0.0,))
    monkeypatch.setattr(quality_fields, "FRAMES", 8)
    grains = np.random.default_rng(5).random((140, 260, 3)).astype(np.float32)
    still = Picture("grains", cv2.GaussianBlur(grains, (0, 0), 1.5) * 1.5 - 0.25)
    rows = {r["cost"]: r for r in quality_costs.run([still], say=QUIET.append).rows}
    assert all(0 <= r["from"] <= r["value"] <= r["to"] <= 4 * r["value"] for r in rows.values())
    assert rows["video"]["from"] == 0, "clear film is film though video were free"
