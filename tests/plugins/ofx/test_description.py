"""What a host sees of the bundle before anything is rendered."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Host, Plugin, open_bundle
from tests.plugins.ofx.instance import Instance
from tests.plugins.ofx.personalities import ALL, FUSION, NATRON, NUKE, RESOLVE, STRICT, Personality
from tests.plugins.ofx.plates import plate
from vfxai.color.config import Config, shipped_config
from vfxai.schema import registry
from vfxai.surfaces import ofx

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/golden/ofx.json"
Effects = Callable[..., dict[str, Plugin]]


def test_description_as_a_host_sees_it(effects: Effects) -> None:
    """Identifiers and parameters are for ever: scripts of others hold them. Write the file anew with VFXAI_GOLDEN=1."""
    seen = {name: {**plugin.describe_in("General").description(), "major": plugin.major} for name, plugin in effects().items()}
    text = json.dumps(seen, indent=1) + "\n"
    if os.environ.get("VFXAI_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


@pytest.mark.parametrize("personality", ALL, ids=lambda p: p.name)
def test_both_contexts_are_described_in_every_host(effects: Effects, personality: Personality) -> None:
    for plugin in effects(personality).values():
        for context in ("Filter", "General"):
            assert "Source" in plugin.describe_in(context).clips


def test_names_are_those_that_hosts_can_take(effects: Effects) -> None:
    for name, plugin in effects().items():
        label = plugin.descriptor.properties.get("OfxPropLabel")
        assert "-" not in label, "Nuke makes node names of it"
        assert plugin.id == f"org.vfxai.{name}" and plugin.major == 1
        for parameter in plugin.describe_in("General").parameters.defined:
            assert parameter.replace("_", "").isalnum() and parameter.islower()


def test_every_live_node_is_there_and_no_other(effects: Effects) -> None:
    registry.discover()
    nodes = [registry.get(name) for name in registry.names()]
    assert list(effects()) == [node.id for node in ofx.live_nodes(nodes)]
    assert all(ofx.placing(node).by_file for node in nodes if node not in ofx.live_nodes(nodes))


def test_the_page_says_of_every_node_where_it_is_live() -> None:
    registry.discover()
    rows = [
        line.split("|")[1:4] for line in (ROOT / "docs/how-to/ofx.md").read_text(encoding="utf-8").splitlines() if line[:1] == "|"
    ]
    told = {name.strip(): (elsewhere.strip(), resolve.strip()) for name, elsewhere, resolve in rows}
    for name in registry.names():
        placed = ofx.placing(registry.get(name))
        assert told[name][0].startswith("by file" if placed.by_file else "live"), name
        assert told[name][1].startswith("by file" if placed.by_file or placed.learns == "shot" else "live"), name


def test_spaces_are_those_of_the_shipped_config(effects: Effects) -> None:
    assert set(ofx.SPACES) <= set(Config(str(shipped_config()), "shipped").names)
    options = effects()["denoise"].describe_in("General").parameters.defined["colorspace"].values["OfxParamPropChoiceOption"]
    assert options[1:] == list(ofx.SPACES)


def test_frames_needed_follow_the_radius(effects: Effects) -> None:
    effect = Instance(effects()["denoise"], {"Source": Clip("Source", frames({n: plate(n) for n in range(1, 10)}), 1, 9)})
    assert effect.frames_needed(5)["Source"] == [(3, 7)]
    assert effect.frames_needed(5)["Mask"] == [(5, 5)]
    effect.set("radius", 1)
    assert effect.frames_needed(5)["Source"] == [(4, 6)]
    assert effect.frames_needed(1)["Source"] == [(1, 2)], "there is nothing before the first frame"
    effect.destroy()


def test_strength_zero_is_identity_unless_the_noise_is_shown(effects: Effects) -> None:
    effect = Instance(effects()["denoise"], {"Source": Clip("Source", frames({1: plate(1)}))})
    assert effect.identity(1) is None
    effect.set("strength", lambda time: 0.0 if time == 1 else 1.0)
    assert effect.identity(1) == ("Source", 1)
    assert effect.identity(2) is None
    effect.set("view", 1)
    assert effect.identity(1) is None
    effect.destroy()


def test_upscale_says_how_large_it_gets(effects: Effects) -> None:
    picture = frames({1: plate(1, (30, 40))}, origin=(-4, 6))
    effect = Instance(effects()["upscale"], {"Source": Clip("Source", picture, aspect=2.0)})
    assert effect.region_of_definition(1) == (-16.0, 12.0, 144.0, 72.0), "canonical: widened by the pixel aspect"
    assert effect.identity(1) is None
    effect.set("scale", 1.0)
    assert effect.identity(1) == ("Source", 1)
    effect.set("restore", 0.5)
    assert effect.identity(1) is None
    effect.set("size", "100x50")
    assert effect.region_of_definition(1) == (0.0, 0.0, 100.0, 50.0)
    assert effect.preferences() == {}, "this host has one pixel aspect for all clips"
    effect.destroy()


def test_a_named_format_has_square_pixels_where_the_host_can(effects: Effects) -> None:
    effect = Instance(effects(NATRON)["upscale"], {"Source": Clip("Source", frames({1: plate(1)}), aspect=2.0)})
    assert effect.preferences() == {}
    effect.set("size", "100x50")
    assert effect.preferences() == {"OfxImageClipPropPAR_Output": [1.0]}
    effect.destroy()


def test_regions_of_interest_are_whole_frames(effects: Effects) -> None:
    effect = Instance(effects()["upscale"], {"Source": Clip("Source", frames({1: plate(1, (30, 40))}))})
    assert effect.regions_of_interest(1) == {"OfxImageClipPropRoI_Source": [0.0, 0.0, 40.0, 30.0]}
    effect.destroy()


@pytest.mark.parametrize("personality", [STRICT, NUKE, RESOLVE, FUSION, NATRON], ids=lambda p: p.name)
def test_values_are_not_clamped_by_hosts(effects: Effects, personality: Personality) -> None:
    effect = Instance(effects(personality)["upscale"], {"Source": Clip("Source", frames({1: plate(1)}))})
    effect.set("scale", 8.0)
    assert effect.value("scale") == 8.0
    effect.destroy()


def test_no_nodes_without_a_table(bundle: Path, hosts: Callable[..., Host], tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / bundle.name
    shutil.copytree(bundle, copy)
    (copy / "Contents" / "Resources" / "nodes.tsv").unlink()
    assert open_bundle(hosts(), copy) == []


def test_an_effect_of_the_report_only_where_it_is_asked_for(
    bundle: Path, hosts: Callable[..., Host], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "org.vfxai.report" not in [p.id for p in open_bundle(hosts(), bundle)]
    report = tmp_path / "report.txt"
    monkeypatch.setenv("VFXAI_OFX_REPORT", str(report))
    plugin = open_bundle(hosts(NUKE), bundle)[-1]
    assert plugin.id == "org.vfxai.report"
    effect = Instance(plugin, {"Source": Clip("Source", frames({1: plate(1)}))})
    assert (effect.render(1) == plate(1)).all()
    effect.destroy()
    text = report.read_text()
    assert 'OfxPropName = "uk.co.thefoundry.nuke"' in text
    assert "OfxMessageSuite 2 = yes" in text and "OfxDrawSuite 1 = no" in text
    assert "[image of Source]" in text and "OfxImagePropRowBytes = " in text
