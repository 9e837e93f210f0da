"""An effect in the strict host: its description, and an instance with clips, values and pictures."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.plugins.ofx.pictures import COMPONENTS, Picture
from tests.plugins.ofx.properties import PropertySet
from tests.plugins.ofx.vocabulary import CLIP, IMAGE, INSTANCE, PARAMETER_SET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.plugins.ofx.host import Host, Plugin

RENDER = "OfxImageEffectActionRender"


class Parameters:
    """A parameter set: what was defined, and in an instance the values."""

    def __init__(self) -> None:
        self.defined: dict[str, PropertySet] = {}
        self.values: dict[str, Value] = {}
        self.properties = PropertySet("the parameter set", PARAMETER_SET)


@dataclass
class Value:
    """A parameter of an instance; `value` may be a function of time."""

    name: str
    type: str
    properties: PropertySet
    value: Any
    limits: tuple[float, float] | None = None
    lent: Any = None

    def at(self, time: float) -> Any:
        found = self.value(time) if callable(self.value) else self.value
        if self.limits and isinstance(found, int | float):
            found = type(found)(min(max(found, self.limits[0]), self.limits[1]))
        return found


@dataclass
class Image:
    """A picture that a plug-in holds."""

    clip: str
    picture: Picture
    properties: PropertySet
    thread: int
    before: bytes
    writable: tuple[int, int, int, int] | None
    """The window that may be written, in pixels; None where nothing may."""

    def check(self, host: Host) -> None:
        if not host.personality.checks:
            return
        if not self.picture.is_guarded():
            host.fault(f"something was written around a picture of {self.clip}")
        after = self.picture.read()
        if self.writable is None:
            if hashlib.sha1(after.tobytes()).digest() != self.before:
                host.fault(f"a picture of {self.clip} was changed")
            return
        x1, y2 = self.picture.bounds[0], self.picture.bounds[3]
        left, bottom, right, top = self.writable
        outside = after.copy()
        outside[y2 - top : y2 - bottom, left - x1 : right - x1] = self.picture.pixels[
            y2 - top : y2 - bottom, left - x1 : right - x1
        ]
        if not np.array_equal(outside, self.picture.pixels):
            host.fault("something was written outside of the render window")


@dataclass(eq=False)
class Clip:
    """What lies at an input: pictures by frame, as the host has them."""

    name: str
    pictures: Callable[[float], Picture | None]
    first: int = 1
    last: int = 1
    connected: bool = True
    aspect: float = 1.0
    premultiplication: str = "OfxImageAlphaPremultiplied"
    colorspace: str | None = None
    output_window: tuple[int, int, int, int] | None = None
    scale: float = 1.0
    fetched: list[float] = field(default_factory=list)
    properties: PropertySet = field(init=False)

    def __post_init__(self) -> None:
        sample = self.pictures(self.first) if self.connected else None
        values: dict[str, Any] = {
            "OfxPropType": "OfxTypeClip", "OfxPropName": self.name, "OfxImageClipPropConnected": int(self.connected),
            "OfxImageEffectPropPixelDepth": "OfxBitDepthFloat", "OfxImageEffectPropPreMultiplication": self.premultiplication,
            "OfxImageEffectPropComponents": COMPONENTS[sample.pixels.shape[2]] if sample else "OfxImageComponentNone",
            "OfxImagePropPixelAspectRatio": self.aspect, "OfxImageEffectPropFrameRate": 24.0,
            "OfxImageEffectPropFrameRange": (float(self.first), float(self.last)), "OfxImageClipPropFieldOrder": "OfxFieldNone",
            "OfxImageClipPropContinuousSamples": 0, "OfxImageClipPropColourspace": self.colorspace,
        }  # fmt: skip
        self.properties = PropertySet(f"clip {self.name}", CLIP, values)

    def region(self, time: float) -> tuple[float, float, float, float]:
        """Canonical coordinates at scale 1."""
        picture = self.pictures(time)
        if picture is None:
            return 0.0, 0.0, 0.0, 0.0
        x1, y1, x2, y2 = picture.bounds
        return x1 * self.aspect / self.scale, y1 / self.scale, x2 * self.aspect / self.scale, y2 / self.scale

    def fetch(self, time: float, host: Host) -> Image | None:
        """A picture for the plug-in, with an identifier that is another where any sample is."""
        if host.action == "OfxActionInstanceChanged" and not host.personality.button_gives_frames:
            return None
        picture = self.pictures(time)
        if picture is None:
            return None
        self.fetched.append(time)
        checks = host.personality.checks
        before = hashlib.sha1(picture.read().tobytes()).digest() if checks else f"{self.name} {time}".encode()
        scale = host.personality.image_scale if host.personality.image_scale != 1 else self.scale
        values: dict[str, Any] = {
            "OfxPropType": "OfxTypeImage", "OfxImageEffectPropPixelDepth": "OfxBitDepthFloat",
            "OfxImageEffectPropComponents": COMPONENTS[picture.pixels.shape[2]], "OfxImageEffectPropPreMultiplication": self.premultiplication,
            "OfxImageEffectPropRenderScale": (scale, scale), "OfxImagePropPixelAspectRatio": self.aspect, "OfxImagePropData": picture.address,
            "OfxImagePropBounds": picture.bounds, "OfxImagePropRegionOfDefinition": picture.bounds, "OfxImagePropRowBytes": picture.row_bytes,
            "OfxImagePropField": "OfxFieldNone", "OfxImagePropUniqueIdentifier": before.hex() if host.personality.has_identifier else None,
        }  # fmt: skip
        properties = PropertySet(f"a picture of {self.name}", IMAGE, values)
        return Image(self.name, picture, properties, threading.get_ident(), before, self.output_window)


class Effect:
    """A description in a context, or an instance made of one."""

    def __init__(self, host: Host, plugin: Plugin, properties: PropertySet, context: str = "") -> None:
        self.host, self.plugin, self.properties, self.context = host, plugin, properties, context
        self.clips: dict[str, Any] = {}
        self.parameters = Parameters()
        self.is_instance = False
        self.wants_abort: Callable[[], bool] = lambda: False
        self.persistent = ""

    def check_description(self) -> None:
        """What a host needs of every description."""
        for name in ("Source", "Output"):
            if name not in self.clips:
                self.host.fault(f"there is no clip {name}")
        for name, clip in self.clips.items():
            if not clip.values.get("OfxImageEffectPropSupportedComponents"):
                self.host.fault(f"clip {name} has no components")
            if name not in ("Source", "Output") and self.context.endswith("Filter") and not clip.get("OfxImageClipPropOptional"):
                self.host.fault(f"clip {name} is not optional in the filter context")
        for name, held in self.parameters.defined.items():
            self._check_parameter(name, held)

    def _check_parameter(self, name: str, held: PropertySet) -> None:
        kind, fault = held.get("OfxParamPropType"), self.host.fault
        if not held.get("OfxPropLabel"):
            fault(f"parameter {name} has no label")
        parent = held.get("OfxParamPropParent", "")
        if parent and self.parameters.defined.get(parent, held).get("OfxParamPropType") != "OfxParamTypeGroup":
            fault(f"parameter {name} lies in {parent}, which is no group")
        if kind in ("OfxParamTypeDouble", "OfxParamTypeInteger", "OfxParamTypeDouble2D"):
            limits = [held.values.get("OfxParamProp" + end, []) for end in ("Min", "DisplayMin", "DisplayMax", "Max")]
            size = 2 if kind.endswith("2D") else 1
            if any(len(end) < size for end in limits):
                fault(f"parameter {name} has not all four limits: Resolve takes -1 to 1")
            else:
                for low, near, far, high in zip(*limits, strict=True):
                    if not low <= near <= far <= high:
                        fault(f"parameter {name} has the limits {low} {near} {far} {high}")
                for default in held.values.get("OfxParamPropDefault", [0]):
                    if not limits[0][0] <= default <= limits[3][0]:
                        fault(f"parameter {name} has the default {default} out of its limits")
        if kind == "OfxParamTypeChoice" and not 0 <= held.get("OfxParamPropDefault", 0) < len(
            held.values.get("OfxParamPropChoiceOption", [])
        ):
            fault(f"parameter {name} has a default that is none of its options")

    def description(self) -> dict[str, Any]:
        """The description as a host sees it, in a fixed order, without the version."""

        def plain(held: PropertySet) -> dict[str, Any]:
            return {
                n.removeprefix("Ofx"): v[0] if len(v) == 1 else v
                for n, v in sorted(held.values.items())
                if n not in ("OfxPropType", "OfxPropVersion", "OfxPropVersionLabel")
            }

        return {
            "effect": plain(self.properties),
            "clips": {name: plain(clip) for name, clip in self.clips.items()},
            "parameters": {name: plain(held) for name, held in self.parameters.defined.items()},
        }


def initial(held: PropertySet) -> Any:
    """The value of a parameter that nobody set."""
    kind = held.get("OfxParamPropType")
    if kind == "OfxParamTypeDouble2D":
        return tuple(held.values.get("OfxParamPropDefault", [0.0, 0.0]))
    return held.get("OfxParamPropDefault", {"OfxParamTypeString": "", "OfxParamTypeDouble": 0.0}.get(kind, 0))


def instance_properties(
    context: str, size: tuple[float, float], personality_style: str | None, config: str | None
) -> PropertySet:
    """Of an instance in a project of a size."""
    values = {
        "OfxPropType": "OfxTypeImageEffectInstance", "OfxImageEffectPropContext": context, "OfxImageEffectPropProjectSize": size,
        "OfxImageEffectPropProjectOffset": (0.0, 0.0), "OfxImageEffectPropProjectExtent": size, "OfxImageEffectPropPixelAspectRatio": 1.0,
        "OfxImageEffectInstancePropEffectDuration": 100.0, "OfxImageEffectPropFrameRate": 24.0, "OfxPropIsInteractive": 1,
        "OfxImageEffectPropColourManagementStyle": personality_style, "OfxImageEffectPropOCIOConfig": config,
    }  # fmt: skip
    return PropertySet("the instance", INSTANCE, values)


def frames(pictures: Mapping[int, NDArray[np.float32]], **facts: Any) -> Callable[[float], Picture | None]:
    """Arrays (H, W, C) by frame number as a clip's pictures."""
    made = {number: Picture(pixels, **facts) for number, pixels in pictures.items()}
    return lambda time: made.get(round(time))
