"""Makes a show of three small shots to send to a farm and publish, for the tutorial farm-and-publish: python examples/small_show.py out/show

sh010 is stereo, in files of their own for the left and the right eye, and grainy; through sh020 hangs a wire, with its matte in the plate; sh030 is
interlaced. Beside the colours lie a depth and an id, which nothing may touch.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
from numpy.typing import NDArray

import vfxai

Picture = NDArray[np.float32]
FRAMES = range(1001, 1009)
SIZE = (256, 144)
"""Width and height in pixels; small, so that a laptop makes the show in some minutes."""
GRAIN = 0.04
"""Of a value of 1; it grows with the root of the light, as in film."""

RECIPES = {
    "sh010": """source = "{show}/sh010/plate/%V/sh010.####.exr"
output = "{show}/sh010/out/%V/sh010.####.exr"

[[node]]
id = "denoise"
""",
    "sh020": """source = "{show}/sh020/plate/sh020.####.exr"
output = "{show}/sh020/out/sh020.####.exr"

[[node]]
id = "remove"
mask_layer = "wire"
""",
    "sh030": """source = "{show}/sh030/plate/sh030.####.exr"
output = "{show}/sh030/out/sh030.####.exr"

[[node]]
id = "deinterlace"
rate = "same"
""",
}


def main() -> None:
    """Writes plates and recipes."""
    show = Path(sys.argv[1])
    still = vfxai.pixels(vfxai.open_clip(Path(__file__).parent / "plate/clean.####.exr")[1001])[..., :3]
    rng = np.random.default_rng(28)
    for index, number in enumerate(FRAMES):
        for eye, apart in (("left", 0), ("right", 6)):
            write(show / f"sh010/plate/{eye}/sh010.{number}.exr", grainy(seen(still, 6 * index + apart), rng), number)
        wired, matte = with_wire(seen(still, 6 * index), index)
        write(show / f"sh020/plate/sh020.{number}.exr", grainy(wired, rng, 0.2), number, wire=matte)
        fields = [seen(still, 6 * index + 3 * field) for field in (0, 1)]
        fields[0][1::2] = fields[1][1::2]
        write(show / f"sh030/plate/sh030.{number}.exr", grainy(fields[0], rng, 0.2), number)
    for name, text in RECIPES.items():
        (show / f"{name}.toml").write_text(text.format(show=show.as_posix()), encoding="utf-8")
        print(show / f"{name}.toml")


def seen(still: Picture, x: int) -> Picture:
    """What a camera sees that looks at a picture (H, W, 3) from `x` pixels to the right."""
    return np.ascontiguousarray(still[40 : 40 + SIZE[1], 40 + x : 40 + x + SIZE[0]])


def grainy(color: Picture, rng: np.random.Generator, share: float = 1.0) -> Picture:
    """With a share of the grain."""
    return np.asarray(color + share * GRAIN * np.sqrt(np.maximum(color, 0.02)) * rng.standard_normal(color.shape), np.float32)


def with_wire(color: Picture, index: int) -> tuple[Picture, Picture]:
    """A wire that sways, and its matte (H, W)."""
    cover = np.zeros(color.shape[:2], np.float32)
    sway = round(4 * np.sin(1.3 * index))
    cv2.line(cover, (105 + sway, 0), (150 - sway, SIZE[1]), 1.0, 2, cv2.LINE_AA)
    return np.asarray(color * (1 - cover[..., None]) + 0.02 * cover[..., None], np.float32), cover


def write(path: Path, color: Picture, number: int, **more: Picture) -> None:
    """Half float colours, with a depth, an id, and what else there is."""
    height, width = color.shape[:2]
    planes = {name: color[..., i].astype(np.float16) for i, name in enumerate("RGB")}
    planes |= {"Z": np.linspace(1, 99, height * width, dtype=np.float32).reshape(height, width)}
    planes |= {"id": np.full((height, width), 28, np.uint32)} | {name: plane.astype(np.float16) for name, plane in more.items()}
    second, frame = divmod(number - FRAMES[0], 24)
    code = OpenEXR.TimeCode(10, 0, second, frame, False, False, False, False, False, False, 0, 0, 0, 0, 0, 0, 0, 0)
    header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene", "timeCode": code, "reelName": "A001"}
    path.parent.mkdir(parents=True, exist_ok=True)
    OpenEXR.File(header, planes).write(str(path))


if __name__ == "__main__":
    main()
