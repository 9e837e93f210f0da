"""A node applied to a clip is a clip."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from vfxai.color.config import Config
from vfxai.errors import MemoryShortError, MissingInputError, VfxaiError
from vfxai.image.cache import CASUAL, HELD_BYTES, Cache
from vfxai.image.clip import Clip, frame_bytes
from vfxai.image.frame import Frame, FrameWindow
from vfxai.image.matte_channel import MatteChannel
from vfxai.models.backends import is_out_of_memory
from vfxai.models.pool import Pool
from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.events import Chosen
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import Encoding, Window
from vfxai.session import request
from vfxai.session.analyses import Learned, stored_form
from vfxai.session.matte import decided, mixed, share_of, weight_of
from vfxai.session.prepare import Prepared, bring_back, prepare
from vfxai.session.retained import Retained
from vfxai.session.seen import Latest, SeenClip
from vfxai.session.stage import Stage
from vfxai.session.tools import Kept, NodeTools, kept

MOST_HELD = 24
"""Frames that are kept for a node that looks along the shot; what lies further is read again."""


@dataclass(frozen=True)
class Lent:
    """What a session lends all nodes of its chain."""

    pool: Pool
    config: Config
    precisions: Mapping[str, str]
    """The precision in which each model is to run, by its id; those not named run in what the pool chooses."""


@dataclass(frozen=True)
class Analysis:
    """What a node knows of the whole shot, ready for use."""

    learned: Learned
    """In its stored form."""
    loaded: Any
    """What process() is given."""
    timeline: Mapping[int, int] | None
    """For nodes that change the rate: number of the plate's frame at the centre, by number of the output."""


class NodeClip(Clip):
    """A node applied to a clip, lazily and for any number of threads. `plate` says which frames are wanted; `shot` has them and all others."""

    def __init__(self, stage: Stage, plate: Clip, shot: Clip, lent: Lent, given: Learned | None, handles: Window) -> None:
        """`given` is what was learned before, so that the shot need not be looked at; `handles`, how many frames beside those wanted later nodes see."""
        self.stage, self.node, self.plate, self.shot, self._lent, self._given = stage, stage.node, plate, shot, lent, given
        self._handles = handles
        self._all = shot.whole() if isinstance(shot, NodeClip) else shot
        self._device = torch.device(lent.pool.device)
        window = self.node.temporal_window().loaded
        span = window.before + window.after + 1
        shot.hold(span, looked_at(self.node))
        self._tools = NodeTools(lent.pool, lent.config, lent.precisions, span, stage.inputs, self._seen)
        costly = self.node.encoding is not Encoding.STORED
        self._prepared_frames: Cache[Kept[Prepared]] = Cache(
            span if costly else 0, looked_at(self.node), lambda held: 2 * frame_bytes(held.value.frame)
        )
        self._done: Cache[Kept[Frame]] = Cache(1, CASUAL, lambda held: frame_bytes(held.value))
        self._retained: Retained[Kept[Frame]] = Retained(HELD_BYTES, lambda held: frame_bytes(held.value))
        self._analysis: Cache[Kept[Analysis]] = Cache(1)
        self._choices: Cache[Kept[tuple[MatteChannel, Chosen]]] = Cache(len(self.node.inputs))

    @property
    def frames(self) -> tuple[int, ...]:
        """As the plate's, or those that the node makes of them where it changes the rate."""
        return self.numbers_of(self.plate.frames)

    def whole(self) -> "WholeClip":
        """The same with the frames of the whole shot, from which later nodes learn."""
        return WholeClip(self, self._all)

    def numbers_of(self, frames: tuple[int, ...]) -> tuple[int, ...]:
        """The numbers of the frames that are made of frames of the plate."""
        timeline = self._timeline()
        if timeline is None:
            return frames
        wanted = frozenset(frames)
        return tuple(number for number, centre in timeline.items() if centre in wanted)

    def _timeline(self) -> Mapping[int, int] | None:
        return None if type(self.node).timeline is Node.timeline else self.analysis().timeline

    def _centre(self, number: int) -> int | None:
        """Number of the plate's frame at the centre of a frame's window; None where there is no such frame."""
        timeline = self._timeline()
        centre = number if timeline is None else timeline.get(number)
        return centre if centre is not None and self.shot.has(centre) else None

    def has(self, number: int) -> bool:
        """Whether the plate has the frame that it is made of."""
        return self._centre(number) is not None

    def origin(self, number: int) -> int:
        """As Clip says, through all nodes before this one."""
        timeline = self._timeline()
        return self.shot.origin(number if timeline is None else timeline[number])

    def format(self) -> ClipFormat:
        """As the plate's, or what the node makes of it; nothing is computed for it."""
        return self.node.output_format(self.shot.format())

    def hold(self, least: int, most: int = 0) -> None:
        """As Clip says."""
        self._done.widen(least, most)

    def needs(self, number: int) -> tuple[int, ...]:
        """Frames of the clip below that a frame is made of: those in its temporal window."""
        centre, window = self._found(number), self.node.temporal_window()
        if window.lazy:
            around = range(centre - window.before, centre + window.after + 1)
            return tuple(n for n in around if self.shot.has(n))
        return tuple(sorted(set(self.shot.numbers(centre, window).values())))

    def _found(self, number: int) -> int:
        centre = self._centre(number)
        if centre is None:
            raise MissingInputError(f"there is no frame {number} after {self.node.id}", remedy="check the frame range")
        return centre

    def analysis(self) -> Analysis:
        """What the node knows of the whole shot: learned once for all requests, or as it was given."""
        return kept(self._analysis, None, self._learn, facts=False)

    def _learn(self) -> Analysis:
        for message in self.node.idle():
            request.warn(message)
        # given nothing: its values needed nothing of the shot, and these may
        if self._given is not None and (self._given.data is not None or not self.node.learns()):
            learned = self._given
        else:
            with self._reusing(), request.noting() as notes, enough_memory(self.node.id, "the whole shot"):
                data = stored_form(self.node.analyze(self._seen(self._all), self._tools))
            learned = Learned(self.node.id, self.node.version, data, tuple(notes.warnings))
        for message in learned.warnings:
            request.warn(message)
        loaded = None if learned.data is None else self.node.load_analysis(learned.data)
        return Analysis(learned, loaded, self.node.timeline(self._all.frames, loaded))

    def _reusing(self) -> AbstractContextManager[None]:
        """Inside, frames of the node before this one that are made to learn from, and wanted afterwards, are kept and not made twice."""
        if not isinstance(self.shot, NodeClip):
            return nullcontext()
        window, later = self.node.temporal_window(), self._handles
        beside = range(-window.before - later.before, window.after + later.after + 1)
        return self.shot.retaining({number + step for number in self.shot.frames for step in beside})

    def retaining(self, numbers: set[int]) -> AbstractContextManager[None]:
        """Inside, frames that are made are kept, and those of the numbers afterwards too until they are asked for, as memory allows."""
        return self._retained.collecting(numbers)

    def deliver(self) -> None:
        """Lets the node write the files that it was asked for."""
        self.node.deliver(self._seen(self._all), self.analysis().loaded, self._tools)

    def __getitem__(self, number: int) -> Frame:
        found = self._done.get(number, lambda: self._made(number), request.check)
        request.retell(found.notes, facts=True)
        return found.value

    def _made(self, number: int) -> Kept[Frame]:
        found = self._retained.take(number)
        if found is None:
            with request.noting() as notes:
                found = Kept(self._process(number), notes)
            self._retained.add(number, found)
        return found

    def _process(self, number: int) -> Frame:
        request.check()
        analysis, at = self.analysis().loaded, self._found(number)
        centre = self._prepared(at, facts=True)
        numbers = self.shot.numbers(at, self.node.temporal_window().loaded)
        if centre.repaired:
            request.record("repaired", centre.repaired)
            request.warn(f"frame {at}: {centre.repaired} pixels that were not finite were repaired from their neighbours")
        shot = SeenClip(self.shot, self._prepared, self._matte, centre.plate.data_window)
        node = self.node.for_frame(number)
        if node.leaves_plate():
            return centre.plate
        with enough_memory(node.id, f"frame {number}"):
            result = node.process(FrameWindow(number, centre.frame, numbers, shot), analysis, self._tools)
        back = bring_back(centre, result, node, self._lent.config)
        masked = mixed(centre, back, node.masks(), lambda name: self._matte(name, at, centre.plate))
        return share_of(node.mix, centre, masked, node.id)

    def _prepared(self, number: int, facts: bool = False) -> Prepared:
        return kept(self._prepared_frames, number, lambda: self._prepare(self.shot, number), facts=facts)

    def _prepare(self, clip: Clip, number: int) -> Prepared:
        return prepare(clip[number].to(self._device), self.node, self._lent.config)

    def _seen(self, clip: Clip) -> SeenClip:
        """A clip as the node sees its plate, its frames one at a time."""
        return SeenClip(clip, Latest(lambda number: self._prepare(clip, number)), self._matte)

    def _matte(self, name: str, number: int, like: Frame) -> Tensor | None:
        clip = self.stage.inputs.get(name)
        if clip is None:
            return None
        choice = self._choice(name)
        return weight_of(clip, name, number, like, choice and choice[0])

    def _choice(self, name: str) -> tuple[MatteChannel, Chosen] | None:
        """Which channel of a matte is it, decided once for the whole shot; None where its frames are to be asked for only as they are needed."""
        clip = self.stage.inputs[name]
        if not clip.samples:
            return None
        declared = next(m for m in self.node.masks() if m.name == name)
        return kept(self._choices, name, lambda: decided(clip, declared), facts=False)

    def chosen(self) -> tuple[Chosen, ...]:
        """What was chosen for the user in the mattes and in what the node reads, and why."""
        choices = {m.name: self._choice(m.name) for m in self.node.masks() if m.name in self.stage.inputs}
        mattes = tuple(replace(choice[1], what=f"channel of the {name}") for name, choice in choices.items() if choice)
        return mattes + self.node.chosen()


class WholeClip(Clip):
    """A node's clip with the frames of the whole shot."""

    def __init__(self, clip: NodeClip, plate: Clip) -> None:
        self._clip, self._plate = clip, plate

    @property
    def frames(self) -> tuple[int, ...]:
        """All there are."""
        return self._clip.numbers_of(self._plate.frames)

    def has(self, number: int) -> bool:
        """As the node's clip."""
        return self._clip.has(number)

    def __getitem__(self, number: int) -> Frame:
        return self._clip[number]


@contextmanager
def enough_memory(node: str, what: str) -> Iterator[None]:
    """Inside, memory that runs out is told as that, whoever asked for it; what has its own word for it keeps that."""
    try:
        yield
    except VfxaiError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise MemoryShortError(
                f"{node}: memory does not suffice for {what}",
                remedy="ask for a smaller size or radius, close other programs, or use a larger machine",
            ) from error
        raise


def looked_at(node: Node) -> int:
    """Frames that a node goes back and forth among."""
    window = node.temporal_window()
    return min(window.before + window.after + 1, MOST_HELD) if window.lazy else 0
