"""`vfxai info INPUT`: parts, channels, windows, colour space and where it was found, and what vfxai did to the file."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from vfxai.schema.job import describe_job
from vfxai.surfaces.options import add_option

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("info", help="what a file or sequence is", description=__doc__)
    parser.add_argument("input", metavar="INPUT", help="file or pattern")
    job = describe_job()
    for name in ("colorspace", "ocio"):
        add_option(parser, name, job[name])
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def facts_of(options: Namespace) -> dict[str, Any]:
    """Everything that is printed."""
    from vfxai.color.config import find_config
    from vfxai.color.spaces import proposal
    from vfxai.errors import ColorSpaceError
    from vfxai.image.absent import absent
    from vfxai.image.files import read_header
    from vfxai.image.layers import told_of
    from vfxai.image.sequence import Pattern, frames_of
    from vfxai.image.views import has_views, of_view, views_on_disk
    from vfxai.schema.plain import plain

    views = views_on_disk(options.input) if has_views(options.input) else ()
    if has_views(options.input) and not views:
        raise absent(options.input)
    pattern = Pattern.parse(of_view(options.input, views[0]) if views else options.input).settled()
    frames = frames_of(pattern, None)
    header = read_header(next(pattern.files[n] for n in frames if n in pattern.files))
    config = find_config(getattr(options, "ocio", "") or None)
    index, chosen = told_of(header)
    attributes = dict(header.parts[index].attributes)
    try:
        choice = config.space(header.path, attributes, getattr(options, "colorspace", "") or None)
        space = {"name": choice.name, "origin": choice.origin}
    except ColorSpaceError as error:
        remedy = proposal(config, header.path, header.parts[0].display_window.height)
        space = {"name": "unknown", "origin": f"{error.message}; {remedy}"}
    missing = [n for n in frames if n not in pattern.files]
    parts = [
        {
            "name": part.name,
            "storage": part.storage,
            "channels": list(part.channels),
            "data_window": [part.data_window.x, part.data_window.y, part.data_window.width, part.data_window.height],
            "display_window": [
                part.display_window.x,
                part.display_window.y,
                part.display_window.width,
                part.display_window.height,
            ],
            "attributes": {k: str(v) for k, v in part.attributes.items() if not k.startswith("vfxai/")},
        }
        for part in header.parts
    ]
    done = {k.removeprefix("vfxai/"): v for p in header.parts for k, v in p.attributes.items() if k.startswith("vfxai/")}
    return {
        "file": str(header.path), "format": header.format, "frames": [frames[0], frames[-1]], "count": len(frames) - len(missing),
        "missing": missing, "colorspace": space, "config": {"name": config.name, "origin": config.origin},
        "views": list(views), "chosen": [plain(c) for c in (*pattern.chosen, *chosen)], "parts": parts, "provenance": done,
    }  # fmt: skip


def run(options: Namespace) -> int:
    """Prints it."""
    facts = facts_of(options)
    if options.json:
        print(json.dumps(facts))
        return 0
    print(f"{facts['file']}  {facts['format']}  {facts['count']} frames {facts['frames'][0]}-{facts['frames'][1]}")
    if facts["views"]:
        print(f"views: {', '.join(facts['views'])}; what follows is of the first")
    if facts["missing"]:
        print(f"missing: {', '.join(map(str, facts['missing'][:20]))}")
    print(
        f"colour space: {facts['colorspace']['name']} ({facts['colorspace']['origin']}); config {facts['config']['name']} ({facts['config']['origin']})"
    )
    for one in facts["chosen"]:
        others = f"; there is also {', '.join(one['among'])}" if one["among"] else ""
        print(f"{one['what']}: {one['taken']} ({one['why']}){others}")
    for part in facts["parts"]:
        x, y, w, h = part["data_window"]
        print(
            f"part {part['name'] or '-'}  {part['storage']}  data window {w}x{h} at {x},{y}  channels {', '.join(part['channels'])}"
        )
        for name, value in part["attributes"].items():
            print(f"  {name} = {value}")
    for name, value in facts["provenance"].items():
        print(f"vfxai {name}: {value}")
    return 0
