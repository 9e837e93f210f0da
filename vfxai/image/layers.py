"""Which of a file's channels are the picture."""

from vfxai.errors import InputError, UnsupportedInputError
from vfxai.image.channels import ALPHAS, layer_name
from vfxai.image.header import Header


def choose_layer(header: Header, layer: str | None) -> tuple[int, tuple[str, ...], str | None]:
    """Part index, colour channels and alpha channel of a layer, of the first colour where `layer` is None; of alpha alone, as mattes are, alpha is the colour."""
    for index, part in enumerate(header.parts):
        prefixes = [""] if layer in (None, part.name) else []
        if layer:
            prefixes.append(f"{layer}.")
        for prefix in prefixes:
            for names in (("R", "G", "B"), ("r", "g", "b"), ("red", "green", "blue"), ("Y",), ("R",), ("G",), ("B",)):
                wanted = tuple(prefix + n for n in names)
                if all(w in part.channels for w in wanted):
                    alpha = next((prefix + a for a in ALPHAS if prefix + a in part.channels), None)
                    return index, wanted, alpha
        if layer and layer in part.channels:
            return index, (layer,), None
    channels = [c for p in header.parts for c in p.channels]
    if not layer and len(channels) == 1 and channels[0] in ALPHAS:
        return 0, (channels[0],), None
    known = sorted(
        {layer_name(c) or "the default layer" for p in header.parts for c in p.channels}
        | {p.name for p in header.parts if p.name}
    )
    if layer:
        raise InputError(f"{header.path} has no layer {layer!r}", remedy=f"choose one of: {', '.join(known)}")
    raise UnsupportedInputError(
        f"{header.path} has no R, G, B or Y to process", remedy=f"choose a --layer of: {', '.join(known)}"
    )
