"""One node of a chain with what it is fed besides the plate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vfxai.errors import ParameterError
from vfxai.image.clip import Clip
from vfxai.schema.node import Node


@dataclass(frozen=True)
class Stage:
    """One node of a chain with what it is fed besides the plate."""

    node: Node
    inputs: Mapping[str, Clip] = field(default_factory=dict)
    """Clips by slot, which is the name of the input, or of each of the two of a pair. Frames lie at the plate's frame numbers; a still at all of them."""

    def check(self) -> None:
        """ParameterError where the node has no such input, or its values do not go together with what it is fed."""
        known = [slot for one in self.node.inputs if one.takes for slot in one.slots]
        if unknown := sorted(set(self.inputs) - set(known)):
            raise ParameterError(
                f"{self.node.id} takes no {', '.join(unknown)}", remedy=f"it takes {', '.join(known) or 'only a plate'}"
            )
        fed = [one.name for one in self.node.inputs if one.takes and any(slot in self.inputs for slot in one.slots)]
        for one in self.node.inputs:
            if one.name in fed and (lacking := sorted(set(one.slots) - set(self.inputs))):
                raise ParameterError(f"{self.node.id}: of {one.name} {', '.join(lacking)} is missing", remedy="give both")
        self.node.check_inputs(fed)
