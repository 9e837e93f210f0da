from pathlib import Path

import pytest

from vfxai.errors import MissingInputError, OutputError, UnsupportedInputError
from vfxai.image.clip import open_clip
from vfxai.image.files import check_storage
from vfxai.image.sequence import Pattern


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for frame in range(1001, 1004):
        (tmp_path / f"sh.{frame}.exr").touch()
    (tmp_path / "a.mov").touch()
    return tmp_path


def test_a_folder_names_the_patterns_in_it(folder: Path) -> None:
    with pytest.raises(MissingInputError, match="is a folder") as caught:
        open_clip(folder)
    assert f"such as {folder}/sh.####.exr" in caught.value.remedy
    (folder / "empty").mkdir()
    with pytest.raises(MissingInputError) as caught:
        open_clip(folder / "empty")
    assert "it holds no numbered files" in caught.value.remedy


@pytest.mark.parametrize("name", ["a.mov", "a.####.MP4", "absent.mxf"])
def test_a_movie_is_refused_with_the_way_to_its_frames(folder: Path, name: str) -> None:
    with pytest.raises(UnsupportedInputError, match="is a movie") as caught:
        open_clip(folder / name, frames="1")
    assert "ffmpeg -i" in caught.value.remedy


@pytest.mark.parametrize("name", ["s.####.exr", "sh.##.dpx"])
@pytest.mark.parametrize("frames", [None, "1001-1002"])
def test_a_name_that_nothing_has_tells_what_is_there(folder: Path, name: str, frames: str | None) -> None:
    with pytest.raises(MissingInputError) as caught:
        open_clip(folder / name, frames=frames)
    assert f"no file matches {folder / name}; there is {folder}/sh.####.exr" in caught.value.message


def test_a_folder_that_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no folder"):
        open_clip(folder / "other/sh.####.exr")


def test_a_range_beside_the_frames_tells_where_they_are(folder: Path) -> None:
    with pytest.raises(MissingInputError, match="2 of 2 frames are missing: 2000, 2001; on disk are frames of 1001-1003"):
        open_clip(folder / "sh.####.exr", frames="2000-2001")


def test_what_cannot_be_written_is_told_by_name(folder: Path) -> None:
    for name in (folder, folder / "b.mov", folder / "b"):
        with pytest.raises(OutputError, match=str(name)):
            check_storage(Pattern.parse(name).path(1), "keep", "keep")
