"""`vfxai compare A B`: PSNR, SSIM, largest error and temporal flicker between two sequences, A the result and B the reference."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vfxai.schema.job import Job, describe_job
from vfxai.surfaces.options import add_option, values_from

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Callable

    from vfxai.image.clip import Clip
    from vfxai.measure.compare import FrameMeasure, Total

OPTIONS = ("frames", "layer", "colorspace", "ocio")
"""Options of a job that hold for both sequences."""
ENCODINGS = ("as-stored", "scene-linear", "log", "display")


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("compare", help="how far a sequence is from another", description=__doc__)
    parser.add_argument("a", metavar="A", help="file or pattern of the result")
    parser.add_argument("b", metavar="B", help="file or pattern of the reference")
    parser.add_argument("--encoding", choices=ENCODINGS, default="as-stored", help="compare in these values (as-stored)")
    parser.add_argument("--peak", type=float, default=1.0, help="full scale for PSNR and SSIM, in values of the encoding (1)")
    for name in OPTIONS:
        add_option(parser, name, describe_job()[name])
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report with pictures into one file")
    parser.set_defaults(run=run, events=True)


def run(options: Namespace) -> int:
    """Compares, prints a table or JSON lines, and writes the report where asked."""
    from vfxai.errors import ParameterError
    from vfxai.measure.compare import compare_clips, plain, total
    from vfxai.measure.comparison_page import Thumbnails, write_report

    if not 0 < options.peak < float("inf"):
        raise ParameterError(f"--peak must be above 0 and finite, got {options.peak}")
    a, b, to_pixels = _opened(options)
    linear = options.encoding == "scene-linear" or (options.encoding == "as-stored" and options.a.lower().endswith(".exr"))
    thumbnails = Thumbnails.spread(tuple(a.frames), linear=linear)
    facts = {"a": options.a, "b": options.b, "encoding": options.encoding, "peak": options.peak}
    if options.json:
        _say({"event": "start", **facts, "frames": len(a.frames)})
    measures = []
    seen = thumbnails.add if options.report else None
    for measure in compare_clips(a, b, to_pixels=to_pixels, peak=options.peak, hdr=options.encoding == "scene-linear", seen=seen):
        measures.append(measure)
        if options.json:
            _say({"event": "frame", **plain(measure)})
    summed = total(measures, peak=options.peak)
    if options.report:
        lines = [f"A: {options.a}", f"B: {options.b}", _protocol(options)]
        write_report(
            options.report, f"{Path(options.a).name} against {Path(options.b).name}", lines, measures, summed, thumbnails
        )
    if options.json:
        _say({"event": "done", **plain(summed)})
    else:
        _print_table(options, measures, summed)
    return 0


def _opened(options: Namespace) -> tuple[Clip, Clip, Callable[[Any], Any]]:
    """Both clips, and the function that brings a frame to the encoding of the comparison."""
    from vfxai.image.clip import open_clip
    from vfxai.measure.compare import pixels_as_stored

    given = values_from(options, OPTIONS)
    job = Job(**given)
    if options.encoding == "as-stored":
        a, b = (open_clip(p, frames=job.frames or None, layer=job.layer or None) for p in (options.a, options.b))
        return a, b, pixels_as_stored
    from vfxai.color.config import find_config
    from vfxai.color.encoding import encode
    from vfxai.engine import script
    from vfxai.schema.vocabulary import Encoding

    config = find_config(job.ocio or None)
    encoding = Encoding(options.encoding)

    def to_pixels(frame: Any) -> Any:
        return encode(config, frame.color, frame.colorspace, encoding).pixels.numpy().transpose(1, 2, 0)

    first, second = (script.open_clip(p, **given) for p in (options.a, options.b))
    return first, second, to_pixels


def _protocol(options: Namespace) -> str:
    return (
        f"Values {options.encoding}, peak {options.peak:g}. PSNR of all frames: of the mean squared error. "
        "Flicker: mean |dA - dB| from frame to frame."
    )


def _say(event: dict[str, Any]) -> None:
    print(json.dumps(event), flush=True)


def _print_table(options: Namespace, measures: list[FrameMeasure], summed: Total) -> None:
    from vfxai.measure.comparison_page import columns

    heads = ["frame", *columns(summed)]
    rows = [[str(m.number), *columns(m).values()] for m in measures] + [["all", *columns(summed).values()]]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*heads, title=escape(f"{options.a} against {options.b}"), caption=_protocol(options))
        for index, row in enumerate(rows):
            table.add_row(*row, style="bold" if index == len(rows) - 1 else "", end_section=index == len(rows) - 2)
        for column in table.columns:
            column.justify = "right"
        Console().print(table)
        return
    widths = [max(len(r[i]) for r in [heads, *rows]) for i in range(len(heads))]
    for cells in [heads, *rows]:
        print("  ".join(c.rjust(w) for c, w in zip(cells, widths, strict=True)))
    print(_protocol(options))
