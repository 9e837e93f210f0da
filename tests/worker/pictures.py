"""Pictures as a host has them, with nothing but the standard library."""

import array
import random

from vfxai.worker.client import Picture

WIDTH, HEIGHT = 24, 16


def picture(seed: int, channels: int = 4, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """Values from -2 to 18 that a seed decides, alpha within 0 to 1."""
    draw = random.Random(seed)
    samples = array.array(
        "f", (draw.random() if i % 4 == 3 and channels == 4 else draw.uniform(-2, 18) for i in range(width * height * channels))
    )
    return Picture(samples, width, height, channels, image=f"picture {seed}")


def samples(pixels: object) -> list[float]:
    """The float32 samples of a buffer."""
    return list(memoryview(pixels).cast("B").cast("f"))  # type: ignore[arg-type]  # anything with a buffer


class Host:
    """Has a picture for every frame, and remembers which it had to send."""

    def __init__(self, channels: int = 4) -> None:
        self.channels = channels
        self.sent: list[tuple[str, int]] = []
        self.asked: list[tuple[str, int]] = []
        self.versions: dict[tuple[str, int], int] = {}

    def picture(self, name: str, time: int) -> Picture:
        return picture(hash((name, time, self.versions.get((name, time), 0))) % 2**31, 1 if name == "mask" else self.channels)

    def __call__(self, name: str, time: int, have: str) -> Picture | None:
        given = self.picture(name, time)
        self.asked.append((name, time))
        if given.image != have:
            self.sent.append((name, time))
        return given
