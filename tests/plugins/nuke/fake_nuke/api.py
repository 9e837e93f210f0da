"""The names of the module `nuke`, bound to a session."""

import types
from typing import Any

from . import facts, knobs, nodes, threads
from .session import FrameRanges, Menu, Session, Undo

EVENTS = {
    "addBeforeRender": "beforeRender",
    "addOnScriptClose": "onScriptClose",
    "addOnScriptLoad": "onScriptLoad",
    "addUpdateUI": "updateUI",
}


def of(session: Session) -> types.ModuleType:
    """The module of a session; what is not here, the adapter must not call."""
    known: Any = getattr(session, "_module", None)
    if known is not None:
        return known  # type: ignore[no-any-return]  # kept on the session
    nuke: Any = types.ModuleType("nuke")
    session._module = nuke  # type: ignore[attr-defined]  # kept on the session
    for name, flag in facts.FLAGS.items():
        setattr(nuke, name, flag)
    for name, kind in vars(knobs).items():
        if isinstance(kind, type) and issubclass(kind, knobs.Knob) and kind is not knobs.Opaque_Knob and not name.startswith("_"):
            setattr(nuke, name, kind)
    nuke.TO_SCRIPT, nuke.WRITE_NON_DEFAULT_ONLY, nuke.EXPRESSIONS, nuke.GUI = 1, 2, 4, session.GUI
    nuke.Node, nuke.Group, nuke.FrameRanges, nuke.Undo, nuke.ProgressTask = (
        nodes.Node,
        nodes.Group,
        FrameRanges,
        Undo,
        threads.ProgressTask,
    )
    nuke.NUKE_VERSION_STRING = "15.1v3"
    nuke.executeInMainThread = threads.execute_in_main_thread
    nuke.executeInMainThreadWithResult = threads.execute_in_main_thread_with_result
    nuke.nodes = _Makers(session)
    _scene(nuke, session)
    _window(nuke, session)
    for name, event in EVENTS.items():
        setattr(nuke, name, _adder(session, event))
    return nuke  # type: ignore[no-any-return]  # it is a module


def _scene(nuke: Any, session: Session) -> None:
    """Nodes and scripts."""

    def create(kind: str, knobs: str = "", inpanel: bool = True) -> nodes.Node:
        if inpanel and not session.GUI:
            raise RuntimeError("there is no window for a panel")
        return session.make(kind)

    nuke.createNode, nuke.delete, nuke.execute = create, session.delete, session.execute
    nuke.root = lambda: session.root
    nuke.thisNode = lambda: session.this[-1]
    nuke.selectedNodes = lambda: [n for n in session.root.nodes() if n["selected"].value()]
    nuke.toNode = lambda name: session.context[-1].node(name)
    nuke.views = lambda: list(session.views)
    nuke.frame = lambda: session.frame
    nuke.scriptOpen, nuke.scriptSave = session.open, session.save


def _window(nuke: Any, session: Session) -> None:
    """What talks to a person; there is nobody without a window."""

    def seen(text: str) -> None:
        threads.main_only("a message was shown")
        if not session.GUI:
            raise RuntimeError("there is no window for a message")
        session.messages.append(text)

    def ask(text: str) -> bool:
        seen(text)
        session.questions.append(session.messages.pop())
        return session.answer

    def filename(title: str, pattern: str = "", default: str = "") -> str:
        seen(title)
        return session.file_answer

    nuke.message, nuke.ask, nuke.getFilename = seen, ask, filename
    nuke.menu = lambda name: session.menus.setdefault(name, Menu())


def _adder(session: Session, event: str) -> Any:
    def add(call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*") -> None:  # as Nuke spells it
        session.callbacks.setdefault(event, []).append((call, nodeClass))

    return add


class _Makers:
    """nuke.nodes: a maker of every class, by its name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, kind: str) -> Any:
        return lambda **values: self._session.make(kind, **values)
