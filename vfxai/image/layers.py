"""Which of a file's channels are the picture: by name and view before position, and what else could have been meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from vfxai.errors import InputError, UnsupportedInputError
from vfxai.image.channels import ALPHAS, BEAUTY, Kind, Told, by_spelling, kind_of, last_word, layer_name, told_by
from vfxai.image.header import Header
from vfxai.schema.events import Chosen

TRIPLES: tuple[tuple[str, ...], ...] = (("r", "g", "b"), ("red", "green", "blue"))
SINGLES = ("y", "r", "g", "b", "red", "green", "blue")
"""Last words of a channel that alone is a gray picture, the surest first."""


@dataclass(frozen=True)
class Layer:
    """Channels of one part that together are a picture."""

    part: int
    name: str
    """As --layer takes it: the channels' prefix, the part's name where they have none, or "" for the plain R, G, B of a file."""
    view: str
    """Of a stereo file; "" where the file has no views."""
    colors: tuple[str, ...]
    """Full names of the three colour channels, or of one gray one."""
    alpha: str | None
    """The alpha of this layer; another layer's is not taken."""

    @property
    def said(self) -> str:
        """For people."""
        return self.name or ", ".join(self.colors)


@dataclass(frozen=True)
class LayerChoice:
    """The layer to process, and why it."""

    layer: Layer
    chosen: tuple[Chosen, ...]


def layers_of(header: Header) -> list[Layer]:
    """Every picture of a file, in the order of the file."""
    found = []
    views = _views(header)
    for index, part in enumerate(header.parts):
        groups: dict[str, list[str]] = {}
        for channel in part.channels:
            groups.setdefault(layer_name(channel), []).append(channel)
        for prefix, names in groups.items():
            words = {last_word(name).lower(): name for name in reversed(names)}
            for channels in by_spelling(names):
                ways = (*TRIPLES, *((w,) for w in SINGLES))
                colors = next((way for way in ways if all(w in channels for w in way)), None)
                if colors is None or (set(words) & {"x", "z"} and colors == ("y",)):  # Y of a vector
                    continue
                alpha = next((known[a] for known in (channels, words) for a in ALPHAS if a in known), None)
                name = prefix or (part.name if len(header.parts) > 1 else "")
                view = str(part.attributes.get("view") or "") or _view_of(prefix, views)
                found.append(Layer(index, name, view, tuple(channels[c] for c in colors), alpha))
    return found


def views_of(header: Header) -> tuple[str, ...]:
    """The views of a stereo file of which there is a picture, the one that is shown by default first; () for any other file."""
    there = {layer.view for layer in layers_of(header)}
    named = [v for v in _views(header) if v in there]
    return tuple(named) if len(named) > 1 else ()


def choose_layer(header: Header, layer: str | None = None, view: str | None = None) -> LayerChoice:
    """The layer to process. `layer` names one, a part or a view, whole or by its last word; `view` one of views_of().

    InputError where there is none of that name, UnsupportedInputError where the file holds no picture.
    """
    layers = layers_of(header)
    if layers and view is not None and view not in {one.view for one in layers}:
        views = views_of(header)
        there = f"it has {', '.join(views)}" if views else "it has only one"
        raise InputError(
            f"{header.path} has no view {view!r}; {there}", remedy="give --views with a view that is there, or leave it out"
        )
    if layer:
        found = _named(header, layers, layer, view)
    else:
        found = _beauty(header, [c for c in layers if view is None or c.view == view] or layers, view)
    return found


def told_of(header: Header) -> tuple[int, tuple[Chosen, ...]]:
    """The part that would be processed and what is to say of it, for `vfxai info`; the first one and nothing where there is no picture."""
    try:
        choice = choose_layer(header)
    except UnsupportedInputError:
        return 0, ()
    return choice.layer.part, choice.chosen


def _views(header: Header) -> list[str]:
    """Names of the views that a header tells, the default one first."""
    told: list[str] = []
    for part in header.parts:
        several = part.attributes.get("multiView")
        told += [str(v) for v in several] if isinstance(several, list | tuple) else []
        told += [str(part.attributes["view"])] if part.attributes.get("view") else []
    return list(dict.fromkeys(told))


def _view_of(prefix: str, views: Sequence[str]) -> str:
    """The view that a layer of a file with several belongs to: its last word, else the default one."""
    return last_word(prefix) if last_word(prefix) in views else (views[0] if views else "")


def _named(header: Header, layers: list[Layer], layer: str, view: str | None) -> LayerChoice:
    """The layer of a name; a view's where the name is that of several views."""
    for part, facts in enumerate(header.parts):
        if layer in facts.channels:
            return LayerChoice(Layer(part, layer, "", (layer,), None), (Chosen("layer", layer, "--layer, a channel"),))
    in_part = {c: header.parts[c.part].name for c in layers}
    ways = (
        [c for c in layers if layer in (c.name, c.view) or (layer == in_part[c] and not layer_name(c.colors[0]))],
        [c for c in layers if layer == in_part[c]],
        [c for c in layers if last_word(c.name).lower() == layer.lower()],
        [c for c in layers if c.view and last_word(layer_name(c.name)).lower() == layer.lower()],
    )
    for found in ways:
        wanted = [c for c in found if view is not None and c.view == view] or found
        if wanted:
            others = tuple(c.said for c in wanted[1:] if c.view == wanted[0].view)
            chosen = [Chosen("layer", wanted[0].said, "--layer", others)]
            if (views := views_of(header)) and view is None:
                left = tuple(v for v in views if v != wanted[0].view)
                chosen.append(Chosen("view", wanted[0].view, "that of the layer", left))
            return LayerChoice(wanted[0], tuple(chosen))
    raise InputError(f"{header.path} has no layer {layer!r}", remedy=_remedy(header, layers))


def _beauty(header: Header, layers: list[Layer], view: str | None) -> LayerChoice:
    """The layer that is the picture, by its name, then by its place."""
    told = told_by([dict(p.attributes) for p in header.parts])
    if not layers:
        return _single(header)
    ranked = sorted(range(len(layers)), key=lambda i: (*_rank(told, layers[i], _views(header)), i))
    best = layers[ranked[0]]
    kind = _rank(told, best, _views(header))[0]
    of_view = [c for c in layers if c.view == best.view]
    meant = [c for c in of_view if c != best and _rank(told, c, _views(header))[0] <= kind]
    if kind == 2:
        raise UnsupportedInputError(
            f"{header.path} holds no picture: {best.said} is data by its name",
            remedy=f"--layer {best.said} takes it all the same",
        )
    if beside := _left_alone(header, best):
        return LayerChoice(best, (Chosen("layer", best.said, "the file has not all three colours", beside),))
    if len(of_view) == 1:
        why = "the only picture of the file"
    elif kind == 0:
        why, meant = "the picture by its name", [c for c in meant if _twin(c, best)]
    else:
        why = "the first, no name says which is the picture" if meant else "the only one that is not data by its name"
    others = tuple(c.said for c in meant)
    chosen = [Chosen("layer", best.said, why, others)]
    views = views_of(header)
    if views and view is None:
        chosen.append(Chosen("view", best.view, "the file's default view", tuple(v for v in views if v != best.view)))
    return LayerChoice(best, tuple(chosen))


def _left_alone(header: Header, layer: Layer) -> tuple[str, ...]:
    """Channels of colour beside one that alone was taken for a gray picture: R and G without B are no picture of three, and G is not processed."""
    own = layer.colors[0]
    if len(layer.colors) > 1 or last_word(own).lower() == "y":
        return ()
    channels = header.parts[layer.part].channels
    return tuple(c for c in channels if c != own and layer_name(c) == layer_name(own) and last_word(c).lower() in SINGLES)


def _twin(one: Layer, other: Layer) -> bool:
    """Whether two layers are called the same, in two parts or under two prefixes."""
    return last_word(one.name).lower() == last_word(other.name).lower()


def _rank(told: Told, layer: Layer, views: Sequence[str]) -> tuple[int, int, int, int]:
    """Smaller is surer: what the name says, colours before gray, the default view first."""
    kinds = {Kind.BEAUTY: 0, Kind.COLOR: 1, Kind.UNKNOWN: 1, Kind.DATA: 2}
    kind = told.kind(_without_view(layer))
    name = last_word(_without_view(layer)).lower()
    place = (BEAUTY.index(name) + 1 if name in BEAUTY else len(BEAUTY) + 1) if name else 0
    at = views.index(layer.view) if layer.view in views else 0
    gray = len(layer.colors) == 1
    return kinds[kind], int(gray), at, place if kinds[kind] == 0 else 0


def _without_view(layer: Layer) -> str:
    """A layer's name without that of its view: "" of "right", "rgba" of "rgba_right" and "rgba.right"."""
    if not layer.view:
        return layer.name
    name = layer.name.removesuffix(layer.view)
    return name.rstrip("._- ") if name != layer.name else layer.name


def _single(header: Header) -> LayerChoice:
    """The one channel of a file that has no other, such as a matte's alpha."""
    channels = [(i, c) for i, p in enumerate(header.parts) for c in p.channels]
    if len(channels) == 1 and (channels[0][1].lower() in ALPHAS or kind_of(channels[0][1]) is not Kind.DATA):
        part, name = channels[0]
        return LayerChoice(Layer(part, name, "", (name,), None), (Chosen("layer", name, "the only channel of the file"),))
    raise UnsupportedInputError(f"{header.path} has no R, G, B or Y to process", remedy=_remedy(header, []))


def _remedy(header: Header, layers: list[Layer]) -> str:
    """What --layer may name in this file."""
    known = sorted({c.said for c in layers} | {c.view for c in layers if c.view})
    known = known or sorted({c for p in header.parts for c in p.channels})
    some = ", ".join(known[:24]) + (f" and {len(known) - 24} more" if len(known) > 24 else "")
    return f"choose a --layer of: {some}"
