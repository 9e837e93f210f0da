"""Nodes: real classes with real knobs, connections, groups, and what goes away with a deleted node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import facts, knobs, pixels
from .threads import main_only

if TYPE_CHECKING:
    from .session import Session

ALONE = frozenset(["Read", "Input"])
"""Classes without inputs."""


class Format:
    """Size and pixel aspect."""

    def __init__(self, width: int, height: int, aspect: float) -> None:
        self._size, self._aspect = (width, height), aspect

    def width(self) -> int:
        return self._size[0]

    def height(self) -> int:
        return self._size[1]

    def pixelAspect(self) -> float:
        return self._aspect


class Node:
    """A node of a class that exists."""

    def __init__(self, session: Session, kind: str, parent: Group | None) -> None:
        main_only(f"a {kind} was made")
        self.session, self._kind, self._parent, self.alive = session, kind, parent, True
        self._inputs: list[Node | None] = []
        self._knobs: dict[str, Any] = {}
        listed = facts.ROOT if kind == "Root" else {**facts.COMMON, **session.classes[kind]}
        for name, knob_class in listed.items():
            self._own(knobs.made(knob_class, kind, name))

    def _own(self, knob: knobs.Knob) -> None:
        knob.owner = self
        self._knobs[knob.name()] = knob

    def check(self) -> None:
        """What Nuke says of a deleted node."""
        if not self.alive:
            raise ValueError("A PythonObject is not attached to a node")

    def Class(self) -> str:
        self.check()
        return self._kind

    def name(self) -> str:
        self.check()
        return str(self._knobs["name"].value())

    def fullName(self) -> str:
        above = self._parent.fullName() + "." if self._parent is not None and self._parent is not self.session.root else ""
        return above + self.name()

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:  # as Nuke spells it
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError(f"{name!r} is no name of a node")
        main_only("a node was renamed")
        self._knobs["name"]._value = self.session.free_name(name, self._parent, self) if uncollide else name

    def knob(self, name: str, *_: Any) -> knobs.Knob | None:
        self.check()
        return self._knobs.get(name)

    def __getitem__(self, name: str) -> knobs.Knob:
        self.check()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def knobs(self) -> dict[str, knobs.Knob]:
        self.check()
        return dict(self._knobs)

    def addKnob(self, knob: knobs.Knob) -> None:
        main_only("a knob was added")
        self.check()
        if knob.name() in self._knobs:
            raise ValueError(f"{self.name()} has a knob {knob.name()} already")
        knob.default = knob.fresh
        self._own(knob)

    def changed(self, knob: knobs.Knob) -> None:
        """What a new value brings with it."""
        if self._kind == "Write" and knob.name() in ("file_type", "file"):
            kind = str(self._knobs["file_type"].value())
            for name, knob_class in facts.BY_FILE_TYPE.get(kind, {}).items():
                if name not in self._knobs:
                    self._own(knobs.made(knob_class, "Write", name))

    def inputs(self) -> int:
        self.check()
        return len(self._inputs)

    def maxInputs(self) -> int:
        return 0 if self._kind in ALONE else 1000 if self._kind == "Switch" else 1

    def input(self, index: int) -> Node | None:
        self.check()
        return self._inputs[index] if index < len(self._inputs) else None

    def setInput(self, index: int, node: Node | None) -> bool:
        main_only("a node was connected")
        self.check()
        if index >= self.maxInputs():
            return False
        if node is not None and node._parent is not self._parent:
            raise ValueError(f"{node.fullName()} is not in the same group as {self.fullName()}")
        self._inputs += [None] * (index + 1 - len(self._inputs))
        self._inputs[index] = node
        return True

    def parent(self) -> Group:
        self.check()
        assert self._parent is not None
        return self._parent

    def dependencies(self, what: int) -> list[Node]:
        """Nodes that expressions of this one name."""
        named = {m for k in self._knobs.values() if k.expression for m in re.findall(r"\b([A-Za-z_]\w*)\.", k.expression)}
        return [n for n in (self._parent.nodes() if self._parent else []) if n.name() in named - {"parent", "this", "root"}]

    def evaluate(self, expression: str, frame: float) -> float:
        """An expression of numbers, the frame, and knobs of the parent or of nodes beside."""

        def value(match: re.Match[str]) -> str:
            whose, name = match[1], match[2]
            node: Any = self._parent if whose == "parent" else next(n for n in self.parent().nodes() if n.name() == whose)
            knob = node[name]
            return repr(float(knob.index() if isinstance(knob, knobs.Enumeration_Knob) else knob.getValueAt(frame)))

        text = re.sub(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)", value, expression)
        text = re.sub(r"\bframe\b", repr(float(frame)), text)
        if not re.fullmatch(r"[\d.e+\-*/=<>() ]+", text):
            raise RuntimeError(f"{self.fullName()}: cannot evaluate {expression!r}")
        return float(eval(text))

    def found(self) -> None:
        """A Read that was told its file by a person takes range and format from what is there."""
        size = pixels.size_on_disk(self)
        if size is not None:
            self._knobs["format"]._value = size

    def writeKnobs(self, flags: int = 0) -> str:
        return "\n".join(f"{n} {k.toScript()}" for n, k in self._knobs.items() if k.not_default())

    def firstFrame(self) -> int:
        return self._range()[0]

    def lastFrame(self) -> int:
        return self._range()[1]

    def _range(self) -> tuple[int, int]:
        self.check()
        if self._kind == "Read":
            return int(self["first"].value()), int(self["last"].value())
        above = self._above()
        if above is None:
            return int(self.session.root["first_frame"].value()), int(self.session.root["last_frame"].value())
        first, last = above._range()
        offset = int(self["time_offset"].value()) if self._kind == "TimeOffset" else 0
        return first + offset, last + offset

    def _above(self) -> Node | None:
        """Whose pictures these are, for what does not depend on the frame."""
        if self._kind == "Input":
            names = [n.name() for n in self.parent().nodes() if n.Class() == "Input"]
            return self.parent().input(names.index(self.name()))
        return next((n for n in self._inputs if n is not None), None)

    def format(self) -> Format:
        try:
            picture = pixels.picture(self, self.session.frame, self.session.views[0])
        except RuntimeError:  # a node that is in error has the project's format
            return Format(*self.session.root["format"].value())
        return Format(picture.width, picture.height, picture.aspect)

    def metadata(self, key: str | None = None, *_: Any) -> Any:
        try:
            values = {k: v[1] for k, v in pixels.picture(self, self.session.frame, self.session.views[0]).metadata.items()}
        except RuntimeError:  # a node that is in error has none
            values = {}
        return values.get(key) if key else values

    def showControlPanel(self, *_: Any) -> None:
        if not self.session.GUI:
            raise RuntimeError("there is no window")


class Group(Node):
    """A node of nodes."""

    def __init__(self, session: Session, kind: str, parent: Group | None) -> None:
        self._nodes: list[Node] = []
        super().__init__(session, kind, parent)

    def nodes(self) -> list[Node]:
        self.check()
        return list(self._nodes)

    def node(self, name: str) -> Node | None:
        return next((n for n in self.nodes() if n.name() == name), None)

    def output(self) -> Node | None:
        return next((n for n in self.nodes() if n.Class() == "Output"), None)

    def maxInputs(self) -> int:
        return sum(n.Class() == "Input" for n in self._nodes)

    def begin(self) -> Group:
        main_only("a group was entered")
        self.session.context.append(self)
        return self

    def end(self) -> None:
        self.session.context.pop()

    def __enter__(self) -> Group:
        return self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()

    def remove(self, node: Node) -> None:
        """Takes a node out, with all connections to it."""
        self._nodes.remove(node)
        for other in self._nodes:
            other._inputs = [None if i is node else i for i in other._inputs]

    def add(self, node: Node) -> None:
        """Puts a node in."""
        self._nodes.append(node)


def everything(group: Group) -> Iterator[Node]:
    """All nodes of a group, those of groups within it too."""
    for node in group._nodes:
        yield node
        if isinstance(node, Group):
            yield from everything(node)
