import re
from dataclasses import replace
from pathlib import Path

import pytest

from vfxai.farm.plan import DAY, Measured, efficiency, plan

HERE = Measured(2.0, 4.0, 0.1, 10_000_000, 8_000_000, 4, 0)


def test_one_machine_makes_its_chunks_one_after_the_other() -> None:
    one = plan(HERE, machines=1, chunk=48, disk=1e9)
    assert one.frames_a_day == pytest.approx(DAY * 48 / 100) and one.limit == "the work on frames"
    assert efficiency(HERE, 48) == 0.96
    assert one.disk_share == pytest.approx((52 * 10e6 + 48 * 8e6) / 100 / 1e9)


def test_machines_add_up_until_the_disk_is_full() -> None:
    many = plan(HERE, machines=100, chunk=48, disk=1e9)
    assert many.frames_a_day == pytest.approx(100 * DAY * 48 / 100) and many.disk_share < 1
    most = plan(HERE, machines=10_000, chunk=48, disk=1e9)
    assert most.limit == "the network disk" and most.frames_a_day == pytest.approx(1e9 * DAY / ((52 * 10e6 + 48 * 8e6) / 48))
    assert plan(HERE, machines=10**6, chunk=48, disk=1e9).frames_a_day == pytest.approx(most.frames_a_day), "more do not help"


def test_what_takes_longest_is_the_limit() -> None:
    fast = replace(HERE, frame_seconds=0.02, decode_seconds=0.01)
    assert plan(fast, machines=1, chunk=48, disk=1e9).limit == "starting chunks and loading models"
    assert plan(replace(fast, decode_seconds=0.3), machines=1, chunk=48, disk=1e9).limit == "decoding"
    assert efficiency(fast, 480) > efficiency(fast, 48)


def test_networks_that_every_chunk_loads_anew_take_their_share_of_the_disk() -> None:
    loading = plan(replace(HERE, model_bytes=50_000_000), machines=10_000, chunk=4, disk=1e9)
    assert loading.frames_a_day < plan(HERE, machines=10_000, chunk=4, disk=1e9).frames_a_day


def test_the_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/farm.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.S)
    exec(compile(block, "docs/how-to/farm.md", "exec"), {})
    assert "limit='the network disk'" in capsys.readouterr().out
