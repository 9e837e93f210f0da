"""Runs that are killed at random and taken up again come to the same bits."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PLATE = Path(__file__).parents[2] / "examples/plate"
KILLS = 34
"""A node: a hundred over the three."""


@pytest.mark.long
@pytest.mark.timeout(14400)
@pytest.mark.parametrize(
    "node", [("denoise", "--radius", "1"), ("upscale", "--scale", "1.25"), ("deinterlace",)], ids=lambda n: n[0]
)
def test_random_kills_lose_nothing(tmp_path: Path, node: tuple[str, ...]) -> None:
    rng = random.Random(node[0])

    def command(folder: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "vfxai",
            node[0],
            f"{PLATE}/noisy.####.exr",
            str(tmp_path / folder / "p.####.exr"),
            *node[1:],
        ]

    # both folders have names of one length, as headers hold the recipe
    root, started = Path(__file__).parents[2], time.monotonic()
    subprocess.run(command("whole"), cwd=root, check=True, capture_output=True)
    longest = time.monotonic() - started
    whole = {p.name: p.read_bytes() for p in (tmp_path / "whole").glob("*.exr")}
    kills = resumed = 0
    while kills < KILLS:
        process = subprocess.Popen(command("again"), cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0.05, 1.0) * longest)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            resumed += bool(list((tmp_path / "again").glob("*.exr")))
            continue
        assert process.returncode == 0
        made = {p.name: p.read_bytes() for p in (tmp_path / "again").glob("*.exr")}
        assert {n: len(b) for n, b in made.items()} == {n: len(b) for n, b in whole.items()}
        shutil.rmtree(tmp_path / "again")
    subprocess.run(command("again"), cwd=root, check=True, capture_output=True)
    from vfxai.image.files import read_frame

    for name in whole:
        a, b = read_frame(tmp_path / "whole" / name), read_frame(tmp_path / "again" / name)
        assert a.color.numpy().tobytes() == b.color.numpy().tobytes(), name
    assert not list((tmp_path / "again").glob(".*.part*"))
    assert resumed > KILLS // 10, "too few of the kills left finished frames behind"
    print(f"{kills} kills, {resumed} of them with finished frames on disk")
