"""The table of nodes that the OFX bundle reads from its Resources, and what a host can have of each node.

One line a fact, fields between tabs, `\\n` for a new line in a text: the C side needs no parser for more (plugins/ofx/table.c).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vfxai import __version__
from vfxai.errors import ParameterError
from vfxai.schema.description import describe
from vfxai.schema.vocabulary import named_as_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vfxai.schema.node import Node


@dataclass(frozen=True)
class Placing:
    """How a node is used in an OFX host, where its declaration alone does not tell."""

    by_file: str = ""
    """Why it goes by file and not live; empty where it is live."""
    fixed: Mapping[str, Any] | None = None
    """Values that it always has there, whose parameters are not shown."""
    learns: str = "window"
    """What it learns from: the frames around the first one that is shown (`window`), or only the whole `shot`."""
    resize: tuple[str, str] = ("", "")
    """Names of the parameters that give a factor of size and a format."""


PLACINGS: Mapping[str, Placing] = {
    "colorize": Placing(by_file="fits a network to painted frames of the whole shot, for minutes"),
    "remove": Placing(by_file="looks at frames all over the shot, of which a host would have to keep hundreds"),
    "deinterlace": Placing(fixed={"rate": "same", "mode": "deinterlace"}, learns="shot"),
    "upscale": Placing(resize=("scale", "size"), fixed={"square": False, "pixel_aspect": 0.0, "mix": 1.0}),
    "wires": Placing(fixed={"form": "matte"}, learns="shot"),
}
"""Nodes that are not here are live, and learn from the first window."""
SPACES = (
    "ACEScg",
    "ACES2065-1",
    "ACEScct",
    "ACEScc",
    "Linear Rec.709 (sRGB)",
    "Linear Rec.2020",
    "Linear P3-D65",
    "sRGB Encoded Rec.709 (sRGB)",
    "Gamma 2.2 Encoded Rec.709",
    "Gamma 2.4 Encoded Rec.709",
    "Rec.709 Camera",
    "Rec.601 PAL Camera",
    "Rec.601 NTSC Camera",
    "ARRI LogC3 (EI800)",
    "ARRI LogC4",
    "Sony S-Log3 S-Gamut3",
    "Sony S-Log3 S-Gamut3.Cine",
    "RED Log3G10 REDWideGamutRGB",
    "Canon Log 2 CinemaGamut",
    "Canon Log 3 CinemaGamut",
    "Panasonic V-Log V-Gamut",
    "Apple Log",
    "ADX10",
    "Raw",
)
"""Colour spaces of the shipped config that a host offers by name; others are typed. Hosts keep the place of a choice in their scripts,
so that others are added at the end only."""
SLIDER = {"float": 100.0, "int": 100}
"""Where a parameter's range is wider than anyone would drag, its slider ends here."""
EXTREME = 1e8
"""Limits beyond this are no limits."""


def live_nodes(nodes: Iterable[type[Node]]) -> list[type[Node]]:
    """Those that a host can have live."""
    return [node for node in nodes if not placing(node).by_file]


def placing(node: type[Node]) -> Placing:
    """How a node is used in a host."""
    known = PLACINGS.get(node.id)
    if known is not None:
        return known
    if node().temporal_window().lazy:
        return Placing(by_file="looks at frames all over the shot")
    return Placing()


def radius_of(node: type[Node], window: Mapping[str, int]) -> str:
    """The parameter whose value is the number of frames before and after, or "" where the window never changes."""
    for name, facts in describe(node)["parameters"].items():
        if facts["kind"] == "int" and facts["max"] <= EXTREME:
            values = range(int(facts["min"]), int(facts["max"]) + 1)
            windows = [node(**{name: value}).temporal_window() for value in (values[0], values[-1])]
            if [(w.before, w.after) for w in windows] == [(v, v) for v in (values[0], values[-1])]:
                return name
    return ""


def identities_of(node: type[Node]) -> list[dict[str, Any]]:
    """Values that leave every plate as it is: one number each that does so, with what it needs of the other parameters."""
    parameters, found = describe(node)["parameters"], []
    placing = PLACINGS.get(node.id)
    fixed = dict(placing.fixed or {}) if placing else {}
    for name, facts in parameters.items():
        if facts["kind"] not in ("float", "int"):
            continue
        for value in (0, 1):
            if not (facts["min"] <= value <= facts["max"] and _leaves(node, {**fixed, name: value}, refused=False)):
                continue
            needed = {
                other: about["default"]
                for other, about in parameters.items()
                if other not in (name, *fixed)
                and not all(_leaves(node, {**fixed, name: value, other: v}, refused=True) for v in _others(about))
            }
            found.append({name: value, **needed})
    return found


def _others(facts: Mapping[str, Any]) -> list[Any]:
    """Some values of a parameter that are not its default."""
    by_kind = {
        "choice": facts.get("options", []),
        "bool": [not facts["default"]],
        "float": [facts.get("min"), facts.get("max")],
        "int": [facts.get("min"), facts.get("max")],
        "text": ["640x480", "x"],
    }
    return [v for v in by_kind.get(facts["kind"], []) if v != facts["default"]]


def _leaves(node: type[Node], values: Mapping[str, Any], *, refused: bool) -> bool:
    """Whether a node with these values leaves its plate; `refused` where there is no node with them."""
    try:
        return node(**values).leaves_plate()
    except ParameterError:
        return refused


def table(nodes: Iterable[type[Node]]) -> str:
    """The table for live nodes."""
    major, minor, patch = (int(part) for part in __version__.split(".")[:3])
    lines = [_line("bundle", __version__, major * 10000 + minor * 100 + patch)]
    lines += [_line("space", name) for name in SPACES]
    for node in live_nodes(nodes):
        lines += _node_lines(node)
    return "\n".join(lines) + "\n"


def property_list(executable: str) -> str:
    """Info.plist, which macOS wants in a bundle."""
    facts = {
        "CFBundleExecutable": executable,
        "CFBundleIdentifier": "org.vfxai.ofx",
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": "vfxai",
        "CFBundlePackageType": "BNDL",
        "CFBundleShortVersionString": __version__,
        "CFBundleVersion": __version__,
    }
    lines = "".join(f"<key>{name}</key><string>{value}</string>\n" for name, value in facts.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n{lines}</dict>\n</plist>\n'


def _node_lines(node: type[Node]) -> list[str]:
    description, placed = describe(node), placing(node)
    window, fixed = description["window"], placed.fixed or {}
    learns = placed.learns if "analyze" in vars(node) else "none"
    radius = radius_of(node, window)
    about = (node.id, description["title"], description["doc"], window["before"], window["after"])
    lines = [_line("node", *about, radius, *placed.resize, learns)]
    lines += [_line("fixed", name, json.dumps(value)) for name, value in fixed.items()]
    for group, values in enumerate(identities_of(node)):
        if all(fixed.get(name, value) == value for name, value in values.items()):
            lines += [_line("identity", group, name, json.dumps(value)) for name, value in values.items() if name not in fixed]
    lines += [_line("mask", i["name"], i["name"].capitalize(), i["doc"]) for i in description["inputs"] if i["kind"] == "mask"]
    named = named_as_files(node.inputs)
    lines += [_files_line(i) for i in description["inputs"] if i["name"] in named]
    for name, facts in description["parameters"].items():
        if name in fixed or facts.get("writes"):
            continue  # files besides the frames are made by the command line
        lines.append(_parameter_line(name, facts))
        lines += [_line("option", option) for option in facts.get("options", [])]
    return lines


def _files_line(one: Mapping[str, Any]) -> str:
    """An input besides plate and mask: hosts name its files, one a line."""
    doc = f"{one['doc']} Whole paths, one a line: {' '.join(one['metavar'])}."
    return _line("parameter", "files", one["name"], one["name"].capitalize(), "", doc, "", 0, 0, 0, 0, False)


def _parameter_line(name: str, facts: Mapping[str, Any]) -> str:
    kind, low, high = facts["kind"], facts.get("min", 0), facts.get("max", 0)
    far = SLIDER.get(kind, 0)
    ends = (max(low, -far) if low < -far else low, far if high > far * 10 else high)
    default = facts["default"]
    if kind == "choice":
        default = facts["options"].index(default)
    elif kind == "files":
        default = "\n".join(default)
    doc = facts["doc"] + (f" In {facts['unit']}." if facts["unit"] else "")
    return _line("parameter", kind, name, facts["label"], facts["group"], doc, default, low, high, *ends, facts["animated"])


def _line(*fields: object) -> str:
    return "\t".join(_field(f) for f in fields)


def _field(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.17g}"
    return str(value).replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n").replace("\t", " ")
