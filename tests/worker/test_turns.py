import threading

import pytest

from tests.worker.conftest import PATIENCE
from vfxai.worker.turns import Ticket, Turns


class Queue:
    """Tickets that wait in threads for a turn that is taken, in the order in which they came."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.served: list[str] = []
        self._threads: list[threading.Thread] = []

    def wait(self, name: str, ticket: Ticket) -> None:
        def work() -> None:
            with self.turns.turn(ticket):
                self.served.append(name)

        before = len(self.turns._waiting)
        thread = threading.Thread(target=work)
        thread.start()
        self._threads.append(thread)
        while len(self.turns._waiting) == before:
            pass

    def join(self) -> list[str]:
        for one in self._threads:
            one.join(PATIENCE)
        return self.served


def test_what_somebody_waits_for_comes_before_a_batch() -> None:
    line = Queue()
    with line.turns.turn(Ticket()):
        line.wait("batch", Ticket(batch=True, owner="a"))
        line.wait("interactive", Ticket(owner="b"))
    assert line.join() == ["interactive", "batch"]


def test_owners_take_turns_however_much_each_wants() -> None:
    line = Queue()
    with line.turns.turn(Ticket(owner="a")):
        for name in ("a1", "a2", "a3"):
            line.wait(name, Ticket(owner="a"))
        line.wait("b1", Ticket(owner="b"))
    assert line.join() == ["b1", "a1", "a2", "a3"]


def test_a_turn_within_a_turn_is_the_same() -> None:
    turns = Turns()
    with turns.turn(Ticket()), turns.turn(Ticket()):
        pass
    with turns.turn(Ticket()):  # it was given back once
        pass


def test_others_have_the_turn_while_it_is_released() -> None:
    line = Queue()
    with line.turns.turn(Ticket(owner="a")):
        line.wait("b", Ticket(owner="b"))
        with line.turns.released():
            assert line.join() == ["b"]


def test_breathing_lets_others_go_first_and_comes_back() -> None:
    line = Queue()
    with line.turns.turn(Ticket(owner="a")):
        line.turns.breathe()
        line.wait("b", Ticket(owner="b"))
        line.turns.breathe()
        assert line.served == ["b"]
    line.join()


def test_one_that_is_cancelled_while_it_waits_leaves_the_line() -> None:
    class StoppedError(Exception):
        pass

    def check() -> None:
        raise StoppedError

    turns = Turns()
    with turns.turn(Ticket()):
        caught: list[BaseException] = []

        def work() -> None:
            with pytest.raises(StoppedError) as stopped, turns.turn(Ticket(check=check)):
                pass
            caught.append(stopped.value)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(PATIENCE)
        assert len(caught) == 1
        assert turns._waiting == []


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns.turn(Ticket()):
        raise KeyError("x")
    with turns.turn(Ticket()):
        pass
