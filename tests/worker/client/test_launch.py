from pathlib import Path

import pytest

from vfxai.worker.client import WorkerError, launch


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without settings, and nothing on PATH."""
    for name in ("VFXAI_EXECUTABLE", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_nothing_to_start_says_what_to_set(home: Path) -> None:
    with pytest.raises(WorkerError, match="no vfxai on PATH") as caught:
        launch.command()
    assert caught.value.kind == "WorkerMissingError"
    assert "VFXAI_EXECUTABLE" in caught.value.remedy
    assert str(launch.settings_file()) in caught.value.remedy


def test_the_variable_is_before_the_settings_and_these_before_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = program(home / "bin/vfxai")
    assert launch.command() == [str(on_path)]
    named = program(home / "opt/vfxai 0.1/vfxai")
    launch.settings_file().parent.mkdir(parents=True)
    launch.settings_file().write_text(f"{named}\n")
    assert launch.command() == [str(named)]
    python = program(home / "venv/bin/python3.11")
    monkeypatch.setenv("VFXAI_EXECUTABLE", str(python))
    assert launch.command() == [str(python), "-m", "vfxai"]


def test_a_stated_program_that_is_not_there_is_no_other_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(home / "bin/vfxai")
    monkeypatch.setenv("VFXAI_EXECUTABLE", "/opt/gone/vfxai")
    with pytest.raises(WorkerError, match="/opt/gone/vfxai is not there"):
        launch.command()


def test_the_environment_is_the_users_and_not_the_hosts() -> None:
    given = {
        "HOME": "/home/a", "PATH": "/bin", "LC_ALL": "C", "XDG_RUNTIME_DIR": "/run/user/1", "CUDA_VISIBLE_DEVICES": "1", "VFXAI_MODELS": "/m",
        "PYTHONPATH": "/nuke", "PYTHONHOME": "/nuke", "LD_LIBRARY_PATH": "/nuke", "LD_PRELOAD": "/x.so", "OCIO": "/show/config.ocio", "NUKE_PATH": "/n",
        "VFXAI_LICENSE": "commercial", "VFXAI_WORKER": "1",
    }  # fmt: skip
    assert sorted(launch.environment(given)) == [
        "CUDA_VISIBLE_DEVICES",
        "HOME",
        "LC_ALL",
        "PATH",
        "VFXAI_MODELS",
        "XDG_RUNTIME_DIR",
    ]
