"""What a farm is asked to do, whatever its engine: the analysis of the shot first, then frames in chunks."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vfxai.engine.path_map import absolute, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.views import by_view
from vfxai.errors import ParameterError
from vfxai.image.sequence import Pattern, frames_of, frames_text
from vfxai.schema.node import Node

RECIPE = "recipe.json"
"""Name of the recipe beside the job's files."""


@dataclass(frozen=True)
class MachineNeeds:
    """What a machine must have."""

    gpus: int = 0
    """Graphics processors; 0 where the processor does."""
    memory_gib: int = 8
    """Memory in GiB: what a node takes at 8192x4320 (docs/explanation/memory.md)."""
    retries: int = 2
    """How often a chunk that failed is tried again. A doubled chunk does no harm."""


@dataclass(frozen=True)
class FarmJob:
    """One job. Frames are numbers of the plate, as in `--frames`, whose words the ranges in texts are."""

    name: str
    """For people: what is done to which shot."""
    recipe: Recipe
    """With absolute paths, as it is written beside the job's files."""
    frames: tuple[int, ...]
    chunk: int
    """Frames a task at the most."""
    handles: tuple[int, int]
    """Frames before and after a chunk that it reads besides its own."""
    analyzes: bool
    """Whether something is settled for the whole shot in a step that goes before: what a node learns from it, the precision of a model."""
    needs: MachineNeeds = field(default_factory=MachineNeeds)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of every task."""
    executable: str = "vfxai"
    """The command on the farm's machines."""
    maps: tuple[tuple[str, str], ...] = ()
    """Path prefixes of this machine and what they are on the farm's."""
    worker: bool = False
    """Whether a machine keeps a worker, which loads the networks once for all its chunks."""

    @property
    def range(self) -> str:
        """All frames: `1001-1048`, `1001-1048x2`, `1001-1003,1010`."""
        return frames_text(self.frames)

    @property
    def contiguous(self) -> bool:
        """Whether no number is left out between the first and the last."""
        return len(self.frames) == self.frames[-1] - self.frames[0] + 1

    def chunks(self) -> list[str]:
        """The frames of each task."""
        return [frames_text(self.frames[i : i + self.chunk]) for i in range(0, len(self.frames), self.chunk)]

    def analyze_arguments(self, recipe: str) -> list[str]:
        """Of the step that learns from the shot, after the executable. It takes a stated analysis that is there: a person may have corrected it."""
        kept = ["--no-overwrite"] if self.recipe.job.overwrite else []
        return ["run", recipe, "--step", "analyze", *kept, *self._common()]

    def frames_arguments(self, recipe: str, frames: str) -> list[str]:
        """Of the task of some frames, after the executable."""
        return ["run", recipe, "--frames", frames, "--step", "frames", *self._common()]

    def _common(self) -> list[str]:
        return [*(f"--map={old}={new}" for old, new in self.maps), *(["--worker"] if self.worker else [])]

    def recipe_text(self) -> str:
        """The recipe's file."""
        return json.dumps(self.recipe.to_dict(), indent=1) + "\n"


def farm_job(
    recipe: Recipe,
    *,
    chunk: int,
    name: str = "",
    needs: MachineNeeds | None = None,
    environment: Mapping[str, str] | None = None,
    executable: str = "vfxai",
    maps: Sequence[tuple[str, str]] = (),
    worker: bool = False,
) -> FarmJob:
    """The job of a recipe. MissingInputError where the plate is not there, ParameterError for a chunk below 1"""
    if chunk < 1:
        raise ParameterError(f"chunk: expected a whole number from 1, got {chunk}", remedy="give --chunk 48, for instance")
    recipe = with_paths(recipe, absolute)
    active = [step.node for step in recipe.steps if not step.node.is_identity()]
    views = [Pattern.parse(one.source) for _, one in by_view(recipe)]
    frames = tuple(sorted({n for view in views for n in frames_of(view, recipe.job.frames or None)}))
    windows = [node.temporal_window() for node in active]
    shot = re.sub(r"\.?[#@%].*$", "", Path(recipe.source).name) or Path(recipe.source).stem
    return FarmJob(
        name=name or f"vfxai {' '.join(step.node.id for step in recipe.steps)}: {shot}",
        recipe=recipe,
        frames=frames,
        chunk=chunk,
        handles=(sum(w.before for w in windows), sum(w.after for w in windows)),
        analyzes=any(type(node).analyze is not Node.analyze or node.used_models() for node in active),
        needs=needs or MachineNeeds(),
        environment=dict(environment or {}),
        executable=executable,
        maps=tuple(maps),
        worker=worker,
    )
