"""What goes wrong on a bad day: it is told with a remedy, the session lives, and nothing is left behind."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from fake_nuke import threads
from nuke_studio import SPACE, Studio

from vfxai.worker.client import Worker, WorkerError


def output(studio: Studio) -> Path:
    return studio.work / "vfxai/sh010_comp_v003/vfxai_Denoise"


@pytest.fixture
def group(studio: Studio, plate: str) -> Any:
    return studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, strength=0.0)


def told(studio: Studio) -> str:
    assert len(studio.session.messages) == 1, studio.session.messages
    return studio.session.messages.pop()


def test_no_vfxai_on_the_machine(studio: Studio, group: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("VFXAI_WORKER_DIR", str(tmp_path / "nobody"))
        elsewhere.setenv("VFXAI_EXECUTABLE", "/nowhere/vfxai")
        studio.render(group)
        said = told(studio)
        assert "/nowhere/vfxai is not there or cannot be run" in said and "install vfxai and set VFXAI_EXECUTABLE" in said
        assert group["vfxai_state"].value().startswith("failed")
    studio.render(group)
    assert group["vfxai_state"].value() == "1001-1003 done"


def test_what_cannot_be_said_of_colour_is_not_guessed(studio: Studio, group: Any) -> None:
    studio.session.root["customOCIOConfigPath"].setValue("")
    studio.press(group, "render")
    assert "names no file of its OCIO config" in told(studio)
    studio.session.root["colorManagement"].setValue("Nuke")
    group.setInput(0, studio.nuke.nodes.Grade(inputs=[group.input(0)]))
    studio.press(group, "render")
    assert "whose working space no OCIO config names" in told(studio)
    assert not output(studio).exists()


def test_a_mask_of_another_size(studio: Studio, group: Any) -> None:
    mask = studio.nuke.nodes.Read()  # of no file: the project's 2048x1556
    mask["on_error"].setValue("black")
    group.setInput(1, mask)
    studio.press(group, "render")
    assert "the mask is 2048x1556, the plate 128x80" in told(studio)


def test_a_knob_that_holds_for_the_shot_is_animated(studio: Studio, group: Any) -> None:
    group["radius"].setValueAt(0, 1001)
    group["radius"].setValueAt(2, 1003)
    studio.press(group, "render")
    assert "vfxai_Denoise: Temporal radius is animated, but it holds for the whole shot" in told(studio)


def test_a_script_without_a_name_has_no_place_for_a_result(studio: Studio, group: Any) -> None:
    studio.session.root["name"].setValue("")
    studio.press(group, "render")
    assert "the script is not saved" in told(studio)
    group["vfxai_output"].setValue(f"{studio.work}/elsewhere/x.exr")
    studio.press(group, "render")
    assert "has no place for a frame number" in told(studio)


@pytest.mark.parametrize(("text", "says"), [("9", "the plate has no frame 9"), ("one", "are no frames"), ("", "Custom is empty")])
def test_frames_that_are_not_there(studio: Studio, group: Any, text: str, says: str) -> None:
    group["vfxai_range"].setValue("custom")
    group["vfxai_frames"].setValue(text)
    studio.press(group, "render")
    assert says in told(studio)


def test_nothing_is_written_over_silently(studio: Studio, group: Any) -> None:
    """Frames of another program: a person is asked. A new version of the script has another place."""
    output(studio).mkdir(parents=True)
    foreign = output(studio) / "sh010_comp_v003_vfxai_Denoise.1001.exr"
    foreign.write_bytes(b"an older version")
    studio.session.answer = False
    studio.press(group, "render")
    assert "holds frames that something else made" in told(studio) and len(studio.session.questions) == 1
    assert foreign.read_bytes() == b"an older version"
    script = studio.session.root["name"].value()
    studio.session.root["name"].setValue(f"{studio.work}/sh010_comp_v004.nk")
    studio.render(group)
    assert group["vfxai_state"].value() == "1001-1003 done"
    assert len(list((studio.work / "vfxai/sh010_comp_v004/vfxai_Denoise").glob("*.exr"))) == 3
    assert foreign.read_bytes() == b"an older version"
    studio.session.root["name"].setValue(script)
    studio.session.answer = True
    studio.render(group)
    assert studio.session.messages == [] and group["vfxai_state"].value() == "1001-1003 done"
    assert foreign.read_bytes() != b"an older version"


def test_a_place_belongs_to_the_node_that_rendered_there_last(studio: Studio, group: Any, plate: str) -> None:
    other = studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, strength=0.0)
    for node in (group, other):
        node["vfxai_output"].setValue(f"{studio.work}/one place/x.%04d.exr")
    studio.render(group)
    studio.session.answer = False
    studio.press(other, "render")
    assert f"holds frames that vfxai_Denoise of {studio.work}/sh010_comp_v003.nk made" in told(studio)
    studio.session.answer = True
    studio.render(other)
    studio.session.answer = False
    studio.press(group, "render")
    assert "holds frames that vfxai_Denoise1 of" in told(studio)


def test_two_artists_on_one_output(studio: Studio, group: Any) -> None:
    """Another machine's render is respected; one that died on this machine is not in the way."""
    studio.render(group)
    other = {"user": "ana", "host": "ws-17", "pid": 1, "since": "today", "node": "Denoise9"}
    path = studio.adapter("output").Claim(group, studio.adapter("output").pattern(group)).path
    Path(path).write_text(json.dumps(other))
    studio.press(group, "render")
    said = told(studio)
    assert "is being rendered by ana on ws-17 since today (Denoise9)" in said and path in said
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    Path(path).write_text(json.dumps({**other, "host": socket.gethostname(), "pid": gone.pid}))
    studio.render(group)
    assert studio.session.messages == [] and not Path(path).exists()


def test_a_script_from_another_machine(studio: Studio, group: Any) -> None:
    """Its plate is not here: the file is named, and the session goes on."""
    group.input(0)["file"].setValue("//server/show/sh010/plate.%04d.exr")
    studio.render(group)
    assert "//server/show/sh010" in told(studio)
    assert group["vfxai_state"].value().startswith("failed")


def test_the_node_is_deleted_while_it_renders(studio: Studio, group: Any) -> None:
    jobs = studio.adapter("jobs")
    studio.press(group, "render")
    job = jobs.of(group)
    studio.nuke.delete(group)
    threads.pump(lambda: not job.thread.is_alive())
    assert jobs._running == {}


def children() -> set[str]:
    """Processes that this one has, where the system tells."""
    told = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(told.read_text().split()) if told.is_file() else set()


def test_closing_the_script_ends_what_is_in_work(studio: Studio, group: Any) -> None:
    group.setInput(0, studio.nuke.nodes.Grade(inputs=[group.input(0)]))
    before = children()
    studio.press(group, "render")
    job = studio.adapter("jobs").of(group)
    assert list(studio.work.rglob("shot/plate.*.exr"))
    studio.session.call("onScriptClose")
    assert not job.thread.is_alive()
    assert not list(studio.work.rglob("shot/plate.*.exr"))
    assert children() <= before


def test_cancel_keeps_what_is_finished_and_says_so(studio: Studio, group: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads.ProgressTask, "cancel_at", 0)
    studio.render(group)
    assert studio.session.messages == []
    assert group["vfxai_state"].value().startswith("stopped")
    monkeypatch.setattr(threads.ProgressTask, "cancel_at", None)
    studio.render(group)
    assert group["vfxai_state"].value() == "1001-1003 done"
    studio.press(group, "cancel")
    assert "is not being rendered" in told(studio)


def test_an_export_that_is_cancelled_is_taken_up_again(studio: Studio, group: Any) -> None:
    group.setInput(0, studio.nuke.nodes.Grade(inputs=[group.input(0)]))
    studio.session.cancels_renders = True
    studio.press(group, "render")
    assert (studio.session.messages, group["vfxai_state"].value()) == ([], "stopped")
    assert [n.Class() for n in group.nodes()].count("Write") == 0
    studio.session.cancels_renders = False
    studio.render(group)
    assert group["vfxai_state"].value() == "1001-1003 done"


def test_a_frame_that_fails_is_named_and_the_others_are_shown(studio: Studio, group: Any, plate: str) -> None:
    damaged = Path(plate % 1002)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    studio.session.frame = 1001
    studio.render(group)
    assert group["vfxai_state"].value().startswith("failed: 1002: ") and group["vfxai_state"].value().endswith(
        "1001,1003 are there"
    )
    assert "1002" in told(studio)
    assert group["vfxai_has_result"].value() is True and group["vfxai_rendered"].value() == "1001,1003"
    damaged.write_bytes(whole)
    studio.render(group)
    assert group["vfxai_state"].value() == "1001-1003 done"


def test_a_second_press_waits_for_the_first(studio: Studio, group: Any) -> None:
    studio.press(group, "render")
    studio.press(group, "render")
    assert "vfxai_Denoise is being rendered" in told(studio)
    studio.wait(group)
    assert group["vfxai_state"].value() == "1001-1003 done"


def test_a_folder_that_is_damaged_does_not_keep_nuke_from_starting(
    studio: Studio, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """menu.py prints what is wrong and Nuke goes on."""
    table = studio.adapter("table")
    table.table.cache_clear()
    original = studio.folder / "vfxai_nuke/nodes.json"
    text = original.read_text()
    try:
        original.write_text("{")
        studio.start()
    finally:
        original.write_text(text)
        table.table.cache_clear()
    assert "vfxai has no menu in this session" in capsys.readouterr().err


def test_a_farm_that_is_not_there(studio: Studio, group: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    group["vfxai_farm_options"].setValue("--no-such-option")
    studio.press(group, "farm")
    threads.pump(lambda: bool(studio.session.messages))
    said = told(studio)
    assert "The farm did not take it" in said and "--no-such-option" in said and "recipe.json" in said
    assert group["vfxai_state"].value() == "the farm did not take it"
    group["vfxai_farm_options"].setValue("'")
    studio.press(group, "farm")
    assert "Farm options cannot be read" in told(studio)


def test_the_farm_gets_the_recipe_and_its_frames_come_back(studio: Studio, group: Any) -> None:
    """What is exported stays for the farm, and its result is taken over as that of this script."""
    group.setInput(0, studio.nuke.nodes.Grade(inputs=[group.input(0)]))
    group["vfxai_farm_options"].setValue("--chunk 2")
    studio.press(group, "farm")
    threads.pump(lambda: bool(studio.session.messages))
    assert told(studio).startswith("Sent.")
    assert group["vfxai_state"].value() == "sent to openjd"
    private = output(studio) / ".vfxai/nuke-vfxai_Denoise"
    assert (private / "recipe-openjd/template.json").is_file() and len(list(private.glob("farm/plate.*.exr"))) == 3
    studio.render(group)
    assert len(list(private.glob("farm/plate.*.exr"))) == 3
    group["vfxai_has_result"].setValue(False)
    studio.press(group, "reload")
    assert told(studio) == "vfxai_Denoise: 1001-1003 done"


def test_the_worker_is_killed_in_the_middle_of_a_shot(studio: Studio, plate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client starts another one, which goes on after the frames that are done."""
    folder = tempfile.mkdtemp(prefix="vk")  # short, as the path of a socket must be
    monkeypatch.setenv("VFXAI_WORKER_DIR", folder)
    for number in range(1004, 1041):  # so many that some are left when it is killed
        shutil.copy(plate % 1001, plate % number)
    group = studio.node("denoise", studio.read(plate, last=1040, colorspace=SPACE), radius=0)
    try:
        with Worker("test", executable=[str(Path(sys.executable).with_name("vfxai"))]) as worker:
            running = worker.status()["pid"]
        studio.press(group, "render")
        job = studio.adapter("jobs").of(group)
        threads.pump(lambda: bool(job.made) or not job.thread.is_alive())
        os.kill(running, signal.SIGKILL)
        studio.wait(group)
        assert studio.session.messages == []
        assert group["vfxai_state"].value() == "1001-1040 done"
        assert "it is started again and goes on" in group["vfxai_facts"].value()
    finally:
        with contextlib.suppress(WorkerError), Worker("test", start=False) as worker:
            worker.stop()
        shutil.rmtree(folder, ignore_errors=True)
