"""What the engine lends a node while it works."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

    from vfxai.color.config import Config
    from vfxai.color.luminance import Luminance
    from vfxai.image.clip import Clip
    from vfxai.image.frame import Frame

T = TypeVar("T")


class Tools(Protocol):
    """Handed to analyze() and process()."""

    @property
    def config(self) -> Config:
        """The OpenColorIO config in use, for nodes that must know what a colour space is."""
        ...

    def run_model(self, model_id: str, planes: Tensor, passes: int = 1) -> Tensor:
        """Runs a shipped network on (C, H, W) float32, in tiles where memory asks for it; with up to 8 `passes` averaged over turned versions."""
        ...

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `make` for a key, kept while the frames near it are processed."""
        ...

    def numbers(self, slot: str) -> tuple[int, ...]:
        """Numbers of the frames of an input beside the plate, such as key frames; none where it is not fed."""
        ...

    def pictures(self, slot: str, like: Frame) -> Clip:
        """An input beside the plate, in the colour space of a plate's frame and prepared as the plate is; ParameterError where it is not fed."""
        ...

    def luminance(self, frame: Frame) -> Luminance:
        """What counts as the luminance of pictures in a frame's colour space."""
        ...

    def progress(self, done: int, total: int, what: str) -> None:
        """Reports how far a longer step has come; raises CancelledError where the user stopped the run."""
        ...

    def check(self) -> None:
        """Raises CancelledError where the user stopped the run."""
        ...

    def warn(self, message: str) -> None:
        """Tells the user something that does not stop the run."""
        ...

    def record(self, name: str, value: Any) -> None:
        """Adds a fact to the event of the frame in work."""
        ...
