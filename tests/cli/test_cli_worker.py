"""`vfxai worker start|status|stop|log`, with a real worker."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.worker.conftest import PATIENCE, worker_dir  # noqa: F401  # a fixture
from vfxai.cli.main import main


def test_start_status_log_and_stop(worker_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811  # the fixture
    assert main(["worker", "status"]) == 1
    assert main(["worker", "stop"]) == 0
    assert capsys.readouterr().out == "no worker runs\nno worker runs\n"
    assert main(["worker", "log"]) == 3
    assert "vfxai worker start" in capsys.readouterr().err
    assert main(["worker", "start", "--idle", "5"]) == 0
    assert main(["worker", "start"]) == 0  # it runs already
    assert main(["worker", "status", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (facts["running"], facts["idle_minutes"]) == (True, 5)
    assert main(["worker", "status"]) == 0
    assert f"worker {facts['pid']} of vfxai" in capsys.readouterr().out
    assert main(["worker", "stop"]) == 0
    deadline = time.monotonic() + PATIENCE
    while main(["worker", "status"]) == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    capsys.readouterr()
    assert main(["worker", "log", "--lines", "100"]) == 0
    log = capsys.readouterr().out
    assert f"worker {facts['pid']} of vfxai" in log
    assert "stops the worker" in log
    assert main(["worker", "log", "--path"]) == 0
    assert Path(capsys.readouterr().out.strip()) == worker_dir / "worker.log"


def test_a_folder_that_others_own_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").write_text("a file")
    monkeypatch.setenv("VFXAI_WORKER_DIR", str(tmp_path / "there"))
    assert main(["worker", "start"]) == 5
    assert "VFXAI_WORKER_DIR" in capsys.readouterr().err
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    monkeypatch.setenv("VFXAI_WORKER_DIR", str(tmp_path / "link"))
    assert main(["worker", "start"]) == 5


def test_a_folder_that_others_may_enter_is_closed_to_them(worker_dir: Path) -> None:  # noqa: F811  # the fixture
    from vfxai.worker.listener import private_folder

    worker_dir.mkdir(mode=0o755)
    os.chmod(worker_dir, 0o777)  # noqa: PTH101  # whatever the umask
    private_folder(worker_dir)
    assert worker_dir.stat().st_mode & 0o777 == 0o700


def test_a_path_too_long_for_a_socket_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VFXAI_WORKER_DIR", str(tmp_path / ("x" * 120)))
    assert main(["worker", "start"]) == 5
    error = capsys.readouterr().err
    assert "107 bytes" in error
    assert "VFXAI_WORKER_DIR" in error
