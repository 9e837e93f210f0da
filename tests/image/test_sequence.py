from pathlib import Path

import pytest

from vfxai.errors import MissingInputError, ParameterError
from vfxai.image.clip import open_clip
from vfxai.image.sequence import Pattern, frames_of


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    "text",
    ["sh.#.exr", "sh.@.exr", "sh.%d.exr", "sh.$F.exr", "sh.<f>.exr", "sh.####.exr", "sh.$F4.exr", "sh.${F4}.exr", "sh.<F4>.exr", "sh.%04d.exr", "sh.1-3#.exr", "sh.1-3@@@@.exr", "sh.[0001-0003].exr"],
)  # fmt: skip
def test_the_dialects_of_all_tools_find_files_of_four_digits(tmp_path: Path, text: str) -> None:
    touched(tmp_path, "sh.0001.exr", "sh.0002.exr", "sh.0003.exr")
    pattern = Pattern.parse(tmp_path / text).settled()
    assert frames_of(pattern, None) == (1, 2, 3)
    assert [p.name for p in pattern.files.values()] == ["sh.0001.exr", "sh.0002.exr", "sh.0003.exr"]
    open_digits = text in ("sh.#.exr", "sh.@.exr", "sh.%d.exr", "sh.$F.exr", "sh.<f>.exr", "sh.1-3#.exr")
    assert [c.taken for c in pattern.chosen] == (["4 digits"] if open_digits else [])


def test_a_range_in_a_pattern_chooses_its_frames(tmp_path: Path) -> None:
    touched(tmp_path, *(f"sh.{n:04d}.exr" for n in range(1, 9)))
    assert frames_of(Pattern.parse(tmp_path / "sh.2-6x2#.exr").settled(), None) == (2, 4, 6)
    assert frames_of(Pattern.parse(tmp_path / "sh.[0003-0005].exr").settled(), None) == (3, 4, 5)
    assert frames_of(Pattern.parse(tmp_path / "sh.2-6#.exr").settled(), "8") == (8,), "--frames says otherwise"


def test_numbers_before_a_place_that_are_no_range_belong_to_the_name(tmp_path: Path) -> None:
    touched(tmp_path, "take1-20001.exr", "cut.1-20007.exr")
    assert frames_of(Pattern.parse(tmp_path / "take1-2####.exr").settled(), None) == (1,)
    assert frames_of(Pattern.parse(tmp_path / "cut.1-2####.exr").settled(), None) == (7,), "files of that name are there"


def test_one_hash_takes_numbers_without_padding(tmp_path: Path) -> None:
    touched(tmp_path, *(f"sh.{n}.exr" for n in (998, 999, 1000, 1001)))
    pattern = Pattern.parse(tmp_path / "sh.#.exr").settled()
    assert frames_of(pattern, None) == (998, 999, 1000, 1001)
    assert not pattern.chosen


def test_what_is_left_out_for_its_padding_is_said(tmp_path: Path) -> None:
    touched(tmp_path, *(f"sh.{n}.exr" for n in (998, 999, 1000, 1001)))
    pattern = Pattern.parse(tmp_path / "sh.####.exr").settled()
    assert pattern.frames_on_disk() == (1000, 1001)
    assert pattern.chosen[0].among == ("sh.998.exr", "sh.999.exr")


def test_negative_frames_are_found_however_their_sign_is_counted(tmp_path: Path) -> None:
    touched(
        tmp_path,
        "a.-002.exr",
        "a.-001.exr",
        "a.0000.exr",
        "a.0001.exr",
        "b.-0002.exr",
        "b.0003.exr",
        "foo -020.exr",
        "foo 0005.exr",
    )
    assert frames_of(Pattern.parse(tmp_path / "a.####.exr"), None) == (-2, -1, 0, 1)
    assert Pattern.parse(tmp_path / "b.%04d.exr").frames_on_disk() == (-2, 3)
    assert Pattern.parse(tmp_path / "foo ####.exr").frames_on_disk() == (-20, 5)
    assert open_clip(tmp_path / "b.####.exr", frames="-2").path(-2).name == "b.-0002.exr"
    assert open_clip(tmp_path / "a.#.exr").pattern.digits == 4
    touched(tmp_path, "a.-0002.exr")
    with pytest.raises(MissingInputError, match=r"twice: a\.-0+2\.exr and a\.-0+2\.exr"):
        Pattern.parse(tmp_path / "a.####.exr").frames_on_disk()


@pytest.mark.parametrize("text", ["t_<UDIM>.exr", "t_<uvtile>.exr", "t_%(UDIM)d.exr", "t_u<U>_v<V>.exr"])
def test_tiles_of_a_texture_are_refused_in_words(tmp_path: Path, text: str) -> None:
    touched(tmp_path, "t_1001.exr", "t_1002.exr")
    with pytest.raises(ParameterError, match="tiles of a texture"):
        Pattern.parse(tmp_path / text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a[#]1.####.exr", "a#1.0007.exr"),
        ("a\\#1.####.exr", "a#1.0007.exr"),
        ("50%%.%04d.exr", "50%.0007.exr"),
        ("50[%]04d.####.exr", "50%04d.0007.exr"),
        ("logo[@]2x.$F4.exr", "logo@2x.0007.exr"),
        ("c[$]F.####.exr", "c$F.0007.exr"),
    ],
)
def test_a_character_of_a_place_that_belongs_to_the_name_is_escaped(tmp_path: Path, text: str, name: str) -> None:
    touched(tmp_path, name)
    pattern = Pattern.parse(tmp_path / text).settled()
    assert pattern.frames_on_disk() == (7,)
    assert pattern.path(7).name == name


def test_one_file_of_such_a_name_is_named_with_or_without_escape(tmp_path: Path) -> None:
    touched(tmp_path, "a#1.exr")
    for text in ("a#1.exr", "a[#]1.exr"):
        assert Pattern.parse(tmp_path / text).frames_on_disk() == (1,)
        assert Pattern.parse(tmp_path / text).path(5) == tmp_path / "a#1.exr"
    with pytest.raises(ParameterError, match="more than one place") as caught:
        Pattern.parse(tmp_path / "a#2.####.exr")
    assert "[#]" in caught.value.remedy
