"""Workers for tests: one in this process, and one in a process of its own that may be killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vfxai.schema import registry
from vfxai.worker.client import place
from vfxai.worker.client.place import LONGEST_SOCKET
from vfxai.worker.listener import Listener, private_folder
from vfxai.worker.log import log_file
from vfxai.worker.maps import MapRoom
from vfxai.worker.service import Service

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
"""Seconds after which a test gives up on a machine under load; nothing is measured by it."""


def until(condition: Callable[[], object]) -> None:
    """Waits for what comes in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie, as far as the system tells."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" if Path("/proc/self").exists() else True
    except OSError:  # which it may become between two looks
        return False


@pytest.fixture(autouse=True)
def declared_nodes() -> Iterator[None]:
    """The nodes of tests.worker.declared, for the time of a test of the worker: other tests of this process know the shipped ones alone."""
    registry.discover()
    before = dict(registry._nodes)
    registry.load("tests.worker.declared")
    yield
    registry._nodes.clear()
    registry._nodes.update(before)


@pytest.fixture
def worker_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the workers of a test listen; a short path, because the path of a socket may not be long."""
    folder = tmp_path / "w"
    short = None
    if len(str(folder)) > LONGEST_SOCKET - 20:
        short = folder = Path(tempfile.mkdtemp(prefix="vw"))
    monkeypatch.setenv("VFXAI_WORKER_DIR", str(folder))
    monkeypatch.delenv("VFXAI_WORKER_TCP", raising=False)
    monkeypatch.delenv("VFXAI_WORKER_LOG", raising=False)
    yield folder
    if short:
        shutil.rmtree(short, ignore_errors=True)


@pytest.fixture(params=["unix", "tcp"])
def transport(request: pytest.FixtureRequest, worker_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Unix socket, and what Windows has instead."""
    if request.param == "tcp":
        monkeypatch.setenv("VFXAI_WORKER_TCP", "1")
    return str(request.param)


@pytest.fixture
def service(worker_dir: Path) -> Iterator[Service]:
    """A worker in threads of this process."""
    yield from serving(worker_dir)


def serving(folder: Path) -> Iterator[Service]:
    """Serves from a folder until the test is over."""
    made = Service(private_folder(folder), idle_minutes=0, log=log_file())
    listener = Listener(made, folder)
    thread = threading.Thread(target=listener.serve, daemon=True)
    thread.start()
    yield made
    made.stopping.set()
    thread.join(PATIENCE)
    made.maps.close()
    assert not thread.is_alive()


class WorkerProcess:
    """A worker in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.arguments = arguments
        self.process = subprocess.Popen([sys.executable, "-m", "vfxai.worker.main", *arguments], cwd=ROOT, env=os.environ)
        self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                place.dial(1)[0].close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the worker does not listen")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)


@pytest.fixture
def worker_process(worker_dir: Path) -> Iterator[WorkerProcess]:
    """A worker that may be killed; whatever took its place is ended after the test."""
    made = WorkerProcess("--idle", "5")
    yield made
    end_workers(made)


def end_workers(first: WorkerProcess) -> None:
    """Ends the worker of a test and whatever a client started after it."""
    from vfxai.worker.client import Worker, WorkerError

    try:
        with Worker("test", start=False) as worker:
            pid = worker.status()["pid"]
            worker.stop()
        until(lambda: pid == first.process.pid or not runs(pid))
    except WorkerError:
        pass
    finally:
        first.process.terminate()
        first.process.wait(PATIENCE)
        MapRoom.clean()
