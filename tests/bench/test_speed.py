"""The speed benches run whole on tiny frames."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from vfxai.bench import speed_denoise, speed_farm, speed_io, speed_memory, speed_preview, speed_worker
from vfxai.bench.speed_memory import Child, run_child
from vfxai.bench.timing import in_turn, typical
from vfxai.errors import VfxaiError

QUIET: list[str] = []


def test_candidates_take_turns_and_the_first_turn_does_not_count() -> None:
    calls: list[tuple[str, int]] = []
    seconds = in_turn({"a": lambda turn: calls.append(("a", turn)), "b": lambda turn: calls.append(("b", turn))}, 2, QUIET.append)
    assert calls == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert [len(s) for s in seconds.values()] == [2, 2]
    assert typical({"a": [3.0, 1.0, 2.0]}) == {"a": 2.0}


def test_speed_names_what_this_machine_does_not_offer(tiny_models: Path) -> None:
    backends = (("onnx", "fp32"), ("torch", "fp32"), ("onnx", "bf16"))
    result = speed_denoise.run((64, 48), rounds=1, backends=backends, say=QUIET.append)
    methods = [r["method"] for r in result.rows]
    assert methods[:2] == ["vfxai denoise, onnx fp32", "vfxai denoise, torch fp32"]
    assert "onnx bf16 is not available here" in " ".join(result.notes)
    assert all(r["s a frame"] > 0 for r in result.rows)


def test_io_compares_strength_zero_with_plain_copies_and_the_run_with_its_stages(tiny_models: Path) -> None:
    result = speed_io.run((64, 48), frames=2, rounds=1, say=QUIET.append)
    assert [r["run"] for r in result.rows] == [
        speed_io.PLAIN, speed_io.PLAIN_OIIO, speed_io.IDENTITY, "stage: read", "stage: compute", "stage: write", speed_io.WHOLE,
    ]  # fmt: skip
    assert result.rows[0]["compared"] == f"1.00 x {speed_io.PLAIN}"


def test_peak_memory_is_that_of_the_child_alone() -> None:
    lean = run_child([sys.executable, "-c", "pass"])
    heavy = run_child([sys.executable, "-c", "x = bytearray(300 << 20)"])
    assert heavy.code == 0
    assert heavy.peak_gib - lean.peak_gib == pytest.approx(300 / 1024, abs=0.02)


def test_a_failing_child_tells_why() -> None:
    child = run_child([sys.executable, "-c", "import sys; sys.exit('no such plate')"])
    assert child.code == 1
    assert "no such plate" in child.said


def test_memory_bench_runs_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[Sequence[str]] = []

    def child(command: Sequence[str]) -> Child:
        commands.append(command)
        return Child(0, 2.0, 1.5, "")

    monkeypatch.setattr(speed_memory, "run_child", child)
    result = speed_memory.run((32, 16), say=QUIET.append)
    assert {r["peak GiB"] for r in result.rows} == {1.5}
    assert {tuple(command[1:3]) for command in commands} == {("-m", "vfxai")}
    assert {command[3] for command in commands} == {"denoise", "deinterlace", "upscale", "remove", "wires", "colorize", "tone"}
    monkeypatch.setattr(speed_memory, "run_child", lambda command: Child(5, 0.0, 0.0, "memory ran out"))
    with pytest.raises(VfxaiError, match="exit code 5: memory ran out"):
        speed_memory.run((32, 16), say=QUIET.append)


@pytest.mark.long
def test_worker_is_compared_with_the_same_node_in_process() -> None:
    """Starts a worker and twelve clients."""
    result = speed_worker.run((32, 24), rounds=1, frames=1, say=QUIET.append)
    assert [(row["a frame is made of"], row["clients"]) for row in result.rows] == [
        (w, n) for w in speed_worker.WINDOWS for n in (1, 4)
    ]
    assert all(row["worker, ms"] > 0 for row in result.rows)


@pytest.mark.long
def test_previews_and_commands_of_a_worker_are_timed() -> None:
    """Starts two workers."""
    result = speed_preview.run((96, 64), rounds=2, say=QUIET.append)
    assert [row["what"].split()[0] for row in result.rows] == ["a", "the", "preview", "preview"]
    assert all(row["first, s"] > 0 and row["next, s"] > 0 for row in result.rows)


@pytest.mark.long
def test_farm_measures_chunks_with_and_without_a_worker_and_plans_from_them() -> None:
    result = speed_farm.run((64, 48), rounds=1, say=QUIET.append)
    here = result.rows[:2]
    assert [row["what"] for row in here] == ["this machine, a process a chunk", "this machine, a worker"]
    assert all(row["s a frame"] > 0 and row["s a chunk besides"] >= 0 and 0 < row["efficiency, %"] <= 100 for row in here)
    plans = result.rows[2:]
    assert len(plans) == len(speed_farm.FASTER) * len(speed_farm.MACHINES)
    assert plans[1]["frames a day"] == pytest.approx(10 * plans[0]["frames a day"]) and all(row["limited by"] for row in plans)
    assert "| this machine, a worker |" in result.markdown()
