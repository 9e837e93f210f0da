"""The client folder alone, copied into a plug-in, on every Python that hosts have."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.worker.conftest import PATIENCE, ROOT
from tests.worker.shots import recipe, write_shot
from vfxai.worker.service import Service

PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")


def interpreter(version: str) -> str:
    """A Python of a version: on PATH, or one of pyenv's."""
    found = [
        shutil.which(f"python{version}"),
        *map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))),
    ]
    for path in filter(None, found):
        try:
            answer = subprocess.run([path, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if answer.stdout.startswith(version):
            return path
    pytest.skip(f"there is no Python {version} here")


def run_in(python: str, folder: Path, script: str) -> str:
    command = [python, "-I", "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n" + textwrap.dedent(script)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=os.environ, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the client under another name, and nothing else of vfxai."""
    shutil.copytree(ROOT / "vfxai/worker/client", tmp_path / "plugin/their_client", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "plugin"


@pytest.mark.parametrize("version", PYTHONS)
def test_frames_and_files_on(version: str, service: Service, copied: Path, tmp_path: Path) -> None:
    done = recipe(write_shot(tmp_path / "in", range(1, 3)), str(tmp_path / "out/x.####.exr"), "gain")
    script = f"""
        import array
        from their_client import Picture, Worker, WorkerError
        pixels = array.array("f", [float(i) - 100 for i in range(32 * 16 * 3)])
        with Worker("plug-in", start=False) as worker:
            node = worker.open("gain", {{"factor": 2}}, width=32, height=16, first=1, last=9, channels=3, colorspace="ACEScg")
            made = node.render(5, lambda name, time, have: Picture(pixels, 32, 16, 3, "one"))
            assert list(memoryview(made.pixels).cast("f")) == [2 * value for value in pixels]
            assert node.needs(5) == [("plate", 5)]
            node.close()
            told = []
            assert worker.run({done!r}, on_event=told.append)["written"] == 2
            assert [one["event"] for one in told] == ["start", "frame", "frame", "done"], told
            job = worker.submit({done!r})
            assert job.result(60)["kept"] == 2
            try:
                worker.open("nothing").open()
            except WorkerError as error:
                print(error.kind)
    """
    assert run_in(interpreter(version), copied, script) == "ParameterError\n"


@pytest.mark.parametrize("version", PYTHONS)
def test_import_brings_nothing_that_takes_long(version: str, copied: Path) -> None:
    """Instead of a clock, which says nothing on a machine under load: what an import costs is the modules that it brings."""
    script = """
        before = set(sys.modules)
        import their_client
        print(*sorted(name.partition(".")[0] for name in set(sys.modules) - before))
    """
    brought = set(run_in(interpreter(version), copied, script).split())
    assert not brought & {"subprocess", "tempfile", "asyncio", "shutil", "logging", "ssl", "http", "numpy", "typing_extensions"}
    assert "vfxai" not in brought


@pytest.mark.skipif(sys.platform == "win32", reason="scripts are run by their first line")
def test_a_worker_is_started_with_the_command_that_is_stated(worker_dir: Path, copied: Path, tmp_path: Path) -> None:
    """The whole of what a host does on its first day, with a stand-in for vfxai that says what it was given."""
    command = tmp_path / "my vfxai"
    command.write_text(f'#!/bin/sh\nenv > "{tmp_path}/env"\necho "$@" > "{tmp_path}/arguments"\necho no licence >&2\nexit 7\n')
    command.chmod(0o755)
    script = """
        import os
        from their_client import connect, WorkerError
        os.environ.update(PYTHONPATH="/host", PYTHONHOME="/host", LD_LIBRARY_PATH="/host", OCIO="/host/config.ocio", NUKE_PATH="/host")
        try:
            connect("plug-in")
        except WorkerError as error:
            print(error.kind, error.message, error.remedy, sep="|")
    """
    os.environ["VFXAI_EXECUTABLE"] = str(command)
    try:
        kind, message, remedy = run_in(sys.executable, copied, script).split("|")
    finally:
        del os.environ["VFXAI_EXECUTABLE"]
    assert kind == "WorkerMissingError"
    assert "no licence" in message
    assert remedy.strip()
    assert (tmp_path / "arguments").read_text() == "worker start\n"
    given = (tmp_path / "env").read_text()
    assert "/host" not in given
    assert f"VFXAI_WORKER_DIR={worker_dir}" in given
