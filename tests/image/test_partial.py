"""Files on disks that many machines share."""

from pathlib import Path

import pytest

from vfxai.image.partial import LONGEST, part_of, whole_file, write_text


def test_no_two_writers_have_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sh010.1001.exr"
    names = {part_of(path) for _ in range(50)}
    monkeypatch.setattr("vfxai.image.partial.socket.gethostname", lambda: "render-07.studio")
    names.add(part_of(path))
    assert len(names) == 51
    assert all(n.parent == tmp_path and n.name.startswith(".sh010.1001.") and n.suffix == ".exr" for n in names)
    assert any("render07studio-" in n.name for n in names)


def test_a_long_name_is_cut_and_not_refused(tmp_path: Path) -> None:
    path = tmp_path / ("\u00fc" * 120 + ".exr")
    with whole_file(path) as partial:
        assert len(partial.name.encode()) <= LONGEST
        partial.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def half() -> None:
        with whole_file(tmp_path / "deep/a.exr") as partial:
            partial.write_bytes(b"half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        half()
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "deep/report.json"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
