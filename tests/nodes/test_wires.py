"""The wires node."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from plates import read

from vfxai.bench.product import SPACES, applied
from vfxai.cli.main import main
from vfxai.image.files import write_frame
from vfxai.nodes.wires import Wires
from vfxai.removal.curves import hung, resampled
from vfxai.removal.flanks import widened
from vfxai.removal.ridges import WireTone
from vfxai.removal.wires import Wire
from vfxai.session.clips import frame_of

HEIGHT, WIDTH = 120, 200


def curve(t: int) -> np.ndarray:
    x = np.arange(WIDTH, dtype=np.float64)
    return np.stack([x, 50 + 0.1 * x + (6 + 4 * np.sin(t)) * 4 * x / WIDTH * (1 - x / WIDTH)], 1)


def blobs() -> np.ndarray:
    rng = np.random.default_rng(0)
    scene = sum(
        cv2.resize(rng.random((HEIGHT // s, WIDTH // s, 3), np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for s in (10, 30)
    )
    return np.asarray(0.3 + 0.2 * scene, np.float32)


def covers(count: int, soft: float = 0.0) -> list[np.ndarray]:
    """(H, W, 1): how much of each pixel the wire hides, out of focus by a standard deviation of `soft` pixels."""
    made = []
    for t in range(count):
        cover = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
        cv2.polylines(cover, [((curve(t) + 0.5) * 64).round().astype(np.int32)], False, 255, 8, cv2.LINE_8, 4)
        plain = cv2.resize(cover, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        made.append((cv2.GaussianBlur(plain, (0, 0), soft) if soft else plain)[..., None])
    return made


def frames(
    count: int = 4, value: float | tuple[float, float, float] = 0.05, scene: np.ndarray | None = None, soft: float = 0.0
) -> list[np.ndarray]:
    scene = blobs() if scene is None else scene
    return [(scene * (1 - cover) + np.float32(value) * cover).astype(np.float32) for cover in covers(count, soft)]


def foliage() -> np.ndarray:
    """Fine strong texture."""
    rough = np.random.default_rng(3).standard_normal((HEIGHT, WIDTH, 3)).astype(np.float32)
    return np.clip(0.45 + 0.5 * cv2.GaussianBlur(rough, (0, 0), 1.2), 0.05, 1).astype(np.float32)


def missed(path: np.ndarray, t: int) -> float:
    """Mean distance of a path to the true curve, within the picture."""
    inside = path[(path[:, 0] >= 2) & (path[:, 0] <= WIDTH - 3)]
    return float(np.abs(np.interp(inside[:, 0], *curve(t).T) - inside[:, 1]).mean())


@pytest.mark.parametrize("value", [0.05, 1.2])
@pytest.mark.parametrize("at", ["100,66", "5,51 195,71", ""])
def test_a_swaying_wire_is_found_and_followed(at: str, value: float) -> None:
    clip = applied(Wires(at=at), [frame_of(f, SPACES["display"]) for f in frames(value=value)])
    paths = clip.session.loaded().wires
    assert sorted(paths) == [1001, 1002, 1003, 1004]
    for number, wires in paths.items():
        (wire,) = wires
        assert missed(wire.path, number - 1001) < 0.8
        assert np.ptp(wire.path[:, 0]) > 0.9 * WIDTH
        assert 1.5 < wire.width < 4
    matte = clip[1003].color
    for x in range(10, WIDTH - 10, 20):
        assert float(matte[0, round(curve(2)[x, 1]), x]) == 1


def left(soft: float, scene: np.ndarray) -> tuple[float, float]:
    """The most of the wire, as a mean along it, that is outside its matte; and the width of the matte over that of the wire's core, pixels."""
    clip = applied(Wires(at="5,51 195,71"), [frame_of(f, SPACES["display"]) for f in frames(6, scene=scene, soft=soft)])
    away = np.zeros(8)
    inner = slice(16, WIDTH - 16)
    for t, cover in enumerate(covers(6, soft)):
        outside = np.where(clip[1001 + t].color[0].numpy() > 0, 0, cover[..., 0])[:, inner]
        place = np.abs(np.arange(HEIGHT)[:, None] - curve(t)[inner, 1].round())
        away = np.maximum(away, [outside[place == d].mean() for d in range(8)])
    (wire,) = clip.session.loaded().wires[1003]
    return float(away.max()), wire.width


@pytest.mark.parametrize("soft", [0.7, 1.0])
@pytest.mark.parametrize("scene", [blobs, foliage])
def test_the_matte_of_a_soft_wire_leaves_no_dashes_beside_it(scene: Callable[[], np.ndarray], soft: float) -> None:
    """Judged at a gain of 4: less than a tenth of the wire."""
    assert left(soft, scene())[0] < 0.1 / 4


@pytest.mark.parametrize("scene", [blobs, foliage])
def test_the_matte_of_a_sharp_wire_is_as_wide_as_the_wire_whatever_is_beside_it(scene: Callable[[], np.ndarray]) -> None:
    clip = [frame_of(f, SPACES["display"]).color.numpy().transpose(1, 2, 0) for f in frames(6, scene=scene())]
    luminance = dict(enumerate(np.sqrt(f).mean(2) for f in clip))
    tone = WireTone(np.full(3, 0.2, np.float32), 0.3)
    wires = {t: (Wire(resampled(curve(t)), 2.5, tone),) for t in luminance}
    assert [w.width for (w,) in widened(wires, luminance.__getitem__).values()] == [2.5] * 6


def grid() -> np.ndarray:
    """A cutting mat: many lines, clearer than the wire."""
    scene = np.full((HEIGHT, WIDTH, 3), 0.04, np.float32)
    scene[::20], scene[:, ::20] = 0.7, 0.7
    return scene


def two_walls() -> np.ndarray:
    """The wire is darker than one and brighter than the other."""
    scene = blobs()
    scene[:, WIDTH // 2 :] *= 0.05
    return scene


@pytest.mark.parametrize("at", ["110,67", "5,51 195,71"])
@pytest.mark.parametrize("scene", [grid, two_walls])
def test_a_wire_is_told_from_other_lines_by_its_tone(scene: Callable[[], np.ndarray], at: str) -> None:
    drawn = frames(value=(0.3, 0.08, 0.05), scene=scene())
    paths = applied(Wires(at=at), [frame_of(f, SPACES["display"]) for f in drawn]).session.loaded().wires
    assert len(paths) == 4
    for number, (wire,) in paths.items():
        assert missed(wire.path, number - 1001) < 1
        assert np.ptp(wire.path[:, 0]) > 0.9 * WIDTH


def response_of(curve: np.ndarray, beside: np.ndarray | None = None) -> np.ndarray:
    """The response to a clear wire, and of clutter beside it."""
    plane = np.zeros((HEIGHT, WIDTH), np.float32)
    for line in (curve, beside):
        if line is not None:
            cv2.polylines(plane, [(line * 64).round().astype(np.int32)], False, 10, 2, cv2.LINE_8, 6)
    return plane


def away(path: np.ndarray, true: np.ndarray) -> float:
    """The most that a path is above or below another."""
    return float(np.abs(np.interp(path[:, 0], *true.T) - path[:, 1]).max())


def test_a_path_that_clutter_drew_away_is_put_back_and_a_bend_stays() -> None:
    true = resampled(curve(0))
    astray = true.copy()
    astray[20:30, 1] += 7
    response = response_of(curve(0), astray[18:32])
    assert away(hung(response, astray), true) < 1
    bend = true.copy()
    bend[:16, 1] += 2 * np.arange(16, 0, -1)  # the wire itself goes up there, and nothing is seen on its curve
    assert away(hung(response_of(bend), bend), bend) < 1


def test_no_wire_is_an_empty_matte_and_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soft = np.full((HEIGHT, WIDTH, 3), 0.3, np.float32) + 0.01 * np.random.default_rng(0).standard_normal(
        (HEIGHT, WIDTH, 3)
    ).astype(np.float32)
    write_frame(tmp_path / "plate.1001.exr", frame_of(soft, ""))
    assert main(["wires", str(tmp_path / "plate.####.exr"), str(tmp_path / "matte.####.exr")]) == 0
    assert "no wire was found" in capsys.readouterr().err
    assert not read(tmp_path / "matte.1001.exr")[0]["R"].any()


def test_paths_can_be_edited(tmp_path: Path) -> None:
    for number, frame in enumerate(frames(2), 1001):
        write_frame(tmp_path / f"plate.{number}.exr", frame_of(frame, ""))
    arguments = [
        "wires",
        str(tmp_path / "plate.####.exr"),
        str(tmp_path / "matte.####.exr"),
        "--analysis",
        str(tmp_path / "wires.json"),
    ]
    assert main([*arguments, "--at", "100,66"]) == 0
    data = json.loads((tmp_path / "wires.json").read_text())
    data["nodes"][0]["analysis"]["wires"]["1002"] = [{"width": 3, "path": [[0, 20], [199, 20]]}]
    (tmp_path / "wires.json").write_text(json.dumps(data))
    assert main([*arguments, "--at", "100,66"]) == 0
    matte = read(tmp_path / "matte.1002.exr")[0]["R"]
    assert matte[20].min() == 1
    assert not matte[40:].any()


@pytest.mark.parametrize("text", ["1", "1,2,3", "a,b", "1,2 3,4 5,6"])
def test_bad_points_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wires", "in.####.exr", "out.####.exr", "--at", text]) == 2
    assert "points" in capsys.readouterr().err
