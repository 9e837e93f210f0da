from dataclasses import replace
from pathlib import Path

import pytest

from vfxai.cli.main import main
from vfxai.models import openness
from vfxai.models.openness import HERE, Component, framework_class, open_source_ai
from vfxai.models.store import Store

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_said_to_be_published_is_there() -> None:
    for component in HERE:
        for path in component.where.split():
            assert (ROOT / path).exists(), component
    assert len(HERE) == 15, "what the framework asks for; sample outputs and metadata are optional"


@pytest.mark.parametrize("model", Store().ids())
def test_shipped_models_say_their_class_in_their_cards(model: str) -> None:
    manifest, page = Store().manifest(model), (Store().folder(model) / "card.md").read_text(encoding="utf-8")
    assert framework_class(manifest).startswith("Class III, Open Model; Class II lacks evaluation data")
    assert open_source_ai(manifest).startswith("not met: data information")
    for said in (framework_class(manifest), open_source_ai(manifest), "| data card | III |", "| datasets | I | not published |"):
        assert said in page


def test_the_class_follows_from_what_is_published_and_how(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = Store().manifest("denoise-s")
    assert framework_class(replace(manifest, trained_with="somebody")) == "not classified"
    assert open_source_ai(replace(manifest, trained_with="somebody")) == "not known"
    closed = replace(manifest, licence="CC-BY-NC-4.0")
    assert framework_class(closed) == "not classified" and "licence CC-BY-NC-4.0" in open_source_ai(closed)
    monkeypatch.setattr(openness, "HERE", tuple(replace(c, where=c.where or "docs") for c in HERE))
    assert framework_class(manifest) == "Class I, Open Science" and open_source_ai(manifest) == "met"
    monkeypatch.setattr(openness, "HERE", (*HERE[1:], Component("model architecture", 3, "")))
    assert framework_class(manifest) == "not classified; Class III lacks model architecture"


def test_the_command_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "remove-s"]) == 0
    assert "openness: Class III, Open Model" in capsys.readouterr().out
