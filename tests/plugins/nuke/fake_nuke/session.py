"""A session of the stand-in: the module `nuke` itself, new for each test."""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import facts, knobs, nodes, pixels, threads


class FrameRanges:
    """Frames as Nuke reads them: 1-10, 1-10x2, and several with blanks between."""

    def __init__(self, text: str) -> None:
        self._frames: list[int] = []
        for part in text.split():
            span, _, step = part.partition("x")
            first, dash, last = span.partition("-")
            if not first.isdigit() or (dash and not last.isdigit()) or (step and not step.isdigit()):
                raise RuntimeError(f"{part!r} is no frame range")
            self._frames += range(int(first), int(last or first) + 1, int(step or 1))

    def toFrameList(self) -> list[int]:
        return self._frames


class Undo:
    """Whether changes are remembered."""

    off = 0

    @classmethod
    def disable(cls) -> None:
        cls.off += 1

    @classmethod
    def enable(cls) -> None:
        cls.off -= 1


class Menu:
    """A menu and its commands by label."""

    def __init__(self) -> None:
        self.commands: dict[str, Callable[[], Any]] = {}
        self.menus: dict[str, Menu] = {}

    def addMenu(self, name: str, **_: Any) -> Menu:
        return self.menus.setdefault(name, Menu())

    def addCommand(self, name: str, command: Callable[[], Any], *_: Any) -> None:
        self.commands[name] = command


class Session:
    """Everything behind the module."""

    def __init__(self, gui: bool = True) -> None:
        threads.forget()
        Undo.off = 0
        self.GUI = gui
        self.classes: dict[str, dict[str, str]] = {**facts.CLASSES}
        self.frame, self.views = 1, ["main"]
        self.context: list[nodes.Group] = []
        self.this: list[nodes.Node] = []
        self.messages: list[str] = []
        self.questions: list[str] = []
        self.answer, self.file_answer, self.cancels_renders = True, "", False
        """What the person at this session does."""
        self.menus: dict[str, Menu] = {}
        self.callbacks: dict[str, list[tuple[Callable[[], Any], str]]] = {}
        self.root: Any = nodes.Group(self, "Root", None)
        self.context.append(self.root)

    def free_name(self, name: str, parent: Any, but: nodes.Node | None = None) -> str:
        """The name, with a number where it is taken."""
        taken = {n.name() for n in parent._nodes if n is not but}
        bare = name.rstrip("0123456789")
        return name if name not in taken else next(f"{bare}{i}" for i in range(1, 10**6) if f"{bare}{i}" not in taken)

    def make(self, kind: str, **values: Any) -> nodes.Node:
        """A node in the group that is open; RuntimeError for a class that Nuke does not have."""
        if kind not in self.classes:
            raise RuntimeError(f"{kind}: Unknown command")
        parent = self.context[-1]
        node = (nodes.Group if kind == "Group" else nodes.Node)(self, kind, parent)
        node._knobs["name"]._value = self.free_name(kind + "1", parent)
        parent.add(node)
        inputs = values.pop("inputs", [])
        for index, above in enumerate(inputs):
            node.setInput(index, above)
        for name, value in values.items():
            if name == "name":
                node.setName(value)
            else:
                node[name].setValue(value)
        return node

    def delete(self, node: nodes.Node) -> None:
        """For good: whoever still holds it finds out."""
        threads.main_only("a node was deleted")
        node.check()
        for inside in list(nodes.everything(node)) if isinstance(node, nodes.Group) else []:
            inside.alive = False
        node.parent().remove(node)
        node.alive = False

    def execute(self, node: nodes.Node, start: int, end: int, incr: int = 1, views: list[str] | None = None, *_: Any) -> None:
        """Renders a Write as Nuke does: the callbacks first, every view, every frame."""
        threads.main_only("a Write was rendered")
        if node.Class() != "Write":
            raise RuntimeError(f"{node.name()} cannot be executed")
        if node["disable"].value():
            raise RuntimeError(f"{node.name()} is disabled")
        self.call("beforeRender", node)
        for frame in range(start, end + 1, incr):
            if self.cancels_renders:
                raise RuntimeError("Cancelled")
            for view in views or self.views:
                if view not in self.views:
                    raise RuntimeError(f"there is no view {view}")
                pixels.write(node, frame, view)

    def call(self, what: str, node: nodes.Node | None = None) -> None:
        """Calls what was registered for an event."""
        for call, kind in self.callbacks.get(what, []):
            if node is None or kind in ("*", node.Class()):
                self.this.append(node or self.root)
                try:
                    call()
                finally:
                    self.this.pop()

    def run_button(self, knob: knobs.Knob) -> None:
        """A button's script, as the node's panel runs it."""
        self.this.append(knob.owner)
        try:
            exec(compile(str(knob._value), knob.name(), "exec"), {"nuke": self.module()})
        finally:
            self.this.pop()

    def update_ui(self) -> None:
        """Nuke's idle moment after a change."""
        for node in list(nodes.everything(self.root)):
            self.call("updateUI", node)

    def save(self, path: str) -> None:
        """The script as a file."""
        threads.main_only("the script was saved")
        Path(path).write_text(json.dumps([_saved(n) for n in self.root._nodes]))

    def open(self, path: str) -> None:
        """A script from a file, whatever is installed."""
        self.root["name"].setValue(path)
        made = [(data, self._loaded(data)) for data in json.loads(Path(path).read_text())]
        self._connect(made)
        self.call("onScriptLoad")

    def _loaded(self, data: dict[str, Any]) -> Any:
        node: Any = self.make(data["class"])
        for kind, name, label, words in data["user"]:
            made = knobs.Enumeration_Knob(name, label, words) if kind == "Enumeration_Knob" else getattr(knobs, kind)(name, label)
            node.addKnob(made)
        node._knobs["name"]._value = data["name"]
        for name, value, expression, keys in data["values"]:
            node._knobs[name]._value, node._knobs[name].expression = value, expression
            node._knobs[name].keys = {float(k): v for k, v in keys.items()}
        if data["class"] == "Group":
            with node:
                self._connect([(inside, self._loaded(inside)) for inside in data["nodes"]])
        return node

    def _connect(self, made: list[tuple[dict[str, Any], nodes.Node]]) -> None:
        by_name = {n.name(): n for _, n in made}
        for data, node in made:
            for index, name in enumerate(data["inputs"]):
                if name:
                    node.setInput(index, by_name[name])

    def module(self) -> types.ModuleType:
        """The module that plug-ins import as `nuke`."""
        from . import api

        return api.of(self)


def _saved(node: Any) -> dict[str, Any]:
    fixed = {**facts.COMMON, **node.session.classes[node.Class()]}
    own = [k for n, k in node._knobs.items() if n not in fixed and node.Class() != "Write"]
    return {
        "class": node.Class(), "name": node.name(), "inputs": [i.name() if i else "" for i in node._inputs],
        "user": [[k.Class(), k.name(), k.label(), getattr(k, "words", None)] for k in own],
        "values": [[n, k._value, k.expression, k.keys] for n, k in node._knobs.items() if n != "name" and k.not_default()],
        "nodes": [_saved(n) for n in getattr(node, "_nodes", [])],
    }  # fmt: skip
