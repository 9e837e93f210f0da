"""A client of the worker for the bench, in a process of its own as hosts are: python -m vfxai.bench.worker_client WIDTH HEIGHT RADIUS SLIDES

For each line on stdin that says how many frames, renders as many and prints the seconds that it took.
"""

import sys
import time
from array import array

from vfxai.worker.client import Picture, Worker

LAST = 1_000_000
"""Of the shot's frames: more than any bench asks for."""


def main(width: int, height: int, radius: int, slides: bool) -> None:
    """`slides`: the window moves by a frame a time, so that one is new; else all are, as after a jump in the timeline."""
    pixels = array("f", (0.5, 0.5, 0.5, 1.0)) * (width * height)
    own = bytearray(len(pixels) * pixels.itemsize)
    at = radius + 1
    with Worker("vfxai bench", start=False) as worker:
        node = worker.open("nothing", {"radius": radius}, width=width, height=height, first=1, last=LAST, colorspace="ACEScg")
        for line in sys.stdin:
            count = int(line)
            begun = time.perf_counter()
            for _ in range(count):
                result = node.render(at, lambda name, time, have: Picture(pixels, width, height, 4, f"{name} {time}"))
                own[:] = result.pixels  # the host's own copy
                at += 1 if slides else 2 * radius + 1
            print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
