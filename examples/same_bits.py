"""Whether checkouts of vfxai make the same pixels: every node on small plates and on real clips, compared bit by bit.

    python examples/same_bits.py CHECKOUT CHECKOUT [CHECKOUT ...] [--clips FOLDER] [--work FOLDER] [--nodes NAME,...]

Each checkout runs as it is, with this Python; each is compared with the one before it. Prints a table in Markdown: identical, or how many values differ and
by how much at the most. FOLDER holds a folder of pictures for each clip (../shared/data/dev/clips). Networks run in fp32 with ONNX Runtime on one thread.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/nodes"))
import plates

SIZE = (128, 192)
"""Height and width of what is cut out of a clip's middle: small, and yet of several tiles of a measurement of noise."""
FRAMES = range(1001, 1006)
MACHINE = ("--backend", "onnx", "--precision", "fp32", "--device", "cpu")


def contract(folder: Path) -> None:
    """The plates of tests/nodes/test_contract.py, with alpha, depth, ids and a matte."""
    for frame in FRAMES:
        alpha = np.clip(np.linspace(-0.2, 1.2, plates.SIZE[0] * plates.SIZE[1]), 0, 1).reshape(plates.SIZE)
        plates.write(folder / f"plate.{frame}.exr", plates.noisy(frame) * alpha[..., None], alpha, frame)


def clip(source: Path, folder: Path) -> None:
    """Five frames of a clip, cut, made scene-linear, with noise, a wire and what the contract's plates have besides."""
    files = sorted(p for p in source.iterdir() if p.suffix in (".webp", ".png", ".jpg", ".exr"))
    for frame, path in zip(FRAMES, files, strict=False):
        whole = oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)[..., :3]
        top, left = (whole.shape[0] - SIZE[0]) // 2, (whole.shape[1] - SIZE[1]) // 2
        color = np.maximum(whole[top : top + SIZE[0], left : left + SIZE[1]], 0) ** 2.2
        noise = np.random.default_rng(frame).standard_normal(color.shape)
        color = color + noise * np.sqrt(4e-4 * color + 1e-5)
        color[:, 34:37] *= 0.5  # where plates.write() lays the matte of a wire
        plates.write(folder / f"plate.{frame}.exr", color.astype(np.float32), None, frame)


def commands(folder: Path) -> dict[str, list[str]]:
    """The options of each run, by a name that begins with its node."""
    before, after = (str(Path(plates.__file__).parent / "tone" / f"{name}.png") for name in ("before", "after"))
    key = folder / "key.1003.exr"
    color = plates.color_of(folder / "plate.1003.exr")
    plates.write(key, color * np.float32([0.97, 1, 1]), None, 1003)
    return {
        "denoise": [],
        "denoise best, no neighbours": ["--quality", "best", "--radius", "0"],
        "denoise strength 0": ["--strength", "0"],
        "deinterlace": ["--mode", "deinterlace", "--field-order", "top"],
        "deinterlace same rate, auto": ["--rate", "same"],
        "upscale 2": ["--scale", "2"],
        "upscale restore": ["--scale", "1", "--restore", "0.5"],
        "remove": ["--mask-layer", "wire"],
        "wires": ["--form", "channel"],
        "tone pair": ["--pair", before, after],
        "colorize": ["--key", f"1003={key}", "--steps", "20"],
    }


def run(checkout: Path, node: str, pattern: Path, output: Path, options: list[str]) -> str:
    """Runs a node of a checkout; what it said where it failed."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1", "VFXAI_THREADS": "1", "VFXAI_MODELS": ""}
    arguments = [node, str(pattern), str(output), "--depth", "float", "--overwrite", *MACHINE, *options]
    done = subprocess.run(
        [sys.executable, "-m", "vfxai", *arguments], cwd=checkout, env=environment, capture_output=True, text=True
    )
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["?"])[0][:120]


def difference(one: Path, other: Path) -> str:
    """What differs between the frames of two folders, in words."""
    names = [sorted(p.name for p in folder.glob("*.exr")) for folder in (one, other)]
    if names[0] != names[1]:
        return f"other frames: {len(names[0])} and {len(names[1])}"
    values = most = count = 0
    for name in names[0]:
        a, b = (plates.read(folder / name)[0] for folder in (one, other))
        if list(a) != list(b):
            return f"other channels: {' '.join(a)} and {' '.join(b)}"
        for channel, pixels in a.items():
            if pixels.shape != b[channel].shape or pixels.dtype != b[channel].dtype:
                return f"{channel} is {pixels.dtype} {pixels.shape} and {b[channel].dtype} {b[channel].shape}"
            count += pixels.size
            if pixels.tobytes() != b[channel].tobytes():
                wrong = np.abs(pixels.astype(np.float64) - b[channel])
                values, most = values + int((wrong > 0).sum()), max(most, float(wrong.max()))
    return f"{100 * values / count:.2g} % of values, by {most:.2g} at most" if values else f"identical ({len(names[0])} frames)"


def main() -> None:
    """Makes the plates, runs every checkout on them, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--nodes", default="")
    asked = parser.parse_args()
    checkouts = [checkout.resolve() for checkout in asked.checkouts]
    work = asked.work or Path(tempfile.mkdtemp(prefix="same-bits-"))
    sources = {"contract plate": contract}
    for source in sorted(asked.clips.iterdir()) if asked.clips else ():
        sources[source.name] = lambda folder, source=source: clip(source, folder)
    heads = [f"{a.name} and {b.name}" for a, b in pairwise(checkouts)]
    print(f"Python {sys.version.split()[0]}, OpenEXR {OpenEXR.__version__}\n")
    print("| plate | run | " + " | ".join(heads) + " |\n| --- | --- | " + "--- | " * len(heads), flush=True)
    for plate, make in sources.items():
        folder = work / plate.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
        for name, options in commands(folder).items():
            if asked.nodes and name.split()[0] not in asked.nodes.split(","):
                continue
            outputs, said = [], []
            for index, checkout in enumerate(checkouts):
                outputs.append(folder / f"{name.replace(' ', '-').replace(',', '')}-{index}")
                said.append(run(checkout, name.split()[0], folder / "plate.####.exr", outputs[-1] / "out.####.exr", options))
            cells = []
            for i in range(len(checkouts) - 1):
                lost = said[i] or said[i + 1]
                both = said[i] and said[i] == said[i + 1]
                cells.append(("both refuse: " if both else "failed: ") + lost if lost else difference(outputs[i], outputs[i + 1]))
            print(f"| {plate} | {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
