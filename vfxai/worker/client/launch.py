"""Starts a worker where there is none: which program, and in an environment that owes nothing to the host."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .errors import WorkerError, cancelled

KEPT = {
    "HOME", "USER", "LOGNAME", "USERNAME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMDATA", "NUMBER_OF_PROCESSORS", "OMP_NUM_THREADS", "HOSTNAME",
}  # fmt: skip
"""Variables that the worker gets from its client: who the user is, where files are, how many threads."""
KEPT_FAMILIES = ("LC_", "XDG_", "CUDA_", "NVIDIA_", "VFXAI_")
"""Families of variables that it gets too."""
LEFT = {"VFXAI_LICENSE", "VFXAI_WORKER"}
"""Of these families, what one client wants for its own jobs; it travels with each job."""
EXECUTABLE = "executable"
"""File in the configuration folder whose text is the path of vfxai."""
HOW = "install vfxai and set VFXAI_EXECUTABLE to the path of its command, or write that path into {file}"


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What of the client's environment the worker gets. PYTHONPATH, LD_LIBRARY_PATH, OCIO and the like of a host are not in it."""
    return {
        name: value
        for name, value in given.items()
        if (name.upper() in KEPT or name.upper().startswith(KEPT_FAMILIES)) and name.upper() not in LEFT
    }


def settings_file() -> Path:
    """The file that names the executable."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "vfxai" / EXECUTABLE


def command() -> list[str]:
    """How vfxai is called: $VFXAI_EXECUTABLE, else the settings file, else from PATH. WorkerError where none of these is there."""
    import shutil  # here because it takes long to import, and mostly there is a worker

    stated = os.environ.get("VFXAI_EXECUTABLE", "").strip()
    if not stated and settings_file().is_file():
        stated = settings_file().read_text(encoding="utf-8").strip()
    found = shutil.which(stated or "vfxai")
    if not found:
        what = f"{stated} is not there or cannot be run" if stated else "there is no vfxai on PATH"
        raise WorkerError("WorkerMissingError", f"no worker can be started: {what}", HOW.format(file=settings_file()))
    is_python = Path(found).stem.lower().startswith("python")
    return [found, "-m", "vfxai"] if is_python else [found]


def start(seconds: float, is_cancelled: Callable[[], bool], executable: Sequence[str] = ()) -> None:
    """Runs `vfxai worker start`, which returns as soon as a worker listens; `executable` is how vfxai is called, where that is known. WorkerError where
    none does in time."""
    import subprocess
    import tempfile

    with tempfile.TemporaryFile() as said:
        call = [*(executable or command()), "worker", "start"]
        flags = 0x08000000 if sys.platform == "win32" else 0  # no console window
        try:
            process = subprocess.Popen(
                call, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment(os.environ), cwd=str(Path.home()),
                close_fds=True, start_new_session=True, creationflags=flags,
            )  # fmt: skip
        except OSError as error:
            raise WorkerError(
                "WorkerMissingError", f"{call[0]} cannot be run: {error}", HOW.format(file=settings_file())
            ) from error
        deadline = time.monotonic() + seconds
        while process.poll() is None:
            if is_cancelled():
                raise cancelled()
            if time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise WorkerError(
                    "WorkerMissingError",
                    f"no worker was there after {seconds:g} s",
                    "run `vfxai worker start` in a shell to see why",
                )
            time.sleep(0.02)
        if process.returncode:
            said.seek(0)
            text = said.read()[-2000:].decode("utf-8", "replace").strip()
            raise WorkerError("WorkerMissingError", f"`{' '.join(call)}` failed: {text}", "run it in a shell to see why")
