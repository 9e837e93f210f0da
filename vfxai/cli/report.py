"""`vfxai report OUT`: what was done to a plate, where and how much, as a page and as JSON; `vfxai check OUT`: whether it may be published."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from vfxai.publish.delivery import Delivery

REPORT = "change_report"
"""Name of a report's files, without their suffixes."""


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds both sub-commands."""
    report = subparsers.add_parser("report", help="what was done to a plate, and how much it changed", description=__doc__)
    _add_delivery(report)
    report.add_argument("--to", type=Path, metavar="FILE", help="write FILE.html and FILE.json (change_report beside the frames)")
    report.add_argument(
        "--sign",
        type=Path,
        metavar="KEY",
        help="sign the report with a minisign secret key; its password is $VFXAI_SIGN_PASSWORD",
    )
    report.set_defaults(run=run_report)
    check = subparsers.add_parser("check", help="whether a result may be published", description=__doc__)
    _add_delivery(check)
    check.add_argument("--json", action="store_true", help="one JSON object")
    check.set_defaults(run=run_check)
    verify = subparsers.add_parser(
        "verify", help="whether frames are those of a signed report", description="Checks a signed report."
    )
    verify.add_argument("output", metavar="OUT", help="file or pattern that vfxai wrote")
    verify.add_argument(
        "--report",
        type=Path,
        metavar="FILE.json",
        help="the report, with its signature beside it (change_report beside the frames)",
    )
    verify.add_argument("--key", type=Path, required=True, metavar="PUBLIC", help="the minisign public key of the signer")
    verify.set_defaults(run=run_verify)


def _add_delivery(parser: ArgumentParser) -> None:
    parser.add_argument("output", metavar="OUT", help="file or pattern that vfxai wrote")
    parser.add_argument("--against", default="", metavar="IN", help="the plate, where it lies elsewhere than the recipe says")
    parser.add_argument("--frames", default="", help="frames that should be there (all on disk)")
    parser.add_argument(
        "--views", default="", metavar="NAMES", help="views that should be there, such as left,right (all on disk)"
    )
    parser.add_argument("--colorspace", default="", help="colour space that the pipeline says")
    parser.add_argument("--license", default="any", choices=("any", "commercial"), help="which models the show may use (any)")
    parser.add_argument(
        "--machines", default="one", choices=("one", "any"), help="classes of machines that may have made the frames (one)"
    )
    parser.add_argument("--map", action="append", default=[], metavar="OLD=NEW", help="where a folder of the recipe lies here")
    parser.add_argument("--most-changed", type=float, metavar="SHARE", help="share of a frame's pixels that may change (any)")
    parser.add_argument(
        "--most-shift",
        type=float,
        metavar="NOISE",
        help="shift of tone allowed, in noise (0.5 for nodes that keep tone, such as denoise; else any)",
    )
    parser.add_argument(
        "--most-invented", type=float, metavar="SHARE", help="share of a frame's pixels that may be made up (any)"
    )


def _shot(options: Namespace) -> list[Delivery]:
    from vfxai.engine.path_map import parse_rule
    from vfxai.publish.delivery import Limits, deliveries

    return deliveries(
        options.output,
        options.frames,
        against=options.against,
        views=[name.strip() for name in options.views.split(",") if name.strip()],
        colorspace=options.colorspace,
        license=options.license,
        limits=Limits(options.most_changed, options.most_shift, options.most_invented),
        machines=options.machines,
        maps=tuple(parse_rule(text) for text in options.map),
    )


def run_report(options: Namespace) -> int:
    """Writes it, and signs it where asked."""
    from vfxai.publish.report import folder_of, make

    shot = _shot(options)
    written = make(shot).write(options.to or folder_of(shot) / REPORT)
    if options.sign:
        from vfxai.publish.signature import sign

        written.append(sign(written[-1], options.sign, os.environ.get("VFXAI_SIGN_PASSWORD", "")))
    for path in written:
        print(path)
    return 0


def run_check(options: Namespace) -> int:
    """Prints what every check found; exit code 6 where one failed."""
    from vfxai.errors import FramesFailedError
    from vfxai.publish.checks import CHECKS, problems_of

    found = problems_of(_shot(options))
    if options.json:
        print(json.dumps({name: [vars(p) for p in problems] for name, problems in found.items()}))
    else:
        for check in CHECKS:
            print(f"{'failed' if found[check.id] else 'ok':7}{check.title}")
            for problem in found[check.id][:8]:
                print(f"       {problem}")
    return FramesFailedError.exit_code if any(found.values()) else 0


def run_verify(options: Namespace) -> int:
    """Says whether report and frames are those that were signed."""
    from vfxai.publish.delivery import deliveries
    from vfxai.publish.report import folder_of
    from vfxai.publish.signature import verify

    shot = deliveries(options.output)
    report = options.report or folder_of(shot) / f"{REPORT}.json"
    print(f"{report} is signed by this key, and {verify(shot, report, options.key)} frames are those that it names")
    return 0
