"""Recipes over files in the worker: the same pixels, events and resume as on the command line."""

import json
import threading
from pathlib import Path

import pytest

from tests.worker import declared
from tests.worker.conftest import PATIENCE, until
from tests.worker.shots import LONG_SHOT, recipe, write_shot
from vfxai.cli.main import main
from vfxai.engine.progress import Silent
from vfxai.engine.recipe import Recipe
from vfxai.errors import FramesFailedError
from vfxai.image.files import read_frame
from vfxai.session.request import Request
from vfxai.worker.client import Worker, WorkerError
from vfxai.worker.jobs import absolute
from vfxai.worker.remote import run as run_there
from vfxai.worker.service import Service


def same_pixels(one: Path, other: Path) -> bool:
    first, second = read_frame(one), read_frame(other)
    return bool((first.color == second.color).all() and (first.alpha == second.alpha).all())


def test_the_worker_makes_the_pixels_of_the_command_line_and_keeps_its_frames(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_shot(tmp_path / "in with spaces äöü", range(1001, 1004))
    command = ["denoise", source, str(tmp_path / "a/x.####.exr"), "--colorspace", "ACEScg", "--radius", "0", "--json"]
    assert main([*command, "--no-worker"]) == 0
    here = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    command[2] = str(tmp_path / "b/x.####.exr")
    assert main([*command, "--worker"]) == 0
    there = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(same_pixels(tmp_path / f"a/x.{n}.exr", tmp_path / f"b/x.{n}.exr") for n in range(1001, 1004))
    assert [one["event"] for one in there] == [one["event"] for one in here]
    assert {**there[-1], "seconds": 0, "rate": 0} == {**here[-1], "seconds": 0, "rate": 0}
    command[2] = str(tmp_path / "a/x.####.exr")
    assert main([*command, "--worker"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["kept"] == 3


def test_errors_are_those_of_the_command_line(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, code in (("none.####.exr", 3), (f"{'long' * 100}.exr", 5)):
        command = ["denoise", str(tmp_path / name), str(tmp_path / "x.####.exr")]
        codes = [main([*command, "--no-worker"]), main([*command, "--worker"])]
        assert codes == [code, code]
        one, other = capsys.readouterr().err.split("error: ")[1:]
        assert one == other and "defect" not in one


def test_what_is_lost_is_told_once_with_and_without_the_worker(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_shot(tmp_path / "in", range(1, 5))
    (tmp_path / "in/plate.0002.exr").unlink()
    command = ["gain", source, "", "--missing", "hold", "--json"]  # alpha and values above 1, for which a JPEG has no place
    told = []
    for way in ("--no-worker", "--worker"):
        command[2] = str(tmp_path / way / "x.####.jpg")
        assert main([*command, way]) == 0
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        told.append(sorted((e["message"], e["remedy"]) for e in events if e["event"] == "warning"))
    here, there = told
    assert len(here) == len(set(here)) >= 3, here
    assert any("held" in message for message, _ in here)
    assert there == here


def test_relative_paths_belong_to_the_folder_of_the_client(service: Service, tmp_path: Path) -> None:
    write_shot(tmp_path / "in", range(1, 2))
    with Worker("test", start=False) as worker:
        outcome = worker.run(recipe("in/plate.####.exr", "out/x.####.exr", "gain"), folder=str(tmp_path))
    assert outcome["written"] == 1
    assert (tmp_path / "out/x.0001.exr").is_file()


def test_every_path_of_a_recipe_is_made_absolute(tmp_path: Path) -> None:
    (tmp_path / "c.ocio").touch()
    key = {"id": "colorize", "key": ["1001=k.exr", "1002=/k.exr", "no key"]}
    found = absolute(
        {
            "source": "a.####.exr",
            "output": "/b.####.exr",
            "analysis": "n.json",
            "ocio": "c.ocio",
            "layer": "fg",
            "node": [{"id": "tone", "pair": ["x.exr", "/y.exr"], "strength": 1}, {"id": "gain", "mask": "m.####.exr"}, 3, key],
        },
        tmp_path,
    )
    inside = lambda name: str(tmp_path / name)  # noqa: E731  # three of a kind
    assert found == {
        "source": inside("a.####.exr"),
        "output": "/b.####.exr",
        "analysis": inside("n.json"),
        "ocio": inside("c.ocio"),
        "layer": "fg",
        "node": [
            {"id": "tone", "pair": [inside("x.exr"), "/y.exr"], "strength": 1},
            {"id": "gain", "mask": inside("m.####.exr")},
            3,
            {"id": "colorize", "key": ["1001=" + inside("k.exr"), "1002=/k.exr", "no key"]},
        ],
    }


def test_a_job_that_is_cancelled_ends_and_goes_on_later(service: Service, tmp_path: Path) -> None:
    done = recipe(write_shot(tmp_path / "in", LONG_SHOT), str(tmp_path / "out/x.####.exr"))
    told: list[dict[str, object]] = []
    with Worker("test", start=False) as worker:
        with pytest.raises(WorkerError) as caught:
            worker.run(done, on_event=told.append, is_cancelled=lambda: any(one["event"] == "frame" for one in told))
        assert caught.value.is_cancel
        outcome = worker.run(done)
    assert outcome["written"] + outcome["kept"] == len(LONG_SHOT)
    assert outcome["kept"] >= 1


def test_a_host_looks_at_its_job_without_waiting(service: Service, tmp_path: Path) -> None:
    done = recipe(write_shot(tmp_path / "in", range(1, 4)), str(tmp_path / "out/x.####.exr"), "gain")
    with Worker("test", start=False) as worker:
        job = worker.submit(done)
        assert job.result(PATIENCE)["written"] == 3
        assert [one["event"] for one in job.events()].count("frame") == 3
        stopped = worker.submit(recipe(str(tmp_path / "in/plate.####.exr"), str(tmp_path / "two/x.####.exr"), "trouble", kind=4))
        stopped.cancel()
        with pytest.raises(WorkerError, match="stopped"):
            stopped.result(PATIENCE)


def test_two_jobs_on_one_output_follow_each_other(service: Service, tmp_path: Path) -> None:
    """The second says what it waits for, and makes every frame itself when the first was stopped."""
    source, output = write_shot(tmp_path / "in", range(1, 3)), str(tmp_path / "out/x.####.exr")
    with Worker("ana", start=False) as ana, Worker("bo", start=False) as bo:
        first = ana.submit(recipe(source, output, "trouble", kind=4))
        until(lambda: any(one["event"] == "start" for one in first.events()))
        second, told = bo.submit(recipe(source, output, "gain")), []
        until(lambda: any("another run writes" in one.get("message", "") for one in told.extend(second.events()) or told))
        assert not second.is_done
        first.cancel()
        assert second.result(PATIENCE)["written"] == 2


def test_a_frame_that_fails_is_told_and_the_worker_goes_on(service: Service, tmp_path: Path) -> None:
    source = write_shot(tmp_path / "in", range(1, 3))
    told: list[dict[str, object]] = []
    with Worker("test", start=False) as worker:
        with pytest.raises(WorkerError, match="a defect"):
            worker.run(recipe(source, str(tmp_path / "out/x.####.exr"), "trouble", kind=1), on_event=told.append)
        assert [one["number"] for one in told if one["event"] == "error"] == [1, 2]
        assert worker.run(recipe(source, str(tmp_path / "two/x.####.exr"), "gain"))["written"] == 2


def test_a_run_of_which_a_frame_fails_says_what_was_done(service: Service, tmp_path: Path) -> None:
    source = write_shot(tmp_path / "in", range(1, 4))
    damaged = tmp_path / "in/plate.0002.exr"
    damaged.write_bytes(damaged.read_bytes()[:-200])
    asked = recipe(source, str(tmp_path / "out/x.####.exr"), "gain")
    with Worker("test", start=False) as worker, pytest.raises(WorkerError, match="1 of 3 frames failed: 2") as caught:
        worker.run(asked)
    outcome = caught.value.outcome
    assert (caught.value.kind, outcome["written"]) == ("FramesFailedError", 2)
    assert [(one["number"], one["kind"]) for one in outcome["failed"]] == [(2, "UnreadableInputError")]
    with pytest.raises(FramesFailedError) as raised:
        run_there(Recipe.from_dict(asked), Silent(), Request())
    assert raised.value.outcome is not None and raised.value.outcome.failed[0].number == 2


def test_short_memory_is_freed_and_the_work_tried_once_more(service: Service, tmp_path: Path) -> None:
    from tests.worker.pictures import HEIGHT, WIDTH, Host

    declared.Trouble.calls = 0
    with Worker("test", start=False) as worker:
        node = worker.open("trouble", {"kind": 2}, width=WIDTH, height=HEIGHT, first=1, last=1, colorspace="ACEScg")
        assert node.render(1, Host()).facts["width"] == WIDTH
    assert declared.Trouble.calls == 2


def test_a_preview_is_reduced_and_leaves_the_output_alone(service: Service, tmp_path: Path) -> None:
    source = write_shot(tmp_path / "in", range(1001, 1004), (96, 64))
    asked = recipe(source, str(tmp_path / "out/x.####.exr"), "gain", radius=1)
    with Worker("test", start=False) as worker:
        answer = worker.preview(asked, 1002, str(tmp_path / "look.exr"), longest=48)
        whole = worker.preview(asked, 1002, str(tmp_path / "whole.exr"), longest=0)
    assert (answer["width"], answer["height"], answer["colorspace"]) == (48, 32, "ACEScg")
    assert read_frame(tmp_path / "look.exr").color.shape == (3, 32, 48)
    assert (whole["width"], whole["height"]) == (96, 64)
    assert not (tmp_path / "out").exists()


def test_a_preview_alone_looks_at_no_other_frame_and_learns_once(service: Service, tmp_path: Path) -> None:
    source = write_shot(tmp_path / "in", range(1001, 1004), (96, 64))
    told: list[dict[str, object]] = []
    with Worker("test", start=False) as worker:
        for strength in (1.0, 0.5, 0.0):
            asked = recipe(source, str(tmp_path / "out/x.####.exr"), radius=2, strength=strength)
            worker.preview(asked, 1002, str(tmp_path / f"{strength}.exr"), longest=48, alone=True, on_event=told.append)
            told.append({"event": "done"})
    words = [one["event"] for one in told]
    assert "progress" in words[: words.index("done")]
    assert "progress" not in words[words.index("done") :]
    alone = read_frame(tmp_path / "0.0.exr").color
    one = recipe(source, str(tmp_path / "out/x.####.exr"), "gain", factor=1, radius=4)
    with Worker("test", start=False) as worker:
        worker.preview(one, 1002, str(tmp_path / "gain.exr"), longest=48, alone=True)
    assert read_frame(tmp_path / "gain.exr").color.allclose(alone)


def test_a_preview_alone_is_rough_whatever_the_quality(service: Service, tmp_path: Path) -> None:
    """In the least quality, with noise measured in the middle: in much less time."""
    source = write_shot(tmp_path / "in", range(1001, 1002), (192, 128))
    with Worker("test", start=False) as worker:
        for quality in ("fast", "best"):
            asked = recipe(source, str(tmp_path / "out/x.####.exr"), quality=quality)
            worker.preview(asked, 1001, str(tmp_path / f"{quality}.exr"), longest=192, alone=True)
    assert same_pixels(tmp_path / "fast.exr", tmp_path / "best.exr")
    assert not same_pixels(tmp_path / "fast.exr", Path(source.replace("####", "1001")))


def test_two_clients_share_one_copy_of_a_network(service: Service, tmp_path: Path) -> None:
    source = write_shot(tmp_path / "in", range(1, 4))
    made: list[object] = []

    def work(name: str) -> None:
        with Worker(name, start=False) as worker:
            made.append(worker.run(recipe(source, str(tmp_path / f"{name}/x.####.exr")))["written"])

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)
    assert made == [3, 3]
    names = [one["id"] for one in service.status().models]
    assert names
    assert len(names) == len(set(names))
    assert all(same_pixels(tmp_path / f"one/x.{n:04}.exr", tmp_path / f"two/x.{n:04}.exr") for n in (1, 2, 3))
