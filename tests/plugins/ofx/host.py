"""A strict OFX host: it runs a bundle through the whole life of its effects and writes down every rule that is broken.

Rules: a property that its set has not, of another type, read-only, at a wrong index; definitions outside their action or twice; frames that were not
announced; pictures not released, or twice; values set and pictures fetched in the wrong action; strings that do not live on; pixels written outside.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_uint, c_void_p
from pathlib import Path
from time import perf_counter as time_now
from typing import Any

from tests.plugins.ofx.effect import Effect, Image, Parameters
from tests.plugins.ofx.personalities import STRICT, Personality
from tests.plugins.ofx.properties import PropertySet, PropertySuite
from tests.plugins.ofx.suites import EffectSuite, MessageSuite, ParameterSuite, ProgressSuite
from tests.plugins.ofx.vocabulary import DESCRIPTOR, HOST, IN, OUT, PER_CLIP, STATUSES

ENTRY = CFUNCTYPE(c_int, c_char_p, c_void_p, c_void_p, c_void_p)
FETCH = CFUNCTYPE(c_void_p, c_void_p, c_char_p, c_int)


class OfxHost(Structure):
    _fields_ = (("host", c_void_p), ("fetch_suite", FETCH))


class OfxPlugin(Structure):
    _fields_ = (
        ("api", c_char_p), ("api_version", c_int), ("identifier", c_char_p), ("major", c_uint), ("minor", c_uint),
        ("set_host", CFUNCTYPE(None, POINTER(OfxHost))), ("entry", ENTRY),
    )  # fmt: skip


class Host:
    """One host with its personality. `faults` must be empty at the end."""

    def __init__(self, personality: Personality = STRICT) -> None:
        self.personality = personality
        self.faults: list[str] = []
        self.messages: list[str] = []
        self.progress: list[float] = []
        self.seconds = 0.0
        """That the last render took."""
        self.cancels: Callable[[float], bool] = lambda share: False
        self.open_images: dict[int, Image] = {}
        self.renders_as = threading.local()
        self._numbers, self._objects, self._handles = iter(range(0x1000, 1 << 40, 16)), {}, {}  # type: ignore[var-annotated]
        self._lock = threading.RLock()
        properties = PropertySet("the host", HOST, personality.host)
        self.suites: dict[tuple[str, int], Any] = {
            ("OfxPropertySuite", 1): PropertySuite(self.property_set, self.fault),
            ("OfxImageEffectSuite", 1): EffectSuite(self),
            ("OfxParameterSuite", 1): ParameterSuite(self),
            ("OfxMessageSuite", 1): (messages := MessageSuite(self)),
            ("OfxMessageSuite", 2): messages,
            ("OfxProgressSuite", 1): ProgressSuite(self),
        }
        self._fetch = FETCH(self._fetch_suite)
        self.struct = OfxHost(self.handle(properties), self._fetch)
        self._called = threading.local()

    def fault(self, words: str) -> None:
        self.faults.append(words)

    def guard(self, function: Callable[..., int]) -> Callable[..., int]:
        """A callback whose exception is a fault, not lost."""

        def guarded(*arguments: Any) -> int:
            try:
                return function(*arguments)
            except Exception as error:  # noqa: BLE001  # a ctypes callback swallows it otherwise
                self.fault(f"the host itself failed in {function.__name__}: {error!r}")
                return 1

        return guarded

    def _fetch_suite(self, host: int, name: bytes, version: int) -> int | None:
        suite = self.suites.get((name.decode(), version))
        if suite is None or (name.decode(), version) in self.personality.without:
            return None
        return ctypes.addressof(suite.table)

    # handles: numbers that mean nothing elsewhere, so that a plug-in cannot mistake one for another

    def handle(self, thing: Any) -> int:
        with self._lock:
            found = self._handles.get(id(thing))
            if found is None:
                found = self._handles[id(thing)] = next(self._numbers)
                self._objects[found] = thing
            return int(found)

    def found(self, handle: int) -> Any:
        return self._objects.get(handle)

    def forget(self, thing: Any) -> None:
        with self._lock:
            self._objects.pop(self._handles.pop(id(thing), None), None)

    def property_set(self, handle: int) -> PropertySet | None:
        thing = self.found(handle)
        return thing if isinstance(thing, PropertySet) else None

    def effect(self, handle: int) -> Effect | None:
        thing = self.found(handle)
        if not isinstance(thing, Effect):
            self.fault(f"{handle} is no effect")
            return None
        return thing

    def release(self, image: int) -> None:
        held = self.open_images.pop(image)
        held.check(self)
        self.forget(held.properties)

    # actions

    @property
    def action(self) -> str:
        return getattr(self._called, "action", "no action")

    @property
    def time(self) -> float:
        return float(getattr(self._called, "time", 0.0))

    def is_announced(self, clip: str, time: float) -> bool:
        ranges = getattr(self._called, "announced", None)
        if clip == "Output" or ranges is None:
            return clip == "Output"
        return any(low <= time <= high for low, high in ranges.get(clip, ()))

    @contextmanager
    def calling(self, action: str, time: float = 0.0, announced: Any = None) -> Iterator[None]:
        self._called.action, self._called.time, self._called.announced = action, time, announced
        before = set(self.open_images)
        try:
            yield
        finally:
            for image in set(self.open_images) - before:
                if self.open_images[image].thread == threading.get_ident():
                    self.fault(f"{action} left a picture of {self.open_images[image].clip} unreleased")
                    self.release(image)
            self._called.action = "no action"

    def call(self, plugin: OfxPlugin, action: str, effect: Any, inside: Any, outside: Any, **about: Any) -> int:
        """One action; its status, which must be one of the standard's."""
        with self.calling(action, **about):
            handles = [None if thing is None else self.handle(thing) for thing in (effect, inside, outside)]
            began = time_now()
            status = plugin.entry(action.encode(), *handles)
            self.seconds = time_now() - began if action.endswith("Render") and "Sequence" not in action else self.seconds
        for arguments in (inside, outside):
            if arguments is not None:
                self._check_strings(arguments)
                self.forget(arguments)
        if status not in STATUSES:
            self.fault(f"{action} answers {status}, which is no status")
        return status

    def _check_strings(self, held: PropertySet) -> None:
        for name, address, raw in held.given:
            if ctypes.string_at(address) != raw:
                self.fault(f"{name} of {held.title} was handed over and taken away")


class Plugin:
    """One effect of a bundle."""

    def __init__(self, host: Host, struct: OfxPlugin) -> None:
        self.host, self.struct = host, struct
        self.id, self.major, self.minor = struct.identifier.decode(), struct.major, struct.minor
        self.descriptor = Effect(host, self, PropertySet("the descriptor", DESCRIPTOR, {"OfxPropType": "OfxTypeImageEffect"}))
        struct.set_host(ctypes.byref(host.struct))
        if struct.api != b"OfxImageEffectPluginAPI" or struct.api_version != 1:
            host.fault(f"{self.id}: API {struct.api!r} {struct.api_version}")

    def load(self) -> int:
        return self.host.call(self.struct, "OfxActionLoad", None, None, None)

    def unload(self) -> int:
        status = self.host.call(self.struct, "OfxActionUnload", None, None, None)
        self.host._check_strings(self.descriptor.properties)
        return status

    def describe(self) -> Effect:
        if self.host.call(self.struct, "OfxActionDescribe", self.descriptor, None, None) not in (0, 14):
            self.host.fault(f"{self.id} cannot be described")
        self.host._check_strings(self.descriptor.properties)
        return self.descriptor

    def describe_in(self, context: str) -> Effect:
        """The description in Filter or General, after describe()."""
        name = f"OfxImageEffectContext{context}"
        if name not in self.descriptor.properties.values.get("OfxImageEffectPropSupportedContexts", []):
            self.host.fault(f"{self.id} has no context {context}")
        found = Effect(self.host, self, self.descriptor.properties, context=name)
        action = "OfxImageEffectActionDescribeInContext"
        inside = PropertySet("arguments", IN[action], {"OfxImageEffectPropContext": name})
        if self.host.call(self.struct, action, found, inside, None) not in (0, 14):
            self.host.fault(f"{self.id} cannot be described in {context}")
        found.check_description()
        for held in (*found.clips.values(), *found.parameters.defined.values()):
            self.host._check_strings(held)
        return found

    def arguments(self, action: str, values: dict[str, Any]) -> tuple[PropertySet | None, PropertySet | None]:
        inside = PropertySet(f"in arguments of {action}", IN[action], values) if action in IN else None
        out = PropertySet(f"out arguments of {action}", OUT[action], per_clip=PER_CLIP.get(action)) if action in OUT else None
        if inside:
            inside.locked = True
        return inside, out


def open_bundle(host: Host, bundle: Path, *, library: str = "", environment: Callable[[], None] = lambda: None) -> list[Plugin]:
    """The effects of a bundle, loaded and described."""
    file = Path(library) if library else bundle / "Contents" / "Linux-x86-64" / (bundle.name.removesuffix(".bundle"))
    loaded = ctypes.CDLL(str(file))
    loaded.OfxGetPlugin.restype = POINTER(OfxPlugin)
    if hasattr(loaded, "OfxSetHost") and host.personality.says_host_first:
        loaded.OfxSetHost(ctypes.byref(host.struct))
    count = loaded.OfxGetNumberOfPlugins()
    plugins = [Plugin(host, loaded.OfxGetPlugin(i).contents) for i in range(count)]
    if loaded.OfxGetPlugin(count) or loaded.OfxGetPlugin(-1):
        host.fault("OfxGetPlugin hands out effects that do not exist")
    for plugin in plugins:
        if plugin.load() not in (0, 14):
            host.fault(f"{plugin.id} does not load")
        plugin.describe()
    return plugins


__all__ = ["Host", "Parameters", "Plugin", "Sequence", "open_bundle"]
