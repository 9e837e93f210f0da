"""How many frames a day a farm makes, and what limits it first: arithmetic on measured figures, for any number of machines."""

from dataclasses import dataclass

DAY = 86_400
"""Seconds."""


@dataclass(frozen=True)
class Measured:
    """One node at one size on one class of machine."""

    frame_seconds: float
    """Of a frame once everything is loaded."""
    chunk_seconds: float
    """Of a chunk besides its frames: start, models, analysis, frames beside it."""
    decode_seconds: float
    """Of reading and writing one frame. It overlaps the work on the frames around, so it counts where it takes longer than that."""
    read_bytes: int
    """Of one frame of the plate on the disk."""
    write_bytes: int
    """Of one frame of the result."""
    handles: int
    """Frames that a chunk reads besides its own."""
    model_bytes: int
    """Read by each chunk before its first frame; 0 where a worker holds the networks."""


@dataclass(frozen=True)
class Plan:
    """What a number of machines makes."""

    frames_a_day: float
    limit: str
    """"the work on frames", "starting chunks and loading models", "decoding", or "the network disk"."""
    disk_share: float
    """Of the disk's bandwidth that the machines would take, if it were no limit."""


def efficiency(measured: Measured, chunk: int) -> float:
    """Share of a chunk's time that is spent on its frames, 0 to 1."""
    work = chunk * max(measured.frame_seconds, measured.decode_seconds)
    return work / (work + measured.chunk_seconds)


def plan(measured: Measured, *, machines: int, chunk: int, disk: float) -> Plan:
    """The plan for `machines` of one class that share a disk of `disk` bytes a second, reading and writing together."""
    seconds = max(measured.frame_seconds, measured.decode_seconds) * chunk + measured.chunk_seconds
    moved = measured.read_bytes * (chunk + measured.handles) + measured.write_bytes * chunk + measured.model_bytes
    wanted = machines * moved / seconds
    made = machines * chunk * DAY / seconds
    if wanted > disk:
        return Plan(made * disk / wanted, "the network disk", wanted / disk)
    if measured.decode_seconds > measured.frame_seconds:
        limit = "decoding"
    else:
        limit = "the work on frames" if efficiency(measured, chunk) >= 0.5 else "starting chunks and loading models"
    return Plan(made, limit, wanted / disk)
