"""Colour spaces of a job: what its files are taken to be in, what its output gets, and what there is to say about both."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from vfxai.color.config import Config, SpaceChoice, find_config, label_of
from vfxai.color.spaces import proposal
from vfxai.engine.recipe import Recipe
from vfxai.errors import ColorSpaceError, ParameterError, VfxaiError
from vfxai.image.clip import FileClip
from vfxai.image.files import read_header
from vfxai.image.frame import Frame
from vfxai.session.output import in_space, labelled


class JobSpaces:
    """The colour spaces of one recipe."""

    def __init__(self, recipe: Recipe, warn: Callable[[str], None]) -> None:
        """ParameterError where the output is to have a colour space and holds data; ColorSpaceError where the config has none of its name."""
        self._job, self._warn = recipe.job, warn
        self.config: Config = find_config(recipe.job.ocio or None)
        self.gives_color = all(step.node.gives_color() for step in recipe.steps)
        """Whether the output is a picture, and no data."""
        self.output = self._asked()
        """The colour space of the output by the config's own name, empty where it stays in the input's."""
        self.found: dict[str, SpaceChoice] = {}
        """Colour spaces of the plate's frames that were read, by name."""
        self._told_others = self._told_conflict = False

    @property
    def taken(self) -> SpaceChoice:
        """That of the plate, as its first frame that was read has it."""
        return next(iter(self.found.values()), SpaceChoice("unknown", "no frame read", True))

    def _asked(self) -> str:
        asked = self._job.output_colorspace
        if not asked:
            return ""
        if not self.gives_color:
            raise ParameterError(
                "output_colorspace: what this chain gives is no picture but data, which has no colour space",
                remedy="leave it out",
            )
        return self.config.canonical(asked, "--output-colorspace")

    def of_plate(self, path: Path, attributes: Mapping[str, Any]) -> str:
        """That of a file of the plate, by its attributes. ColorSpaceError, with a proposal, where nothing says it."""
        try:
            choice = self.config.space(path, attributes, self._job.colorspace or None)
        except ColorSpaceError as error:
            if not self._job.colorspace and label_of(attributes) is None:
                error.remedy = proposal(self.config, path, _lines(path))
            raise
        if not choice.stated and choice.name not in self.found:
            self._warn(
                f"{path.name} does not say its colour space; taken as {choice.name} ({choice.origin}). --colorspace states another"
            )
        self._tell_conflict(path, attributes, choice)
        if self.output:
            self.config.check_way(choice.name, self.output)
        self.found.setdefault(choice.name, choice)
        if choice.name != self.taken.name:
            self._warn(
                f"the colour space of the plate changes within the shot: {self.taken.name} in its first frame, {choice.name} in others"
            )
        return choice.name

    def _tell_conflict(self, path: Path, attributes: Mapping[str, Any], choice: SpaceChoice) -> None:
        """Warns once where a file says two spaces; not where the user states one, who knows it then."""
        said = "" if self._told_conflict or self._job.colorspace else self.config.conflict(attributes, choice.name)
        if said:
            self._told_conflict = True
            self._warn(f"{path.name}: taken as {choice.name} ({choice.origin}), but {said}. --colorspace states which")

    def beside(self, source: FileClip, path: Path, attributes: Mapping[str, Any]) -> str:
        """That of a file beside the plate `source`, such as a key: what it says, else the plate's."""
        if not self.found:
            source.read(source.frames[0])  # which says that of the plate
        plate = source.path(source.frames[0]), self.taken
        choice = self.config.space_beside(path, attributes, plate, self._job.beside_colorspace or None)
        if not choice.stated:
            self._warn(
                f"{path.name} does not say its colour space; taken as {choice.name} ({choice.origin}). --beside-colorspace states another"
            )
        return choice.name

    def brought(self, made: Frame) -> Frame:
        """A frame that was made, in the colour space of the output."""
        if not self.output:  # what the user states of the plate is what the result says, whatever the file said
            return labelled(made, self.config) if self._job.colorspace and self.gives_color else made
        others = made.stored.besides() if made.stored else []
        if others and not self._told_others:
            self._told_others = True
            some = ", ".join(others[:6]) + (f" and {len(others) - 6} more" if len(others) > 6 else "")
            self._warn(f"{some} keep their values; only the processed layer is brought to {self.output}")
        return in_space(made, self.output, self.config)

    def tell(self, plate: Path, output: Path) -> None:
        """Warns where the output is an EXR of a picture that was none, and its values are not linear, for which most programs take EXR."""
        space = next(iter(self.found), "")
        if self.output or output.suffix.lower() != ".exr" or plate.suffix.lower() == ".exr" or not space:
            return
        if not self.config.is_linear(space) and not self.config.is_data(space):
            self._warn(
                f"the values stay in {space!r}, and most programs take EXR for linear; "
                f"--output-colorspace converts, for example to {self.config.scene_linear!r}"
            )


def _lines(path: Path) -> int | None:
    """Lines of a file's picture; None where it cannot be read, which is told elsewhere."""
    with suppress(VfxaiError):
        return read_header(path).parts[0].display_window.height
    return None
