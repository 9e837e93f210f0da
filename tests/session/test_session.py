"""Frames out of clips in memory, and many requests at once."""

import threading
from dataclasses import dataclass
from functools import partial

import pytest
import torch
from simple import CONFIG, POOL, Fact, Found, Gain, Level, Mean, frame, plate, session, threads, value, with_nan

from vfxai.errors import CancelledError, MissingInputError, ParameterError
from vfxai.schema.vocabulary import Window
from vfxai.session.analyses import Analyses, Learned
from vfxai.session.clips import MemoryClip, SourceClip
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage
from vfxai.session.tools import NodeTools

PATIENCE = 120
"""Seconds after which a test gives up on a machine under load; nothing is measured by it."""


@pytest.fixture(autouse=True)
def still_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Level, "during", staticmethod(lambda number: None))
    monkeypatch.setattr(Fact, "wait", staticmethod(lambda number: None))


def test_a_chain_over_frames_in_memory() -> None:
    made = session(plate(), Gain(gain=4), Gain(gain=1), Mean())
    assert made.frames == (1001, 1002, 1003, 1004, 1005)
    assert [value(made.frame(n, Request())) for n in (1002, 1005)] == [8, pytest.approx((16 + 20 + 16) / 3)]
    assert made.needs(1001) == (1001, 1002)
    assert made.needs(1003) == (1002, 1003, 1004)
    assert made.clip().origin(1002) == 1002
    assert not made.clip().has(1006)
    with pytest.raises(MissingInputError):
        made.frame(1006, Request())


def test_a_host_is_asked_for_the_frames_that_are_needed_and_no_others() -> None:
    asked: list[int] = []

    def fetch(number: int):
        asked.append(number)
        return frame(number)

    made = session(SourceClip(range(1, 100), fetch), Mean())
    assert value(made.frame(50, Request())) == pytest.approx(50)
    assert sorted(asked) == [49, 50, 51] == list(made.needs(50))


def test_one_frame_in_memory_is_a_still() -> None:
    matte = MemoryClip([frame(0.25)])
    made = Session(plate(), [Stage(Gain(gain=2), {"mask": matte})], pool=POOL, config=CONFIG)
    assert [value(made.frame(n, Request())) for n in (1001, 1004)] == [1.25, 5]
    moving = MemoryClip([frame(0.25)], still=False)
    with pytest.raises(MissingInputError):
        Session(plate(), [Stage(Gain(), {"mask": moving})], pool=POOL, config=CONFIG).frame(1004, Request())


def test_a_chain_of_sessions_makes_no_frame_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(Fact, "wait", staticmethod(made.append))
    first = session(plate(40), Fact()).clip()

    class Wide(Mean):
        """Sees more frames than are kept casually; for tests."""

        window = Window(6, 6)

    second = session(first, Wide()).clip()
    for number in second.frames:
        second[number]
    assert sorted(made) == list(first.frames)


def test_only_what_is_wanted_is_made_of_the_whole_shot() -> None:
    whole = plate(20)
    wanted = SourceClip(range(1005, 1008), whole.__getitem__)
    made = session(wanted, Level(), shot=whole)
    assert made.frames == (1005, 1006, 1007)
    assert value(made.frame(1006, Request())) == pytest.approx(6 / 10.5)


def test_learning_from_a_chain_makes_no_frame_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a chunk of 5 frames of 20 the first of two nodes ran 25 times."""
    made: list[int] = []
    monkeypatch.setattr(Fact, "wait", staticmethod(made.append))
    whole = plate(20)
    chunk = session(SourceClip(range(1003, 1016), whole.__getitem__), Fact(), Level(), Mean(), shot=whole)
    for number in chunk.frames:
        chunk.frame(number, Request())
    assert sorted(made) == list(whole.frames)


def test_an_analysis_is_used_in_its_stored_form_from_the_first_frame_on() -> None:
    clip = MemoryClip([frame(v) for v in (1, 1, 1.01)])  # mean 1.00333, rounded when it is stored
    first = session(clip, Gain(gain=1), Level())
    request = Request()
    analyses = first.analyze(request)
    assert first.loaded(1) == Found(1.0)
    again = session(clip, Gain(gain=1), Level(), analyses=Analyses.from_dict(analyses.to_dict()))
    one, other = first.frame(1003, request), again.frame(1003, Request())
    assert torch.equal(one.color, other.color)
    assert again.analyze(request).hash == analyses.hash
    with pytest.raises(ParameterError, match="gain and level, the chain has level"):
        session(clip, Level(), analyses=analyses)


def test_an_analysis_made_with_values_that_needed_none_is_made_for_those_that_do() -> None:
    clip = MemoryClip([frame(v) for v in (1, 2, 3)])
    nothing = Analyses((Learned("level", Level.version, None),))
    assert session(clip, Level(), analyses=nothing).loaded() == session(clip, Level()).loaded() == Found(2.0)


def test_requests_do_not_see_each_others_facts() -> None:
    made, requests = session(plate(40), Fact(), Gain()), [Request() for _ in range(4)]

    def work(index: int) -> None:
        for number in made.frames[index::4]:
            made.frame(number, requests[index])

    assert not threads(4, work)
    for index, request in enumerate(requests):
        for number in made.frames:
            wanted = {"number": number, "made": number, "gain": 2.0} if number in made.frames[index::4] else {}
            assert request.facts(number) == wanted


def test_what_was_said_of_a_frame_is_said_again_to_whoever_gets_it_later() -> None:
    made = session(with_nan(plate(), 1003), Fact(), Mean())
    said: list[list[str]] = [[], []]
    for told in said:
        request = Request(on_warning=told.append)
        made.frame(1003, request)
        assert request.facts(1003) == {"number": 1003, "made": 1003, "repaired": 1}
    assert said[0] == said[1]
    assert "made 1003" in said[0]
    assert "made 1002" in said[0], "of the frames that it is made of too"
    assert any("frame 1003: 1 pixels" in message for message in said[0])
    assert len(set(said[0])) == len(said[0]), "each once"


def test_a_shot_is_analysed_once_for_all_and_a_cancel_leaves_it_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    first, second = Request(), Request()
    started, waiting = threading.Event(), threading.Event()

    def during(number: int) -> None:
        looked.append(number)
        if len(looked) == 2:
            started.set()
            waiting.wait(PATIENCE)
            first.cancel()

    monkeypatch.setattr(Level, "during", staticmethod(during))
    made = session(plate(), Level())
    errors: list[BaseException] = []

    def analyse() -> None:
        try:
            made.analyze(first)
        except CancelledError as error:
            errors.append(error)

    one = threading.Thread(target=analyse)
    one.start()
    assert started.wait(PATIENCE)
    impatient = Request()
    impatient.cancel()
    with pytest.raises(CancelledError):
        made.analyze(impatient)  # while the other works
    other = threading.Thread(target=made.analyze, args=(second,))
    other.start()
    waiting.set()
    one.join(PATIENCE)
    other.join(PATIENCE)
    assert len(errors) == 1
    assert looked == [1001, 1002, 1001, 1002, 1003, 1004, 1005], "the second began anew, and nobody did afterwards"
    told: list[str] = []
    made.frame(1002, Request(on_warning=told.append))
    assert told == ["looked at the shot"]
    assert len(looked) == 7


def test_a_shot_that_is_analysed_does_not_hold_up_another(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, leave = threading.Event(), threading.Event()

    def during(number: int) -> None:
        if number == 1001:
            inside.set()
            leave.wait(PATIENCE)

    monkeypatch.setattr(Level, "during", staticmethod(during))
    slow = threading.Thread(target=session(plate(), Level()).analyze, args=(Request(),))
    slow.start()
    assert inside.wait(PATIENCE)
    assert value(session(plate(3, first=1), Level()).frame(1, Request())) == 0.5
    leave.set()
    slow.join(PATIENCE)


def test_a_cancelled_request_ends_and_the_others_get_their_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    victim = Request()
    inside, leave = threading.Event(), threading.Event()

    def wait(number: int) -> None:
        inside.set()
        leave.wait(PATIENCE)

    monkeypatch.setattr(Fact, "wait", staticmethod(wait))
    made = session(plate(), Fact())
    ended: list[str] = []

    def ask(request: Request, name: str) -> None:
        try:
            made.frame(1001, request)
            ended.append(f"{name} done")
        except CancelledError:
            ended.append(f"{name} cancelled")

    first = threading.Thread(target=ask, args=(victim, "first"))
    first.start()
    assert inside.wait(PATIENCE)
    second = threading.Thread(target=ask, args=(Request(), "second"))
    second.start()
    victim.cancel()
    leave.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert sorted(ended) == ["first cancelled", "second done"]


def test_what_one_session_remembers_is_no_other_ones() -> None:
    """Memos were kept by id() of what they belong to, which another object may get later."""
    tools = [NodeTools(POOL, CONFIG, {}, 1, {}, lambda clip: clip) for _ in range(2)]
    assert [one.remember("kind", partial(lambda i: i, index)) for index, one in enumerate(tools)] == [0, 1]


def test_what_a_node_remembers_is_counted_whatever_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Planes:
        planes: tuple[torch.Tensor, ...]

    monkeypatch.setattr("vfxai.image.cache.HELD_BYTES", 1000)
    made: list[int] = []

    def make(key: int) -> Planes:
        made.append(key)
        return Planes((torch.zeros(200),))

    tools = NodeTools(POOL, CONFIG, {}, 1, {}, lambda clip: clip)
    for key in (1, 1, 2, 1):
        tools.remember(("found", key), partial(make, key))
    assert made == [1, 2, 1]
