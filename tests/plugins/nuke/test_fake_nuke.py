"""The stand-in refuses what Nuke refuses; a stand-in that takes anything would prove nothing."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from fake_nuke import threads
from fake_nuke.session import Session

Nuke = Any


@pytest.fixture
def nuke() -> Nuke:
    return Session().module()


WRONG: dict[str, tuple[type[Exception], Callable[[Nuke], Any]]] = {
    "a class that is not there": (RuntimeError, lambda n: n.nodes.Denoise3()),
    "a knob that is not there": (NameError, lambda n: n.nodes.Read()["filename"]),
    "a knob of a file type that is not chosen": (NameError, lambda n: n.nodes.Write()["datatype"]),
    "a word that is no option": (TypeError, lambda n: n.nodes.Read()["before"].setValue("hld")),
    "text for a number": (TypeError, lambda n: n.nodes.Read()["first"].setValue("1001")),
    "a deleted node": (ValueError, lambda n: (lambda node: (n.delete(node), node["file"]))(n.nodes.Read())),
    "a node of another group": (ValueError, lambda n: n.nodes.Dot().setInput(0, inside(n))),
    "a Read that is executed": (RuntimeError, lambda n: n.execute(n.nodes.Read(), 1, 1)),
    "a disabled Write": (RuntimeError, lambda n: n.execute(n.nodes.Write(disable=True), 1, 1)),
    "a view that is not there": (RuntimeError, lambda n: n.execute(n.nodes.Write(), 1, 1, 1, ["left"])),
    "waiting for oneself": (RuntimeError, lambda n: n.executeInMainThreadWithResult(n.root)),
    "a call that is not known": (AttributeError, lambda n: n.executeInMain),
    "an expression of nothing": (RuntimeError, lambda n: with_expression(n, "import os")["which"].value()),
}


def inside(nuke: Nuke) -> Any:
    with nuke.nodes.Group():
        return nuke.nodes.Dot()


def with_expression(nuke: Nuke, text: str) -> Any:
    switch = nuke.nodes.Switch()
    switch["which"].setExpression(text)
    return switch


@pytest.mark.parametrize("what", WRONG)
def test_it_refuses(nuke: Nuke, what: str) -> None:
    error, act = WRONG[what]
    with pytest.raises(error):
        act(nuke)


def test_nodes_are_for_the_main_thread(nuke: Nuke) -> None:
    read = nuke.nodes.Read()

    def change() -> None:
        with pytest.raises(RuntimeError):
            read["first"].setValue(5)

    thread = threading.Thread(target=change)
    thread.start()
    thread.join()
    assert read["first"].value() == 1 and threads.faults == ["the knob first was changed off the main thread"]


def test_what_is_left_for_the_main_thread_is_done_there(nuke: Nuke) -> None:
    read = nuke.nodes.Read()
    thread = threading.Thread(target=nuke.executeInMainThread, args=(read["first"].setValue,), kwargs={"args": (5,)})
    thread.start()
    thread.join()
    assert read["first"].value() == 1
    threads.pump(lambda: read["first"].value() == 5)
