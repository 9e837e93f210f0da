import os
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfxai.errors import MissingInputError, ParameterError, UnreadableInputError
from vfxai.image import clip as clips
from vfxai.image.box import Box
from vfxai.image.clip import Cache, align, open_clip
from vfxai.image.files import is_exr, read_frame, read_header
from vfxai.image.sequence import Pattern, frames_of
from vfxai.schema.frames import numbers
from vfxai.schema.vocabulary import Window


def make(folder: Path, frames: list[int]) -> str:
    for frame in frames:
        pixels = np.full((6, 8), frame, np.float32)
        OpenEXR.File({"type": OpenEXR.scanlineimage}, dict.fromkeys("RGB", pixels)).write(str(folder / f"a.{frame:04d}.exr"))
    return str(folder / "a.####.exr")


@pytest.mark.parametrize("text", ["/x/sh010.####.exr", "/x/sh010.%04d.exr", "/x/sh010.@@@@.exr"])
def test_patterns_of_all_hosts_mean_the_same(text: str) -> None:
    assert Pattern.parse(text).path(12) == Path("/x/sh010.0012.exr")
    assert Pattern.parse(text).path(-12) == Path("/x/sh010.-012.exr"), "as printf and Nuke count the sign"
    assert Pattern.parse(text).path(123456) == Path("/x/sh010.123456.exr")


@given(st.lists(st.integers(0, 99999), min_size=1, max_size=30, unique=True))
def test_a_list_of_frames_is_read_as_written(frames: list[int]) -> None:
    assert numbers(",".join(map(str, frames))) == tuple(frames)


@given(st.integers(0, 500), st.integers(0, 60), st.integers(1, 9))
def test_ranges_with_steps(first: int, length: int, step: int) -> None:
    assert numbers(f"{first}-{first + length}x{step}") == tuple(range(first, first + length + 1, step))


@pytest.mark.parametrize("text", ["a-b", "1-", "--", "1-5x0"])
def test_bad_ranges_are_errors(text: str) -> None:
    with pytest.raises(ParameterError, match="frames"):
        numbers(text)


def test_two_places_for_a_number_are_an_error() -> None:
    with pytest.raises(ParameterError, match="more than one place"):
        Pattern.parse("a.##.%04d.exr")


@given(st.integers(1, 12), st.integers(0, 4), st.integers(0, 4), st.data())
def test_windows_stay_inside_and_mirror_about_the_ends(length: int, before: int, after: int, data: st.DataObject) -> None:
    class Numbers(clips.Clip):
        frames = tuple(range(length))

        def __getitem__(self, number: int) -> object:
            return number

    number = data.draw(st.integers(0, length - 1))
    for ends in ("mirror", "clamp"):
        numbers = Numbers().numbers(number, Window(before, after), ends)
        assert sorted(numbers) == list(range(-before, after + 1))
        for offset, got in numbers.items():
            wanted = number + offset
            assert 0 <= got < length
            if 0 <= wanted < length:
                assert got == wanted
            elif ends == "clamp":
                assert got in (0, length - 1)
            elif 0 <= number - offset < length:
                assert got == number - offset


def test_a_partial_range_reads_its_handles_and_each_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = make(tmp_path, list(range(1, 11)))
    read: list[str] = []
    real = clips.read_packed
    monkeypatch.setattr(clips, "read_packed", lambda path, *which: read.append(path.name) or real(path, *which))
    clip = open_clip(pattern, frames="4-6")
    clip.hold(5)
    for number in clip.frames:
        numbers = clip.numbers(number, Window(2, 2))
        assert [int(clip[numbers[o]].color[0, 0, 0]) for o in range(-2, 3)] == list(range(number - 2, number + 3))
    assert sorted(read) == [f"a.{n:04d}.exr" for n in range(2, 9)]


def test_missing_frames(tmp_path: Path) -> None:
    pattern = make(tmp_path, [1, 2, 4])
    with pytest.raises(MissingInputError, match="1 of 4 frames are missing: 3"):
        open_clip(pattern)
    assert open_clip(pattern, missing="skip").frames == (1, 2, 4)
    held = open_clip(pattern, missing="hold")
    assert held.frames == (1, 2, 3, 4)
    assert float(held[3].color[0, 0, 0]) == 2
    with pytest.raises(MissingInputError, match="no file matches"):
        open_clip(tmp_path / "b.####.exr")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_what_is_no_file_is_refused_as_a_frame(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.1.exr")
    (tmp_path / "a.2.exr").mkdir()
    for number, what in ((1, "a pipe, socket or device"), (2, "a folder")):
        path = tmp_path / f"a.{number}.exr"
        for read in (read_header, read_frame, is_exr, lambda _, n=number: open_clip(str(tmp_path / "a.#.exr"))[n]):
            with pytest.raises(UnreadableInputError, match=f"is no file but {what}"):
                read(path)
    with pytest.raises(MissingInputError, match="is not there"):
        is_exr(tmp_path / "a.3.exr")


def test_a_neighbour_is_brought_to_another_data_window(shared_data: Path) -> None:
    clip = open_clip(str(shared_data / "exr/openexr-images/Beachball/singlepart.%04d.exr"))
    first, second = clip[1], clip[2]
    assert first.data_window != second.data_window
    moved = align(second, first.data_window)
    assert moved.color.shape == first.color.shape
    x, y = second.data_window.x - first.data_window.x, second.data_window.y - first.data_window.y
    assert (moved.color[:, y + 5, x + 7] == second.color[:, 5, 7]).all()
    assert align(second, second.data_window) is second
    assert align(second, Box(0, 0, 3, 2)).color.shape == (3, 2, 3)


def test_threads_that_ask_for_one_key_compute_it_once() -> None:
    import threading

    cache: Cache[int] = Cache(4)
    made: list[int] = []
    asked = threading.Barrier(8)

    def make_one() -> int:
        made.append(1)
        return 7

    def ask() -> None:
        asked.wait()
        cache.get("key", make_one)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_number_far_from_the_others_is_no_range_of_frames(tmp_path: Path) -> None:
    for name in ("a.1001.exr", "a.20261121120000.exr"):
        (tmp_path / name).touch()
    with pytest.raises(ParameterError, match="20261121120000"):
        frames_of(Pattern.parse(tmp_path / "a.####.exr"), None)


def test_a_file_that_is_named_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "logo@2x.png").touch()
    assert Pattern.parse(tmp_path / "logo@2x.png").path(7) == tmp_path / "logo@2x.png"
    assert Pattern.parse(tmp_path / "other@2x.png").path(7) == tmp_path / "other72x.png"


def test_a_range_of_one_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "one.exr").touch()
    pattern = Pattern.parse(tmp_path / "one.exr")
    assert frames_of(pattern, "1") == (1,)
    with pytest.raises(ParameterError, match="one file"):
        frames_of(pattern, "77")
