"""What a node is: one class that declares parameters, inputs, temporal window, encoding and models."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from vfxai.errors import DeclarationError, ParameterError
from vfxai.schema.declared import Declared
from vfxai.schema.job import RESERVED
from vfxai.schema.keyed import Keyed
from vfxai.schema.parameters import FileParameter, FilesParameter, Float, Number
from vfxai.schema.vocabulary import Encoding, Input, Mask, Plate, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame, FrameWindow
    from vfxai.schema.clip_format import ClipFormat
    from vfxai.schema.events import Chosen
    from vfxai.schema.tools import Tools

COLORS = 12
"""Bytes of a pixel's colour while it is worked on: three of float32."""
MODEL_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Node(Declared):
    """Base of every node. A subclass is checked when it is defined; all problems are reported at once.

    Values by frame stay such (vfxai.schema.keyed.Keyed) until for_frame() gives the node of one frame. Analysis and temporal window never depend on them.
    """

    inputs: ClassVar[tuple[Input, ...]] = (Plate(),)
    window: ClassVar[Window] = Window()
    encoding: ClassVar[Encoding] = Encoding.SCENE_LINEAR
    associated: ClassVar[bool] = False
    """Whether process() gets colour multiplied by alpha where the file has it so, which is right for changes of size; else never."""
    models: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    """Raised when the node's code comes to give another analysis or other frames: those made before are then made again, not kept."""

    reducible: ClassVar[bool] = True
    """Whether a smaller plate gives about the same picture smaller, so that a preview may work on one; not where lines are fields, for instance."""
    changes_alpha: ClassVar[bool] = False
    """Whether alpha is made anew where the size stays, as lines of a field are; else the plate's comes back to the bit."""
    keeps_tone: ClassVar[bool] = False
    """Whether means over some pixels stay what they are, so that a shift of tone is a fault; not where something is removed, moved or graded."""
    analysis_is_bound: ClassVar[bool] = True
    """Whether what analyze() learns belongs to the frames that it saw, so that a file of it is refused for others. A look is good for any."""
    analysis_scales: ClassVar[bool] = False
    """Whether what was learned holds for the plate at any size, as colours do and positions in pixels do not."""

    mix: float = Float(1.0, min=0, max=1, animated=True, label="Mix", doc="Share of the result, over the plate. 0 keeps the plate bit-identical.")  # fmt: skip

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.id = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        cls.remedy = f"see `vfxai nodes {cls.id}` for the parameters and their ranges"
        problems = problems_of(cls)
        if problems:
            raise DeclarationError(f"{cls.__module__}.{cls.__name__} is not a node:\n  " + "\n  ".join(problems))

    @classmethod
    def words(cls) -> list[str]:
        """Parameters, and inputs besides the plate."""
        return [*cls.parameters(), *(i.name for i in cls.inputs if i.takes)]

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

    def files(self) -> tuple[str, ...]:
        """Paths or patterns of what the node reads besides the plate and mattes, whose change changes the frames."""
        found: list[str] = []
        for name, parameter in self.parameters().items():
            if isinstance(parameter, FilesParameter) or (isinstance(parameter, FileParameter) and not parameter.writes):
                value = getattr(self, name)
                found += [value] if isinstance(value, str) else value
        return tuple(f for f in found if f)

    def files_written(self) -> dict[str, str]:
        """Paths of what the node writes besides frames, by parameter."""
        written = {n for n, p in self.parameters().items() if isinstance(p, FileParameter) and p.writes}
        return {name: str(getattr(self, name)) for name in sorted(written) if getattr(self, name)}

    def used_models(self) -> tuple[str, ...]:
        """Ids of the models that these values run."""
        return self.models

    def temporal_window(self) -> Window:
        """Frames needed around each, which may depend on the values."""
        return self.window

    def keeps_format(self) -> bool:
        """Whether the result has the plate's size and number of frames, so that a share of it can be laid over the plate.

        Unless a node says otherwise, where it declares no other size and no timeline; one that does may still keep them with some values.
        """
        kind = type(self)
        return kind.output_size is Node.output_size and kind.timeline is Node.timeline

    def check(self) -> None:
        """ParameterError where a share of the result is asked for that cannot be had. A node that checks more does this too."""
        shares = [value for _, value in self.mix.keys] if isinstance(self.mix, Keyed) else [self.mix]
        if any(share != 1 for share in shares) and not self.keeps_format():
            raise ParameterError(
                f"mix: what {self.id} gives is of another size or number of frames than the plate, over which no share of it can lie",
                remedy="leave out mix, or give values with which size and number of frames stay",
            )

    def check_inputs(self, fed: Collection[str]) -> None:
        """ParameterError where the values and the inputs that are fed, named so, do not go together; called before anything is read."""
        for one in self.inputs:
            if not one.optional and one.takes and one.name not in fed:
                raise ParameterError(f"{self.id} needs the input {one.name}", remedy=f"give {one.name}: {one.doc}")

    def is_identity(self) -> bool:
        """Whether these values leave every plate as it is; the session then passes it through bit-identical. Values by frame never do: ask for_frame()."""
        return False

    def gives_color(self) -> bool:
        """Whether the result is a picture in the plate's colour space, and no data such as a matte, which nobody may convert."""
        return True

    def learns_from_part(self) -> bool:
        """Whether a part of a picture teaches about the same as all of it, as it does of noise, so that a rough preview may learn from one."""
        return False

    def leaves_plate(self) -> bool:
        """Whether the plate comes back bit-identical: nothing of the result is mixed in, or there is nothing to do."""
        return self.mix == 0 or self.is_identity()

    def output_size(self, width: int, height: int, pixel_aspect: float) -> tuple[int, int]:
        """Format of the output in pixels, for one of the plate; another one for nodes that change the size."""
        return width, height

    def output_format(self, plate: ClipFormat) -> ClipFormat:
        """What a clip is after this node, as far as that is known before the shot was looked at."""
        width, height = self.output_size(plate.width, plate.height, plate.pixel_aspect)
        return replace(plate, width=width, height=height)

    def least_memory(self, plate: ClipFormat) -> int:
        """Bytes that a frame takes at the least while it is made: the colours of plate and result. More for a node that works at a larger size."""
        made = self.output_format(plate)
        return COLORS * (plate.width * plate.height + made.width * made.height)

    @classmethod
    def load_analysis(cls, data: dict[str, Any]) -> Any:
        """The analysis from its to_dict(); ParameterError where it is none."""
        raise ParameterError(f"{cls.id} makes no analysis", remedy="leave out --analysis")

    @classmethod
    def learns(cls) -> bool:
        """Whether the node may look at the whole shot before its frames are made."""
        return cls.analyze is not Node.analyze

    def timeline(self, frames: Sequence[int], analysis: Any) -> Mapping[int, int] | None:
        """For nodes that change the rate: the input frame at the centre of each output frame's window, by output number.

        `frames` are the numbers of the whole shot. None: every frame keeps its number.
        """
        return None

    def chosen(self) -> tuple[Chosen, ...]:
        """What it chose for the user in the files that its parameters name, and why; told before the first frame."""
        return ()

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
    slots = [slot for i in cls.inputs for slot in {i.name, *i.slots}]
    problems = [f"inputs: {n!r} is there twice" for n in sorted({n for n in slots if slots.count(n) > 1})]
    if not any(isinstance(i, Plate) for i in cls.inputs):
        problems.append("inputs: there is no Plate()")
    taken = RESERVED | set(cls.parameters())
    return problems + [f"inputs: {n!r} is a word of the command line or a parameter" for n in names if n in taken]


def _parameter_problems(cls: type[Node]) -> list[str]:
    problems = []
    for name, parameter in cls.parameters().items():
        if name in RESERVED or (hasattr(Node, name) and parameter is not Node.parameters().get(name)):
            problems.append(f"{name}: the name is taken by the command line or by Node")
        if parameter.needs and parameter.needs[0] not in cls.parameters():
            problems.append(f"{name}: it needs {parameter.needs[0]}, which is no parameter")
        if not parameter.label.strip() or not parameter.doc.strip():
            problems.append(f"{name}: it has no label or no doc")
        if isinstance(parameter, Number) and parameter.min > parameter.max:
            problems.append(f"{name}: min {parameter.min:g} is above max {parameter.max:g}")
        try:
            parameter.validate(parameter.default)
        except ParameterError as error:
            problems.append(f"default of {error.message}")
    return problems
