"""Inputs that a client names as files instead of sending their pictures: the pair and the references of tone, as a host's parameters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vfxai.color.config import Config, SpaceChoice
from vfxai.engine.inputs import opened
from vfxai.errors import ParameterError
from vfxai.image.clip import Clip
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import named_as_files
from vfxai.session.request import warn


class NamedInputs:
    """What the values of an instance name as files, as clips, and the values that are the node's own."""

    def __init__(self, node: type[Node], values: Mapping[str, Any], colorspace: str, config: Config) -> None:
        """`colorspace` is that of the plate, in which files are that do not say theirs. ParameterError, InputError where a file cannot be had."""
        declared = named_as_files(node.inputs)
        self.values = {name: value for name, value in values.items() if name not in declared}
        self.patterns = {name: declared[name].accept(value) for name, value in values.items() if name in declared and value}
        self.clips: dict[str, Clip] = {}
        self._plate, self._config = SpaceChoice(colorspace, "--colorspace" if colorspace else "", bool(colorspace)), config
        for name, patterns in self.patterns.items():
            for one in declared[name].patterns(patterns):
                if not Path(one).is_absolute():
                    raise ParameterError(
                        f"{name}: {one} is no whole path, and the worker runs in another folder",
                        remedy="name it from the root on",
                    )
            self.clips |= opened(declared[name], patterns, self._space)

    def _space(self, path: Path, attributes: Mapping[str, Any]) -> str:
        choice = self._config.space_beside(path, attributes, (path, self._plate))
        if not choice.stated:
            warn(f"{path.name} does not say its colour space; taken as {choice.name} ({choice.origin})")
        return choice.name
