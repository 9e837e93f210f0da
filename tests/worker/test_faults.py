"""What goes wrong in a studio: a worker killed in the middle, a client that dies, a disk that is full, a node that takes the process with it."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.conftest import PATIENCE, ROOT, WorkerProcess, end_workers, runs, until
from tests.worker.pictures import HEIGHT, WIDTH, Host, samples
from tests.worker.shots import LONG_SHOT, recipe, write_shot
from tests.worker.test_jobs import same_pixels
from vfxai.worker.client import Worker, WorkerError
from vfxai.worker.listener import LOOK
from vfxai.worker.peer import Peer
from vfxai.worker.service import Service

VFXAI = [sys.executable, "-P", "-m", "vfxai"]
FACTS = {"width": WIDTH, "height": HEIGHT, "first": 1001, "last": 1010, "colorspace": "ACEScg"}


@pytest.fixture
def loaded_process(worker_dir: Path) -> Iterator[WorkerProcess]:
    """A worker process that knows the nodes of the tests."""
    made = WorkerProcess("--idle", "5", "--load", "tests.worker.declared")
    yield made
    end_workers(made)


def test_a_worker_killed_in_the_middle_of_a_shot_is_started_again_and_goes_on(
    worker_process: WorkerProcess, tmp_path: Path
) -> None:
    source, told = write_shot(tmp_path / "in", LONG_SHOT), list[dict[str, object]]()

    def tell(facts: dict[str, object]) -> None:
        told.append(facts)
        if facts["event"] == "frame" and worker_process.process.poll() is None:
            worker_process.kill()

    with Worker("test", executable=VFXAI) as worker:
        outcome = worker.run(recipe(source, str(tmp_path / "killed/x.####.exr")), on_event=tell)
        assert outcome["kept"] >= 1
        assert outcome["written"] + outcome["kept"] == len(LONG_SHOT)
        assert any("lost" in str(one.get("message")) for one in told)
        worker.run(recipe(source, str(tmp_path / "whole/x.####.exr")))
    assert all(same_pixels(tmp_path / f"killed/x.{n}.exr", tmp_path / f"whole/x.{n}.exr") for n in LONG_SHOT)


def test_an_instance_goes_on_with_another_worker(worker_process: WorkerProcess) -> None:
    host = Host(3)
    with Worker("test", executable=VFXAI) as worker:
        node = worker.open("denoise", {"radius": 0, "quality": "fast"}, channels=3, learn="window", **FACTS)
        before = samples(node.render(1002, host).pixels)
        worker_process.kill()
        host.sent.clear()
        assert samples(node.render(1002, host).pixels) == before
        assert host.sent == [("plate", 1002)]  # the new worker had nothing


def test_a_client_that_dies_leaves_nothing_behind(loaded_process: WorkerProcess, tmp_path: Path) -> None:
    """Neither its job nor its instance, its pictures nor its map."""
    source = write_shot(tmp_path / "in")
    script = f"""
        import sys
        from tests.worker.pictures import Host
        from vfxai.worker.client import Worker
        worker = Worker("doomed", start=False)
        node = worker.open("gain", **{FACTS!r})
        node.render(1001, Host())
        worker.submit({recipe(source, str(tmp_path / "out/x.####.exr"), "trouble", kind=4)!r})
        print("ready", flush=True)
        node.render(1002, lambda *_: sys.stdin.read())
    """
    client = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert client.stdout is not None
    assert client.stdout.readline() == b"ready\n"
    with Worker("test", start=False) as worker:
        until(lambda: len(worker.status()["jobs"]) == 2)
        assert worker.status()["cache"] > 0
        client.kill()
        client.wait(PATIENCE)
        held = lambda status: (len(status["jobs"]), status["cache"], len(status["clients"]))  # noqa: E731  # each is given up in its turn
        until(lambda: held(worker.status()) == (0, 0, 1))
        maps = Path("/dev/shm").glob(f"vfxai-maps-*-{worker.status()['pid']}-*") if Path("/dev/shm").is_dir() else []
        assert [left for folder in maps for left in folder.iterdir()] == []
        assert worker.open("gain", **FACTS).render(1001, Host()).facts["width"] == WIDTH


def test_a_node_that_ends_the_process_is_given_up_and_others_go_on(loaded_process: WorkerProcess) -> None:
    with Worker("test", start=False) as worker:
        with pytest.raises(WorkerError) as caught:
            worker.open("trouble", {"kind": 3}, **FACTS).render(1001, Host())
        assert caught.value.kind in ("WorkerLostError", "WorkerMissingError")
        assert caught.value.remedy
    loaded_process.process.wait(PATIENCE)
    with Worker("test", executable=VFXAI) as worker:
        assert worker.status()["pid"] != loaded_process.process.pid


def test_cancel_needs_no_worker_that_answers(loaded_process: WorkerProcess, tmp_path: Path) -> None:
    """Such as one that hangs, or is on the other side of a cable that was pulled."""
    with Worker("test", start=False) as worker:
        job = worker.submit(recipe(write_shot(tmp_path / "in"), str(tmp_path / "out/x.####.exr"), "trouble", kind=4))
        until(lambda: worker.status()["jobs"])
        loaded_process.process.send_signal(signal.SIGSTOP)
        try:
            job.cancel()
            with pytest.raises(WorkerError, match="stopped"):
                job.result(PATIENCE)
        finally:
            loaded_process.process.send_signal(signal.SIGCONT)
        until(lambda: not worker.status()["jobs"])


def test_a_full_disk_is_told_and_the_worker_goes_on(worker_dir: Path, tmp_path: Path) -> None:
    """No file of the worker may be over 20 kB, which the system refuses as it does on a full disk."""
    source = write_shot(tmp_path / "in", range(1, 3), (256, 128))
    made = WorkerProcess("--idle", "5", "--load", "tests.worker.declared")
    resource.prlimit(made.process.pid, resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        with Worker("test", start=False) as worker:
            with pytest.raises(WorkerError) as caught:
                worker.run(recipe(source, str(tmp_path / "out/x.####.exr"), "gain"))
            assert caught.value.kind == "OutputError"
            with pytest.raises(WorkerError, match="no room") as short:
                worker.open("gain", width=512, height=512, first=1, last=1, colorspace="ACEScg").render(1, Host())
            assert short.value.kind == "MemoryShortError"
            assert worker.open("gain", **{**FACTS, "width": 8, "height": 8}).open()["instance"]
    finally:
        end_workers(made)
    assert [path.name for path in (tmp_path / "out").glob("x.*.exr")] == []


def test_only_one_worker_serves_a_folder(worker_process: WorkerProcess) -> None:
    second = subprocess.run([sys.executable, "-m", "vfxai.worker.main"], cwd=ROOT, env=os.environ, timeout=PATIENCE, check=False)
    assert second.returncode == 0
    with Worker("test", start=False) as worker:
        assert worker.status()["pid"] == worker_process.process.pid


def test_two_clients_that_find_no_worker_share_the_one_they_start(worker_dir: Path) -> None:
    pids: list[int] = []

    def ask() -> None:
        with Worker("test", executable=VFXAI) as worker:
            pids.append(worker.status()["pid"])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)
    assert len(pids) == 3
    assert len(set(pids)) == 1
    with Worker("test", start=False) as worker:
        worker.stop()
    until(lambda: not runs(pids[0]))


def test_the_map_of_an_instance_has_no_name_and_belongs_to_the_user(service: Service) -> None:
    with Worker("test", start=False) as worker:
        node = worker.open("gain", **FACTS)
        node.render(1001, Host())
        assert service.maps.folder.stat().st_mode & 0o777 == 0o700
        assert list(service.maps.folder.iterdir()) == []
        named = service.maps.make(4096)
        assert named.path.stat().st_mode & 0o777 == 0o600


def test_the_answer_comes_before_the_end_of_the_worker_also_where_it_is_slow_to_send(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker looks four times a second whether it is time to end; under load that may be between a request and its answer."""
    send, write = Peer.send, Peer._write

    def slow_to_hand_over(peer: Peer, facts: dict[str, object]) -> None:
        time.sleep(2 * LOOK)
        send(peer, facts)

    def slow_to_write(peer: Peer) -> None:
        time.sleep(2 * LOOK)
        write(peer)

    monkeypatch.setattr(Peer, "send", slow_to_hand_over)
    monkeypatch.setattr(Peer, "_write", slow_to_write)
    with Worker("test", start=False) as worker:
        worker.stop()  # WorkerError where the answer was lost
    assert service.finishing.is_set()


def test_the_worker_starts_without_what_the_host_has_set(
    worker_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the module of a host')")
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD", "OCIO"):
        monkeypatch.setenv(name, str(tmp_path))
    with Worker("test", executable=VFXAI) as worker:
        pid = worker.status()["pid"]
        found = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        assert not [one for one in found if one.startswith(("PYTHON", "LD_", "OCIO="))]
        worker.stop()
    until(lambda: not runs(pid))
