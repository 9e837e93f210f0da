"""What a session lends a node while it works. One object a node; whom it works for is told by the thread (vfxai.session.request)."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar, cast

from torch import Tensor

from vfxai.color.config import Config
from vfxai.color.luminance import Luminance
from vfxai.errors import ParameterError
from vfxai.image.cache import CASUAL, Cache
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool
from vfxai.session import request
from vfxai.session.clips import InSpace
from vfxai.session.request import Notes, noting, retell

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A value, and what was said while it was made."""

    value: T
    notes: Notes


def kept(cache: Cache[Kept[T]], key: Hashable, make: Callable[[], T], *, facts: bool) -> T:
    """From a cache, or made; either way the caller's request is told what was said then, and with `facts` what was recorded."""

    def noted() -> Kept[T]:
        with noting() as notes:
            return Kept(make(), notes)

    found = cache.get(key, noted, request.check)
    retell(found.notes, facts=facts)
    return found.value


class NodeTools:
    """The schema's Tools for one node of a session."""

    def __init__(
        self,
        pool: Pool,
        config: Config,
        precisions: Mapping[str, str],
        span: int,
        inputs: Mapping[str, Clip],
        seen: Callable[[Clip], Clip],
    ) -> None:
        """`precisions` states that of models; `span`: frames in the node's window, for which memos have room; `seen` shows a clip as the node sees its plate."""
        self.config = config
        self._pool, self._precisions, self._span, self._inputs, self._seen = pool, precisions, span, inputs, seen
        self._memos: dict[Hashable, Cache[Kept[Any]]] = {}

    def run_model(self, model_id: str, planes: Tensor, passes: int = 1) -> Tensor:
        """Runs a model in the pool on (C, H, W) float32; CancelledError where the request was cancelled."""
        request.check()
        return self._pool.run(model_id, planes, passes, self._precisions.get(model_id))

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """From the memo of its kind, the first part of a key of several, which has room for a window's frames; or made."""
        kind, number = key if isinstance(key, tuple) else (key, None)
        # setdefault is atomic: of two threads both get the memo of the first
        memo = self._memos.setdefault(kind, Cache(self._span, CASUAL, lambda held: size_of(held.value)))
        return cast(T, kept(memo, number, make, facts=True))

    def numbers(self, slot: str) -> tuple[int, ...]:
        """Numbers of an input's frames; none where it is not fed."""
        return self._inputs[slot].frames if slot in self._inputs else ()

    def pictures(self, slot: str, like: Frame) -> Clip:
        """An input beside the plate, in its colour space and prepared as it is."""
        if slot not in self._inputs:
            raise ParameterError(f"the input {slot} is not given", remedy=f"give {slot}")
        return self._seen(InSpace(self._inputs[slot], like.colorspace, self.config.transform))

    def luminance(self, frame: Frame) -> Luminance:
        """What counts as the luminance of pictures in a frame's colour space."""
        return self.config.luminance(frame.colorspace)

    def progress(self, done: int, total: int, what: str) -> None:
        """Reports and checks for cancellation."""
        request.progress(done, total, what)

    def check(self) -> None:
        """Raises CancelledError where the request was cancelled."""
        request.check()

    def warn(self, message: str) -> None:
        """Hands a warning on."""
        request.warn(message)

    def record(self, name: str, value: Any) -> None:
        """Keeps a fact about the frame in work."""
        request.record(name, value)


def size_of(value: Any) -> int:
    """Bytes of the tensors in what a node remembers."""
    if isinstance(value, Tensor):
        return value.nbytes
    if is_dataclass(value):
        value = [getattr(value, one.name) for one in fields(value)]
    return sum(map(size_of, value)) if isinstance(value, tuple | list) else 0
