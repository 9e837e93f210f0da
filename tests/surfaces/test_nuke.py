"""A description as knobs of Nuke: one node that has every kind, against the golden file, and what holds for all nodes."""

import json
from pathlib import Path
from typing import Any

import pytest

from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.job import describe_job
from vfxai.schema.node import Node
from vfxai.schema.parameters import Bool, Choice, FilePath, Files, Float, Int, Region, Text
from vfxai.schema.vocabulary import Mask, Plate
from vfxai.surfaces.nuke import job_knobs, panel

GOLDEN = Path(__file__).resolve().parents[1] / "golden/nuke.json"
registry.discover()


class EveryKind(Node):
    """A node of everything.

    It does nothing.
    """

    inputs = (Plate(), Mask("protect", doc="Where it stays as it is."))
    number: float = Float(0.5, min=-1, max=2, label="Number", doc="Any.", unit="stops", animated=True)
    count: int = Int(3, min=0, max=9, label="Count", doc="How many.")
    frame: int = Int(0, min=-1_000_000_000, max=1_000_000_000, label="Frame", doc="Which.")
    switch: bool = Bool(True, label="Switch", doc="On or off.")
    word: str = Choice("a", options=("a", "b"), label="Word", doc="One of two.")
    label: str = Text("", label="Label", doc="A name that every node of Nuke has taken.")
    file: str = FilePath(label="File", doc="To read.")
    pair: tuple[str, ...] = Files("BEFORE", "AFTER", label="Pair", doc="Two files.")
    region: str = Region(label="Region", doc="Where.")

    def process(self, at: Any, analysis: Any, tools: Any) -> Any:
        return at.center


def test_the_panel_is_the_golden_one() -> None:
    """A change here is a change of every artist's panel; write the file anew with `PYTHONPATH=. python tests/surfaces/test_nuke.py`."""
    assert panel(describe(EveryKind), {}) == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("node", registry.names())
def test_every_parameter_is_a_knob_that_says_what_it_does(node: str) -> None:
    description = describe(registry.get(node))
    knobs = panel(description, {})["knobs"]
    assert [k["parameter"] for k in knobs] == list(description["parameters"])
    names = [k["name"] for k in knobs + job_knobs(describe_job())]
    assert len(set(names)) == len(names) and not any(n.startswith("vfxai_") for n in names)
    for knob in knobs:
        assert (
            knob["class"].endswith("_Knob")
            and knob["label"]
            and knob["tooltip"].startswith(description["parameters"][knob["parameter"]]["doc"])
        )


def test_models_come_with_their_licences() -> None:
    made = panel(describe(registry.get("deinterlace")), {"deinterlace-s": "CC0-1.0"})
    assert made["models"] == [{"id": "deinterlace-s", "license": "CC0-1.0"}]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(panel(describe(EveryKind), {}), indent=1) + "\n", encoding="utf-8")
