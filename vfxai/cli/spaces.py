"""`vfxai spaces [WORD ...]`: the colour spaces that --colorspace and --output-colorspace take."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from vfxai.schema.job import describe_job
from vfxai.surfaces.options import add_option

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("spaces", help="list and find colour spaces", description=__doc__)
    parser.add_argument("word", nargs="*", metavar="WORD", help="only spaces of which each word is said: pal, rec709, log, video")
    add_option(parser, "ocio", describe_job()["ocio"])
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Prints them."""
    from dataclasses import asdict

    from vfxai.color.config import find_config
    from vfxai.color.spaces import spaces_of
    from vfxai.errors import ColorSpaceError

    config = find_config(getattr(options, "ocio", "") or None)
    found = spaces_of(config, options.word)
    if not found:
        raise ColorSpaceError(
            f"{config.name} has no colour space of which {' and '.join(repr(w[:80]) for w in options.word)} is said",
            remedy="`vfxai spaces` lists all; words that help: video, log, linear, camera, display, pal, ntsc",
        )
    for space in found:
        if options.json:
            print(json.dumps(asdict(space)))
        else:
            print(f"{space.name:34} {space.encoding:14} {space.family:10} {', '.join(space.aliases[:3])}")
            if space.doc and len(found) < 20:
                print(f"    {space.doc[:150]}")
    return 0
