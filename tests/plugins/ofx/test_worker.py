"""The bundle and a worker in a process of its own, which it starts, and starts again when it was killed."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Plugin
from tests.plugins.ofx.instance import Instance
from tests.plugins.ofx.plates import plate
from vfxai.worker.client import Worker, WorkerError

Effects = Callable[..., dict[str, Plugin]]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a worker listens that the bundle starts; it is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="ofx") as short:
        monkeypatch.setenv("VFXAI_WORKER_DIR", short)
        monkeypatch.setenv("VFXAI_EXECUTABLE", sys.executable)
        yield Path(short)
        try:
            with Worker("test", start=False) as worker:
                worker.stop()
        except WorkerError:
            pass  # it ended by itself


@pytest.mark.long
def test_a_worker_is_started_and_started_again_after_it_was_killed(effects: Effects, folder: Path, tmp_path: Path) -> None:
    look = tmp_path / "look.cc"
    look.write_text(
        "<ColorCorrection id='a'><SOPNode><Slope>1.2 1 0.8</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power></SOPNode></ColorCorrection>"
    )
    effect = Instance(effects()["tone"], {"Source": Clip("Source", frames({1: plate(1)}))})
    effect.set("look", str(look))
    first = effect.render(1)
    assert np.abs(first - plate(1)).max() > 0
    effect.press("status")
    assert "The worker runs" in effect.host.messages[-1]
    with Worker("test", start=False) as worker:
        pid = worker.status()["pid"]
        os.kill(pid, signal.SIGKILL)
    np.testing.assert_array_equal(effect.render(1), first)
    with Worker("test", start=False) as worker:
        assert worker.status()["pid"] != pid
    assert effect.persistent == ""
    effect.destroy()
