"""The remove node on panning, still and cut scenes."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from plates import read

from vfxai.bench import props
from vfxai.bench.product import SPACES, applied, through
from vfxai.cli.main import main
from vfxai.image.box import Box
from vfxai.image.files import write_frame
from vfxai.image.frame import Frame
from vfxai.nodes.remove import Remove
from vfxai.session.clips import frame_of

HEIGHT, WIDTH = 96, 128


def picture(seed: int = 0, side: int = 256) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = sum(
        cv2.resize(rng.random((side // s, side // s, 3), np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        for s in (6, 16, 64)
    )
    return (0.1 + 0.25 * noise).astype(np.float32)


def panned(count: int, speed: float = 2.5, seed: int = 0) -> list[np.ndarray]:
    found = picture(seed)
    moves = [np.float32([[1, 0, 20 + speed * t], [0, 1, 30 + 0.4 * speed * t]]) for t in range(count)]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return [cv2.warpAffine(found, m, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT) for m in moves]


def wired(frames: list[np.ndarray]) -> props.Rigged:
    mattes = []
    for t in range(len(frames)):
        matte = np.zeros((HEIGHT, WIDTH), np.float32)
        row = 40 + round(5 * np.sin(t))
        matte[row : row + 4] = 1
        mattes.append(matte)
    plate = [np.where(m[..., None] > 0, np.float32(0.02), f) for f, m in zip(frames, mattes, strict=True)]
    return props.Rigged("wire", frames, plate, mattes)


def test_a_swaying_wire_gives_way_to_the_real_background() -> None:
    case = wired(panned(7))
    clip = applied(
        Remove(),
        [frame_of(f, SPACES["display"]) for f in case.plate],
        inputs={"mask": [frame_of(m[..., None].repeat(3, 2), "") for m in case.mattes]},
    )
    frames = [clip[n] for n in clip.frames]
    made = [f.color.numpy().transpose(1, 2, 0) for f in frames]
    alone = max(props.masked_psnr(props.inpainted(case, m), case) for m in ("telea", "navier-stokes"))
    assert props.masked_psnr(made, case) > alone + 6
    assert props.masked_psnr(made, case) > 38
    for number, (frame, plate, matte) in enumerate(zip(frames, case.plate, case.mattes, strict=True), 1001):
        kept = np.where(matte[..., None] > 0, 0, made[number - 1001])
        assert np.array_equal(kept, np.where(matte[..., None] > 0, 0, plate))
        source, invented = (frame.layers[f"remove.{n}"][0].numpy() for n in ("source", "invented"))
        assert np.array_equal(frame.layers["remove.matte"][0].numpy(), matte)
        assert not source[matte == 0].any()
        assert np.isin(source[(matte > 0) & (invented == 0)], [n for n in clip.frames if n != number]).all()
        assert invented.mean() < 0.01


def test_a_wire_is_removed_in_parts_as_well_as_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    case = wired(panned(5))
    whole = through(Remove(grain=0), case.plate, mattes={"mask": case.mattes})
    monkeypatch.setattr("vfxai.removal.finder.MARGIN", 24)
    monkeypatch.setattr("vfxai.removal.finder.LARGEST", 70 * 70)
    parts = through(Remove(grain=0), case.plate, mattes={"mask": case.mattes})
    assert props.masked_psnr(parts, case) > props.masked_psnr(whole, case) - 3
    for made, plate, matte in zip(parts, case.plate, case.mattes, strict=True):
        assert np.array_equal(made[matte == 0], plate[matte == 0])
        inside = made[40:44] if matte[40].any() else made[matte[:, 0] > 0]
        steps, usual = (np.abs(np.diff(rows, axis=1)).max() for rows in (inside, case.truth[0]))
        assert steps < 1.5 * usual  # no seam


def test_what_no_frame_shows_is_invented_once_for_the_scene() -> None:
    """A still camera and a still box, over more frames than lie between two anchors; then another scene."""
    frames = [picture(1)[:HEIGHT, :WIDTH]] * 27 + [picture(2)[:HEIGHT, :WIDTH]] * 2
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[30:50, 40:70] = 1
    case = props.Rigged("box", frames, [np.where(matte[..., None] > 0, np.float32(1), f) for f in frames], [matte] * len(frames))
    clip = applied(
        Remove(search=2, grain=0),
        [frame_of(f, SPACES["display"]) for f in case.plate],
        inputs={"mask": [frame_of(matte[..., None].repeat(3, 2), "")] * len(frames)},
    )
    later = clip[1026].color  # computed first, as on a farm
    first = clip[1001].color
    assert float((later - first).abs().max()) < 0.02
    assert float((clip[1014].color - first).abs().max()) < 0.02
    assert float((clip[1029].color - first)[:, 30:50, 40:70].abs().mean()) > 0.02, "the other scene has its own"
    assert bool((clip[1001].layers["remove.invented"][0].numpy() == matte).all())


def test_a_clean_plate_comes_first() -> None:
    frames = [picture(1)[:HEIGHT, :WIDTH]] * 2
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[30:50, 40:70] = 1
    fed = {"mask": [frame_of(matte[..., None].repeat(3, 2), "")], "clean_plate": [frame_of(frames[0], SPACES["scene-linear"])]}
    plate = [frame_of(np.where(matte[..., None] > 0, np.float32(1), f), SPACES["scene-linear"]) for f in frames]
    made = applied(Remove(), plate, inputs=fed)[1001]
    assert bool((made.layers["remove.clean_plate"][0].numpy() == matte).all())
    assert not made.layers["remove.invented"].any()
    assert float((made.color.numpy().transpose(1, 2, 0) - frames[0]).max()) < 0.03


def plates(folder: Path, count: int = 3) -> props.Rigged:
    case = wired(panned(count))
    box = Box(0, 0, WIDTH, HEIGHT)
    for number, (plate, matte) in enumerate(zip(case.plate, case.mattes, strict=True), 1001):
        write_frame(folder / f"plate.{number}.exr", frame_of(plate, ""), attributes={"colorInteropID": "lin_rec709_scene"})
        mask = frame_of(matte[..., None].repeat(3, 2), "")
        write_frame(folder / f"mask.{number}.exr", Frame(mask.color[:1], None, False, "", box, box))
    return case


def test_an_empty_matte_changes_no_bit(tmp_path: Path) -> None:
    plates(tmp_path, 2)
    box = Box(0, 0, WIDTH, HEIGHT)
    write_frame(
        tmp_path / "none.exr",
        Frame(frame_of(np.zeros((HEIGHT, WIDTH, 3), np.float32), "").color[:1], None, False, "", box, box),
    )
    arguments = ["remove", str(tmp_path / "plate.####.exr"), str(tmp_path / "out.####.exr")]
    assert main([*arguments, "--mask", str(tmp_path / "none.exr")]) == 0
    before, after = read(tmp_path / "plate.1001.exr")[0], read(tmp_path / "out.1001.exr")[0]
    assert all(np.array_equal(before[n].view(np.uint16), after[n].view(np.uint16)) for n in "RGB")
    assert not after["remove.matte"].any()


def test_bad_mattes_are_clear_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plates(tmp_path, 2)
    arguments = ["remove", str(tmp_path / "plate.####.exr"), str(tmp_path / "out.####.exr")]
    assert main(arguments) == 2
    assert "nothing to remove" in capsys.readouterr().err
    assert main([*arguments, "--mask-layer", "wire.A"]) == 3
    said = capsys.readouterr().err
    assert "there is no channel 'wire.A' in frame 1001" in said and "frame 1001: frame" not in said
    box = Box(0, 0, 10, 10)
    for number in (1001, 1002):
        write_frame(
            tmp_path / f"small.{number}.exr",
            Frame(frame_of(np.ones((10, 10, 3), np.float32), "").color, None, False, "", box, box),
        )
    assert main([*arguments, "--mask", str(tmp_path / "small.####.exr")]) == 3
    said = capsys.readouterr().err
    assert "the mask of frame 1001 has another size than the plate: 10x10" in said and "frame 1001: frame" not in said
    assert not list(tmp_path.glob("out.*"))


def cropped(frame: Frame, box: Box) -> Frame:
    rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
    return replace(frame, color=frame.color[:, rows, columns], data_window=box)


def test_a_matte_that_was_cropped_to_its_shape_hides_no_more() -> None:
    case = wired(panned(3))
    plate = [frame_of(f, SPACES["display"]) for f in case.plate]
    whole = [frame_of(m[..., None].repeat(3, 2), "") for m in case.mattes]
    small = [cropped(m, Box(0, 30, WIDTH, 20)) for m in whole]
    for matte in small:
        assert matte.color.sum() > 0
    first, second = (applied(Remove(), plate, inputs={"mask": m})[1002] for m in (whole, small))
    assert torch.equal(first.color, second.color)
    assert torch.equal(first.layers["remove.matte"], second.layers["remove.matte"])


def test_data_windows_that_differ_from_frame_to_frame_are_followed() -> None:
    case = wired(panned(7))
    boxes = [Box(3 * t, 2 * t, WIDTH - 5 * t, HEIGHT - 4 * t) for t in range(7)]
    plate = [cropped(frame_of(f, SPACES["display"]), b) for f, b in zip(case.plate, boxes, strict=True)]
    mattes = [frame_of(m[..., None].repeat(3, 2), "") for m in case.mattes]
    clip = applied(Remove(), plate, inputs={"mask": mattes})
    for number in (1001, 1004):
        box, at = boxes[number - 1001], number - 1001
        rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width - 20)  # what others show as well
        hidden = case.mattes[at][rows, columns] > 0
        truth = case.truth[at][rows, columns].transpose(2, 0, 1)[:, hidden]
        made = clip[number].color.numpy()[:, :, :-20][:, hidden]
        assert -10 * np.log10(np.mean((made - truth) ** 2)) > 35


def test_a_feathered_matte_fades_outside_what_is_grown() -> None:
    case = wired(panned(3))
    mattes = {"mask": [frame_of(m[..., None].repeat(3, 2), "") for m in case.mattes]}
    frame = applied(Remove(grow=2, feather=3), [frame_of(f, SPACES["display"]) for f in case.plate], inputs=mattes)[1001]
    column = frame.layers["remove.matte"][0, :, 64].numpy()
    assert column[38:46].tolist() == [1.0] * 8
    assert column[35:38].tolist() == pytest.approx([0.25, 0.5, 0.75])
    assert column[34] == 0
    assert np.array_equal(frame.color[:, :35].numpy(), case.plate[0].transpose(2, 0, 1)[:, :35])


def test_what_is_taken_over_from_an_earlier_frame_gets_grain_once() -> None:
    rng, matte = np.random.default_rng(0), np.zeros((HEIGHT, WIDTH), np.float32)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    waves = (0.4 + 0.2 * np.sin(x / 9) * np.sin(y / 11))[..., None]
    frames = [waves + 0.03 * rng.standard_normal((HEIGHT, WIDTH, 3)).astype(np.float32) for _ in range(3)]
    matte[20:70, 30:90] = 1
    for made in through(Remove(search=0), frames, mattes={"mask": [matte] * 3}):
        steps = np.diff(made[25:65, 35:85], axis=1) / 2**0.5
        assert float(steps.std()) == pytest.approx(0.03, rel=0.1)


def test_grain_comes_back_where_the_network_painted() -> None:
    rng = np.random.default_rng(0)
    frames = [
        picture(1)[:HEIGHT, :WIDTH] * 0 + 0.4 + 0.03 * rng.standard_normal((HEIGHT, WIDTH, 3)).astype(np.float32)
        for _ in range(3)
    ]
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[20:70, 30:90] = 1
    made = through(Remove(search=0), [f.astype(np.float32) for f in frames], mattes={"mask": [matte] * 3})
    inside = made[1][25:65, 35:85]
    assert float(inside.std()) == pytest.approx(0.03, rel=0.25)
    assert float(np.abs(made[1] - made[2])[25:65, 35:85].mean()) > 0.02, "grain moves"


def test_wires_and_remove_in_one_recipe(tmp_path: Path) -> None:
    case = plates(tmp_path)
    recipe = {
        "source": str(tmp_path / "plate.####.exr"),
        "output": str(tmp_path / "out.####.exr"),
        "node": [{"id": "wires", "at": "64,41", "form": "channel"}, {"id": "remove", "mask_layer": "wires.matte"}],
    }
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    assert main(["run", str(tmp_path / "recipe.json")]) == 0
    made = read(tmp_path / "out.1002.exr")[0]
    result = np.stack([made[n] for n in "RGB"], -1).astype(np.float32)
    assert props.masked_psnr([result], props.Rigged("", case.truth[1:2], case.plate[1:2], case.mattes[1:2])) > 30
    assert made["wires.matte"][45].mean() > 0.9
