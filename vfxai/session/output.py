"""What a session made, brought into the colour space of the output."""

from dataclasses import replace

from vfxai.color.config import ATTRIBUTES, Config
from vfxai.image.frame import Frame
from vfxai.session.prepare import divided, multiplied

SAYS = frozenset([*ATTRIBUTES, "chromaticities"])
"""Header attributes about the colour space, which would be wrong in another."""


def in_space(frame: Frame, space: str, config: Config) -> Frame:
    """The frame with its processed colour in another space, converted without alpha in it; its header says the new space.

    Other channels keep their values. ColorSpaceError where the config has no such space or no way there.
    """
    target = config.canonical(space)
    if config.canonical(frame.colorspace) == target:
        return frame
    joined = frame.alpha if frame.premultiplied else None
    color = frame.color if joined is None else divided(frame.color, joined)
    made = config.transform(color, frame.colorspace, target)
    label = config.label(target)
    kept = {name: value for name, value in frame.attributes.items() if name not in SAYS}
    return replace(
        frame,
        color=made if joined is None else multiplied(made, joined),
        colorspace=target,
        attributes={**kept, **label},
        stored=None if frame.stored is None else frame.stored.labelled(SAYS, label),
    )
