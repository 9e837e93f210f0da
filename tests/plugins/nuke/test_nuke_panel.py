"""The Group itself: knobs from the description, what it shows, how it ages, and what is left of it where the tool is missing."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from fake_nuke import knobs as fake_knobs
from nuke_studio import SPACE, Studio

from vfxai.cli.plugins import make_nuke
from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float

registry.discover()


@pytest.mark.parametrize("kind", registry.names())
def test_every_node_is_a_group_with_its_inputs_and_knobs(studio: Studio, kind: str) -> None:
    group = studio.node(kind)
    assert group.Class() == "Group"
    description = describe(registry.get(kind))
    assert [n.name() for n in group.nodes() if n.Class() == "Input"] == [s for i in description["inputs"] for s in i["slots"]]
    for name, facts in description["parameters"].items():
        knob = group[name]
        assert knob.Class() == facts["hosts"]["nuke"]
        assert (knob.label(), knob.tooltip().splitlines()[0]) == (facts["label"], facts["doc"])
        if facts["kind"] in ("float", "int", "bool", "choice"):
            assert knob.value() == facts["default"]
            assert knob.getFlag(studio.nuke.NO_ANIMATION) is not facts["animated"]
    tabs = [k.label() for k in group.knobs().values() if isinstance(k, fake_knobs.Tab_Knob)]
    assert tabs == [description["title"], "Render", "Info"]
    assert group["label"].value() == "[value vfxai_state]"
    assert description["doc"] == group["help"].value()


def test_ranges_are_those_of_the_node(studio: Studio) -> None:
    group = studio.node("denoise")
    assert group["strength"].limits == (0, 2)
    assert group["region_frame"].limits is None


def test_a_region_is_a_box_counted_from_below(studio: Studio, plate: str) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), region=[10, 20, 40, 50])
    plan = studio.adapter("plan").make(group)
    assert plan.recipe["node"][0]["region"] == "10,30,30,30"


class Sharpen(Node):
    """Make edges crisper."""

    amount: float = Float(default=0.5, min=0, max=3, label="Amount", doc="How crisp.")

    def process(self, at: Any, analysis: Any, tools: Any) -> Any:
        return at.center


def test_a_node_that_is_added_appears_with_no_line_written(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_nodes", {**registry._nodes, "sharpen": Sharpen})
    make_nuke(Namespace(output=tmp_path / "new", executable=""))
    table = studio.adapter("table")
    monkeypatch.setattr(table, "table", lambda: __import__("json").loads((tmp_path / "new/vfxai_nuke/nodes.json").read_text()))
    studio.adapter("__init__")
    studio.start()
    group = studio.session.menus["Nodes"].menus["vfxai"].commands["Sharpen"]()
    assert (group["amount"].value(), group["amount"].limits) == (0.5, (0, 3))


def test_the_input_is_handed_on_until_there_is_a_result(studio: Studio, plate: str) -> None:
    read = studio.read(plate, colorspace=SPACE)
    group = studio.node("denoise", read)
    assert group.metadata("input/filename") == read.metadata("input/filename")


def test_a_result_is_stale_when_something_upstream_or_a_knob_changes(studio: Studio, plate: str) -> None:
    read = studio.read(plate, colorspace=SPACE)
    grade = studio.nuke.nodes.Grade(inputs=[read])
    group = studio.node("denoise", grade, radius=0, strength=0.0)
    studio.render(group)
    guard = studio.adapter("guard")

    def label() -> str:
        guard._looked.clear()
        studio.session.update_ui()
        return str(group["vfxai_state"].value())

    assert label() == "1001-1003 done"
    studio.session.frame = 1003
    grade["xpos"].setValue(40)
    grade["label"].setValue("a note")
    group["device"].setValue("cpu")
    assert label() == "1001-1003 done"
    grade["multiply"].setValue(2.0)
    assert label() == "1001-1003 done, stale: the script or its plates changed since"
    grade["multiply"].setValue(1.0)
    assert label() == "1001-1003 done"
    group["strength"].setValue(0.5)
    assert "stale" in label()
    group["strength"].setValue(0.0)
    os.utime(plate % 1001, (1, 1))
    assert "stale" in label()


def test_a_write_below_refuses_to_take_the_plate_for_a_result(studio: Studio, plate: str) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, strength=0.0)
    write = studio.nuke.nodes.Write(inputs=[studio.nuke.nodes.Dot(inputs=[group])])
    for name, value in {"file": f"{studio.work}/final.%04d.exr", "file_type": "exr", "raw": True}.items():
        write[name].setValue(value)
    with pytest.raises(RuntimeError, match="vfxai_Denoise has no result"):
        studio.nuke.execute(write, 1001, 1001)
    group["vfxai_show"].setValue("input")
    studio.nuke.execute(write, 1001, 1001)
    group["vfxai_show"].setValue("result")
    studio.render(group)
    studio.nuke.execute(write, 1001, 1001)
    assert (studio.work / "final.1001.exr").is_file()


def test_a_saved_script_opens_where_the_tool_is_missing(studio: Studio, plate: str) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, strength=0.0)
    studio.render(group)
    script = str(studio.work / "sh010_comp_v003.nk")
    studio.session.save(script)
    for node in list(studio.session.root.nodes()):
        studio.nuke.delete(node)
    studio.session.callbacks.clear()
    sys.path[:] = [p for p in sys.path if p != str(studio.folder)]
    for name in [n for n in sys.modules if n.split(".")[0] == "vfxai_nuke"]:
        del sys.modules[name]
    studio.session.open(script)
    opened = studio.session.root.node("vfxai_Denoise")
    assert opened.metadata("input/filename").endswith("sh010_comp_v003_vfxai_Denoise.1002.exr")
    opened["vfxai_render"].execute()
    assert "vfxai is not installed in this Nuke" in studio.session.messages.pop()
    sys.path.append(str(studio.folder))


def test_an_older_node_gets_the_knobs_and_inputs_of_this_vfxai(studio: Studio) -> None:
    group = studio.node("denoise")
    del group._knobs["quality"]
    group.remove(group.node("mask"))
    group["vfxai_inputs"].setValue("plate")
    assert studio.adapter("sources").above(group, {"name": "mask"}) is None
    studio.press(group, "update")
    assert "added: quality, mask" in studio.session.messages.pop()
    assert group["quality"].value() == "standard"
    assert group["vfxai_inputs"].value() == "plate mask" and group.maxInputs() == 2


def test_the_result_of_a_farm_is_taken_over(studio: Studio, plate: str) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, strength=0.0)
    studio.press(group, "reload")
    assert "nothing that vfxai was asked for" in studio.session.messages.pop()
    studio.render(group)
    for name, value in {"vfxai_has_result": False, "vfxai_rendered": "", "vfxai_hash": "", "vfxai_state": ""}.items():
        group[name].setValue(value)
    studio.press(group, "reload")
    assert studio.session.messages.pop() == "vfxai_Denoise: 1001-1003 done"
    assert group["vfxai_has_result"].value() is True


def test_preview_live_needs_the_ofx_plugin(studio: Studio, plate: str) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), strength=0.3)
    studio.press(group, "live")
    said = studio.session.messages.pop()
    assert "the OFX plug-in of vfxai is not installed" in said and "vfxai plugins ofx" in said
    studio.session.classes["OFXorg.vfxai.denoise_v1"] = {"strength": "Double_Knob", "quality": "Enumeration_Knob"}
    studio.press(group, "live")
    assert studio.session.messages == []
    live = group.node("Live")
    assert live["strength"].value() == 0.3 and live["quality"].expression == "parent.quality"
    group["strength"].setValue(0.9)
    assert live["strength"].value() == 0.9
    assert group.node("Shown")["which"].value() == 3
    studio.press(studio.node("colorize"), "live")
    assert "Colorize cannot be live: it fits a network to painted frames" in studio.session.messages.pop()
