"""The bench of the bundle runs; its figures are judged by people, on a machine that does nothing else."""

from __future__ import annotations

import pytest

from tests.plugins.ofx.conftest import needs_compiler
from vfxai.bench.speed_ofx import run

pytestmark = needs_compiler


@pytest.mark.long
def test_the_bench_tells_what_is_added_for_each_window() -> None:
    result = run((64, 48), rounds=2, say=lambda line: None)
    assert [row["a frame is made of"] for row in result.rows] == ["1 frame", "5 frames, 1 new", "5 frames, all new"]
    for row in result.rows:
        assert row["in a host, ms"] > 0 and row["first, ms"] > 0
        assert row["added, ms"] == pytest.approx(row["in a host, ms"] - row["in process, ms"])
