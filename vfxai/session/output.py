"""What a session made, brought into the colour space of the output."""

from dataclasses import replace

from vfxai.color.config import Config
from vfxai.image.frame import Frame
from vfxai.image.header import SPACE_LABELS
from vfxai.session.prepare import divided, multiplied


def in_space(frame: Frame, space: str, config: Config) -> Frame:
    """The frame with its processed colour in another space, converted without alpha in it; its header says the new space.

    Other channels keep their values. ColorSpaceError where the config has no such space or no way there, as of data.
    """
    target = config.canonical(space, "--output-colorspace")
    if config.canonical(frame.colorspace) == target:
        return labelled(frame, config)
    config.check_way(frame.colorspace, target)
    joined = frame.alpha if frame.premultiplied else None
    color = frame.color if joined is None else divided(frame.color, joined)
    made = config.transform(color, frame.colorspace, target)
    return labelled(replace(frame, color=made if joined is None else multiplied(made, joined), colorspace=target), config)


def labelled(frame: Frame, config: Config) -> Frame:
    """The frame with a header that says its colour space, and no other in another of the ways there are; itself where it says just that."""
    if config.said(frame.attributes) == config.canonical(frame.colorspace) and not config.conflict(
        frame.attributes, frame.colorspace
    ):
        return frame
    label = config.label(frame.colorspace)
    kept = {name: value for name, value in frame.attributes.items() if name not in SPACE_LABELS}
    stored = None if frame.stored is None else frame.stored.labelled(SPACE_LABELS, label)
    return replace(frame, attributes={**kept, **label}, stored=stored)
