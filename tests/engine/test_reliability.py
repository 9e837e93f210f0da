"""Faults around a run cost at most the frames in work, are told, and never what was there before."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.example_plate import cut
from vfxai.engine.recipe import Recipe
from vfxai.engine.resume import Journal
from vfxai.engine.run import run
from vfxai.errors import FramesFailedError, OutputError, ParameterError, VfxaiError
from vfxai.image.files import read_frame
from vfxai.image.partial import clear_dead, machine_name
from vfxai.image.sequence import Pattern
from vfxai.schema.events import Event, FrameDone, Start, Warning_


@pytest.fixture(scope="module")
def cropped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five frames of noise, small."""
    folder = cut(tmp_path_factory.mktemp("cropped") / "plate", (96, 64), "noisy.*.exr")
    for path in list(folder.iterdir()):
        path.rename(folder / path.name.replace("noisy", "p"))
    return folder


@pytest.fixture
def plate(cropped: Path, tmp_path: Path) -> Path:
    """A copy of them that may be changed."""
    return Path(shutil.copytree(cropped, tmp_path / "plate"))


def recipe(plate: Path, output: Path | None = None, node: dict | None = None, **job: object) -> Recipe:
    out = output or plate.parent / "out/p.####.exr"
    return Recipe.from_dict(
        {"source": f"{plate}/p.####.exr", "output": str(out), "node": [node or {"id": "denoise", "radius": 1}], **job}
    )


class Told:
    """A reporter that keeps what it is told, and does something at the first frame."""

    def __init__(self, at_frame: object = None) -> None:
        self.events: list[Event] = []
        self._at_frame = at_frame

    def event(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, FrameDone) and callable(self._at_frame):
            self._at_frame()
            self._at_frame = None


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.glob("*.exr")}


def test_the_input_is_never_written_over_whatever_the_range(plate: Path) -> None:
    before = files(plate)
    for frames in ("1002", "1001-1005", "2001-2002"):
        with pytest.raises(VfxaiError):
            run(recipe(plate, plate / "p.####.exr", frames=frames, overwrite=True, missing="hold"))
    assert files(plate) == before


def test_a_hard_link_and_a_linked_folder_are_the_input_too(plate: Path, tmp_path: Path) -> None:
    before = files(plate)
    (tmp_path / "link").symlink_to(plate)
    with pytest.raises(ParameterError, match="input and output"):
        run(recipe(plate, tmp_path / "link/p.####.exr", overwrite=True))
    (tmp_path / "hard").mkdir()
    os.link(plate / "p.1004.exr", tmp_path / "hard/q.1002.exr")  # a neighbour of the range by another name
    with pytest.raises(ParameterError, match="input and output"):
        run(recipe(plate, tmp_path / "hard/q.####.exr", frames="1002", overwrite=True))
    assert files(plate) == before


def test_files_beside_the_frames_are_never_what_is_read_or_a_frame(plate: Path, tmp_path: Path) -> None:
    look, out = tmp_path / "warm.cube", tmp_path / "out/o.####.exr"
    look.write_text("LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 0.9)))
    (tmp_path / "link.json").symlink_to(plate / "p.1003.exr")
    before, table = files(plate), look.read_text()
    colorize = {"id": "colorize", "key": [f"1001={plate}/p.1001.exr"], "save_look": str(plate / "p.1005.exr")}
    tone = {"id": "tone", "look": str(look), "export": str(look)}
    twice = {**tone, "export": str(tmp_path / "b.cube")}
    for node, job, says in (
        (colorize, {}, "save_look: .* is read by this run"),
        (tone, {}, "export: .* is read by this run"),
        (twice, {"analysis": str(tmp_path / "b.cube")}, "analysis: .* is written by export already"),
        (None, {"analysis": str(plate / "p.1002.exr"), "step": "analyze", "overwrite": True}, "analysis: .* is read by this run"),
        (None, {"analysis": str(tmp_path / "link.json")}, "analysis: .* is read by this run"),
        (None, {"analysis": str(plate / "p.0900.exr")}, "analysis: .* is read by this run"),
        (None, {"analysis": str(tmp_path / "out/../out/o.0001.exr")}, "analysis: .* is called as a frame of the output"),
    ):
        with pytest.raises(ParameterError, match=says):
            run(recipe(plate, out, node, **job))
    assert files(plate) == before and look.read_text() == table
    assert not list(tmp_path.glob("out/*.exr"))
    assert run(recipe(plate, out, twice, frames="1001")).written == 1
    assert (tmp_path / "b.cube").is_file()


@pytest.mark.parametrize("kind", [BrokenPipeError, UnicodeEncodeError, RuntimeError])
def test_a_reporter_that_fails_ends_the_run(plate: Path, kind: type[Exception]) -> None:
    class Broken:
        def event(self, event: Event) -> None:
            if isinstance(event, FrameDone):
                raise kind(*(("ascii", "u", 0, 1, "no") if kind is UnicodeEncodeError else ("gone",)))

    ended: list[BaseException] = []

    def work() -> None:
        try:
            run(recipe(plate), Broken())
        except BaseException as error:  # noqa: BLE001  # the test looks at it
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(240)
    assert not thread.is_alive() and isinstance(ended[0], kind)


def test_a_reader_that_leaves_stops_the_command_in_words(plate: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "vfxai",
        "denoise",
        f"{plate}/p.####.exr",
        str(plate.parent / "out/p.####.exr"),
        "--radius",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.wait(240) == 130
    assert b"went away" in process.stderr.read()
    process.stderr.close()


def test_a_stop_between_a_frames_name_and_its_record_costs_nothing(plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is written first: whether the frame then has its name is seen on disk."""
    whole = run(recipe(plate))
    out = plate.parent / "out"
    assert whole.written == 5
    (out / "p.1003.exr").unlink()  # written down, never renamed
    again = run(recipe(plate))
    assert (again.written, again.kept) == (1, 4)


def test_frames_without_a_record_are_known_by_their_headers(plate: Path) -> None:
    run(recipe(plate))
    out = plate.parent / "out"
    shutil.rmtree(out / ".vfxai")
    assert run(recipe(plate)).kept == 5
    shutil.rmtree(out / ".vfxai")
    other = run(recipe(plate, node={"id": "denoise", "radius": 0}))
    assert other.written == 5, "made by another recipe: ours, so they may be replaced"


def test_a_frame_that_somebody_else_wrote_is_not_replaced(plate: Path) -> None:
    run(recipe(plate))
    shutil.copy(plate / "p.1002.exr", plate.parent / "out/p.1002.exr")
    with pytest.raises(ParameterError, match="was not written by vfxai"):
        run(recipe(plate))


def test_what_dead_processes_left_is_cleared_and_what_lives_is_left(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = tmp_path / f".p.1001.{machine_name()}-{process.pid}-1-0a1b2c3d.part.exr"
    living = tmp_path / f".p.1002.{machine_name()}-{os.getpid()}-1-0a1b2c3d.part.exr"
    elsewhere = tmp_path / f".p.1003.{machine_name()}x-{process.pid}-1-0a1b2c3d.part.exr"
    for path in (dead, living, elsewhere):
        path.write_bytes(b"half")
    assert clear_dead(tmp_path) == 1
    assert not dead.exists() and living.exists() and elsewhere.exists()


def test_a_folder_that_goes_away_ends_the_run_and_is_not_made_anew(plate: Path) -> None:
    out = plate.parent / "out"
    with pytest.raises(OutputError, match="gone"):
        run(recipe(plate), Told(lambda: shutil.rmtree(out)))
    assert not list(out.glob("*.exr")) if out.exists() else True


def test_frames_that_vanish_are_not_called_done(plate: Path) -> None:
    out = plate.parent / "out"
    with pytest.raises(OutputError, match="1 of 5 frames that were written are not there"):
        run(recipe(plate), Told(lambda: (out / "p.1001.exr").unlink()))


@pytest.mark.parametrize(
    "node", [{"id": "denoise", "radius": 1}, {"id": "deinterlace"}, {"id": "upscale", "scale": 1.5}], ids=lambda n: n["id"]
)
def test_a_damaged_frame_costs_that_frame_alone(plate: Path, node: dict) -> None:
    data = (plate / "p.1003.exr").read_bytes()
    (plate / "p.1003.exr").write_bytes(data[: len(data) // 2])
    told = Told()
    with pytest.raises(FramesFailedError, match="1 of 5 frames failed: 1003"):
        run(recipe(plate, node=node), told)
    made = sorted(int(p.name.split(".")[1]) for p in (plate.parent / "out").glob("*.exr"))
    assert made == [1001, 1002, 1004, 1005]
    assert any("1003 cannot be read" in e.message for e in told.events if isinstance(e, Warning_))
    start = next(e for e in told.events if isinstance(e, Start))
    assert start.frames == 5


def test_an_analysis_of_other_frames_is_refused(plate: Path, tmp_path: Path) -> None:
    analysis = tmp_path / "a.json"
    one = recipe(plate, node={"id": "deinterlace"}, analysis=str(analysis))
    run(replace(one, job=one.job.replaced(step="analyze")))
    shutil.copy(plate / "p.1005.exr", plate / "p.1006.exr")
    with pytest.raises(ParameterError, match="made of the frames 1001-1005, the shot has 1001-1006"):
        run(one)


def test_two_runs_at_once_on_one_output_make_every_frame_once_whole(plate: Path) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            run(recipe(plate))
        except BaseException as error:  # noqa: BLE001  # the test looks at it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    out = plate.parent / "out"
    assert len(files(out)) == 5 and not list(out.glob(".*.part*"))
    assert all(read_frame(p).color.isfinite().all() for p in out.glob("*.exr"))
    assert run(recipe(plate)).kept == 5


def test_the_record_of_a_frame_is_there_before_its_name(plate: Path) -> None:
    run(recipe(plate, frames="1002"))
    path = Journal(Pattern.parse(str(plate.parent / "out/p.####.exr"))).path
    line = json.loads(path.read_text(encoding="utf-8").strip().splitlines()[-1])
    status = (plate.parent / "out/p.1002.exr").stat()
    assert line["file"] == ["p.1002.exr", status.st_size, status.st_mtime_ns]


def test_a_run_with_other_values_is_refused_while_one_writes_there_and_chunks_of_one_are_not(plate: Path) -> None:
    first = {"id": "denoise", "radius": 1, "strength": 1.0}
    refused: list[str] = []

    def meanwhile() -> None:
        with pytest.raises(OutputError, match="being written by another run with other values") as error:
            run(recipe(plate, node={**first, "strength": 0.5}, frames="1003-1005"))
        refused.append(error.value.message)
        assert run(recipe(plate, node=first, frames="1005")).written == 1, "a chunk of the same shot goes on beside it"

    run(recipe(plate, node=first, frames="1001-1003"), Told(meanwhile))
    assert refused
    assert run(recipe(plate, node={**first, "strength": 0.5})).written == 5, "once it is over, all are made anew"
    assert not list((plate.parent / "out/.vfxai").glob("*.run"))


WAITS_AT_ITS_FIRST_FRAME = """
import json, sys
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.schema.events import FrameDone

class Waits:
    def event(self, event):
        if isinstance(event, FrameDone):
            print("here", flush=True)
            sys.stdin.read()

run(Recipe.from_dict(json.loads(sys.argv[1])), Waits())
"""


def test_a_run_that_sleeps_holds_its_output_and_one_that_was_killed_does_not(plate: Path) -> None:
    first, other = (recipe(plate, node={"id": "denoise", "radius": 0, "strength": strength}) for strength in (1.0, 0.5))
    command = [sys.executable, "-c", WAITS_AT_ITS_FIRST_FRAME, json.dumps(first.to_dict())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"here\n"
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(OutputError, match=f"process {process.pid} on"):
            run(other)
        process.kill()
    assert run(other).written == 5
    assert not list((plate.parent / "out/.vfxai").glob("*.run"))


def test_frames_of_other_values_beyond_the_range_are_told_of(plate: Path) -> None:
    run(recipe(plate, node={"id": "denoise", "radius": 0}, frames="1001-1003"))
    told = Told()
    run(recipe(plate, node={"id": "denoise", "radius": 0, "strength": 0.5}, frames="1003-1005"), told)
    said = [e.message for e in told.events if isinstance(e, Warning_) and "made with other values" in e.message]
    assert len(said) == 1
    assert "1001-1002" in said[0]
    told = Told()
    run(recipe(plate, node={"id": "denoise", "radius": 0, "strength": 0.5}), told)
    assert not [e for e in told.events if isinstance(e, Warning_) and "made with other values" in e.message]
