"""What is to be published, and what the pipeline expects of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.errors import ParameterError, VfxaiError
from vfxai.image.sequence import Pattern, frames_of
from vfxai.publish.provenance import Provenance


@dataclass(frozen=True)
class Problem:
    """Something that must not be published so."""

    what: str
    where: str
    """A file, or a frame range."""
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


@dataclass(frozen=True)
class Limits:
    """How much a result may differ from its plate. None: any amount."""

    changed: float | None = None
    """Share of the pixels of a frame that may move by more than three times the noise, 0 to 1."""
    shift: float | None = 0.5
    """Shift of a mean over 32x32 pixels, as a multiple of the noise: half of it is seen by nobody under grain."""
    invented: float | None = None
    """Share of the pixels of a frame that may be made up, 0 to 1."""


@dataclass(frozen=True)
class Delivery:
    """A sequence that vfxai wrote, and what the pipeline says of it."""

    output: Pattern
    frames: tuple[int, ...]
    """That should be there."""
    plate: Pattern | None = None
    """What it was made of, where that lies elsewhere than its recipe says."""
    colorspace: str = ""
    """What the pipeline says; empty: it says nothing."""
    license: str = "any"
    """"commercial" where the show may use only models that allow paid work."""
    limits: Limits = field(default_factory=Limits)
    maps: Sequence[tuple[str, str]] = ()
    """Path prefixes of the machine that wrote, and what they are here."""

    @classmethod
    def of(cls, output: str | Path, frames: str = "", **facts: object) -> "Delivery":
        """From a pattern and a range in words; all frames on disk unless given. MissingInputError where there is none."""
        pattern = Pattern.parse(output)
        return cls(pattern, tuple(frames_of(pattern, frames or None)), **facts)  # type: ignore[arg-type]  # the caller's facts are checked by mypy at Delivery()

    @property
    def present(self) -> list[int]:
        """The frames that are on disk."""
        return [n for n in self.frames if self.output.path(n).is_file()]

    @cached_property
    def provenance(self) -> Provenance:
        """Of the first frame that is there. InputError where it says nothing."""
        if not self.present:
            raise ParameterError(f"{self.output.text}: none of its frames is there", remedy="check the pattern and the range")
        return Provenance.read(self.output.path(self.present[0]))

    @cached_property
    def recipe(self) -> Recipe:
        """That it was made by, with the paths of this machine."""
        return with_paths(Recipe.from_dict(self.provenance.recipe, "the recipe in the header"), mapper(self.maps))

    @cached_property
    def source(self) -> Pattern:
        """The plate's files."""
        return self.plate or Pattern.parse(self.recipe.source)

    def source_frame(self, number: int) -> int:
        """Number of the plate's frame that an output frame is made of."""
        return int(Provenance.read(self.output.path(number)).facts.get("source-frame", number))

    def pairs(self) -> Iterator[tuple[int, Path, Path]]:
        """Each frame that is there with its file and that of its plate."""
        for number in self.present:
            yield number, self.output.path(number), self.source.path(self.source_frame(number))


def as_problem(error: VfxaiError, where: str) -> Problem:
    """An error that a check met is what it found."""
    return Problem(error.message, where, error.remedy)
