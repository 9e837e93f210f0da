"""The engines by name: what each writes, and which command hands it over."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vfxai.errors import DeviceError, OutputError, reason
from vfxai.farm import deadline, flamenco, opencue, openjd
from vfxai.farm.job import FarmJob
from vfxai.image.partial import write_text


@dataclass(frozen=True)
class Engine:
    """One engine that takes files."""

    files: Callable[[FarmJob], Mapping[str, str]]
    """Their texts by name."""
    submit: Callable[[FarmJob, str], list[str]] | None
    """The command that hands the files of a folder over, or None where a person does it."""
    by_hand: str
    """What a person does with the files."""


def _bundle(job: FarmJob, folder: str) -> list[str]:
    return ["deadline", "bundle", "submit", folder]


ENGINES: dict[str, Engine] = {
    "openjd": Engine(openjd.files, _bundle, "openjd run {folder}/template.json --step Frames --run-dependencies"),
    "deadline": Engine(
        deadline.files, deadline.submit_command, "submit both jobs with deadlinecommand, the second after the first"
    ),
    "opencue": Engine(opencue.files, opencue.submit_command, "python {folder}/job.py"),
    "flamenco": Engine(
        flamenco.files, None, "put {folder}/vfxai.js into the manager's scripts folder, and submit the job in Blender"
    ),
}
"""By the word of `--to`; "dask" runs the job itself (vfxai.farm.dask)."""


def write(job: FarmJob, engine: str, folder: Path) -> list[Path]:
    """Writes the engine's files into a folder; their paths. OutputError where it cannot be written."""
    written = []
    try:
        for name, text in ENGINES[engine].files(job).items():
            write_text(folder / name, text)
            written.append(folder / name)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {reason(error)}", remedy="give another folder with --output") from error
    return written


def submit(job: FarmJob, engine: str, folder: Path) -> str:
    """Hands the files over; what the engine said. DeviceError where its command is not there or refuses."""
    by_hand = ENGINES[engine].by_hand.format(folder=folder)
    hand_over = ENGINES[engine].submit
    if hand_over is None:
        raise DeviceError(f"{engine} has no command that takes a job", remedy=by_hand)
    command = hand_over(job, str(folder))
    if shutil.which(command[0]) is None:
        raise DeviceError(f"{command[0]}, which hands jobs to {engine}, is not on PATH", remedy=f"install it, or: {by_hand}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise DeviceError(
            f"{engine} refused the job: {said[-1] if said else done.returncode}", remedy=f"correct it, or: {by_hand}"
        )
    return done.stdout.strip()
