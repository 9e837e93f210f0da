"""How open a model is: its class of the Model Openness Framework, and whether it is Open Source AI.

Sources: White et al., "The Model Openness Framework", arXiv 2403.13784 (LF AI & Data; 17 components in three classes); Open Source Initiative,
"The Open Source AI Definition 1.0" (2024: data information, code and parameters under terms that let all use, study, modify and share).
"""

from dataclasses import dataclass

from vfxai.models.manifest import Manifest

TRAINED_HERE = "vfxai train "
"""How the command of a model begins that this repository trained."""
OPEN = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CDLA-Permissive-2.0", "MPL-2.0"})
"""Licences of weights, by SPDX, that let everybody use, study, modify and share for any purpose; those that models here have had, not all there are."""
CLASSES = {3: "Class III, Open Model", 2: "Class II, Open Tooling", 1: "Class I, Open Science"}
"""The framework's names by its numbers; the lower, the more is open."""
NO_CLASS = "not classified"


@dataclass(frozen=True)
class Component:
    """Something that belongs to a model."""

    name: str
    """The framework's."""
    level: int
    """The class that asks for it and all above: 3, 2 or 1, which asks for most."""
    where: str
    """Paths in this repository, with spaces between; empty where it is not published."""


HERE = (
    Component("model architecture", 3, "vfxai/nets"),
    Component("final parameters", 3, "models"),
    Component("technical report", 3, "docs/explanation docs/decisions"),
    Component("evaluation results", 3, "docs/quality.md"),
    Component("model card", 3, "models"),
    Component("data card", 3, "models"),
    Component("training code", 2, "vfxai/train"),
    Component("inference code", 2, "vfxai/models vfxai/nodes"),
    Component("evaluation code", 2, "vfxai/bench"),
    Component("evaluation data", 2, ""),
    Component("supporting libraries and tools", 2, "pyproject.toml constraints.txt"),
    Component("research paper", 1, ""),
    Component("datasets", 1, ""),
    Component("data preprocessing code", 1, "vfxai/train"),
    Component("intermediate parameters", 1, ""),
)
"""Of every model that this repository trained; all of it is under the licence of the repository."""


def components(manifest: Manifest) -> tuple[Component, ...]:
    """What is published of a model; nothing is known of one that others trained."""
    return HERE if manifest.trained_with.startswith(TRAINED_HERE) else ()


def framework_class(manifest: Manifest) -> str:
    """The class of the Model Openness Framework, and what is missing to the next one. Only an open licence of the weights gives one."""
    known = components(manifest)
    if not known or manifest.licence not in OPEN:
        return NO_CLASS
    reached, missing = NO_CLASS, ""
    for level, name in CLASSES.items():
        lost = [c.name for c in known if c.level == level and not c.where]
        if lost:
            missing = f"; {CLASSES[level].partition(',')[0]} lacks {', '.join(lost)}"
            break
        reached = name
    return reached + missing


def open_source_ai(manifest: Manifest) -> str:
    """Whether it meets the Open Source AI Definition 1.0, and if not, what is missing."""
    known = {c.name: c.where for c in components(manifest)}
    if not known:
        return "not known"
    missing = [] if manifest.licence in OPEN else [f"parameters (licence {manifest.licence})"]
    missing += ["code"] if not (known["training code"] and known["inference code"]) else []
    if not known["datasets"]:
        missing.append("data information (groups with licences are listed, not each item and where to get it)")
    return f"not met: {'; '.join(missing)}" if missing else "met"
