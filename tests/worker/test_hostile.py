"""Whatever a stranger or a broken client sends, it is refused or dropped, and others go on."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.conftest import PATIENCE, serving, until
from vfxai.worker.client import Worker, place
from vfxai.worker.client.lines import LONGEST_LINE
from vfxai.worker.listener import MOST_SILENT
from vfxai.worker.service import Service

HELLO = b'{"do":"hello","protocol":1,"client":"test"}\n'


@pytest.fixture
def both(transport: str, worker_dir: Path) -> Iterator[Service]:
    """A worker on each transport."""
    yield from serving(worker_dir)


def dialled() -> tuple[socket.socket, str]:
    return place.dial(PATIENCE)


def said(reached: socket.socket) -> list[dict[str, object]]:
    """Everything until the worker hangs up."""
    text = b""
    try:
        while more := reached.recv(1 << 16):
            text += more
    except ConnectionResetError:  # it hung up before it had read everything
        pass
    return [json.loads(line) for line in text.splitlines()]


def goes_on() -> None:
    with Worker("another", start=False) as worker:
        assert worker.status()["pid"]


@pytest.mark.parametrize(
    "line",
    [
        b"garbage\n",
        b"\n",
        b"\x00\xff\x80\n",
        b"[]\n",
        b'{"do":"status"}\n',
        b'{"do":"hello","protocol":99}\n',
        b'{"do":"hello","protocol":"1"}\n',
        b'{"do":"hello","colour":1}\n',
        b"[" * 60_000 + b"\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"9" * 5000 + b"\n",
    ],
)
def test_a_first_line_that_is_no_hello_is_refused(service: Service, line: bytes) -> None:
    reached, _ = dialled()
    reached.sendall(line)
    answers = said(reached)
    assert [one["kind"] for one in answers] == ["ProtocolError"]
    assert answers[0]["remedy"]
    goes_on()


def test_a_line_without_end_is_dropped(both: Service) -> None:
    """Such as one of 10 GB: not more of it is kept than a line may have."""
    reached, _ = dialled()
    with pytest.raises(OSError):
        for _ in range(200):
            reached.sendall(b"x" * LONGEST_LINE)
    goes_on()


def test_half_a_message_takes_nothing_with_it(both: Service) -> None:
    reached, token = dialled()
    reached.sendall(HELLO.replace(b"}", b',"token":"%s"}' % token.encode()) + b'{"do":"status","id":')
    reached.shutdown(socket.SHUT_WR)
    answers = said(reached)
    assert answers[0]["ok"] is True
    assert answers[-1]["kind"] == "ProtocolError"
    goes_on()


@pytest.mark.parametrize("transport", ["tcp"], indirect=True)
@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_wrong_token_is_refused(both: Service, token: str) -> None:
    reached, _ = dialled()
    reached.sendall(json.dumps({"do": "hello", "client": "stranger", "token": token}).encode() + b"\n")
    assert [one["message"] for one in said(reached)] == ["hello: wrong token"]
    goes_on()


@pytest.mark.parametrize("transport", ["tcp"], indirect=True)
def test_the_token_lies_in_a_file_of_the_user_alone(both: Service, worker_dir: Path) -> None:
    assert (worker_dir / place.PORT).stat().st_mode & 0o777 == 0o600


def test_silent_connections_keep_nobody_out(both: Service) -> None:
    silent = [dialled()[0] for _ in range(100)]
    goes_on()
    for one in silent[: 100 - MOST_SILENT - 1]:  # the oldest are dropped at once, the others in time
        assert said(one) == []
    for one in silent:
        one.close()


def test_a_stranger_among_messages_is_dropped_and_its_work_ends(service: Service) -> None:
    reached, _ = dialled()
    reached.sendall(HELLO + b'{"do":"open","id":1,"node":"denoise"}\nnonsense\n')
    kinds = [one.get("kind") for one in said(reached)]
    assert kinds[-1] == "ProtocolError"
    goes_on()
    until(lambda: service.status().jobs == ())


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "render", "instance": 3},
        {"do": "set", "instance": -1},
        {"do": "needs", "instance": 10**30},
        {"do": "close"},
        {"do": "map", "bytes": 10_000_000_000, "instance": 1},
        {"do": "run", "recipe": {"node": 3}},
        {"do": "run", "recipe": {"source": ["x"], "node": [None, {"id": []}]}},
        {"do": "preview", "recipe": {}, "longest": -1},
    ],
)
def test_requests_that_make_no_sense_are_answered(service: Service, request_: dict[str, object]) -> None:
    reached, _ = dialled()
    reached.sendall(HELLO + json.dumps({**request_, "id": 5}).encode() + b"\n")
    with reached.makefile("rb") as lines:
        lines.readline()
        answer = json.loads(lines.readline())
    assert (answer["id"], answer["ok"]) == (5, False)
    assert answer["message"]
    assert answer["remedy"]
    reached.close()
    goes_on()
