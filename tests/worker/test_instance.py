"""Frames from a client's memory through a node and back."""

import array
import struct

import pytest

from tests.worker.pictures import HEIGHT, WIDTH, Host, picture, samples
from vfxai.worker.client import Instance, Picture, Worker, WorkerError
from vfxai.worker.service import Service

FACTS = {"width": WIDTH, "height": HEIGHT, "first": 1001, "last": 1010, "colorspace": "ACEScg"}


@pytest.fixture
def worker(service: Service) -> Worker:
    return Worker("test", start=False)


def gain(worker: Worker, values: dict[str, object] | None = None, **facts: object) -> Instance:
    return worker.open("gain", values, **{**FACTS, **facts})


def test_a_frame_comes_back_processed_and_what_is_outside_0_to_1_survives(worker: Worker) -> None:
    host = Host()
    made = gain(worker, premultiplied=False).render(1003, host)
    given = samples(host.picture("plate", 1003).pixels)
    for index, value in enumerate(samples(made.pixels)):
        assert value == (given[index] if index % 4 == 3 else struct.unpack("f", struct.pack("f", given[index] * 2))[0])
    assert (made.facts["width"], made.facts["height"], made.facts["facts"]) == (WIDTH, HEIGHT, {"seen": 1})


def test_each_picture_of_a_window_is_sent_once(worker: Worker) -> None:
    host, node = Host(), gain(worker, {"radius": 1})
    for time in range(1002, 1008):
        node.render(time, host)
    assert host.sent == [("plate", time) for time in range(1001, 1009)]
    assert len(host.asked) == 3 * 6


def test_the_channel_of_a_matte_is_the_one_that_is_named(worker: Worker) -> None:
    """Whatever the others show, and the same one in every frame."""
    matte = array.array("f", [0.5, 1.0, 0.5, 0.0] * (WIDTH * HEIGHT))
    host = Host(3)

    def give(name: str, time: int, have: str) -> Picture | None:
        return Picture(matte, WIDTH, HEIGHT, 4, image="matte") if name == "mask" else host(name, time, have)

    plate = samples(host.picture("plate", 1004).pixels)
    found = {}
    for channel in ("G", "A"):
        node = gain(worker, channels=3, inputs=["mask"], mask_channel=channel)
        found[channel] = samples(node.render(1004, give).pixels)
    assert found["A"] == plate and found["G"] == [struct.unpack("f", struct.pack("f", v * 2))[0] for v in plate]
    with pytest.raises(WorkerError, match="mask_channel: expected R, G, B or A"):
        gain(worker, inputs=["mask"], mask_channel="luma").render(1004, give)


def test_other_values_keep_what_was_sent(worker: Worker) -> None:
    host, node = Host(), gain(worker, {"radius": 1})
    node.render(1002, host)
    host.sent.clear()
    node.set({"radius": 1, "factor": 4})
    before = samples(node.render(1002, host).pixels)
    node.set({"radius": 1, "factor": 8})
    assert samples(node.render(1002, host).pixels)[::4] == [2 * value for value in before[::4]]
    assert host.sent == []


def test_a_picture_that_changed_is_never_missed(worker: Worker) -> None:
    host, node = Host(), gain(worker, {"radius": 1})
    before = samples(node.render(1002, host).pixels)
    host.versions["plate", 1003] = 1
    after = samples(node.render(1002, host).pixels)
    assert before != after
    assert host.sent[3:] == [("plate", 1003)]
    host.versions["plate", 1003] = 0
    assert samples(node.render(1002, host).pixels) == before


def test_values_by_frame(worker: Worker) -> None:
    host, node = Host(3), gain(worker, {"factor": {"1001": 1, "1003": 3}}, channels=3)
    given = samples(host.picture("plate", 1002).pixels)
    assert samples(node.render(1002, host).pixels) == pytest.approx([2 * value for value in given])
    assert samples(node.render(1003, host).pixels)[0] == pytest.approx(3 * samples(host.picture("plate", 1003).pixels)[0])


def test_a_matte_keeps_the_plate_outside_to_the_bit(worker: Worker) -> None:
    host, node = Host(3), gain(worker, channels=3, inputs=["mask"])
    half = Picture(
        struct.pack(f"{WIDTH * HEIGHT}f", *([0.0] * (WIDTH * HEIGHT // 2) + [1.0] * (WIDTH * HEIGHT // 2))),
        WIDTH,
        HEIGHT,
        1,
        "half",
    )
    made = samples(node.render(1004, lambda name, time, have: half if name == "mask" else host(name, time, have)).pixels)
    given, middle = samples(host.picture("plate", 1004).pixels), WIDTH * HEIGHT // 2 * 3
    assert made[:middle] == given[:middle]
    assert made[middle] == pytest.approx(2 * given[middle])


def test_a_matte_that_is_missing_at_a_frame_changes_nothing(worker: Worker) -> None:
    host = Host(3)
    with_mask = gain(worker, channels=3, inputs=["mask"])
    made = samples(with_mask.render(1004, lambda name, time, have: None if name == "mask" else host(name, time, have)).pixels)
    assert made == samples(gain(worker, channels=3).render(1004, host).pixels)


def test_a_plate_that_is_missing_is_told(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="no plate at 1004") as caught:
        gain(worker).render(1004, lambda name, time, have: None)
    assert (caught.value.kind, bool(caught.value.remedy)) == ("MissingInputError", True)


def test_a_picture_larger_than_the_format_gets_its_room(worker: Worker) -> None:
    large = Picture(bytes(80 * 60 * 16), 80, 60, 4, "large", x=-20, y=-10)
    made = gain(worker).render(1001, lambda name, time, have: large)
    assert [made.facts[name] for name in ("x", "y", "width", "height", "format_width")] == [-20, -10, 80, 60, WIDTH]


def test_needs_says_what_a_frame_is_made_of(worker: Worker) -> None:
    node = gain(worker, {"radius": 2}, inputs=["mask"])
    assert node.needs(1005) == [("plate", time) for time in range(1003, 1008)] + [("mask", 1005)]
    assert node.needs(1001)[0] == ("plate", 1001)


def test_what_open_says(worker: Worker) -> None:
    answer = worker.open("upscale", {"scale": 2}, **FACTS).open()
    assert (answer["width"], answer["height"], answer["identity"]) == (2 * WIDTH, 2 * HEIGHT, False)
    assert worker.open("gain", {"mix": 0}, **FACTS).open()["identity"] is True
    assert worker.open("denoise", **FACTS).open()["analysis"] is True


@pytest.mark.parametrize(
    ("facts", "kind", "said"),
    [
        ({"node": "denoiser"}, "ParameterError", "denoise"),
        ({"values": {"factor": 1000}}, "ParameterError", "factor"),
        ({"values": {"facto": 1}}, "ParameterError", "facto"),
        ({"colorspace": "no such space"}, "ColorSpaceError", "no such space"),
        ({"ocio": "/no/config.ocio"}, "ColorSpaceError", "/no/config.ocio"),
        ({"width": 0}, "ParameterError", "0x16"),
        ({"channels": 5}, "ParameterError", "channels"),
        ({"inputs": ["matte"]}, "ParameterError", "matte"),
        ({"first": 5, "last": 4}, "ParameterError", "5-4"),
        ({"device": "tpu"}, "ParameterError", "tpu"),
        ({"analysis": "nonsense"}, "ParameterError", "analysis"),
    ],
)
def test_facts_that_make_no_sense_are_refused(worker: Worker, facts: dict[str, object], kind: str, said: str) -> None:
    given = {"node": "gain", **FACTS, **facts}
    with pytest.raises(WorkerError, match=said) as caught:
        worker.open(str(given.pop("node")), **given).open()
    assert caught.value.kind == kind


def test_a_picture_of_another_size_than_it_says_is_refused(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="has 1536 bytes, got 1532") as caught:
        gain(worker).render(1001, lambda name, time, have: Picture(bytes(WIDTH * HEIGHT * 4 - 4), WIDTH, HEIGHT, 1))
    assert caught.value.kind == "ParameterError"


def test_an_error_of_the_host_while_it_fetches_is_its_own_and_the_instance_goes_on(worker: Worker) -> None:
    node = gain(worker)

    def broken(name: str, time: int, have: str) -> Picture:
        raise KeyError("the host")

    with pytest.raises(KeyError, match="the host"):
        node.render(1001, broken)
    assert node.render(1001, Host()).facts["width"] == WIDTH


def test_a_preview_is_of_reduced_size(worker: Worker) -> None:
    made = gain(worker).render(1001, Host(), longest=12)
    assert [made.facts[name] for name in ("width", "height", "format_width", "format_height")] == [12, 8, 12, 8]
    assert len(made.pixels) == 12 * 8 * 16


def test_two_renders_of_a_connection_do_not_mix(worker: Worker) -> None:
    first, second = gain(worker, {"factor": 1}, channels=3), gain(worker, {"factor": 3}, channels=3)
    host = Host(3)
    one, two = samples(first.render(1002, host).pixels), samples(second.render(1002, host).pixels)
    assert two == pytest.approx([3 * value for value in one])


def test_what_is_learned_can_be_kept_and_given_back(worker: Worker) -> None:
    plate = {time: picture(time, 3, 64, 48) for time in range(1, 4)}
    facts = {"width": 64, "height": 48, "first": 1, "last": 3, "channels": 3, "colorspace": "ACEScg"}
    node, told = worker.open("denoise", {"radius": 0}, **facts), []
    learned = node.analyze(lambda name, time, have: plate[time], tell=told.append)
    assert learned["analysis"].isascii()
    assert any(one["event"] == "progress" for one in told)
    made = samples(node.render(2, lambda name, time, have: plate[time]).pixels)
    again = worker.open("denoise", {"radius": 0}, analysis=learned["analysis"], **facts)
    assert again.open()["analysis"] is False
    asked = []
    assert samples(again.render(2, lambda name, time, have: asked.append(time) or plate[time]).pixels) == made
    assert asked == [2]


def test_memory_of_pictures_is_used_again_and_never_while_a_frame_has_it() -> None:
    import torch

    from vfxai.worker.planes import Buffers

    buffers = Buffers()
    first = torch.from_numpy(buffers.take((3, 4, 5)))
    place, part = first.data_ptr(), first[:2]
    del first
    assert buffers.take((3, 4, 5)).ctypes.data != place  # a part of it lives
    del part
    assert {buffers.take((3, 4, 5)).ctypes.data for _ in range(3)} <= {place, buffers.take((3, 4, 5)).ctypes.data}
    assert len(buffers._made) == 2
