"""What real hosts do, as far as it is written down (host dumps by the authors of openfx-misc, issues of OpenFX plug-ins)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.plugins.ofx.pictures import Layout

_HOST: dict[str, Any] = {
    "OfxPropAPIVersion": (1, 4),
    "OfxPropType": "OfxTypeImageEffectHost",
    "OfxPropName": "org.vfxai.tests.strict",
    "OfxPropLabel": "Strict",
    "OfxPropVersion": (1, 0, 0),
    "OfxPropVersionLabel": "1.0",
    "OfxImageEffectHostPropIsBackground": 0,
    "OfxImageEffectPropSupportsOverlays": 0,
    "OfxImageEffectPropSupportsMultiResolution": 1,
    "OfxImageEffectPropSupportsTiles": 1,
    "OfxImageEffectPropTemporalClipAccess": 1,
    "OfxImageEffectPropSupportedComponents": ("OfxImageComponentRGBA", "OfxImageComponentRGB", "OfxImageComponentAlpha"),
    "OfxImageEffectPropSupportedContexts": ("OfxImageEffectContextFilter", "OfxImageEffectContextGeneral"),
    "OfxImageEffectPropSupportedPixelDepths": ("OfxBitDepthFloat",),
    "OfxImageEffectPropSupportsMultipleClipPARs": 0,
    "OfxImageEffectPropSetableFrameRate": 0,
    "OfxImageEffectPropColourManagementStyle": None,
}


@dataclass(frozen=True)
class Personality:
    """A host's faults and habits."""

    name: str
    host: dict[str, Any] = field(default_factory=lambda: dict(_HOST))
    without: tuple[tuple[str, int], ...] = ()
    """Suites that it has not."""
    says_host_first: bool = False
    """Calls OfxSetHost, as hosts of 1.5 may."""
    limits: tuple[float, float] | None = None
    """What it takes for a limit that was not given, and clamps values to."""
    masks_lie: str = ""
    """Every clip says it is connected, and hands out "black" or nothing ("null") where it is not."""
    fixed_size: bool = False
    """Never asks for a region of definition."""
    asks_identity: bool = True
    layout: Layout = field(default_factory=Layout)
    has_identifier: bool = True
    image_scale: float = 1.0
    """What it says as the scale of pictures, whatever that of the render is."""
    syncs: bool = True
    """Asks for private data before it saves."""
    button_gives_frames: bool = True
    checks: bool = True
    """Looks at every pixel for faults; a bench does not."""


STRICT = Personality("strict", says_host_first=True)


def _like(name: str, label: str, api: tuple[int, ...], values: dict[str, Any], **facts: Any) -> Personality:
    host = {**_HOST, "OfxPropName": name, "OfxPropLabel": label, "OfxPropAPIVersion": api, **values}
    return replace(Personality(label, host=host), **facts)


ALL_DEPTHS = ("OfxBitDepthFloat", "OfxBitDepthShort", "OfxBitDepthByte")
NUKE = _like("uk.co.thefoundry.nuke", "nuke", (1, 2), {}, layout=Layout(padding=13, top_down=True))
RESOLVE = _like(
    "DaVinciResolve", "resolve", (1, 4),
    {"OfxImageEffectPropSupportsMultiResolution": 0, "OfxImageEffectPropSupportsTiles": 0, "OfxImageEffectPropSupportedPixelDepths": ALL_DEPTHS},
    without=(("OfxMessageSuite", 2), ("OfxProgressSuite", 1)), limits=(-1.0, 1.0), masks_lie="black", fixed_size=True, syncs=False,
    button_gives_frames=False, asks_identity=False,
)  # fmt: skip
RESOLVE_NULL = replace(RESOLVE, name="resolve, nothing at open clips", masks_lie="null")
FUSION = _like(
    "com.eyeonline.Fusion", "fusion", (1, 0),
    {"OfxImageEffectPropSupportsTiles": 0, "OfxImageEffectPropSupportedPixelDepths": ALL_DEPTHS, "OfxPropVersionLabel": None, "OfxPropAPIVersion": None},
    without=(("OfxMessageSuite", 2),), image_scale=3.0, layout=Layout(padding=5),
)  # fmt: skip
NATRON = _like(
    "fr.inria.Natron", "natron", (1, 4),
    {"OfxImageEffectPropSetableFrameRate": 1, "OfxImageEffectPropSupportedPixelDepths": ALL_DEPTHS, "OfxImageEffectPropSupportsMultipleClipPARs": 1},
    layout=Layout(padding=2),
)  # fmt: skip
FUTURE = _like(
    "org.example.next", "a host of 1.5", (1, 5), {"OfxImageEffectPropColourManagementStyle": "OfxImageEffectPropColourManagementOCIO"},
    says_host_first=True,
)  # fmt: skip
UNCHECKED = replace(STRICT, name="unchecked", checks=False)
NO_IDENTIFIERS = replace(STRICT, name="no identifiers", has_identifier=False)
ALL = (STRICT, NUKE, RESOLVE, RESOLVE_NULL, FUSION, NATRON, FUTURE, NO_IDENTIFIERS)
