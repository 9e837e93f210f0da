"""Upscaling: geometry, highlights, every channel, sizes. Plates are made here."""

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from plates import color_of, read, texture, write

from vfxai.bench.product import through
from vfxai.cli.main import main
from vfxai.errors import ParameterError
from vfxai.nodes.upscale import Upscale


def run(tmp_path: Path, color: np.ndarray, *options: str, **facts: object) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    write(tmp_path / "in.1001.exr", color, **facts)
    assert main(["upscale", str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr"), *options]) == 0
    return read(tmp_path / "out.1001.exr")


def window(header: dict[str, object], name: str) -> list[int]:
    low, high = header[name]
    return [int(v) for v in (*low, *(high - low + 1))]


def test_windows_channels_and_attributes_follow(tmp_path: Path) -> None:
    alpha = np.zeros((48, 64))
    alpha[:, 20:44] = 1
    channels, header = run(tmp_path, texture() * alpha[..., None], alpha=alpha, frame=7)
    source, before = read(tmp_path / "in.1001.exr")
    assert all(c.shape == (96, 128) for c in channels.values())
    assert {n: c.dtype for n, c in channels.items()} == {n: c.dtype for n, c in source.items()}
    assert window(header, "dataWindow") == [-10, 6, 128, 96]
    assert window(header, "displayWindow") == [0, 0, 148, 108]
    assert header["pixelAspectRatio"] == 1.5
    for name in ("timeCode", "owner", "camera/iso", "compression"):
        assert repr(header[name]) == repr(before[name])
    assert set(np.unique(channels["id"])) == set(np.unique(source["id"])), "ids are repeated, never mixed"
    assert np.array_equal(channels["depth.Z"], source["depth.Z"].repeat(2, 0).repeat(2, 1))
    assert channels["A"].min() == 0 and channels["A"].max() == 1
    assert np.abs(channels["R"][:, :30]).max() < 1e-4, "nothing where the alpha is 0"
    inside = channels["R"][:, 46:82].astype(float)
    assert np.abs(inside - texture()[..., 0].repeat(2, 0).repeat(2, 1)[:, 46:82]).max() < 0.06, "no dark fringe"


@pytest.mark.parametrize(
    ("options", "display", "aspect"),
    [
        (["--scale", "2", "--square"], (222, 108), 1.0),
        (["--size", "200x200", "--fit", "fill"], (200, 200), 1.0),
        (["--size", "200x200", "--fit", "fit"], (200, 200), 1.0),
        (["--size", "200x200", "--fit", "stretch"], (200, 200), 1.0),
        (["--scale", "1.37"], (101, 74), 1.5),
        (["--scale", "0.5"], (37, 27), 1.5),
    ],
)
def test_sizes_and_fits(options: list[str], display: tuple[int, int], aspect: float, tmp_path: Path) -> None:
    channels, header = run(tmp_path, texture(), *options)
    assert tuple(window(header, "displayWindow")[2:]) == display
    assert header["pixelAspectRatio"] == aspect
    _, _, data_width, data_height = window(header, "dataWindow")
    assert all(c.shape == (data_height, data_width) for c in channels.values())
    if "fill" in options:
        left, top, w, h = window(header, "dataWindow")
        assert left >= 0 and top >= 0 and left + w <= 200 and top + h <= 200


def test_a_picture_keeps_its_place_at_every_factor() -> None:
    def blob(scale: float) -> np.ndarray:
        distance = ((x_of(scale) - 30.3) ** 2 + (y_of(scale) - 25.7) ** 2) / 30
        return np.repeat(np.exp(-distance)[..., None], 3, 2).astype(np.float32)

    def x_of(scale: float) -> np.ndarray:
        return (np.arange(round(80 * scale)) + 0.5)[None] / scale * np.ones((round(64 * scale), 1))

    def y_of(scale: float) -> np.ndarray:
        return (np.arange(round(64 * scale)) + 0.5)[:, None] / scale * np.ones((1, round(80 * scale)))

    for scale in (0.5, 1.5, 2, 3, 4, 6):
        made = through(Upscale(scale=float(scale)), [blob(1)])[0]
        assert np.abs(made - blob(scale)).max() < 0.03, scale


@pytest.mark.parametrize("scale", [0.75, 1.5, 2, 3, 4])
@pytest.mark.parametrize("ground", [0.05, 0])
def test_a_specular_of_200_stays_and_does_not_ring(scale: float, ground: float, tmp_path: Path) -> None:
    color = np.full((48, 64, 3), ground, np.float32)
    color[20:28, 30:38] = 200
    color[10, 10] = 200
    run(tmp_path, color, "--scale", str(scale))
    made = color_of(tmp_path / "out.1001.exr")
    assert made.min() >= 0
    assert 199 < made.max() < 200.2, "as bright as it is, at every factor"
    far = int(16 * scale)
    assert np.allclose(made[-far:, -far:], ground, atol=1e-4), "what is flat stays flat"


def test_below_black_is_kept_and_does_not_ring_further_down(tmp_path: Path) -> None:
    color = np.full((48, 64, 3), -0.1, np.float32)
    color[20:28, 30:38] = 200
    run(tmp_path, color, "--scale", "1.5")
    assert color_of(tmp_path / "out.1001.exr").min() == np.float16(-0.1)


@pytest.mark.parametrize("scale", [0.75, 0.5, 0.25])
def test_thin_lines_survive_a_smaller_size(scale: float, tmp_path: Path) -> None:
    for place in range(8, 12):
        color = np.full((32, 32, 3), 0.1, np.float32)
        color[place] = color[:, 31 - place] = 4
        run(tmp_path, color, "--scale", str(scale), "--overwrite")
        made = color_of(tmp_path / "out.1001.exr")
        assert min(made[:, 1].max(), made[-1].max()) > 0.2, place


def test_it_is_sharper_than_lanczos() -> None:
    from vfxai.bench.quality_upscale import METHODS, OURS, luma, reduced
    from vfxai.train.drawn import draw_dead_leaves

    truth = next(iter(draw_dead_leaves(1, 192))).astype(np.float32) / 255
    whole, small = reduced(truth, 2)
    errors = {name: float(((luma(method([small], 2)[0]) - luma(whole)) ** 2).mean()) for name, method in METHODS.items()}
    assert errors[OURS] < 0.8 * errors["Lanczos"]


def test_a_layer_of_one_channel_and_wrong_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
    OpenEXR.File(header, {"Y": texture()[..., 0].astype(np.float16)}).write(str(tmp_path / "in.1001.exr"))
    arguments = ["upscale", str(tmp_path / "in.####.exr"), str(tmp_path / "out.####.exr")]
    assert main(arguments) == 0
    assert read(tmp_path / "out.1001.exr")[0]["Y"].shape == (96, 128)
    for wrong in ("2048", "0x5", "axb", "-1x5"):
        assert main([*arguments, f"--size={wrong}"]) == 2
        assert "WIDTHxHEIGHT" in capsys.readouterr().err
    with pytest.raises(ParameterError, match="fit"):
        Upscale(fit="squash")


def test_scale_one_is_bit_identical(tmp_path: Path) -> None:
    channels, _ = run(tmp_path, texture(), "--scale", "1")
    source, _ = read(tmp_path / "in.1001.exr")
    assert all(channels[n].tobytes() == source[n].tobytes() for n in source)


def test_the_best_quality_does_not_know_left_from_right() -> None:
    picture = texture().astype(np.float32)
    best = through(Upscale(quality="best"), [picture])[0]
    turned = through(Upscale(quality="best"), [np.ascontiguousarray(picture[::-1, ::-1])])[0][::-1, ::-1]
    plain = through(Upscale(), [picture])[0]
    assert np.abs(best - turned).max() < 1e-4 < np.abs(best - plain).max() < 0.1


def panned(frames: int, seed: int = 0) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A camera that moves by 1.3 and 0.6 pixels of the plate a frame: the frames, and their halves."""
    from vfxai.bench.quality_upscale import reduced
    from vfxai.train.drawn import draw_dead_leaves

    picture = list(draw_dead_leaves(seed + 1, 320))[seed].astype(np.float32) / 255
    views = [cv2.warpAffine(picture, np.float32([[1, 0, -2.6 * i - 30], [0, 1, -1.2 * i - 40]]), (208, 160), flags=cv2.INTER_AREA)
             for i in range(frames)]  # fmt: skip
    pairs = [reduced(v, 2) for v in views]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def test_neighbouring_frames_add_detail_and_steady_it() -> None:
    from vfxai.measure.metrics import sequence_flicker

    truth, small = panned(5)
    errors, shimmer = [], []
    for radius in (0, 2):
        made = through(Upscale(radius=radius), small)
        errors.append(float(np.mean([((m - t)[8:-8, 8:-8] ** 2).mean() for m, t in zip(made, truth, strict=True)])))
        shimmer.append(sequence_flicker(made, truth, moving=True))
    assert errors[1] < 0.95 * errors[0]
    assert shimmer[1] < 0.9 * shimmer[0]


def test_frames_beyond_a_cut_do_not_join_in() -> None:
    _, first = panned(2)
    _, second = panned(2, seed=1)
    made = through(Upscale(), [*first, *second])
    for scene, results in ((first, made[:2]), (second, made[2:])):
        for alone, result in zip(through(Upscale(), scene), results, strict=True):
            assert np.array_equal(alone, result)
