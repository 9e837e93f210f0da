"""A stand-in for bpy as far as a node's properties, files and jobs go, for machines without its 900 MB. It is strict: what it does not know raises.

Pictures, trees and windows are Blender's own; tests of these run where VFXAI_BPY_PYTHONS names a Python with bpy.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

KEYWORDS = {
    "FloatProperty": {"name", "description", "default", "min", "max", "options"},
    "IntProperty": {"name", "description", "default", "min", "max", "options"},
    "BoolProperty": {"name", "description", "default", "options"},
    "EnumProperty": {"name", "description", "default", "items", "options"},
    "StringProperty": {"name", "description", "default", "subtype", "options"},
    "IntVectorProperty": {"name", "description", "default", "size", "options"},
    "PointerProperty": {"type"},
}
"""Of bpy.props, what the extension may say."""
EMPTY = {"FloatProperty": 0.0, "IntProperty": 0, "BoolProperty": False, "StringProperty": "", "EnumProperty": ""}


class Property:
    """What a function of bpy.props makes."""

    def __init__(self, make: str, given: dict[str, Any]) -> None:
        unknown = set(given) - KEYWORDS[make]
        assert not unknown, f"bpy.props.{make} knows no {unknown}"
        self.make, self.given = make, given
        items = [item[0] for item in given.get("items", ())]
        self.default = given.get("default", items[0] if items else EMPTY.get(make))
        self.accept(self.default)

    def accept(self, value: Any) -> Any:
        """The value as Blender keeps it; floats have 32 bits."""
        if self.make == "EnumProperty" and value:
            assert value in [item[0] for item in self.given["items"]], f"{value!r} is none of {self.given['items']}"
        if self.make == "FloatProperty":
            import numpy as np

            return float(np.float32(min(max(value, self.given.get("min", value)), self.given.get("max", value))))
        if self.make == "StringProperty":
            assert isinstance(value, str), f"{value!r} is no text"
        return value


class Registered:
    """What a class that was registered is made of: its annotated properties, with their values."""

    def __init__(self, **values: Any) -> None:
        held = {name: one for kind in type(self).__mro__ for name, one in getattr(kind, "__annotations__", {}).items()}
        object.__setattr__(self, "properties", {name: one for name, one in held.items() if isinstance(one, Property)})
        for name, one in self.properties.items():
            object.__setattr__(self, name, one.default)
        for name, value in values.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        one = self.properties.get(name)
        object.__setattr__(self, name, one.accept(value) if one else value)


class Operator(Registered):
    """Reports stay with it."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.reports: list[tuple[set[str], str]] = []

    def report(self, kind: set[str], text: str) -> None:
        self.reports.append((kind, text))


class Window:
    """What an operator in a window is given: `log` holds what it did to Blender."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.scene = SimpleNamespace()
        self.window = self.space_data = object()
        self.workspace = SimpleNamespace(status_text_set=lambda text: self.log.append(("status", text)))
        self.window_manager = SimpleNamespace(
            event_timer_add=lambda seconds, window: self.log.append("timer") or "the timer",
            event_timer_remove=lambda timer: self.log.append(("removed", timer)),
            progress_begin=lambda low, high: self.log.append("begin"),
            progress_update=lambda value: self.log.append(value),
            progress_end=lambda: self.log.append("end"),
            modal_handler_add=lambda operator: self.log.append("modal"),
        )


def module(work: Path, config: str) -> types.ModuleType:
    """The module bpy of a Blender in `work`, whose colour config is a file."""
    made: Any = types.ModuleType("bpy")
    resources = work / "blender"
    (resources / "datafiles/colormanagement").mkdir(parents=True, exist_ok=True)
    (resources / "datafiles/colormanagement/config.ocio").write_bytes(Path(config).read_bytes())
    registered: list[type] = []

    def register_class(kind: type) -> None:
        assert kind not in registered, f"{kind} is registered twice"
        registered.append(kind)

    made.registered = registered
    made.props = SimpleNamespace(**{make: _maker(make) for make in KEYWORDS})
    bases = ("PropertyGroup", "Panel", "CompositorNodeCustomGroup")
    made.types = SimpleNamespace(
        **{name: type(name, (Registered,), {}) for name in bases},
        Operator=Operator,
        NODE_MT_add=SimpleNamespace(append=lambda draw: None, remove=lambda draw: None),
        Scene=type("Scene", (), {}),
    )
    made.utils = SimpleNamespace(
        register_class=register_class,
        unregister_class=registered.remove,
        resource_path=lambda kind: str(resources) if kind == "SYSTEM" else "",
    )
    made.path = SimpleNamespace(
        abspath=lambda path, library=None: path.replace("//", f"{work}/", 1) if path[:2] == "//" else path
    )
    made.app = SimpleNamespace(background=True, tempdir=str(work), version_string="4.5.15 (stand-in)")
    return made


def _maker(make: str) -> Any:
    return lambda **given: Property(make, given)


@contextmanager
def extension(folder: Path, work: Path, config: str) -> Iterator[Any]:
    """The extension in a folder, imported and registered in the stand-in, for as long as it is used; `nodes` gives its classes by node."""
    bpy = module(work, config)
    sys.modules["bpy"] = bpy
    sys.path.insert(0, str(folder.parent))
    try:
        found: Any = __import__(folder.name)
        found.register()
        yield SimpleNamespace(bpy=bpy, package=found, nodes={kind.panel["id"]: kind for kind in found.nodes.classes})
        found.unregister()
        assert bpy.registered == []
    finally:
        sys.path.remove(str(folder.parent))
        for name in [n for n in sys.modules if n == "bpy" or n.split(".")[0] == folder.name]:
            del sys.modules[name]


def sequence(pattern: str, colorspace: str, first: int, count: int) -> SimpleNamespace:
    """An Image node on a sequence."""
    image = SimpleNamespace(
        filepath=pattern.replace("####", f"{first:04}"),
        library=None,
        source="SEQUENCE",
        colorspace_settings=SimpleNamespace(name=colorspace),
    )
    return SimpleNamespace(image=image, frame_start=first, frame_duration=count)


def link(node: Registered, source: SimpleNamespace) -> None:
    """Connects a node's input."""
    object.__setattr__(
        node, "id_data", SimpleNamespace(links=[SimpleNamespace(from_node=source, to_node=node)], animation_data=None)
    )
