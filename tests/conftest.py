"""Fixtures that all tests share."""

import os

# one thread a process, before torch, OpenCV and BLAS are imported: files run in parallel, and commands that tests start inherit it
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("VFXAI_THREADS", "1")

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The project's shared data beside the checkout; tests that need it are skipped where it is absent."""
    candidates = [Path(os.environ["VFXAI_SHARED_DATA"])] if "VFXAI_SHARED_DATA" in os.environ else []
    candidates += [ROOT / "shared/data", ROOT.parent / "shared/data"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    pytest.skip("shared/data is not beside this checkout; set VFXAI_SHARED_DATA to run this test")
