"""What the channels of a file hold, by their names: colour may be blended, everything else may not."""

import re
from collections.abc import Sequence
from typing import Any

ALPHAS = ("A", "a", "alpha")
COLORS = frozenset({"r", "g", "b", "a", "y", "red", "green", "blue", "alpha"})
"""Last part of the names of channels that hold colour; ids, depth, vectors and positions are named otherwise."""


def is_color(channel: str) -> bool:
    """Whether a channel is named as colour."""
    return channel.rpartition(".")[2].lower() in COLORS


def layer_name(channel: str) -> str:
    """The layer a channel name belongs to: "diffuse" of "diffuse.R", "" of "R"."""
    return channel.rpartition(".")[0]


def cryptomatte_of(parts: Sequence[Any]) -> re.Pattern[str]:
    """Of layers that hold Cryptomatte ids (Friedman and Jones 2015): two digits after a name that the header tells, or that says crypto."""
    told = [str(v) for p in parts for k, v in p.header.items() if re.fullmatch("cryptomatte/[^/]+/name", k)]
    return re.compile(rf"(.*\.)?({'|'.join([*map(re.escape, told), 'crypto[^.]*'])})\d\d", re.IGNORECASE)


def colors_of(part: Any, cryptomatte: re.Pattern[str]) -> set[str]:
    """Channels whose values may be blended: named as colour, no Cryptomatte, no Y beside an X or Z. A part may be its channels' layer."""
    layers = {name: layer_name(name) or part.name() or "" for name in part.channels}
    points = {layer for name, layer in layers.items() if name.rpartition(".")[2].lower() in ("x", "z")}
    return {
        name
        for name, layer in layers.items()
        if is_color(name) and not cryptomatte.fullmatch(layer) and not (name.lower().endswith("y") and layer in points)
    }
