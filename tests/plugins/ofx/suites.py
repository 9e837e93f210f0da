"""The suites of the strict host besides properties: effects, parameters, messages, progress."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_size_t, c_void_p
from typing import TYPE_CHECKING, Any

from tests.plugins.ofx.properties import PropertySet
from tests.plugins.ofx.vocabulary import CLIP_DESCRIPTOR, PARAMETERS

if TYPE_CHECKING:
    from tests.plugins.ofx.host import Host

OK, FAILED, UNKNOWN, EXISTS, BAD_HANDLE, REPLY_NO = 0, 1, 3, 6, 9, 13
V, S, D = c_void_p, c_char_p, c_double
H = POINTER(c_void_p)
EFFECT = [
    (V, H),
    (V, H),
    (V, S, H),
    (V, S, H, H),
    (V, H),
    (V, D, V, H),
    (V,),
    (V, D, POINTER(c_double)),
    (V,),
    (V, c_size_t, H),
    (V,),
    (V, H),
    (V,),
]
PARAMETER = [(V, S, S, H), (V, S, H, H), (V, H), (V, H), (V, V, V), (V, D, V, V), (V, D, V), (V, D, D, V), (V, V), (V, D, V),
             (V, V), (V, V), (V, V), (V, D), (V,), (V, V, D, V), (V, S), (V,)]  # fmt: skip
MESSAGE = [(V, S, S, S, V), (V, S, S, S, V), (V,)]
PROGRESS = [(V, S), (V, D), (V,)]
MAIN_ONLY = ("OfxActionInstanceChanged", "OfxActionSyncPrivateData", "OfxActionCreateInstance", "OfxActionEndInstanceChanged")
"""Actions in which values may be set. Others run on render threads, or before there are values."""
FETCHING = ("OfxImageEffectActionRender", "OfxActionInstanceChanged")
"""Actions in which pictures may be fetched."""


class Table:
    """C functions in the order of a suite."""

    def __init__(self, host: Host, signatures: list[Any], functions: list[Any], holes: tuple[int, ...] = ()) -> None:
        self._kept = [CFUNCTYPE(c_int, *types)(host.guard(f)) for types, f in zip(signatures, functions, strict=True)]
        addresses = [None if i in holes else ctypes.cast(f, c_void_p).value for i, f in enumerate(self._kept)]
        self.table = (c_void_p * len(addresses))(*addresses)


class EffectSuite:
    """Image effect suite V1."""

    def __init__(self, host: Host) -> None:
        self.host = host
        functions = [self.property_set, self.parameter_set, self.define_clip, self.clip, self.clip_property_set, self.image, self.release,
                     self.clip_region, self.abort, self.memory, self.memory, self.memory, self.memory]  # fmt: skip
        self.functions = Table(host, EFFECT, functions)
        self.table = self.functions.table

    def property_set(self, effect: int, to: Any) -> int:
        held = self.host.effect(effect)
        if held is None:
            return BAD_HANDLE
        to[0] = self.host.handle(held.properties)
        return OK

    def parameter_set(self, effect: int, to: Any) -> int:
        held = self.host.effect(effect)
        if held is None:
            return BAD_HANDLE
        to[0] = self.host.handle(held.parameters)
        return OK

    def define_clip(self, effect: int, name: bytes, to: Any) -> int:
        held, text = self.host.effect(effect), name.decode()
        if held is None:
            return BAD_HANDLE
        if self.host.action != "OfxImageEffectActionDescribeInContext":
            self.host.fault(f"clipDefine {text} in {self.host.action}")
            return FAILED
        if text in held.clips:
            self.host.fault(f"clip {text} is defined twice")
            return EXISTS
        held.clips[text] = PropertySet(f"clip {text}", CLIP_DESCRIPTOR, {"OfxPropName": text, "OfxPropType": "OfxTypeClip"})
        to[0] = self.host.handle(held.clips[text])
        return OK

    def clip(self, effect: int, name: bytes, to: Any, properties: Any) -> int:
        held, text = self.host.effect(effect), name.decode()
        if held is None or not held.is_instance:
            self.host.fault(f"clipGetHandle {text} of what is no instance")
            return BAD_HANDLE
        if text not in held.clips:
            self.host.fault(f"clipGetHandle {text}: no such clip was defined")
            return UNKNOWN
        clip = held.output if text == "Output" else held.clips[text]
        to[0] = self.host.handle(clip)
        if properties:
            properties[0] = self.host.handle(clip.properties)
        return OK

    def clip_property_set(self, clip: int, to: Any) -> int:
        to[0] = self.host.handle(self.host.found(clip).properties)
        return OK

    def image(self, clip: int, time: float, region: int | None, to: Any) -> int:
        held = self.host.found(clip)
        if held is None or not hasattr(held, "fetch"):
            self.host.fault(f"clipGetImage: {clip} is no clip")
            return BAD_HANDLE
        if self.host.action not in FETCHING:
            self.host.fault(f"clipGetImage {held.name} in {self.host.action}")
            return FAILED
        if self.host.action == FETCHING[0] and not self.host.is_announced(held.name, time):
            self.host.fault(f"frame {time:g} of {held.name} was not announced by getFramesNeeded")
        image = held.fetch(time, self.host)
        to[0] = None if image is None else self.host.handle(image.properties)
        if image is None:
            return FAILED
        self.host.open_images[to[0]] = image
        return OK

    def release(self, image: int) -> int:
        if image not in self.host.open_images:
            self.host.fault(f"clipReleaseImage: {image} is no picture that is held")
            return BAD_HANDLE
        self.host.release(image)
        return OK

    def clip_region(self, clip: int, time: float, to: Any) -> int:
        held = self.host.found(clip)
        if held is None or not hasattr(held, "region"):
            self.host.fault(f"clipGetRegionOfDefinition: {clip} is no clip")
            return BAD_HANDLE
        for i, edge in enumerate(held.region(time)):
            to[i] = edge
        return OK

    def abort(self, effect: int) -> int:
        held = self.host.effect(effect)
        return int(bool(held and held.is_instance and held.wants_abort()))

    def memory(self, *_: Any) -> int:
        self.host.fault("the host's memory is not needed")
        return FAILED


class ParameterSuite:
    """Parameter suite V1. Its variadic functions get two pointers, which is what x86-64 passes in the same registers."""

    def __init__(self, host: Host) -> None:
        self.host = host
        none = self.unsupported
        functions = [self.define, self.find, self.set_property_set, self.property_set, self.value, self.value_at, none, none, self.set_value, none,
                     none, none, none, none, none, none, none, none]  # fmt: skip
        self.functions = Table(host, PARAMETER, functions)
        self.table = self.functions.table

    def define(self, handle: int, type: bytes, name: bytes, to: Any) -> int:
        held, text, kind = self.host.found(handle), name.decode(), type.decode()
        if self.host.action != "OfxImageEffectActionDescribeInContext":
            self.host.fault(f"paramDefine {text} in {self.host.action}")
            return FAILED
        if kind not in PARAMETERS:
            self.host.fault(f"paramDefine {text}: no host has type {kind} without a crash")
            return UNKNOWN
        if text in held.defined:
            self.host.fault(f"parameter {text} is defined twice")
            return EXISTS
        defaults = {"OfxPropName": text, "OfxParamPropType": kind, "OfxPropType": "OfxTypeParameter"}
        held.defined[text] = PropertySet(f"parameter {text}", PARAMETERS[kind], defaults)
        if to:
            to[0] = self.host.handle(held.defined[text])
        return OK

    def find(self, handle: int, name: bytes, to: Any, properties: Any) -> int:
        held, text = self.host.found(handle), name.decode()
        if text not in held.values:
            self.host.fault(f"paramGetHandle {text}: no such parameter was defined")
            return UNKNOWN
        to[0] = self.host.handle(held.values[text])
        if properties:
            properties[0] = self.host.handle(held.values[text].properties)
        return OK

    def set_property_set(self, handle: int, to: Any) -> int:
        to[0] = self.host.handle(self.host.found(handle).properties)
        return OK

    def property_set(self, handle: int, to: Any) -> int:
        to[0] = self.host.handle(self.host.found(handle).properties)
        return OK

    def value(self, handle: int, first: int, second: int) -> int:
        return self.value_at(handle, self.host.time, first, second)

    def value_at(self, handle: int, time: float, first: int, second: int) -> int:
        held = self.host.found(handle)
        if held is None or not hasattr(held, "at"):
            self.host.fault(f"paramGetValueAtTime: {handle} is no parameter")
            return BAD_HANDLE
        value, kind = held.at(time), held.type
        if kind == "OfxParamTypeDouble":
            c_double.from_address(first).value = value
        elif kind == "OfxParamTypeDouble2D":
            c_double.from_address(first).value, c_double.from_address(second).value = value
        elif kind == "OfxParamTypeString":
            held.lent = ctypes.create_string_buffer(value.encode())  # what was read before is gone
            c_void_p.from_address(first).value = ctypes.addressof(held.lent)
        elif kind in ("OfxParamTypeInteger", "OfxParamTypeBoolean", "OfxParamTypeChoice"):
            c_int.from_address(first).value = value
        else:
            self.host.fault(f"paramGetValueAtTime: {held.name} is a {kind}, which has no value")
            return FAILED
        return OK

    def set_value(self, handle: int, value: int) -> int:
        held = self.host.found(handle)
        if self.host.action not in MAIN_ONLY:
            self.host.fault(f"paramSetValue {held.name} in {self.host.action}")
            return FAILED
        if held.type != "OfxParamTypeString":
            self.host.fault(f"paramSetValue {held.name}: this host sets strings only")
            return FAILED
        held.value = ctypes.string_at(value).decode()
        return OK

    def unsupported(self, *_: Any) -> int:
        self.host.fault("a function of the parameter suite that hosts get wrong")
        return FAILED


class MessageSuite:
    """Message suite V2, of which V1 is the first function."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.functions = Table(host, MESSAGE, [self.message, self.persistent, self.clear])
        self.table = self.functions.table

    def _words(self, effect: int, type: bytes, format: bytes, first: int) -> str | None:
        if self.host.effect(effect) is None:
            return None
        if format != b"%s":
            self.host.fault(f"a message with the format {format!r}: words with a % would crash the host")
            return None
        kind = type.decode()
        if kind not in {f"OfxMessage{k}" for k in ("Fatal", "Error", "Warning", "Message", "Log", "Question")}:
            self.host.fault(f"a message of type {kind}")
        return ctypes.string_at(first).decode()

    def message(self, effect: int, type: bytes, id: bytes, format: bytes, first: int) -> int:
        words = self._words(effect, type, format, first)
        if type == b"OfxMessageQuestion" and self.host.action == FETCHING[0]:
            self.host.fault("a question on a render thread")
        if words is not None:
            self.host.messages.append(words)
        return OK if words is not None else FAILED

    def persistent(self, effect: int, type: bytes, id: bytes, format: bytes, first: int) -> int:
        words = self._words(effect, type, format, first)
        if words is None:
            return FAILED
        self.host.messages.append(words)
        self.host.effect(effect).persistent = words  # type: ignore[union-attr]
        return OK

    def clear(self, effect: int) -> int:
        held = self.host.effect(effect)
        if held is None:
            return BAD_HANDLE
        held.persistent = ""
        return OK


class ProgressSuite:
    """Progress suite V1."""

    def __init__(self, host: Host) -> None:
        self.host, self.open = host, False
        self.functions = Table(host, PROGRESS, [self.start, self.update, self.end])
        self.table = self.functions.table

    def start(self, effect: int, label: bytes) -> int:
        if self.open or self.host.action == FETCHING[0]:
            self.host.fault(f"progressStart {'twice' if self.open else 'in render'}")
        self.open = True
        self.host.progress = []
        return OK if self.host.effect(effect) else BAD_HANDLE

    def update(self, effect: int, share: float) -> int:
        if not self.open or not 0 <= share <= 1:
            self.host.fault(f"progressUpdate {share} {'' if self.open else 'before progressStart'}")
        self.host.progress.append(share)
        return REPLY_NO if self.host.cancels(share) else OK

    def end(self, effect: int) -> int:
        if not self.open:
            self.host.fault("progressEnd before progressStart")
        self.open = False
        return OK
