"""What a file says of how it was made: its `vfxai/*` attributes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from vfxai.errors import InputError
from vfxai.image.files import read_header
from vfxai.schema.job import ELSEWHERE

PREFIX = "vfxai/"
CHANGES = frozenset({"source-frame", "key", "user"})
"""Facts that differ from frame to frame by right."""
MACHINE = frozenset({"machine", "backends"})
"""Facts of the machine that made a frame, which decide its last bits; of several is told by a check of its own."""
REMEDY = "publish what vfxai wrote; a file that another program wrote anew has lost its provenance"


@dataclass(frozen=True)
class Provenance:
    """The facts of one file, by name without the prefix."""

    facts: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a file's header. InputError where the file cannot be read or says nothing."""
        facts: dict[str, str] = {}
        for part in read_header(path).parts:
            facts |= {k.removeprefix(PREFIX): str(v) for k, v in part.attributes.items() if k.startswith(PREFIX)}
        if "recipe" not in facts:
            raise InputError(f"{path} does not say how it was made", remedy=REMEDY)
        return cls(facts)

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipe as plain values. InputError where it is damaged."""
        return self._table("recipe")

    @property
    def models(self) -> dict[str, str]:
        """Hash of each model by its id."""
        return {str(k): str(v) for k, v in self._table("models").items()} if "models" in self.facts else {}

    @property
    def machine(self) -> str:
        """The class of the machine that made the frame, and what ran its networks there, in words."""
        ran = sorted(set(map(str, self._table("backends").values()))) if "backends" in self.facts else []
        return f"{self.facts.get('machine', 'not said')}{' with ' if ran else ''}{', '.join(ran)}"

    def differs(self, other: "Provenance") -> list[str]:
        """Names of facts that all frames of a shot have alike and these two have not. InputError where a recipe or choice is damaged.

        What was chosen counts where both say it: a chunk does not look at what only the analysis reads.
        """
        mine, theirs = self._alike(), other._alike()  # noqa: SLF001  # one of its own class
        found = sorted(k for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k))
        mine, theirs = self._choices(), other._choices()  # noqa: SLF001  # one of its own class
        return found + sorted(what for what in mine.keys() & theirs.keys() if mine[what] != theirs[what])

    def _alike(self) -> dict[str, str]:
        named = {k: v for k, v in self.facts.items() if k not in CHANGES | MACHINE | {"chosen"}}
        return named | {"recipe": placeless(self.recipe)}

    def _choices(self) -> dict[str, str]:
        """What was taken for the user, by what it is."""
        try:
            return {str(one["what"]): str(one["taken"]) for one in json.loads(self.facts.get("chosen", "[]"))}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the attribute {PREFIX}chosen is damaged", remedy=REMEDY) from error

    def _table(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads(self.facts[name])
        except (KeyError, ValueError) as error:
            raise InputError(f"the attribute {PREFIX}{name} is missing or damaged", remedy=REMEDY) from error
        if not isinstance(found, dict):
            raise InputError(f"the attribute {PREFIX}{name} is no table", remedy=REMEDY)
        return found


def placeless(recipe: Mapping[str, Any]) -> str:
    """A recipe in words that are the same for all chunks of a shot, whatever a machine mounts where: of paths only the last part is left."""

    def named(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {k: named(v) for k, v in value.items()}
        if isinstance(value, list):
            return [named(one) for one in value]
        return re.split(r"[/\\]", value)[-1] if isinstance(value, str) else value

    return json.dumps(named({k: v for k, v in recipe.items() if k not in ELSEWHERE}), sort_keys=True)
