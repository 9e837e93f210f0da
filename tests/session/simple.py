"""Small nodes and plates for tests of the session; nothing here runs a network."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from vfxai.color.config import find_config
from vfxai.image.box import Box
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool
from vfxai.models.store import Store
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window
from vfxai.session.clips import MemoryClip
from vfxai.session.session import Session
from vfxai.session.stage import Stage

LINEAR = "Linear Rec.709 (sRGB)"
CONFIG = find_config()
POOL = Pool(Store([]), device="cpu")


class Gain(Node):
    """Multiply; for tests."""

    inputs = (Plate(), Mask("mask"))
    encoding = Encoding.STORED
    gain: float = Float(2.0, min=0, max=10, label="Gain", doc="Factor.")

    def is_identity(self) -> bool:
        return self.gain == 1

    def process(self, at, analysis, tools):
        tools.record("gain", self.gain)
        return at.center.with_color(at.center.color * self.gain)


class Mean(Node):
    """Average over three frames; for tests."""

    window = Window(1, 1)
    encoding = Encoding.SCENE_LINEAR

    def process(self, at, analysis, tools):
        return at.center.with_color((at[-1].color + at[0].color + at[1].color) / 3)


@dataclass(frozen=True)
class Found:
    """What Level learns; its stored form is rounded."""

    level: float

    def to_dict(self) -> dict[str, Any]:
        return {"level": round(self.level, 2)}


class Level(Node):
    """Divide by the mean of the whole shot; says which frames it looked at. For tests."""

    encoding = Encoding.STORED
    during: Callable[[int], None] = staticmethod(lambda number: None)
    """Called for every frame that it looks at."""

    @classmethod
    def load_analysis(cls, data):
        return Found(data["level"])

    def analyze(self, plate, tools):
        means = []
        for done, number in enumerate(plate.frames):
            tools.progress(done, len(plate.frames), "looking")
            type(self).during(number)
            means.append(float(plate[number].color.mean()))
        tools.warn("looked at the shot")
        return Found(sum(means) / len(means))

    def process(self, at, analysis, tools):
        tools.record("level", analysis.level)
        return at.center.with_color(at.center.color / analysis.level)


class Fact(Node):
    """Records facts and warnings of each frame, in and beside what it remembers; for tests."""

    encoding = Encoding.STORED
    window = Window(0, 1)
    wait: Callable[[int], None] = staticmethod(lambda number: None)
    """Called while a frame is in work."""

    def process(self, at, analysis, tools):
        def made():
            tools.record("made", at.number)
            tools.warn(f"made {at.number}")
            return torch.ones(1)

        tools.record("number", at.number)
        tools.remember(("made", at.number), made)
        type(self).wait(at.number)
        tools.check()
        return at.center


def frame(value: float, number: int = 0, size: tuple[int, int] = (6, 8)) -> Frame:
    box = Box(0, 0, size[1], size[0])
    return Frame(torch.full((3, *size), float(value)), None, False, LINEAR, box, box, attributes={"number": number})


def plate(count: int = 5, first: int = 1001) -> MemoryClip:
    """Frames whose values are 1, 2, 3 ..."""
    return MemoryClip({first + i: frame(i + 1, first + i) for i in range(count)})


def session(clip: Any, *nodes: Node, **options: Any) -> Session:
    return Session(clip, [Stage(n) for n in nodes], pool=POOL, config=CONFIG, **options)


def value(made: Frame) -> float:
    return float(made.color[0, 0, 0])


def threads(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Runs `work` in threads that start together; the errors."""
    errors: list[BaseException] = []
    start = threading.Barrier(count)

    def run(index: int) -> None:
        start.wait()
        try:
            work(index)
        except BaseException as error:  # noqa: BLE001  # whatever it was is the test's to judge
            errors.append(error)

    running = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return errors


def with_nan(clip: MemoryClip, number: int) -> MemoryClip:
    """The same with one pixel of a frame that is not a number."""
    frames = {n: clip[n] for n in clip.frames}
    color = frames[number].color.clone()
    color[:, 2, 3] = float("nan")
    return MemoryClip({**frames, number: replace(frames[number], color=color)})
