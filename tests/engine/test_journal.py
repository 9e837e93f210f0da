"""What is written down about finished frames outlives any stop."""

from pathlib import Path

import pytest

from vfxai.engine.analysis_store import AnalysisStore
from vfxai.engine.resume import Journal
from vfxai.image.sequence import Pattern
from vfxai.session.analyses import Analyses, Learned


def test_a_cut_last_line_loses_that_frame_only(tmp_path: Path) -> None:
    pattern = Pattern.parse(str(tmp_path / "out.####.exr"))
    journal = Journal(pattern)
    for number in (1, 2):
        (tmp_path / f"out.{number:04d}.exr").write_bytes(b"frame")
        journal.finish(number, f"key {number}", tmp_path / f"out.{number:04d}.exr")
    text = journal.path.read_text()
    journal.path.write_text(text[:-20])
    again = Journal(pattern)
    assert again.is_done(1, "key 1")
    assert not again.knows(2)
    again.finish(2, "key 2", tmp_path / "out.0002.exr")
    third = Journal(pattern)
    assert third.is_done(1, "key 1")
    assert third.is_done(2, "key 2")
    assert not third.is_done(2, "another")


def test_a_frame_that_somebody_changed_is_not_known(tmp_path: Path) -> None:
    pattern = Pattern.parse(str(tmp_path / "out.####.exr"))
    (tmp_path / "out.0001.exr").write_bytes(b"frame")
    Journal(pattern).finish(1, "key", tmp_path / "out.0001.exr")
    (tmp_path / "out.0001.exr").write_bytes(b"another")
    assert not Journal(pattern).knows(1)


def test_processes_share_a_record_and_a_moved_folder_keeps_it(tmp_path: Path) -> None:
    first, second = (Journal(Pattern.parse(str(tmp_path / name))) for name in ("out.####.exr", "out.%04d.exr"))
    for journal, number in ((first, 1), (second, 5), (first, 2), (second, 6)):
        (tmp_path / f"out.{number:04d}.exr").write_bytes(b"frame")
        journal.finish(number, "key", tmp_path / f"out.{number:04d}.exr")
    (first.path.parent.parent / "elsewhere").mkdir()
    for path in (*tmp_path.glob("out.*"), tmp_path / ".vfxai"):
        path.rename(tmp_path / "elsewhere" / path.name)
    moved = Journal(Pattern.parse(str(tmp_path / "elsewhere/out.@@@@.exr")))
    assert all(moved.is_done(number, "key") for number in (1, 2, 5, 6))


def test_a_record_that_is_no_text_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    journal = Journal(Pattern.parse(str(tmp_path / "out.####.exr")))
    (tmp_path / "out.0001.exr").write_bytes(b"frame")
    journal.finish(1, "key", tmp_path / "out.0001.exr")
    with open(journal.path, "ab") as stream:
        stream.write(b"\xff\xfe{")
    journal.finish(1, "key", tmp_path / "out.0001.exr")
    assert Journal(journal.pattern).is_done(1, "key")


def test_every_machine_adds_to_its_own_record_and_reads_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = Pattern.parse(str(tmp_path / "out.####.exr"))
    for number, machine in ((1, "render-01"), (2, "render-02")):
        monkeypatch.setattr("vfxai.image.partial.socket.gethostname", lambda machine=machine: machine)
        (tmp_path / f"out.{number:04d}.exr").write_bytes(machine.encode())
        Journal(pattern).finish(number, f"key {number}", tmp_path / f"out.{number:04d}.exr")
    assert sorted(p.name for p in (tmp_path / ".vfxai").iterdir()) == [
        "out.____.exr.render01.jsonl",
        "out.____.exr.render02.jsonl",
    ]
    monkeypatch.setattr("vfxai.image.partial.socket.gethostname", lambda: "workstation")
    journal = Journal(pattern)
    assert journal.is_done(1, "key 1")
    assert journal.is_done(2, "key 2")
    (tmp_path / "out.0001.exr").write_bytes(b"made again by the other")
    monkeypatch.setattr("vfxai.image.partial.socket.gethostname", lambda: "render-02")
    Journal(pattern).finish(1, "new key", tmp_path / "out.0001.exr")
    assert Journal(pattern).is_done(1, "new key")
    assert not Journal(pattern).is_done(1, "key 1"), "the file is another one"


def test_of_machines_that_learn_at_once_the_first_counts_for_all(tmp_path: Path) -> None:
    store = AnalysisStore(tmp_path / ".vfxai")
    first, second = (Analyses((Learned("level", 1, {"level": level}),), {"denoise-s": "fp32"}) for level in (0.5, 0.25))
    assert store.get("key") is None
    assert store.put("key", first, {}) == first
    assert store.put("key", second, {}) == first
    assert store.get("key") == first
    store.path("key").write_text("{")
    assert store.get("key") is None
    assert store.put("key", second, {}) == second, "a damaged one is made anew"
    assert [p.name for p in store.folder.iterdir()] == [store.path("key").name]
