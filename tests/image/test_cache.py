"""A cache that threads share."""

import threading

import pytest

from vfxai.errors import CancelledError
from vfxai.image.cache import Cache

PATIENCE = 120
"""Seconds after which a test gives up on a machine under load; nothing is measured by it."""


def test_a_cache_keeps_no_lock_of_what_it_gave() -> None:
    cache: Cache[int] = Cache(4)
    for turn in range(50):
        assert cache.get(turn % 4, lambda turn=turn: turn % 4) == turn % 4
    with pytest.raises(ZeroDivisionError):
        cache.get("bad", lambda: 1 // 0)
    assert not cache._busy


def test_who_waits_gets_the_value_that_was_not_kept_and_makes_it_where_the_other_failed() -> None:
    for fails in (False, True):
        cache: Cache[str] = Cache(0)  # keeps nothing
        inside, leave = threading.Event(), threading.Event()
        made: list[str] = []

        def first(inside=inside, leave=leave, made=made, fails=fails) -> str:
            inside.set()
            leave.wait(PATIENCE)
            if fails:
                raise CancelledError("stopped")
            made.append("first")
            return "first"

        got: list[str] = []

        def one(cache=cache, first=first, got=got) -> None:
            try:
                got.append(cache.get("key", first))
            except CancelledError:
                got.append("cancelled")

        def other(cache=cache, got=got, leave=leave) -> None:
            got.append(cache.get("key", lambda: "second", leave.set))  # lets the first go once it waits

        threads = [threading.Thread(target=one)]
        threads[0].start()
        assert inside.wait(PATIENCE)
        threads.append(threading.Thread(target=other))
        threads[1].start()
        for thread in threads:
            thread.join(PATIENCE)
        assert sorted(got) == (["cancelled", "second"] if fails else ["first", "first"])
        assert not cache._busy


def test_waiting_can_be_given_up() -> None:
    cache: Cache[int] = Cache(1)
    inside, leave = threading.Event(), threading.Event()

    def slow() -> int:
        inside.set()
        leave.wait(PATIENCE)
        return 1

    thread = threading.Thread(target=cache.get, args=("key", slow))
    thread.start()
    assert inside.wait(PATIENCE)

    def stop() -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        cache.get("key", lambda: 2, stop)
    leave.set()
    thread.join(PATIENCE)
    assert cache.get("key", lambda: 3) == 1
