"""Fixtures that all tests share."""

import os

# one thread a process, before torch, OpenCV and BLAS are imported: files run in parallel, and commands that tests start inherit it
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("VFXAI_THREADS", "1")

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = (
    "tests/nodes/test_contract.py",
    "tests/docs/test_documents.py",
    "tests/fields/test_cadence.py",
    "tests/bench/test_cli_bench.py",
    "tests/nodes/test_tone.py",
    "tests/publish/test_pyblish.py",
    "tests/session/test_device_contract.py",
    "tests/nodes/test_remove.py",
    "tests/nodes/test_deinterlace.py",
    "tests/plugins/test_one_recipe.py",
    "tests/engine/test_reliability.py",
    "tests/models/test_models.py",
    "tests/session/test_long_shots.py",
    "tests/worker/test_faults.py",
    "tests/nodes/test_colorize.py",
    "tests/plugins/nuke/test_nuke_render.py",
    "tests/nodes/test_new_node.py",
)
"""Files that take over ten seconds of a processor, the longest first: files run in parallel, and one of these begun last would keep one core alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all others as they were found."""
    order = {ROOT / name: place for place, name in enumerate(LONGEST)}
    gone = [str(path) for path in order if not path.is_file()]
    if gone:
        raise pytest.UsageError(f"tests/conftest.py names files that are not there: {', '.join(gone)}")
    items.sort(key=lambda item: order.get(item.path, len(order)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The project's shared data beside the checkout; tests that need it are skipped where it is absent."""
    candidates = [Path(os.environ["VFXAI_SHARED_DATA"])] if "VFXAI_SHARED_DATA" in os.environ else []
    candidates += [ROOT / "shared/data", ROOT.parent / "shared/data"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    pytest.skip("shared/data is not beside this checkout; set VFXAI_SHARED_DATA to run this test")
