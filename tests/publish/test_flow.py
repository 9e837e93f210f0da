"""The publish hook of Flow, in a stand-in for the base class that tk-multi-publish2 documents."""

import importlib.util
import logging
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tests.farm.conftest import vfxai_command

HOOK = Path(__file__).parents[2] / "plugins/flow/publish_vfxai.py"


class PublishPlugin:
    """As the documentation has it: a logger, and methods that a hook overrides."""

    def __init__(self) -> None:
        self.logger = logging.getLogger("tk-multi-publish2")


class Item:
    """One thing in the publisher's tree."""

    def __init__(self, **properties: Any) -> None:
        self.properties = properties


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    sgtk = types.ModuleType("sgtk")
    sgtk.get_hook_baseclass = lambda: PublishPlugin  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "sgtk", sgtk)
    monkeypatch.setenv("VFXAI_EXECUTABLE", str(vfxai_command(tmp_path)))
    spec = importlib.util.spec_from_file_location("publish_vfxai_flow", HOOK)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PublishVfxai()


def settings_of(hook: Any, **values: Any) -> dict[str, Any]:
    return {name: types.SimpleNamespace(value=values.get(name, facts["default"])) for name, facts in hook.settings.items()}


def test_it_takes_what_vfxai_wrote_and_nothing_else(hook: Any, finished: Path) -> None:
    ours = Item(path=f"{finished}/out/sh.####.exr", sequence_paths=[f"{finished}/out/sh.1001.exr"])
    plate = Item(path=f"{finished}/plate/sh.####.exr", sequence_paths=[f"{finished}/plate/sh.1001.exr"])
    assert hook.accept(settings_of(hook), ours)["accepted"] and not hook.accept(settings_of(hook), plate)["accepted"]
    assert hook.item_filters == ["file.*.sequence"] and hook.name and hook.description


def test_a_good_sequence_is_published_with_its_report(hook: Any, finished: Path) -> None:
    item = Item(path=f"{finished}/out/sh.####.exr")
    settings = settings_of(hook)
    assert hook.validate(settings, item)
    hook.publish(settings, item)
    hook.finalize(settings, item)
    report = Path(item.properties["vfxai_report"])
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    report.unlink()
    report.with_suffix(".json").unlink()


def test_what_is_wrong_is_said_with_remedy_and_action(hook: Any, finished: Path, caplog: pytest.LogCaptureFixture) -> None:
    item = Item(path=f"{finished}/out/sh.####.exr")
    assert not hook.validate(settings_of(hook, **{"Color Space": "ACEScg"}), item)
    assert "the pipeline says ACEScg. correct one of them" in caplog.text
    assert caplog.records[0].action_button["label"] == "Open report"  # type: ignore[attr-defined]  # the publisher's own field
