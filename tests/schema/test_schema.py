import inspect
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfxai.errors import DeclarationError, ParameterError
from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.node import Node
from vfxai.schema.parameters import Bool, Choice, Float, Int, Region
from vfxai.schema.vocabulary import Mask, Plate, Window

HEAVY = ["numpy", "torch", "OpenImageIO", "OpenEXR", "PyOpenColorIO", "cv2", "onnxruntime", "rich", "fileseq"]
MOST_MODULES = 300


class Sample(Node):
    """A sample.

    More about it.
    """

    inputs = (Plate(), Mask("protect", keeps=True))
    aliases = ("example",)

    amount: float = Float(0.5, min=0, max=2, label="Amount", doc="How much.", unit="stops")
    count: int = Int(3, min=1, max=9, label="Count", doc="How many.")
    fast: bool = Bool(False, label="Fast", doc="Quickly.")
    mode: str = Choice("a", options=("a", "b"), label="Mode", doc="Which.")
    box: str = Region("", label="Box", doc="Where.")

    def process(self, at, analysis, tools):
        """Nothing."""
        return at.center


def test_it_is_made_with_its_parameters_as_declared() -> None:
    """For help(), editors and whoever asks inspect; type checkers know the same by the decorator of Declared."""
    asked = inspect.signature(Sample).parameters
    assert list(asked) == ["amount", "count", "fast", "mode", "box", "mix"]
    assert (asked["amount"].default, asked["amount"].annotation, asked["mode"].default) == (0.5, float, "a")
    assert {p.kind for p in asked.values()} == {inspect.Parameter.KEYWORD_ONLY}


def test_values_come_back_typed_from_text_and_from_numbers() -> None:
    text = Sample(amount="1.5", count="4", fast="on", mode="b", box="1,2,3,4")
    typed = Sample(amount=1.5, count=4, fast=True, mode="b", box=[1, 2, 3, 4])
    assert text.values() == typed.values() == {"amount": 1.5, "count": 4, "fast": True, "mode": "b", "box": "1,2,3,4", "mix": 1.0}
    assert Sample().values()["amount"] == 0.5


def test_all_bad_values_are_told_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        Sample(amount=7, count=2.5, fast="perhaps", mode="c", box="1,2", amuont=1)
    for word in (
        "amount: expected a number from 0 to 2, got 7",
        "count",
        "fast",
        "mode: expected one of a, b",
        "box",
        "did you mean 'amount'",
    ):
        assert word in caught.value.message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "nan", "1e999", None, True, [1]])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(ParameterError, match="amount"):
        Sample(amount=value)


@given(st.floats(0, 2))
def test_every_number_in_range_is_taken(value: float) -> None:
    assert Sample(amount=value).amount == value == Sample(amount=repr(value)).amount


def test_all_problems_of_a_declaration_are_told_at_once() -> None:
    with pytest.raises(DeclarationError) as caught:

        class Bad(Node):
            inputs = (Mask("frames"), Mask("frames"))
            window = Window(-1, 0)
            models = ("Not An Id",)
            frames: str = Choice("x", options=("a",), label="", doc="")
            level: float = Float(9, min=5, max=1, label="Level", doc="Wrong.")

    for word in (
        "no docstring",
        "no process()",
        "window",
        "'Not An Id'",
        "twice",
        "no Plate()",
        "name is taken",
        "no label",
        "min 5",
        "default of",
    ):
        assert word in caught.value.message, word


def test_a_node_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Sample().amount = 1


def test_names_are_unique_and_near_names_are_told() -> None:
    registry.discover()
    registry.register(Sample)
    assert registry.get("example") is Sample
    with pytest.raises(ParameterError, match="did you mean 'denoise'"):
        registry.get("denoize")
    other = type("Sample", (Node,), {"__doc__": "Another.", "process": Sample.process})
    with pytest.raises(DeclarationError, match="taken"):
        registry.register(other)
    for name in ("sample", "example"):
        registry._nodes.pop(name)


def test_a_broken_module_leaves_the_others(tmp_path, monkeypatch) -> None:
    package = tmp_path / "brokennodes"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bad.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    assert "no_such_module" in registry.discover("brokennodes")["brokennodes.bad"]
    assert "denoise" in registry.names()
    registry._problems.clear()


def test_the_description_says_everything() -> None:
    description = describe(Sample)
    assert description["aliases"] == ["example"]
    assert description["parameters"]["amount"] == {
        "kind": "float", "default": 0.5, "label": "Amount", "doc": "How much.", "unit": "stops", "animated": False, "group": "",
        "extent": "0 to 2 stops", "takes": "value", "metavar": ["NUMBER"], "schema": {"type": "number", "minimum": 0, "maximum": 2},
        "hosts": {"nuke": "Double_Knob", "blender": "FloatProperty", "ofx": "Double"}, "min": 0, "max": 2,
    }  # fmt: skip
    assert list(description["parameters"])[-1] == "mix"
    assert description["inputs"][1]["name"] == "protect"


def test_making_a_node_loads_nothing_heavy() -> None:
    """Values are judged by what is declared alone, whichever they are: hosts do it at every turn of a knob."""
    program = f"""
import sys
from vfxai.schema import registry
registry.discover()
for name in registry.names():
    registry.get(name)()
registry.get("tone")(export="look.cube", look="grade.clf", look_space="ACEScct", strength=0.5)
registry.get("upscale")(scale=2.0, restore=0.5)
print([m for m in {HEAVY!r} if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("arguments", [["nodes"], ["nodes", "denoise", "--json"], ["--help"], ["denoise", "--help"]])
def test_looking_loads_nothing_heavy_and_little_else(arguments: list[str]) -> None:
    """What a start takes is what its modules take: 180 of them take 0.13 s of CPU, an eighth of what torch alone takes."""
    program = f"""
import sys
from vfxai.cli.main import main
code = main({arguments!r})
print(len(sys.modules), [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count, heavy = done.stderr.strip().split(" ", 1)
    assert heavy == "[]"
    assert int(count) < MOST_MODULES


def test_a_value_that_does_nothing_beside_the_others_is_told_of() -> None:
    from vfxai.nodes.denoise import Denoise
    from vfxai.nodes.upscale import Upscale

    (said,) = Denoise(region="1,2,30,40").idle()
    assert said == "region has no effect unless profile is region; give that too, or leave out region"
    (said,) = Upscale(size="640x480", scale=3).idle()
    assert said == "scale has no effect where size is given; leave out one"
    for node in (Denoise(region="1,2,30,40", profile="region"), Upscale(size="640x480", scale=2), Upscale(scale=3), Denoise()):
        assert node.idle() == []


def test_what_a_parameter_needs_is_there() -> None:
    with pytest.raises(DeclarationError, match="strength: it needs mode, which is no parameter"):

        class Needy(Node):
            """Needs; for tests."""

            strength: float = Float(1.0, min=0, max=1, label="Strength", doc="How much.", needs=("mode", "a"))

            def process(self, at, analysis, tools):
                return at.center
