"""The bundle's conversation with a worker, and what it does when that goes wrong: it never hangs, crashes or shows garbage."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Plugin
from tests.plugins.ofx.instance import Instance
from tests.plugins.ofx.personalities import ALL, FUTURE, NO_IDENTIFIERS, Personality
from tests.plugins.ofx.plates import plate
from tests.plugins.ofx.scripted import Answer, Connection, Facts, scripted
from vfxai.surfaces.ofx import SPACES

Effects = Callable[..., dict[str, Plugin]]
PLATES = {number: plate(number) for number in range(1, 8)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the bundle looks for a worker, which cannot be started."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="ofx") as short:  # a socket's path has at most 107 bytes
        monkeypatch.setenv("VFXAI_WORKER_DIR", short)
        monkeypatch.setenv("VFXAI_EXECUTABLE", str(tmp_path / "no-such-program"))
        yield Path(short)


def denoise(effects: Effects, **facts: object) -> Instance:
    return Instance(effects(**facts)["denoise"], {"Source": Clip("Source", frames(PLATES), 1, 7)})  # type: ignore[arg-type]


def test_a_frame_goes_there_and_back_bit_by_bit(effects: Effects, folder: Path) -> None:
    with scripted(folder) as worker:
        effect = denoise(effects)
        np.testing.assert_array_equal(effect.render(3), PLATES[3])
        effect.destroy()
        opened = worker.heard("open")[0]
        assert opened["node"] == "denoise" and (opened["width"], opened["height"]) == (32, 24)
        assert (opened["first"], opened["last"], opened["premultiplied"], opened["learn"]) == (1, 7, True, "window")
        assert (
            opened["values"]["strength"] == 1.0
            and opened["values"]["impulse"] == "auto"
            and opened["colorspace"] == "scene_linear"
        )
        assert worker.heard("hello")[0]["client"] == "ofx org.vfxai.tests.strict 1.0"


@pytest.mark.parametrize("personality", ALL, ids=lambda p: p.name)
def test_every_host_gets_the_frame(effects: Effects, folder: Path, personality: Personality) -> None:
    """Whatever its row bytes, its suites, its clips that say they are connected, and what it says of scales."""
    with scripted(folder) as worker:
        effect = denoise(effects, personality=personality)
        np.testing.assert_array_equal(effect.render(3), PLATES[3])
        effect.destroy()
        assert worker.heard("open")[0]["inputs"] == [], "nobody asked for a mask"


def test_the_host_says_what_the_plate_is(effects: Effects, folder: Path) -> None:
    """Colours of OpenFX 1.5, alpha, shape of pixels and rate; and what a person chooses goes before the colours that a host says."""
    clip = Clip(
        "Source", frames(PLATES), 1, 7, aspect=2.0, premultiplication="OfxImageAlphaUnPremultiplied", colorspace="ACEScct"
    )
    with scripted(folder) as worker:
        effect = Instance(effects(FUTURE)["denoise"], {"Source": clip}, config="/shows/a/config.ocio")
        effect.render(3)
        effect.set("colorspace", 2)
        effect.render(3)
        effect.set("colorspace_name", "Show Log")
        effect.render(3)
        effect.destroy()
    opened = worker.heard("open")
    assert [one["colorspace"] for one in opened] == ["ACEScct", SPACES[1], "Show Log"]
    assert {one["ocio"] for one in opened} == {"/shows/a/config.ocio"}
    assert (opened[0]["premultiplied"], opened[0]["pixel_aspect"], opened[0]["rate"]) == (False, 2.0, 24.0)


def test_frames_are_sent_once_each(effects: Effects, folder: Path) -> None:
    def render(at: Connection, facts: Facts) -> None:
        at.say({"id": facts["id"], "ok": True, **at.render(facts, 2, 2)})

    with scripted(folder, render=render) as worker:
        effect = denoise(effects)
        for number in (3, 4, 5, 4):
            np.testing.assert_array_equal(effect.render(number), PLATES[number])
        sent = [put["time"] for put in worker.heard("put") if not put.get("same")]
        assert sorted(sent) == [1, 2, 3, 4, 5, 6, 7]
        assert len(worker.heard("put")) == 20 and len(worker.heard("open")) == 1
        effect.set("strength", 0.5)
        effect.render(4)
        assert len(sent) == len([put for put in worker.heard("put") if not put.get("same")]), "other values need no frame again"
        assert worker.heard("set")[0]["values"]["strength"] == 0.5
        effect.destroy()


def test_a_host_without_identifiers_sends_every_time(effects: Effects, folder: Path) -> None:
    with scripted(folder) as worker:
        effect = denoise(effects, personality=NO_IDENTIFIERS)
        for _ in range(2):
            np.testing.assert_array_equal(effect.render(3), PLATES[3])
        assert [put.get("same", False) for put in worker.heard("put")] == [False, False]
        effect.destroy()


def test_frames_that_were_not_announced_are_missing(effects: Effects, folder: Path) -> None:
    got = []

    def render(at: Connection, facts: Facts) -> None:
        got.extend([at.want(facts["id"], "plate", 7), at.want(facts["id"], "sauce", 3), at.want(facts["id"], "plate", 2**31)])
        at.say({"id": facts["id"], "ok": True, **at.render(facts)})

    with scripted(folder, render=render):
        effect = denoise(effects)
        effect.set("radius", 1)
        np.testing.assert_array_equal(effect.render(3), PLATES[3])
        assert got == [None, None, None]
        effect.destroy()


@pytest.mark.parametrize("passes_on", [False, True])
def test_without_a_worker_there_is_a_remedy_and_no_hang(effects: Effects, folder: Path, passes_on: bool) -> None:
    effect = denoise(effects)
    effect.set("on_failure", int(passes_on))
    made = effect.render(3, expect=0 if passes_on else 1)
    if passes_on:
        np.testing.assert_array_equal(made, PLATES[3])
    assert "vfxai worker start" in effect.persistent and "no-such-program" in effect.persistent
    effect.render(4, expect=0 if passes_on else 1)
    assert len(effect.host.messages) == 1, "said once, not for every frame"
    with scripted(folder):
        np.testing.assert_array_equal(effect.render(3), PLATES[3])
    assert effect.persistent == "", "and taken back when it works"
    effect.destroy()


def test_a_worker_is_started_in_an_environment_of_its_own(
    effects: Effects, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, seen = tmp_path / "vfxai", tmp_path / "seen"
    program.write_text(f'#!/bin/sh\nenv > {seen}.part\necho "$@" >> {seen}.part\nmv {seen}.part {seen}\nexit 3\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VFXAI_EXECUTABLE", str(program))
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "OCIO", "VFXAI_LICENSE"):
        monkeypatch.setenv(name, "/of/the/host")
    effect = denoise(effects)
    effect.render(3, expect=1)
    effect.destroy()
    text = seen.read_text()
    assert text.splitlines()[-1] == "worker start" and f"VFXAI_WORKER_DIR={folder}" in text
    assert "/of/the/host" not in text
    assert "status 3" in effect.persistent


def test_abort_leaves_at_once_and_the_next_frame_is_right(effects: Effects, folder: Path) -> None:
    release, answered = threading.Event(), threading.Event()

    def render(at: Connection, facts: Facts) -> None:
        answer = at.render(facts)
        if facts["time"] == 3:
            effect.wants_abort = lambda: True  # while the worker works
            assert at.hear()["do"] == "cancel"
            release.wait(60)
            answered.set()
            at.say({"id": facts["id"], "ok": False, "kind": "CancelledError", "message": "stopped", "remedy": ""})
            at.say({"id": at.heard[-1]["id"], "ok": True})
        else:
            at.say({"id": facts["id"], "ok": True, **answer})

    with scripted(folder, render=render) as worker:
        effect = denoise(effects)
        effect.render(3)
        assert not answered.is_set(), "it did not wait for the worker"
        assert effect.host.messages == []
        effect.wants_abort = lambda: False
        threading.Timer(0.2, release.set).start()
        np.testing.assert_array_equal(effect.render(4), PLATES[4])
        assert len(worker.heard("cancel")) == 1
        effect.destroy()


def test_a_worker_that_ends_is_one_message_and_the_next_frame_finds_the_next_one(effects: Effects, folder: Path) -> None:
    def hang_up(at: Connection, facts: Facts) -> None:
        at.at.shutdown(socket.SHUT_RDWR)

    for verb in ("hello", "open", "map", "mapped", "render"):
        effect = denoise(effects)
        with scripted(folder, **{verb: hang_up}):
            effect.render(3, expect=1)
            assert "worker" in effect.persistent, verb
        with scripted(folder):
            np.testing.assert_array_equal(effect.render(3), PLATES[3])
        effect.destroy()


REFUSALS: dict[str, bytes] = {
    "no JSON": b"what?\n",
    "half a line": b'{"id":1,"ok":tr',
    "a list": b"[1,2]\n",
    "deep": b"[" * 100_000 + b"\n",
    "a huge number": b'{"id":1e999,"ok":true}\n',
    "a bad escape": b'{"id":1,"ok":"\\u12"}\n',
    "a NUL": b'{"id":1,"ok":\0true}\n',
    "no end": b"x" * 3_000_000,
    "a refusal without words": b'{"id":ID,"ok":false}\n',
    "a refusal": b'{"id":ID,"ok":false,"kind":"ParameterError","message":"100 % \\u00e9 %s %n","remedy":"do that"}\n',
}


@pytest.mark.parametrize("line", REFUSALS.values(), ids=REFUSALS)
def test_answers_that_make_no_sense_are_an_error_in_words(effects: Effects, folder: Path, line: bytes) -> None:
    def garbage(at: Connection, facts: Facts) -> None:
        at.say_bytes(line.replace(b"ID", str(facts["id"]).encode()))
        at.at.shutdown(socket.SHUT_WR)

    for verb in ("hello", "open", "render"):
        with scripted(folder, **{verb: garbage}):
            effect = denoise(effects)
            effect.render(3, expect=1)
            assert effect.persistent
            if b"do that" in line:
                assert effect.persistent == "100 % é %s %n; do that"
            effect.destroy()


RESULTS: dict[str, Facts] = {
    "larger than its place": {"width": 100_000, "height": 100_000},
    "of no size": {"width": 0},
    "of a negative size": {"height": -24},
    "far away": {"x": 2_000_000_000},
    "in no format": {"format_height": 1e300},
    "with words for numbers": {"width": "32"},
}


@pytest.mark.parametrize("wrong", RESULTS.values(), ids=RESULTS)
def test_results_that_do_not_fit_are_refused(effects: Effects, folder: Path, wrong: Facts) -> None:
    def render(at: Connection, facts: Facts) -> None:
        at.say({"id": facts["id"], "ok": True, **at.render(facts), **wrong})

    with scripted(folder, render=render):
        effect = denoise(effects)
        effect.render(3, expect=1)
        assert "does not fit" in effect.persistent
        effect.destroy()


def test_a_result_that_is_smaller_stands_in_black(effects: Effects, folder: Path) -> None:
    def render(at: Connection, facts: Facts) -> None:
        at.render(facts)
        at.say({"id": facts["id"], "ok": True, **at.result(facts, np.full((4, 5, 4), 2, np.float32), -2, 22)})

    with scripted(folder, render=render):
        effect = denoise(effects)
        expected = np.zeros((24, 32, 4), np.float32)
        expected[22:24, 0:3] = 2
        np.testing.assert_array_equal(effect.render(3), expected)
        effect.destroy()


def test_a_result_that_needs_more_room_gets_it(effects: Effects, folder: Path) -> None:
    def render(at: Connection, facts: Facts) -> None:
        at.render(facts)
        room = 40 * 48 * 16
        if facts["bytes"] < room:
            at.say({"id": facts["id"], "ok": False, "kind": "RoomError", "message": "too small", "remedy": "", "room": room})
        else:
            at.say({"id": facts["id"], "ok": True, **at.result(facts, np.ones((40, 48, 4), np.float32), -8, -8)})

    with scripted(folder, render=render):
        effect = denoise(effects)
        assert (effect.render(3) == 1).all()
        effect.destroy()


def test_neighbours_may_be_larger_than_the_frame(effects: Effects, folder: Path) -> None:
    def render(at: Connection, facts: Facts) -> None:
        at.say({"id": facts["id"], "ok": True, **at.render(facts, 1, 1)})

    pictures = frames(PLATES | {4: plate(4, (60, 70))})
    with scripted(folder, render=render) as worker:
        effect = Instance(effects()["denoise"], {"Source": Clip("Source", pictures, 1, 7)})
        np.testing.assert_array_equal(effect.render(3), PLATES[3])
        assert [(p["time"], p["y"]) for p in worker.heard("put") if p["time"] == 4] == [(4, 24 - 60)]
        effect.destroy()


def test_a_map_that_cannot_be_opened_is_an_error_in_words(effects: Effects, folder: Path) -> None:
    paths = iter([str(folder / "gone"), "/dev/null", "", str(folder)])

    def answer(at: Connection, facts: Facts) -> None:
        at.say({"id": facts["id"], "ok": True, "path": next(paths), "bytes": facts["bytes"]})

    with scripted(folder, map=answer):
        for _ in range(4):
            effect = denoise(effects)
            effect.render(3, expect=1)
            assert "cannot be mapped" in effect.persistent
            effect.destroy()


def test_other_users_sockets_are_not_trusted(effects: Effects, folder: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    with scripted(folder):
        os.chown(folder / "worker.sock", 4242, -1)
        effect = denoise(effects)
        effect.render(3, expect=1)
        effect.destroy()


def render_at_once(work: dict[object, tuple[Instance, int]]) -> dict[object, np.ndarray]:
    """Each on a thread of its own; what came, by key."""
    made: dict[object, np.ndarray] = {}
    threads = [threading.Thread(target=lambda k=k, w=w: made.setdefault(k, w[0].render(w[1]))) for k, w in work.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return made


def test_many_instances_on_many_threads_have_a_connection_each(effects: Effects, folder: Path) -> None:
    with scripted(folder) as worker:
        plugin = effects()["denoise"]
        instances = [Instance(plugin, {"Source": Clip("Source", frames(PLATES), 1, 7)}) for _ in range(4)]
        made = render_at_once({number: (effect, 3) for number, effect in enumerate(instances)})
        assert all((made[number] == PLATES[3]).all() for number in range(4))
        assert len(worker.connections) == 4
        for effect in instances:
            effect.destroy()


def test_two_renders_of_one_instance_follow_each_other(effects: Effects, folder: Path) -> None:
    """A host that does not keep to what was declared."""
    with scripted(folder) as worker:
        effect = denoise(effects)
        made = render_at_once({number: (effect, number) for number in (3, 4, 5)})
        assert all((made[number] == PLATES[number]).all() for number in (3, 4, 5))
        assert len(worker.connections) == 1
        effect.destroy()


def hello_silent(at: Connection, facts: Facts) -> None:
    """Says nothing."""


@pytest.mark.long
@pytest.mark.parametrize("verb", ["hello", "render"])
def test_a_worker_that_says_nothing_is_given_up(effects: Effects, folder: Path, verb: str) -> None:
    script: dict[str, Answer] = {verb: hello_silent, "status": hello_silent}
    with scripted(folder, **script):
        effect = denoise(effects)
        effect.render(3, expect=1)
        assert "does not answer" in effect.persistent
        effect.destroy()


@pytest.mark.long
def test_a_worker_that_works_long_is_waited_for(effects: Effects, folder: Path) -> None:
    def render(at: Connection, facts: Facts) -> None:
        answer = at.render(facts)
        asked = at.hear()
        assert asked["do"] == "status"
        at.say({"id": asked["id"], "ok": True})
        at.say({"id": facts["id"], "ok": True, **answer})

    with scripted(folder, render=render):
        effect = denoise(effects)
        np.testing.assert_array_equal(effect.render(3), PLATES[3])
        effect.destroy()
