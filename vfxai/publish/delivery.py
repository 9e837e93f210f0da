"""What is to be published, and what the pipeline expects of it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from pathlib import Path

from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.stereo import stereo_views
from vfxai.errors import InputError, MissingInputError, ParameterError, VfxaiError
from vfxai.image.absent import absent
from vfxai.image.files import read_packed
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern, frames_of
from vfxai.image.views import has_views, of_view, views_on_disk
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


KEPT = 0.5
"""Shift of tone, as a multiple of the noise, that is seen by nobody under grain."""


@dataclass(frozen=True)
class Limits:
    """How much a result may differ from its plate. None: any amount."""

    changed: float | None = None
    """Share of the pixels of a frame that may move by more than three times the noise, 0 to 1."""
    shift: float | None = None
    """Shift of a mean over 32x32 pixels, as a multiple of the noise. None: KEPT where all nodes keep tone, else any."""
    invented: float | None = None
    """Share of the pixels of a frame that may be made up, 0 to 1."""


@dataclass(frozen=True)
class Delivery:
    """A sequence that vfxai wrote, or one view of it, and what the pipeline says of it."""

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
    machines: str = "one"
    """"any" where frames of several classes of machines may be together, which differ in their last bits."""
    maps: Sequence[tuple[str, str]] = ()
    """Path prefixes of the machine that wrote, and what they are here."""
    name: str = ""
    """The view that this is, among those of the shot; empty where there is one picture."""
    view: str = ""
    """The same where one file holds the views: which of them to read."""

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

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The views that were processed of files that hold several; () where they hold one picture, or do not say how they were made."""
        try:
            return stereo_views(replace(self.recipe, source=self.source.text))
        except VfxaiError:  # a check tells it
            return ()

    def read(self, path: Path) -> Frame:
        """The picture of a file, of the result or the plate, that this is about. Raises as read_packed() does."""
        return read_packed(path, self.recipe.job.layer or None, self.view or None).frame()

    def where(self, number: int) -> str:
        """A frame in words: its file, and the view where that holds several."""
        return f"{self.output.path(number)}" + (f" (view {self.view})" if self.view else "")

    def source_frame(self, number: int) -> int:
        """Number of the plate's frame that an output frame is made of."""
        record = self.records.get(number) or Provenance.read(self.output.path(number))
        return int(record.facts.get("source-frame", number))

    @property
    def most_shift(self) -> float:
        """The shift of tone that is allowed, as a multiple of the noise."""
        if self.limits.shift is not None:
            return self.limits.shift
        return KEPT if all(step.node.keeps_tone for step in self.recipe.steps) else inf

    @property
    def is_picture(self) -> bool:
        """Whether it is the plate made otherwise, and not a matte or another picture of its own, of which nothing is the plate's."""
        return all(step.node.gives_color() for step in self.recipe.steps)

    @cached_property
    def records(self) -> dict[int, Provenance]:
        """What each frame says of itself; those that say nothing are left out, which a check tells."""
        found = {}
        for number in self.present:
            with suppress(InputError):
                found[number] = Provenance.read(self.output.path(number))
        return found

    def made_on(self) -> dict[str, list[int]]:
        """The frames by the class of machine that made them."""
        found: dict[str, list[int]] = {}
        for number, record in self.records.items():
            found.setdefault(record.machine, []).append(number)
        return found

    def made_by(self) -> list[str]:
        """Who ran it, in the words of the frames."""
        return sorted({record.facts["user"] for record in self.records.values() if record.facts.get("user")})

    def pairs(self) -> Iterator[tuple[int, Path, Path]]:
        """Each frame that is there with its file and that of its plate."""
        for number in self.present:
            yield number, self.output.path(number), self.source.path(self.source_frame(number))


def deliveries(output: str, frames: str = "", *, against: str = "", views: Sequence[str] = (), **facts: object) -> list[Delivery]:
    """What was written under a pattern, one for each view: in files of their own where there is %V, else of the views that one file holds.

    `against` is the pattern of the plate where it lies elsewhere than the recipe says, `views` are those that should be there.
    MissingInputError where there is no frame, or a view is not there.
    """
    apart = has_views(output)
    names = views_on_disk(output) if apart else ("",)
    if not names:
        raise absent(output)
    found = []
    for name in names:
        plate = Pattern.parse(of_view(against, name)) if against else None
        one = Delivery.of(of_view(output, name), frames, plate=plate, name=name, **facts)
        held = one.views if one.present else ()
        found += [replace(one, view=view, name=name or view) for view in held] or [one]
    if lost := [view for view in views if view not in [one.name for one in found]]:
        there = ", ".join(one.name for one in found if one.name) or "none"
        raise MissingInputError(
            f"{output} has no view {', '.join(lost)}; there is {there}", remedy="run the recipe for all views"
        )
    return found


def as_problem(error: VfxaiError, where: str) -> Problem:
    """An error that a check met is what it found."""
    return Problem(error.message, where, error.remedy)
