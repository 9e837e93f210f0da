"""What a node is fed besides the plate comes from files, memory or a host alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

import vfxai
from vfxai.color.config import find_config
from vfxai.engine.inputs import ClipOfFiles, opened
from vfxai.engine.recipe import Recipe
from vfxai.errors import InputError, ParameterError
from vfxai.image.files import write_frame
from vfxai.models.pool import Pool
from vfxai.nodes.colorize import Colorize
from vfxai.nodes.tone import Tone
from vfxai.schema.vocabulary import KeyFrames, Reference
from vfxai.session.clips import MemoryClip, SourceClip, frame_of
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage

SPACE = "sRGB Encoded Rec.709 (sRGB)"
CONFIG, POOL = find_config(), Pool(device="cpu")


def picture(shift: float = 0.0, size: tuple[int, int] = (40, 56)) -> np.ndarray:
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    wave = 0.45 + 0.2 * np.sin((x + shift) / 5) * np.cos(y / 7)
    return np.stack([wave, wave * 0.8, 0.9 - wave], -1).astype(np.float32)


def gray(count: int = 3) -> MemoryClip:
    return MemoryClip([frame_of(picture(2 * i).mean(-1, keepdims=True), SPACE) for i in range(count)])


def made(stage: Stage, plate: MemoryClip, number: int = 1002) -> torch.Tensor:
    return Session(plate, [stage], pool=POOL, config=CONFIG).clip()[number].color


def test_a_key_in_memory_is_one_in_a_file_and_one_of_a_host(tmp_path: Path) -> None:
    key = frame_of(picture(), SPACE)
    write_frame(tmp_path / "key.exr", key, depth="float", attributes={"colorspace": SPACE})
    files = ClipOfFiles({1001: str(tmp_path / "key.exr")}, lambda path, attributes: CONFIG.space(path, attributes).name)
    clips = (files, MemoryClip({1001: key}), SourceClip([1001], lambda number: key))
    results = [made(Stage(Colorize(steps=2), {"key": clip}), gray()) for clip in clips]
    assert results[0].std(0).mean() > 0.02
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])


def test_a_key_in_another_space_is_brought_into_the_plates() -> None:
    key = frame_of(picture(), SPACE)
    linear = MemoryClip({1001: frame_of(picture(), "")})
    there = CONFIG.transform(key.color, SPACE, "Linear Rec.709 (sRGB)")
    other = MemoryClip({1001: frame_of(there.numpy().transpose(1, 2, 0), "Linear Rec.709 (sRGB)")})
    same, converted = (made(Stage(Colorize(steps=0), {"key": clip}), gray()) for clip in (linear, other))
    assert torch.allclose(same, converted, atol=1e-4)


def test_a_pair_and_a_reference_in_memory() -> None:
    plate = MemoryClip([frame_of(picture(i), SPACE) for i in range(2)])
    before, after = (MemoryClip([frame_of(p, SPACE)]) for p in (picture(), picture() ** 1.3))
    graded = made(Stage(Tone(), {"before": before, "after": after}), plate, 1001)
    assert float((graded - after[1001].color).abs().mean()) < 0.01
    matched = made(Stage(Tone(), {"reference": after}), plate, 1001)
    assert float((matched - after[1001].color).abs().mean()) < 0.03
    for fed, said in ({"before": before}, "after is missing"), ({"key": before}, "tone takes no key"):
        with pytest.raises(ParameterError, match=said):
            made(Stage(Tone(), fed), plate)
    with pytest.raises(ParameterError, match="only one"):
        made(Stage(Tone(), {"before": before, "after": after, "reference": after}), plate)


def test_nothing_to_colour_from_is_an_error() -> None:
    with pytest.raises(ParameterError, match="nothing to colour from") as caught:
        made(Stage(Colorize()), gray())
    assert "--key" in caught.value.remedy
    assert torch.equal(made(Stage(Colorize(strength=0)), gray()), gray()[1002].color)


def test_a_folder_of_stills_is_a_reference(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no picture"):
        opened(Reference(), [str(tmp_path)], lambda path, attributes: "")
    for name in ("b.exr", "a.exr"):
        write_frame(tmp_path / name, frame_of(picture(len(name)), SPACE))
    (tmp_path / "notes.txt").write_text("")
    (clip,) = opened(Reference(), [str(tmp_path)], lambda path, attributes: SPACE).values()
    assert clip.frames == (1, 2)
    assert [clip.origin(n) for n in clip.frames] == [1, 1], "each is a file of its own"


def test_what_frame_a_key_is_of_counts_for_the_result() -> None:
    def identity(*keys: str) -> str:
        node = {"id": "colorize", "key": list(keys)}
        return Recipe.from_dict({"source": "a.#.exr", "output": "b.#.exr", "node": [node]}).identity()

    assert identity("1=a.exr") == identity("1=elsewhere/a.exr") != identity("2=a.exr")
    assert KeyFrames().facts()["slots"] == ["key"]


def test_a_script_feeds_files_and_clips_by_the_words_of_the_command_line(tmp_path: Path) -> None:
    plate, key = gray(), frame_of(picture(), SPACE)
    write_frame(tmp_path / "key.exr", key, depth="float", attributes={"colorspace": SPACE})
    one = vfxai.apply(plate, "colorize", steps=0, inputs={"key": [f"1001={tmp_path}/key.exr"]})[1002].color
    other = vfxai.apply(plate, "colorize", steps=0, inputs={"key": MemoryClip({1001: key})})[1002].color
    assert torch.equal(one, other)
    with pytest.raises(ParameterError, match="colorize takes no pair"):
        vfxai.apply(plate, "colorize", inputs={"pair": ["a", "b"]})


def test_threads_that_colour_at_once_get_what_one_alone_gets() -> None:
    key, plate = MemoryClip({1001: frame_of(picture(), SPACE)}), gray(6)
    alone = Session(plate, [Stage(Colorize(steps=0), {"key": key})], pool=POOL, config=CONFIG)
    wanted = {number: alone.frame(number, Request()).color for number in plate.frames}
    shared = Session(plate, [Stage(Colorize(steps=0), {"key": key})], pool=POOL, config=CONFIG)
    numbers = [*plate.frames, *reversed(plate.frames)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: shared.frame(number, Request()).color, numbers))
    assert all(torch.equal(one, wanted[number]) for one, number in zip(made, numbers, strict=True))
