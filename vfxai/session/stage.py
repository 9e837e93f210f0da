"""One node of a chain with what it is fed besides the plate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vfxai.image.clip import Clip
from vfxai.schema.node import Node


@dataclass(frozen=True)
class Stage:
    """One node of a chain with what it is fed besides the plate."""

    node: Node
    inputs: Mapping[str, Clip] = field(default_factory=dict)
    """Clips by the name of the input: mattes, key frames, reference and so on. Their frames lie at the plate's frame numbers; a still at all of them."""
