"""Which colours the script's pixels mean: its OCIO config and working space, taken from the project settings and never guessed."""

from __future__ import annotations

import os
import re
from typing import Callable

import nuke

from .telling import Refusal

STATE_IT = "Name it in Colour space on the Render tab, for example 'ACEScg' or 'Linear Rec.709 (sRGB)'."
NAME_IT = "Choose a config in the project settings, or name a file in OpenColorIO config on the Render tab."


def config(group: nuke.Group) -> str:
    """Path of the OCIO config: the Group's own, else the one that Nuke uses, which is $OCIO, the project's, or one that came with Nuke.

    Refusal where the project names none.
    """
    stated = str(group["ocio"].value() or "") if group.knob("ocio") is not None else ""
    found = stated or os.environ.get("OCIO", "")
    if not found:
        root = nuke.root()
        knob = root.knob("customOCIOConfigPath" if root["OCIO_config"].value() == "custom" else "OCIOConfigPath")
        found = str(knob.getEvaluatedValue() or "") if knob is not None else ""  # type: ignore[attr-defined]  # a File_Knob
    if not found:
        raise Refusal("The project names no file of its OCIO config", NAME_IT)
    return found


def space(group: nuke.Group, found: Callable[[], str]) -> str:
    """Colour space of an input: the Group's own, else what `found` says, which may refuse."""
    stated = str(group["colorspace"].value() or "").strip() if group.knob("colorspace") is not None else ""
    return stated or found()


def working_space() -> str:
    """Name of the space that pixels between nodes are in; Refusal where the project does not say it."""
    root = nuke.root()
    managed = root["colorManagement"].value()
    if managed == "Nuke" and root["OCIO_config"].value() != "nuke-default":
        raise Refusal("The project's colour management is 'Nuke', whose working space no OCIO config names", STATE_IT)
    knob = root.knob("workingSpaceLUT")
    name = str(knob.value()) if knob is not None else ""
    if not name:
        raise Refusal("The project names no working space", STATE_IT)
    return named(name)


def of_read(read: nuke.Node) -> str:
    """Space of a Read's file as it stands on disk. A raw Read hands its values on as they are, so they are taken for the working space."""
    if read["raw"].value():
        return working_space()
    name = named(str(read["colorspace"].value()))
    if name == "default":
        raise Refusal(f"{read.name()} takes its colour space by default and does not say which", STATE_IT)
    return name


def named(text: str) -> str:
    """The space's own name: Nuke writes a default as "default (ACES - ACEScg)"."""
    found = re.fullmatch(r"default \((.+)\)", text)
    return found.group(1) if found else text
