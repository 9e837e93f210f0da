"""What a node is: one class that declares parameters, inputs, temporal window, encoding and models."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, ClassVar

from vfxai.errors import DeclarationError, ParameterError
from vfxai.schema.parameters import FileParameter, FilesParameter, Number, Parameter
from vfxai.schema.vocabulary import RESERVED, Encoding, Input, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.schema.tools import Tools

MODEL_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Node:
    """Base of every node. A subclass is checked when it is defined; all problems are reported at once."""

    inputs: ClassVar[tuple[Input, ...]] = (Plate(),)
    window: ClassVar[Window] = Window()
    encoding: ClassVar[Encoding] = Encoding.SCENE_LINEAR
    associated: ClassVar[bool] = False
    """Whether process() gets colour multiplied by alpha where the file has it so, which is right for changes of size; else never."""
    models: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    """Raised when the node's code comes to give another analysis or other frames: those made before are then made again, not kept."""
    id: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.id = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        problems = problems_of(cls)
        if problems:
            raise DeclarationError(f"{cls.__module__}.{cls.__name__} is not a node:\n  " + "\n  ".join(problems))

    def __init__(self, **values: Any) -> None:
        problems = []
        known = self.parameters()
        for name, value in values.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                problems.append(f"{self.id} has no parameter {name!r}" + (f", did you mean {near[0]!r}?" if near else ""))
                continue
            try:
                self.__dict__[name] = known[name].validate(value)
            except ParameterError as error:
                problems.append(error.message)
        if problems:
            raise ParameterError("; ".join(problems), remedy=f"see `vfxai nodes {self.id}` for the parameters and their ranges")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {self.id} node cannot be changed; make another one")

    @classmethod
    def parameters(cls) -> dict[str, Parameter[Any]]:
        """Parameters by name, in the order of declaration."""
        found = {n: v for base in reversed(cls.__mro__) for n, v in vars(base).items()}
        return {n: v for n, v in found.items() if isinstance(v, Parameter)}

    @classmethod
    def title(cls) -> str:
        """The name for people."""
        return cls.id.replace("-", " ").capitalize()

    @classmethod
    def summary(cls) -> str:
        """First line of the docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def masks(cls) -> tuple[Mask, ...]:
        """The mattes among the inputs."""
        return tuple(i for i in cls.inputs if isinstance(i, Mask))

    def values(self) -> dict[str, Any]:
        """Every parameter's value, as plain data."""
        found = {name: getattr(self, name) for name in self.parameters()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    def files(self) -> tuple[str, ...]:
        """Paths or patterns of what the node reads besides the plate and mattes, whose change changes the frames."""
        found: list[str] = []
        for name, parameter in self.parameters().items():
            if isinstance(parameter, FilesParameter) or (isinstance(parameter, FileParameter) and not parameter.writes):
                value = getattr(self, name)
                found += [value] if isinstance(value, str) else value
        return tuple(f for f in found if f)

    def used_models(self) -> tuple[str, ...]:
        """Ids of the models that these values run."""
        return self.models

    def temporal_window(self) -> Window:
        """Frames needed around each, which may depend on the values."""
        return self.window

    def is_identity(self) -> bool:
        """Whether these values leave every plate as it is; the engine then passes it through bit-identical."""
        return False

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> Any:
        """The analysis from its to_dict(); ParameterError where it is none."""
        raise ParameterError(f"{cls.id} makes no analysis", remedy="leave out --analysis")

    def timeline(self, frames: Sequence[int], analysis: Any) -> Mapping[int, int] | None:
        """For nodes that change the rate: the input frame at the centre of each output frame's window, by output number.

        `frames` are the numbers of the whole shot. None: every frame keeps its number.
        """
        return None

    def analyze(self, plate: Clip, tools: Tools) -> Any:
        """What the node learns from the whole shot, an object with to_dict(); None where it needs nothing."""
        return None

    def deliver(self, plate: Clip, analysis: Any, tools: Tools) -> None:
        """Writes the files besides the frames that its parameters ask for, such as a look; once, before the frames."""

    def process(self, at: FrameWindow, analysis: Any, tools: Tools) -> Frame:
        """The processed centre frame; frames come unpremultiplied, finite and in the node's encoding."""
        raise NotImplementedError  # the declaration check refuses a node without it


def problems_of(cls: type[Node]) -> list[str]:
    """Everything that is wrong with a declaration, in words."""
    problems = []
    if not (cls.__doc__ or "").strip() or cls.__doc__ == Node.__doc__:
        problems.append("it has no docstring, which is its help")
    if cls.process is Node.process:
        problems.append("it has no process()")
    if cls.analyze is not Node.analyze and cls.load_analysis.__func__ is Node.load_analysis.__func__:  # type: ignore[attr-defined]  # bound classmethods
        problems.append("it has analyze() but no load_analysis()")
    if not isinstance(cls.encoding, Encoding):
        problems.append(f"encoding: expected an Encoding, got {cls.encoding!r}")
    if not isinstance(cls.window, Window) or cls.window.before < 0 or cls.window.after < 0:
        problems.append(f"window: expected a Window of numbers not below 0, got {cls.window!r}")
    problems += [f"models: {m!r} is not a model id such as denoise-s" for m in cls.models if not MODEL_ID.fullmatch(str(m))]
    return problems + _input_problems(cls) + _parameter_problems(cls)


def _input_problems(cls: type[Node]) -> list[str]:
    names = [i.name for i in cls.inputs]
    problems = [f"inputs: {n!r} is there twice" for n in sorted({n for n in names if names.count(n) > 1})]
    if not any(isinstance(i, Plate) for i in cls.inputs):
        problems.append("inputs: there is no Plate()")
    taken = RESERVED | set(cls.parameters())
    return problems + [f"inputs: {n!r} is a word of the command line or a parameter" for n in names if n in taken]


def _parameter_problems(cls: type[Node]) -> list[str]:
    problems = []
    for name, parameter in cls.parameters().items():
        if name in RESERVED or hasattr(Node, name):
            problems.append(f"{name}: the name is taken by the command line or by Node")
        if not parameter.label.strip() or not parameter.doc.strip():
            problems.append(f"{name}: it has no label or no doc")
        if isinstance(parameter, Number) and parameter.min > parameter.max:
            problems.append(f"{name}: min {parameter.min:g} is above max {parameter.max:g}")
        try:
            parameter.validate(parameter.default)
        except ParameterError as error:
            problems.append(f"default of {error.message}")
    return problems
