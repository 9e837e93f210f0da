"""What the channels of a file hold, by their names. Only what is known to be colour may be blended; ids, depth, vectors and unknown passes may not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

ALPHAS = ("a", "alpha")
COLORS = frozenset({"r", "g", "b", "y", "red", "green", "blue", *ALPHAS})
"""Last word of the names of channels that hold colour, in small letters; ids, depth, vectors and positions are named otherwise."""


class Kind(Enum):
    """What a layer holds."""

    BEAUTY = "the picture"
    COLOR = "colour"
    UNKNOWN = "not known"
    DATA = "data"


BEAUTY = (
    "rgba", "rgb", "beauty", "c", "ci", "combined", "composite", "comp", "final", "main", "image", "color", "colour", "plate",
)  # fmt: skip
"""Names of the layer that is the picture, the surest first: Nuke, most renderers, Houdini, RenderMan, Blender, Arnold and others."""
DATA_WORDS = frozenset((
    "n", "nn", "ng", "nx", "ny", "nz", "p", "pp", "pos", "pref", "wp", "wn", "z", "zd", "id", "ids", "idx", "index", "mv",
    "vec", "uv", "uvw", "st", "xyz", "ndc", "dist", "range", "hash", "seed", "samples", "count", "time", "age",
    "rest", "offset", "forward", "backward", "flow", "fwd", "bwd", "tangent", "binormal", "bitangent", "sampler", "deep",
    "lidar", "bary", "pw", "po", "pc", "dpdu", "dpdv", "dudx",
))  # fmt: skip
"""Words of a layer's name that say data where they stand alone."""
DATA_PARTS = (
    "normal", "depth", "vector", "motion", "velocit", "position", "crypto", "objectid", "materialid", "renderid", "instanceid",
    "matid", "assetid", "meshid", "nodeid", "userid", "faceid", "matteid", "pointcloud", "worldpoint", "worldpos", "disparit",
    "displace", "barycentric", "curvature", "stmap", "uvmap", "uvpass", "distance", "coordinate", "heightmap",
    "samplerinfo", "dataaov",
)  # fmt: skip
"""Parts of a layer's name that say data wherever they stand."""
COLOR_WORDS = frozenset((
    "rgba", "rgb", "col", "dif", "diff", "dir", "ind", "spec", "spc", "refl", "refr", "trans", "sss", "gi", "ao",
    "sheen", "coat", "key", "fill", "rim", "bg", "fg", "sky", "fog", "env", "lgt", "lights", "light", "raw", "left",
    "right", "lg", "roto", "mask", "masks", "matte", "mattes", "holdout", "garbage", "ldr", "hdr", "toon",
    "fire", "smoke",
))  # fmt: skip
"""Words of a layer's name that say colour where they stand alone."""
COLOR_PARTS = (
    "color", "colour", "beauty", "diffuse", "diffcol", "diffdir", "diffind", "specular", "gloss", "reflect", "refract",
    "transmi", "transluc", "transpar", "albedo", "emission", "emissive", "emit", "illum", "incandesc", "caustic", "scatter",
    "subsurface", "volume", "shadow", "ambient", "occlusion", "environment", "background", "foreground", "light", "clearcoat",
    "denois", "noisy", "combined", "composite", "render", "grade", "plate", "picture", "image", "atmos", "haze", "glow",
    "bloom", "flare", "whitebarmask",
)  # fmt: skip
"""Parts of a layer's name that say colour wherever they stand, where nothing says data."""


def is_color(channel: str) -> bool:
    """Whether the last word of a channel's name is one of colour."""
    return channel.rpartition(".")[2].lower() in COLORS


def layer_name(channel: str) -> str:
    """The layer a channel name belongs to: "diffuse" of "diffuse.R", "" of "R"."""
    return channel.rpartition(".")[0]


def last_word(layer: str) -> str:
    """What a layer is called by people: "Combined" of "View.Layer 01.Combined"."""
    return layer.rpartition(".")[2]


def by_spelling(channels: Iterable[str]) -> list[dict[str, str]]:
    """Channels of a layer by their last word in small letters: one set, or several where names differ in capitals only, as R, G, B beside r; alike together."""
    names = list(channels)
    if len({last_word(name).lower() for name in names}) == len(names):
        return [{last_word(name).lower(): name for name in names}]
    found: list[tuple[tuple[bool, bool], dict[str, str]]] = []
    for name in names:
        word = last_word(name)
        style = word.isupper(), word.islower()
        free = (own for other, own in found if other == style and word.lower() not in own)
        if (own := next(free, None)) is None:
            found.append((style, own := {}))
        own[word.lower()] = name
    return [own for _, own in found]


def words(name: str) -> list[str]:
    """The words of a name in small letters: "WorldPosition_02" as world, position. A name without small letters or capitals is one word."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [w for w in re.split(r"[^a-z]+", parted.lower()) if w]


def kind_of(layer: str) -> Kind:
    """What a layer holds, by its name; "" is the picture itself. Its last word decides, and anything that says data does so first."""
    if not layer:
        return Kind.BEAUTY
    name = last_word(layer)
    plain = name.lower()
    own = words(name)
    if any(part in plain for part in DATA_PARTS) or any(word in DATA_WORDS for word in own):
        return Kind.DATA
    if plain in BEAUTY:
        return Kind.BEAUTY
    if any(word in COLOR_WORDS for word in own) or any(part in plain for part in COLOR_PARTS):
        return Kind.COLOR
    return Kind.UNKNOWN


@dataclass(frozen=True)
class Told:
    """What a file's header says of its layers."""

    cryptomatte: frozenset[str]
    """Names, in small letters, of Cryptomattes (Friedman and Jones 2015); their ids lie in layers of these names and two digits."""
    views: frozenset[str]
    """Names, in small letters, of the views; a layer of such a name is the picture of one."""

    def holds_ids(self, layer: str) -> bool:
        """Whether a layer is one of Cryptomatte ids by the header: two digits after a name that it tells."""
        name = layer.lower()
        return any(re.fullmatch(rf"(.*\.)?{re.escape(told)}\d\d", name) for told in self.cryptomatte)

    def kind(self, layer: str) -> Kind:
        """What a layer holds."""
        if self.holds_ids(layer):
            return Kind.DATA
        if last_word(layer).lower() in self.views:
            rest = layer_name(layer)
            return self.kind(rest) if rest else Kind.BEAUTY
        return kind_of(layer)


def told_by(headers: Iterable[dict[str, object]]) -> Told:
    """What the headers of a file's parts say."""
    crypto, views = set(), set()
    for header in headers:
        for key, value in header.items():
            if re.fullmatch("cryptomatte/[^/]+/name", key):
                crypto.add(str(value).lower())
            elif key == "view":
                views.add(str(value).lower())
            elif key == "multiView" and isinstance(value, list | tuple):
                views |= {str(v).lower() for v in value}
    return Told(frozenset(crypto), frozenset(views))
