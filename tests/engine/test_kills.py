"""Runs that are killed at random and taken up again come to the same bits."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.example_plate import cut
from vfxai.image.files import read_frame

ROOT = Path(__file__).parents[2]
FRAMES = 24
"""Of the shot: the five of the example again and again, so many that a run is killed in its middle, too, and not only while it starts."""
KILLS = 34
"""A node: a hundred over the three."""
EARLY = 0.3
"""Share of the kills that come at any time after the start, whatever is done; the others come when some frames are finished."""


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The pattern of the shot."""
    folder = tmp_path_factory.mktemp("shot")
    five = sorted(cut(folder / "five", (160, 90), "noisy.*.exr").iterdir())
    for index in range(FRAMES):
        shutil.copy(five[index % len(five)], folder / f"p.{1001 + index}.exr")
    return f"{folder}/p.####.exr"


def finished(folder: Path) -> set[str]:
    """Names of the frames that are there."""
    return {path.name for path in folder.glob("p.*.exr")}


def killed(command: list[str], folder: Path, rng: random.Random, longest: float) -> bool:
    """Runs a command and kills it at random; whether it was killed in time."""
    before = len(finished(folder))
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    delay = rng.uniform(0.05, 1.0) * longest
    if rng.random() >= EARLY:
        wanted, delay = before + rng.randint(1, FRAMES // 3), rng.uniform(0.0, 0.1)
        while process.poll() is None and len(finished(folder)) < wanted:
            time.sleep(0.002)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    assert process.returncode == 0
    return False


@pytest.mark.long
@pytest.mark.timeout(14400)
@pytest.mark.parametrize(
    "node", [("denoise", "--radius", "1"), ("upscale", "--scale", "1.25"), ("deinterlace",)], ids=lambda n: n[0]
)
def test_random_kills_lose_nothing(plate: str, tmp_path: Path, node: tuple[str, ...]) -> None:
    rng = random.Random(node[0])

    def command(folder: str) -> list[str]:
        """Both folders have names of one length, as headers hold the recipe."""
        return [sys.executable, "-m", "vfxai", node[0], plate, str(tmp_path / folder / "p.####.exr"), *node[1:]]

    started = time.monotonic()
    subprocess.run(command("whole"), cwd=ROOT, check=True, capture_output=True)
    longest = time.monotonic() - started
    again = tmp_path / "again"
    kills = resumed = 0
    while kills < KILLS:
        if killed(command("again"), again, rng, longest):
            kills += 1
            resumed += 0 < len(finished(again)) < FRAMES
        else:
            compare(tmp_path / "whole", again)
            shutil.rmtree(again)
    subprocess.run(command("again"), cwd=ROOT, check=True, capture_output=True)
    compare(tmp_path / "whole", again)
    assert resumed > KILLS // 3, "too few of the kills left some of the frames finished behind"
    print(f"{node[0]}: {kills} kills, {resumed} of them with some of the frames finished")


def compare(whole: Path, again: Path) -> None:
    """Every frame of both has the same bits, in files of the same size, and nothing half written is left."""
    sizes = [{path.name: path.stat().st_size for path in folder.glob("*.exr")} for folder in (whole, again)]
    assert sizes[0] == sizes[1]
    for name in sizes[0]:
        a, b = (read_frame(folder / name) for folder in (whole, again))
        assert a.color.numpy().tobytes() == b.color.numpy().tobytes(), name
    assert not list(again.glob(".*.part*"))
