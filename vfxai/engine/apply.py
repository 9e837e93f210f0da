"""A node applied to a clip is a clip. Here a frame is made ready for a node and what the node did is brought back into the plate."""

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from vfxai.color.config import Config, find_config
from vfxai.color.encoding import Encoded, decode, encode
from vfxai.color.luminance import Luminance
from vfxai.errors import CancelledError, MissingInputError, ParameterError
from vfxai.image.box import Box
from vfxai.image.clip import CASUAL, Cache, Clip, FileClip, align, coverage, frame_bytes, in_format, open_clip
from vfxai.image.frame import Frame, FrameWindow
from vfxai.models.pool import Pool
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import Encoding

T = TypeVar("T")
LEAST_ALPHA = 1e-4
"""Below this a premultiplied colour is not divided: half floats leave no colour to recover."""


@dataclass
class EngineTools:
    """The schema's Tools for one run."""

    pool: Pool
    reach: int = 1
    """Frames in the widest temporal window of the chain."""
    on_warning: Callable[[str], None] = lambda message: None
    on_progress: Callable[[int, int, str], None] = lambda done, total, what: None
    cancelled: threading.Event = field(default_factory=threading.Event)
    records: dict[str, Any] = field(default_factory=dict)
    """Facts about the frame in work; taken and emptied by the run loop."""

    def __post_init__(self) -> None:
        self._memos: dict[Hashable, Cache[Any]] = {}

    def run_model(self, model_id: str, planes: Tensor, passes: int = 1) -> Tensor:
        """Runs a model in the pool unless the run was cancelled."""
        self.check()
        return self.pool.run(model_id, planes, passes)

    def remember(self, kind: Hashable, key: Hashable, make: Callable[[], T]) -> T:
        """From the memo of its kind, which has room for a window's frames, or made."""
        memo = self._memos.setdefault(kind, Cache(self.reach, CASUAL, _size))
        value: T = memo.get(key, make)
        return value

    def progress(self, done: int, total: int, what: str) -> None:
        """Reports and checks for cancellation."""
        self.check()
        self.on_progress(done, total, what)

    def warn(self, message: str) -> None:
        """Hands a warning on."""
        self.on_warning(message)

    def record(self, name: str, value: Any) -> None:
        """Keeps a fact about the frame in work."""
        self.records[name] = value

    def check(self) -> None:
        """Raises CancelledError where the user stopped the run."""
        if self.cancelled.is_set():
            raise CancelledError("stopped")


class _NodeTools:
    """Tools of one node in a chain: what it remembers is its own, and pictures come as it wants them."""

    def __init__(self, tools: EngineTools, owner: "NodeClip") -> None:
        self._tools, self._owner = tools, owner

    @property
    def config(self) -> Config:
        return self._owner.config

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        kind, number = key if isinstance(key, tuple) else (key, None)
        return self._tools.remember((id(self._owner), kind), number, make)

    def open(self, pattern: str, like: Frame) -> Clip:
        return _Prepared(self._owner, _InSpace(open_clip(pattern), like.colorspace, self._owner.config, self._tools.warn))

    def luminance(self, frame: Frame) -> Luminance:
        return self._owner.config.luminance(frame.colorspace)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tools, name)


@dataclass(frozen=True)
class Prepared:
    """A plate frame as a node gets it, and the way back."""

    plate: Frame
    """As it came."""
    frame: Frame
    """Finite, unpremultiplied, encoded."""
    finite: Tensor
    """The plate's colour with what was not a number repaired, still premultiplied and in its space."""
    encoded: Encoded
    repaired: int


class NodeClip(Clip):
    """A node applied to a plate clip, lazily."""

    def __init__(
        self,
        plate: Clip,
        node: Node,
        tools: EngineTools | None = None,
        config: Config | None = None,
        masks: Mapping[str, Clip] | None = None,
        analysis: Any = None,
    ) -> None:
        self.plate, self.node, self.masks = plate, node, dict(masks or {})
        window = node.temporal_window().loaded
        reach = window.before + window.after + 1
        plate.hold(reach, looked_at(node))
        self.config = config or find_config()
        self._engine = tools or EngineTools(Pool(), reach)
        self._tools: Any = _NodeTools(self._engine, self)
        self.analysis = analysis
        self._timeline: Mapping[int, int] | None = None
        self._learned = False
        costly = node.encoding is not Encoding.STORED
        self._prepared: Cache[Prepared] = Cache(reach if costly else 0, looked_at(node), lambda p: 2 * frame_bytes(p.frame))
        self._done = Cache(1, CASUAL, frame_bytes)
        self._lock = threading.RLock()

    @property
    def frames(self) -> tuple[int, ...]:
        """As the plate's, or those that the node makes of them where it changes the rate."""
        if type(self.node).timeline is Node.timeline or self.node.is_identity():
            return self.plate.frames
        self.learn()
        if self._timeline is None:
            return self.plate.frames
        wanted = frozenset(self.plate.frames)
        return tuple(number for number, centre in self._timeline.items() if centre in wanted)

    def has(self, number: int) -> bool:
        """Whether the plate has the frame that it is made of."""
        if self._timeline is not None:
            return number in self._timeline and self.plate.has(self._timeline[number])
        return self.plate.has(number)

    def _centre(self, number: int) -> int:
        """Number of the plate's frame at the centre of a frame's window."""
        return number if self._timeline is None else self._timeline[number]

    def origin(self, number: int) -> int:
        """As Clip says, through all nodes before this one."""
        return self.plate.origin(self._centre(number))

    def learn(self, shot: Clip | None = None) -> Any:
        """The analysis of the whole shot, made once, and the numbers that follow from it; None for nodes that need none."""
        with self._lock:
            if not self._learned and not self.node.is_identity():
                shot = shot or self.plate
                if self.analysis is None:
                    self.analysis = self.node.analyze(_Prepared(self, shot), self._tools)
                self._timeline = self.node.timeline(shot.frames, self.analysis)
            self._learned = True
        return self.analysis

    def deliver(self, shot: Clip | None = None) -> None:
        """Lets the node write the files that it was asked for."""
        if not self.node.is_identity():
            self.node.deliver(_Prepared(self, shot or self.plate), self.learn(shot), self._tools)

    def __getitem__(self, number: int) -> Frame:
        if self.node.leaves_plate():
            return self.plate[number]
        return self._done.get(number, lambda: self._process(number))

    def _process(self, number: int) -> Frame:
        self._engine.check()
        self.learn()
        if not self.has(number):
            raise MissingInputError(f"there is no frame {number} after {self.node.id}", remedy="check the frame range")
        at = self._centre(number)
        centre = self._ready(at)
        plate = centre.plate
        numbers = self.plate.numbers(at, self.node.temporal_window().loaded)
        if centre.repaired:
            self._tools.record("repaired", centre.repaired)
            self._tools.warn(f"frame {at}: {centre.repaired} pixels that were not finite were repaired from their neighbours")
        shot = _Prepared(self, self.plate, plate.data_window)
        node = self.node.for_frame(number)
        if node.leaves_plate():
            return plate
        result = node.process(FrameWindow(number, centre.frame, numbers, shot), self.analysis, self._tools)
        return self._mixed(node.mix, centre, self._masked(at, centre, self._back(centre, result)))

    def _mixed(self, share: float, ready: Prepared, result: Frame) -> Frame:
        """A share of the result over the plate."""
        if share == 1:
            return result
        if result.color.shape != ready.plate.color.shape or result.data_window != ready.plate.data_window:
            raise ParameterError(
                f"{self.node.id} changes the picture's size, so that nothing can be mixed", remedy="give mix 0 or 1"
            )
        return result.with_color(ready.finite + share * (result.color - ready.finite))

    def _ready(self, number: int) -> Prepared:
        return self._prepared.get(number, lambda: self._prepare(self.plate[number]))

    def _prepare(self, frame: Frame) -> Prepared:
        finite, repaired = repair_not_finite(frame.color)
        color = finite
        if frame.alpha is not None and frame.premultiplied and not self.node.associated:
            color = _divided(finite, frame.alpha)
        elif frame.alpha is not None and self.node.associated and not frame.premultiplied:
            color = finite * frame.alpha.nan_to_num(1.0, 1.0, 1.0)
        encoded = encode(self.config, color, frame.colorspace, self.node.encoding)
        ready = replace(frame, color=encoded.pixels, premultiplied=self.node.associated and frame.alpha is not None)
        return Prepared(frame, ready, finite, encoded, repaired)

    def _back(self, ready: Prepared, result: Frame) -> Frame:
        """The result in the plate's space; samples the node left alone keep the plate's value to the bit."""
        plate = ready.plate
        color, alpha = decode(self.config, result.color, ready.encoded), result.alpha
        same_place = result.color.shape == plate.color.shape and result.data_window == plate.data_window
        if alpha is not None and plate.premultiplied and not self.node.associated:
            color = _multiplied(color, alpha)
            if same_place and plate.alpha is not None:
                # colour of alpha 0 is a glow where it came so, else what alpha no longer shows
                color = torch.where(alpha == 0, ready.finite * (plate.alpha == 0), color)
        elif alpha is not None and self.node.associated and not plate.premultiplied:
            color = _divided(color, alpha)
        if same_place:
            kept = result.color == ready.frame.color
            if plate.premultiplied and alpha is not None and plate.alpha is not None:
                kept &= alpha == plate.alpha
            color = torch.where(kept, ready.finite, color)
        return replace(result, color=color, premultiplied=plate.premultiplied, colorspace=plate.colorspace)

    def matte(self, name: str, number: int, like: Frame | None = None) -> Tensor | None:
        """A matte over the data window of a frame, of the plate's unless given: alpha of a gray picture, else the mean of the colours times alpha.

        0 where its file has no pixels, as in one that was cropped to its shape.
        """
        clip = self.masks.get(name)
        if clip is None:
            return None
        if isinstance(clip, FileClip) and not clip.pattern.is_sequence:
            number = clip.frames[0]  # one still for the whole shot
        like = like or self.plate[number]
        given = in_format(clip[number], like, f"frame {number}: the {name}")
        matte = align(given, like.data_window)
        weight = matte.color.mean(0, keepdim=True)
        if matte.alpha is not None and len(matte.color) == 1:
            weight = matte.alpha
        elif matte.alpha is not None and not matte.premultiplied:
            weight = weight * matte.alpha  # white strokes on nothing
        weight = weight.nan_to_num(0.0).clamp_(0, 1)
        return weight if given.data_window == like.data_window else weight * coverage(given, like.data_window)

    def hold(self, least: int, most: int = 0) -> None:
        """As Clip says."""
        self._done.widen(least, most)

    def _masked(self, number: int, ready: Prepared, result: Frame) -> Frame:
        plate = ready.plate
        for declared in self.node.masks():
            weight = self.matte(declared.name, number, plate) if declared.mixes else None
            if weight is None:
                continue
            weight = 1 - weight if declared.keeps else weight
            mixed = ready.finite + weight * (result.color - ready.finite)
            mixed = torch.where(weight == 1, result.color, mixed)
            result = result.with_color(torch.where(weight == 0, plate.color, mixed))
        return result


def _divided(color: Tensor, alpha: Tensor) -> Tensor:
    """Premultiplied colour without its alpha."""
    return color if bool((alpha == 1).all()) else color / _divisor(alpha)


def _multiplied(color: Tensor, alpha: Tensor) -> Tensor:
    """What _divided() took its alpha from."""
    return color if bool((alpha == 1).all()) else color * _divisor(alpha)


def _divisor(alpha: Tensor) -> Tensor:
    """Alpha, and 1 where there is too little of it or it is not finite."""
    return torch.where((alpha > LEAST_ALPHA) & (alpha < torch.inf), alpha, 1.0)


def _size(value: Any) -> int:
    """Bytes of the tensors in what a node remembers."""
    if isinstance(value, Tensor):
        return value.nbytes
    if is_dataclass(value):
        value = [getattr(value, one.name) for one in fields(value)]
    return sum(map(_size, value)) if isinstance(value, tuple | list) else 0


MOST_HELD = 24
"""Frames that are kept for a node that looks along the shot; what lies further is read again."""


def looked_at(node: Node) -> int:
    """Frames that a node goes back and forth among."""
    window = node.temporal_window()
    return min(window.before + window.after + 1, MOST_HELD) if window.lazy else 0


class _InSpace(Clip):
    """Pictures brought into a plate's colour space."""

    def __init__(self, pictures: FileClip, space: str, config: Config, warn: Callable[[str], None]) -> None:
        self._pictures, self._space, self._config, self._warn = pictures, space, config, warn

    @property
    def frames(self) -> tuple[int, ...]:
        return self._pictures.frames

    def __getitem__(self, number: int) -> Frame:
        frame = self._pictures[number]
        own = self._config.space(self._pictures.path(number), frame.attributes)
        if own.name == self._space:
            return replace(frame, colorspace=self._space)
        if not own.stated:
            self._warn(f"{self._pictures.path(number).name} does not say its colour space; taken as {own.name} ({own.origin})")
        return replace(frame, color=self._config.transform(frame.color, own.name, self._space), colorspace=self._space)


class _Prepared(Clip):
    """A clip as a node sees it: finite, unpremultiplied, encoded; over one data window if given."""

    def __init__(self, owner: NodeClip, plate: Clip, box: Box | None = None) -> None:
        self._owner, self._plate, self._box = owner, plate, box
        self._last: tuple[int, Prepared] | None = None

    def channel(self, name: str, number: int) -> Tensor | None:
        frame = self._like(number)
        plane = frame.channel(name)
        if plane is None:
            return None
        return align(replace(frame, color=plane, alpha=None, layers={}), self._box or frame.data_window).color

    def matte(self, name: str, number: int) -> Tensor | None:
        like = self._like(number)
        return self._owner.matte(name, number, like if self._box is None else replace(like, data_window=self._box))

    @property
    def frames(self) -> tuple[int, ...]:
        return self._plate.frames

    def has(self, number: int) -> bool:
        return self._plate.has(number)

    def __getitem__(self, number: int) -> Frame:
        if self._box is None:
            self._last = None  # before the next takes memory
            self._last = number, self._owner._prepare(self._plate[number])
            return self._last[1].frame
        return align(self._owner._ready(number).frame, self._box)

    def _like(self, number: int) -> Frame:
        """The plate's frame, without making it once more where the node has just asked for it."""
        if self._box is not None:
            return self._owner._ready(number).plate
        return self._last[1].plate if self._last and self._last[0] == number else self._plate[number]


def repair_not_finite(color: Tensor) -> tuple[Tensor, int]:
    """(C, H, W) with NaN and infinities replaced by the mean of their finite neighbours, and how many pixels that were."""
    if bool(torch.isfinite(color.sum())):  # what is not finite stays so in a sum; a tenth of the time of asking every sample
        return color, 0
    finite = torch.isfinite(color)
    if bool(finite.all()):
        return color, 0
    count = int((~finite).any(0).sum())
    values, known = torch.where(finite, color, torch.zeros_like(color)), finite.float()
    for _ in range(64):
        if bool((known > 0).all()):
            break
        near = avg_pool2d(values[None] * known[None], 3, 1, 1)[0]
        share = avg_pool2d(known[None], 3, 1, 1)[0]
        fill = (known == 0) & (share > 0)
        values = torch.where(fill, near / share.clamp_min(1e-9), values)
        known = torch.where(fill, torch.ones_like(known), known)
    return values, count
