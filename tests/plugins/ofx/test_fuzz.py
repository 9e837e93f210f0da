"""Answers of the worker with random damage: each frame is the plate, an error in words or a picture of the right size, and the process lives on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.plugins.ofx.conftest import needs_compiler
from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Plugin
from tests.plugins.ofx.instance import Instance
from tests.plugins.ofx.plates import plate
from tests.plugins.ofx.scripted import Connection, Facts, scripted
from tests.plugins.ofx.test_link import folder as folder

pytestmark = needs_compiler
Effects = Callable[..., dict[str, Plugin]]
PLATES = {number: plate(number, (6, 8)) for number in range(1, 4)}
WORDS: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, -(2**31), 2**53, 1e308, -1e308, 1e-300, "", "a", "\0", "\ud83d\ude00", "x" * 5000, [], {}, [[]], {"a": {}},
]  # fmt: skip


class Damage:
    """Sends what a worker says, now and then with something wrong in it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, line: bytes) -> bytes:
        """Another value for a field, a field too many or one less."""
        facts = json.loads(line)
        name = self.random.choice([*facts, "extra"])
        if self.random.random() < 0.2:
            facts.pop(name, None)
        else:
            facts[name] = self.random.choice(WORDS)
        return json.dumps(facts).encode() + b"\n"

    def bytes(self, line: bytes) -> bytes:
        """Some bytes changed, lost or doubled."""
        changed = bytearray(line)
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randrange(len(changed))
            kind = self.random.randrange(4)
            if kind == 0:
                changed[at] = self.random.randrange(256)
            elif kind == 1:
                del changed[at : at + self.random.randint(1, 8)]
            elif kind == 2:
                changed[at:at] = changed[at : at + self.random.randint(1, 40)]
            else:
                changed[at:at] = self.random.choice([b"\n", b"{", b"[" * 70, b"\\u00", b'"', b"\0", b"1e"])
            changed = changed or bytearray(b"\n")
        return bytes(changed)

    def line(self, line: bytes) -> bytes:
        chance = self.random.random()
        return self.value(line) if chance < 0.25 else self.bytes(line) if chance < 0.4 else line


@pytest.mark.parametrize("seed", range(6))
def test_random_damage(effects: Effects, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    damage = Damage(seed)

    def say(at: Connection, facts: Facts) -> None:
        line = damage.line(json.dumps(facts).encode() + b"\n")
        at.at.sendall(line)
        if not line.endswith(b"\n") or line.count(b"\n") != 1 or not is_answer(line, facts):
            at.at.shutdown(2)  # what waits for the rest waits no longer

    monkeypatch.setattr(Connection, "say", say)
    plugin = effects()["denoise"]
    effect = Instance(plugin, {"Source": Clip("Source", frames(PLATES), 1, 3)})
    with scripted(folder):
        for turn in range(25):
            effect.host.messages.clear()
            effect.persistent = ""
            effect.set("strength", 1 + turn / 100)
            try:
                made = effect.render(turn % 3 + 1)
            except AssertionError as error:
                assert "render answers 1" in str(error)
                assert effect.host.messages or effect.host.faults == [], error
                continue
            assert made.shape == (6, 8, 4)
            assert not effect.host.faults
    effect.destroy()


def is_answer(line: bytes, facts: Facts) -> bool:
    """Whether the client will see that this ends what it asked for, or is a question to it."""
    try:
        said = json.loads(line.decode())
        same = isinstance(said, dict) and all(repr(said.get(name)) == repr(facts.get(name)) for name in ("id", "event"))
        return same and ("ok" in said) == ("ok" in facts)
    except ValueError:
        return False


def test_json_is_read_as_python_reads_it(effects: Effects, folder: Path) -> None:
    """Words with every escape arrive as they were sent."""
    words = 'tab\t line\n quote" back\\ slash/ \x7f ü € 😀 \u2028'

    def refuse(at: Connection, facts: Facts) -> None:
        at.say_bytes(json.dumps({"id": facts["id"], "ok": False, "message": words, "remedy": ""}).encode() + b"\n")

    with scripted(folder, open=refuse):
        effect = Instance(effects()["denoise"], {"Source": Clip("Source", frames(PLATES), 1, 3)})
        effect.render(1, expect=1)
        assert effect.persistent == words
        effect.destroy()


def test_words_of_a_user_arrive_as_they_are(effects: Effects, folder: Path) -> None:
    words = 'a "name" with \\ and \t, ü € 😀'
    with scripted(folder) as worker:
        effect = Instance(effects()["denoise"], {"Source": Clip("Source", frames(PLATES), 1, 3)})
        effect.set("profile_file", words)
        np.testing.assert_array_equal(effect.render(1), PLATES[1])
        assert worker.heard("open")[0]["values"]["profile_file"] == words
        effect.destroy()
