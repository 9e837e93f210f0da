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
from nuke_studio import Studio, copy_plate, pixels, studio_session

from vfxai.cli.plugins import make_nuke
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


@pytest.fixture
def studio(request: pytest.FixtureRequest, folder: Path, worker: Path, tmp_path: Path) -> Iterator[Studio]:
    """A new session; `indirect` False is one without a window."""
    with studio_session(folder, worker, tmp_path / "shot ü", gui=getattr(request, "param", True)) as made:
        yield made


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
