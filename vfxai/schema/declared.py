"""A class whose attributes are parameters: nodes, and the options of a job."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from inspect import Parameter as Argument
from inspect import Signature, get_annotations
from typing import Any, ClassVar, Self, dataclass_transform

from vfxai.errors import ParameterError
from vfxai.schema.keyed import Keyed
from vfxai.schema.kind import Parameter, shown, told


@dataclass_transform(kw_only_default=True, eq_default=False, frozen_default=True)
class Declared:
    """Its instances hold a value of each parameter and never change; the class itself says what there is.

    What an instance is made with has the parameters' names, types and defaults: for type checkers by PEP 681, for inspect, help() and editors by
    the class's signature.
    """

    id: ClassVar[str]
    remedy: ClassVar[str] = "see `vfxai nodes` for the parameters and their ranges"
    __signature__: ClassVar[Signature]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__signature__ = Signature(arguments(cls, cls.parameters()))

    def __init__(self, /, **values: Any) -> None:
        known = self.parameters()
        problems: list[tuple[str, str]] = []
        for name, value in values.items():
            if name not in known:
                near = difflib.get_close_matches(name, self.words(), 1)
                problems.append((name, f"{self.id} has no {shown(name)}" + (f", did you mean {near[0]!r}?" if near else "")))
                continue
            try:
                self.__dict__[name] = known[name].accept(value)
            except ParameterError as error:
                problems += error.problems
        if problems:
            raise ParameterError(told([f"{n}: {says}" for n, says in problems]), remedy=self.remedy, problems=tuple(problems))
        self.check()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self.id} cannot be changed; make another one")

    @classmethod
    def parameters(cls) -> dict[str, Parameter[Any]]:
        """Parameters by name, in the order of declaration; those of a base class come last."""
        found: dict[str, Parameter[Any]] = {}
        for kind in cls.__mro__:
            for name, value in vars(kind).items():
                if isinstance(value, Parameter):
                    found.setdefault(name, value)
        return found

    @classmethod
    def words(cls) -> list[str]:
        """Every name that a recipe may give a value to."""
        return list(cls.parameters())

    def check(self) -> None:
        """Raises ParameterError where values do not go together; called when an instance is made."""

    def values(self) -> dict[str, Any]:
        """Every parameter's value, as plain data."""
        found = {name: getattr(self, name) for name in self.parameters()}
        return {name: _plain(value) for name, value in found.items()}

    def given(self) -> dict[str, Any]:
        """The values that were given and not left at their defaults, as plain data."""
        return {name: _plain(value) for name, value in self.__dict__.items()}

    def idle(self) -> list[str]:
        """What was given and does nothing beside the other values, in words with what to do about it."""
        found = []
        for name, parameter in self.parameters().items():
            if parameter.needs is None or getattr(self, name) == parameter.default:
                continue
            other, value = parameter.needs
            if getattr(self, other) != value:
                why = (
                    f"unless {other} is {value}; give that too, or leave out {name}"
                    if value
                    else f"where {other} is given; leave out one"
                )
                found.append(f"{name} has no effect {why}")
        return found

    def by_frame(self) -> dict[str, Keyed[Any]]:
        """The values that change over the shot."""
        return {name: value for name, value in self.__dict__.items() if isinstance(value, Keyed)}

    def for_frame(self, frame: int) -> Self:
        """With the values of a frame; itself where none changes over the shot."""
        changing = self.by_frame()
        if not changing:
            return self
        known = self.parameters()
        now = {name: value.at(frame, known[name].between) for name, value in changing.items()}
        return type(self)(**{**self.__dict__, **now})

    def replaced(self, **values: Any) -> Self:
        """With other values."""
        return type(self)(**{**self.__dict__, **values})


def arguments(kind: type[Declared], names: Iterable[str]) -> list[Argument]:
    """Parameters of a class as those of a function: by name only, with their types and defaults."""
    known = kind.parameters()
    hints: Mapping[str, Any] = {n: hint for one in reversed(kind.__mro__) for n, hint in get_annotations(one).items()}
    return [
        Argument(name, Argument.KEYWORD_ONLY, default=known[name].default, annotation=hints.get(name, Argument.empty))
        for name in names
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Keyed):
        return {frame: _plain(one) for frame, one in value.to_dict().items()}
    return list(value) if isinstance(value, tuple) else value
