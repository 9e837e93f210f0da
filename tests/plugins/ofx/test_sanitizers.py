"""The tests of the host once more in a process whose bundle checks every memory access and every undefined operation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.ofx.conftest import SANITIZED

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent


def runtime(name: str) -> str:
    """Path of gcc's library of a sanitizer; "" where it has none."""
    if not shutil.which("gcc"):
        return ""
    said = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
    return said if Path(said).is_absolute() and Path(said).exists() else ""


@pytest.mark.skipif(os.environ.get(SANITIZED) == "1", reason="this is that process")
@pytest.mark.parametrize(
    "names",
    [
        ("test_strict_host.py", "test_description.py", "test_link.py", "test_fuzz.py"),
        pytest.param(("test_pixels.py",), marks=pytest.mark.long),
    ],
    ids=["the host", "the pixels of every node"],
)
def test_no_access_is_out_of_bounds_and_nothing_undefined_is_done(names: tuple[str, ...]) -> None:
    """Leaks are not looked for: Python itself keeps what it allocated."""
    libraries = [runtime("libasan.so"), runtime("libubsan.so")]
    if not all(libraries):
        pytest.skip("gcc has no sanitizers here")
    environment = {
        **os.environ,
        SANITIZED: "1",
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:handle_segv=0",
        "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
    }
    tests = [str(HERE / name) for name in names]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not long", "-p", "no:cacheprovider", *tests],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert " passed" in done.stdout or "[100%]" in done.stdout
