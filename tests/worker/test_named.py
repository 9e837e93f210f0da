"""Inputs that a client names as files instead of sending them."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.worker.pictures import HEIGHT, WIDTH, Host, samples
from vfxai.image.files import write_frame
from vfxai.session.clips import frame_of
from vfxai.worker.client import Instance, Worker, WorkerError
from vfxai.worker.service import Service


@pytest.fixture
def worker(service: Service) -> Worker:
    return Worker("test", start=False)


def level(folder: Path, name: str, value: float) -> str:
    path = folder / f"{name}.exr"
    write_frame(path, frame_of(np.full((4, 4, 3), value, np.float32), "ACEScg"))
    return str(path)


def graded(worker: Worker, pair: object) -> Instance:
    return worker.open(
        "graded", {"pair": pair}, width=WIDTH, height=HEIGHT, first=1001, last=1010, colorspace="ACEScg", premultiplied=False
    )


def added(node: Instance, host: Host) -> float:
    given, made = samples(host.picture("plate", 1003).pixels), samples(node.render(1003, host).pixels)
    assert made[3::4] == given[3::4]
    return round(made[0] - given[0], 4)


def test_a_pair_is_read_from_its_files_and_another_one_takes_its_place(worker: Worker, tmp_path: Path) -> None:
    host = Host()
    node = graded(worker, [level(tmp_path, "a", 0.25), level(tmp_path, "b", 0.5)])
    assert added(node, host) == 0.25
    node.set({"pair": [level(tmp_path, "a", 0.25), level(tmp_path, "c", 1.0)]})
    assert added(node, host) == 0.75
    assert host.sent == [("plate", 1003)]


def test_an_empty_list_is_no_input(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="the input before is not given"):
        graded(worker, []).render(1003, Host())


def test_what_cannot_be_had_is_refused(worker: Worker, tmp_path: Path) -> None:
    one = level(tmp_path, "a", 0.25)
    for pair, said in (
        ([one], "expected BEFORE AFTER"),
        ([one, os.path.relpath(one)], "is no whole path"),
        ([one, str(tmp_path / "none.exr")], "none.exr"),
    ):
        with pytest.raises(WorkerError, match=said):
            graded(worker, pair).render(1003, Host())
