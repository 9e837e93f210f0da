"""A session of the stand-in with the adapter in it, as a studio has it: one folder, and Nuke."""

import shutil
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_nuke import threads
from fake_nuke.session import Session, Undo
from nuke_studio import SPACE, Studio, copy_plate, pixels

from vfxai.cli.plugins import make_nuke
from vfxai.color.config import shipped_config
from vfxai.worker.listener import Listener, private_folder
from vfxai.worker.service import Service


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `vfxai plugins nuke` makes."""
    made = tmp_path_factory.mktemp("studio") / "vfxai nuke"
    make_nuke(Namespace(output=made, executable=str(Path(sys.executable).with_name("vfxai"))))
    return made


@pytest.fixture(scope="session")
def worker() -> Iterator[Path]:
    """A worker in threads of this process, for all tests of this folder; where it listens, which is a short path as sockets need it."""
    folder = Path(tempfile.mkdtemp(prefix="vn"))
    service = Service(private_folder(folder), idle_minutes=0, log=folder / "log")
    listener = Listener(service, folder)
    thread = threading.Thread(target=listener.serve, daemon=True)
    thread.start()
    yield folder
    service.stopping.set()
    thread.join()
    service.maps.close()
    shutil.rmtree(folder, ignore_errors=True)


def _fresh() -> None:
    for name in [n for n in sys.modules if n == "nuke" or n.split(".")[0] == "vfxai_nuke"]:
        del sys.modules[name]


@pytest.fixture
def studio(
    request: pytest.FixtureRequest, folder: Path, worker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    """A new session; `indirect` False is one without a window. At its end nothing may have broken a rule of Nuke, or be left."""
    for name in ("OCIO", "VFXAI_EXECUTABLE", "VFXAI_WORKER_TCP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VFXAI_WORKER_DIR", str(worker))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "path", list(sys.path))
    _fresh()
    session = Session(gui=getattr(request, "param", True))
    sys.modules["nuke"] = session.module()
    work = tmp_path / "shot ü"
    work.mkdir()
    for name, value in {
        "name": f"{work}/sh010_comp_v003.nk", "colorManagement": "OCIO", "OCIO_config": "custom",
        "customOCIOConfigPath": str(shipped_config()), "workingSpaceLUT": SPACE, "first_frame": 1001, "last_frame": 1003,
    }.items():  # fmt: skip
        session.root[name].setValue(value)
    session.frame = 1002
    made = Studio(session, folder, work)
    made.start()
    yield made
    session.call("onScriptClose")
    assert threads.faults == []
    assert Undo.off == 0
    assert not list(work.rglob("*.rendering"))
    assert not list(work.rglob("shot/*.exr")) and not list(work.rglob("preview-*"))
    _fresh()


@pytest.fixture
def plate(studio: Studio) -> str:
    """The pattern of three noisy frames in the script's folder."""
    return str(copy_plate(studio.work / "plate"))


@pytest.fixture
def same() -> Callable[[Any, Any], None]:
    """Asserts that two files hold the same bits."""

    def check(one: Any, other: Any) -> None:
        first, second = pixels(one), pixels(other)
        assert first.keys() == second.keys()
        for name in first:
            assert first[name].dtype == second[name].dtype and np.array_equal(first[name], second[name], equal_nan=True), name

    return check
