"""Values by frame and mix, through recipes and the command line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from vfxai.cli.main import main
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.errors import ParameterError, RecipeError
from vfxai.nodes.deinterlace import Deinterlace
from vfxai.nodes.tone import Tone
from vfxai.nodes.upscale import Upscale
from vfxai.schema import registry
from vfxai.schema.node import Node
from vfxai.schema.parameters import Choice, Float
from vfxai.schema.vocabulary import Encoding, Mask, Plate, Window

FRAMES = range(1, 8)
registry.discover()
NODES = registry.names()


class Level:
    """An analysis; for tests."""

    def to_dict(self) -> dict[str, float]:
        return {"level": 1.0}


class Lift(Node):
    """Add; for tests."""

    inputs = (Plate(), Mask("mask"))
    encoding = Encoding.STORED
    analyzed = 0
    amount: float = Float(1.0, min=0, max=10, animated=True, label="Amount", doc="How much.")
    way: str = Choice("up", options=("up", "down"), animated=True, label="Way", doc="Where to.")

    @classmethod
    def load_analysis(cls, data):
        return Level()

    def analyze(self, plate, tools):
        type(self).analyzed += 1
        return Level()

    def process(self, at, analysis, tools):
        assert isinstance(self.amount, float)
        return at.center.with_color(at.center.color + self.amount * (1 if self.way == "up" else -1))


class Average(Node):
    """Mean of three frames; for tests."""

    window = Window(1, 1)
    encoding = Encoding.STORED

    def process(self, at, analysis, tools):
        return at.center.with_color((at[-1].color + at[0].color + at[1].color) / 3)


class Bigger(Node):
    """Twice the size; for tests."""

    encoding = Encoding.STORED

    def output_size(self, width, height, pixel_aspect):
        return 2 * width, 2 * height

    def process(self, at, analysis, tools):
        from vfxai.image.box import Box

        color = at.center.color.repeat_interleave(2, 1).repeat_interleave(2, 2)
        box = Box(0, 0, color.shape[-1], color.shape[-2])
        return replace(at.center, color=color, data_window=box, display_window=box, stored=None)


@pytest.fixture(autouse=True)
def plate(tmp_path: Path):
    """Frame N is N everywhere, but for a pixel that is not a number; the folder is the working one."""
    for node in (Lift, Average, Bigger):
        registry.register(node)
    for frame in FRAMES:
        planes = {n: np.full((4, 6), frame, np.float32) for n in "RGB"}
        planes["R"][0, 0] = np.nan
        header = {"type": OpenEXR.scanlineimage, "colorInteropID": "lin_rec709_scene"}
        OpenEXR.File(header, planes).write(str(tmp_path / f"a.{frame}.exr"))
    yield
    for node in (Lift, Average, Bigger):
        registry._nodes.pop(node.id)


def recipe(folder: Path, *nodes: dict) -> Recipe:
    return Recipe.from_dict({"source": str(folder / "a.#.exr"), "output": str(folder / "out/b.#.exr"), "node": list(nodes)})


def level(folder: Path, frame: int) -> float:
    return float(OpenEXR.File(str(folder / f"out/b.{frame}.exr"), separate_channels=True).channels()["G"].pixels[2, 3])


def bits(folder: Path, name: str) -> list[bytes]:
    file = OpenEXR.File(str(folder / name), separate_channels=True)
    return [np.asarray(c.pixels).tobytes() for c in file.channels().values()]


def test_each_frame_gets_its_values(tmp_path: Path) -> None:
    run(recipe(tmp_path, {"id": "lift", "amount": {"2": 0, "6": 4}, "way": {"1": "up", "5": "down"}}))
    assert [level(tmp_path, n) - n for n in FRAMES] == [0, 0, 1, 2, -3, -4, -4]


def test_only_frames_whose_values_changed_are_made_again_and_nothing_is_learned_anew(tmp_path: Path) -> None:
    before = Lift.analyzed
    run(recipe(tmp_path, {"id": "lift", "amount": {"2": 0, "6": 4}}))
    outcome = run(recipe(tmp_path, {"id": "lift", "amount": {"2": 0, "6": 4, "7": 8}}))
    assert (outcome.written, outcome.kept) == (1, 6)
    outcome = run(recipe(tmp_path, {"id": "lift", "amount": {"2": 0, "4": 2, "6": 4, "7": 8}}))
    assert (outcome.written, outcome.kept) == (0, 7)
    assert Lift.analyzed == before + 1


def test_a_later_node_sees_the_values_of_its_neighbours_and_their_change(tmp_path: Path) -> None:
    run(recipe(tmp_path, {"id": "lift", "amount": {"3": 0, "4": 3, "5": 0}}, {"id": "average"}))
    assert [level(tmp_path, n) - n for n in (2, 3, 4, 5, 6)] == [0, 1, 1, 1, 0]
    outcome = run(recipe(tmp_path, {"id": "lift", "amount": {"3": 0, "4": 6, "5": 0}}, {"id": "average"}))
    assert (outcome.written, outcome.kept) == (3, 4)
    assert [level(tmp_path, n) - n for n in (2, 3, 4, 5, 6)] == [0, 2, 2, 2, 0]


@pytest.mark.parametrize("options", [["--mix", "0"], ["--mix", "1=0,9=0"], ["--mix", "0", "--amount", "1=2,5=3"]])
def test_mix_0_gives_every_bit_of_the_plate(options: list[str], tmp_path: Path) -> None:
    assert main(["lift", str(tmp_path / "a.#.exr"), str(tmp_path / "out/b.#.exr"), *options]) == 0
    for frame in FRAMES:
        assert bits(tmp_path, f"a.{frame}.exr") == bits(tmp_path, f"out/b.{frame}.exr")


def test_mix_is_the_share_of_the_result_and_1_changes_nothing(tmp_path: Path) -> None:
    run(recipe(tmp_path, {"id": "lift", "amount": 4, "mix": {"1": 0, "5": 1}}))
    assert [level(tmp_path, n) - n for n in FRAMES] == [0, 1, 2, 3, 4, 4, 4]
    whole = bits(tmp_path, "out/b.6.exr")
    run(recipe(tmp_path, {"id": "lift", "amount": 4}))
    assert bits(tmp_path, "out/b.6.exr") == whole


def test_mix_keeps_what_a_matte_keeps(tmp_path: Path) -> None:
    planes = {n: np.zeros((4, 6), np.float32) for n in "RGB"}
    for plane in planes.values():
        plane[:, 3:] = 1
    OpenEXR.File({"type": OpenEXR.scanlineimage}, planes).write(str(tmp_path / "m.exr"))
    run(recipe(tmp_path, {"id": "lift", "amount": 4, "mix": 0.5, "mask": str(tmp_path / "m.exr")}))
    before, after = (
        OpenEXR.File(str(tmp_path / name), separate_channels=True).channels()["R"].pixels for name in ("a.3.exr", "out/b.3.exr")
    )
    assert before[:, :3].tobytes() == after[:, :3].tobytes()
    assert (after[:, 3:] == 5).all()


@pytest.mark.parametrize("mix", [0.5, 0, {"1": 1, "4": 0}])
def test_a_result_of_another_size_cannot_be_mixed(mix: object, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="mix: what bigger gives is of another size") as caught:
        recipe(tmp_path, {"id": "bigger", "mix": mix})
    assert "leave out mix" in caught.value.remedy
    assert run(recipe(tmp_path, {"id": "bigger", "mix": {"1": 1, "4": 1}})).written == len(FRAMES)


@pytest.mark.parametrize(
    ("node", "values", "keeps"),
    [
        (Upscale, {}, False),
        (Upscale, {"scale": 1, "restore": 0.5}, True),
        (Upscale, {"scale": 1, "size": "8x8"}, False),
        (Deinterlace, {}, False),
        (Deinterlace, {"rate": "same"}, False),
        (Deinterlace, {"rate": "same", "mode": "deinterlace"}, True),
        (Tone, {}, True),
    ],
)
def test_a_share_is_taken_where_size_and_number_of_frames_stay(node: type[Node], values: dict[str, object], keeps: bool) -> None:
    if keeps:
        assert node(**values, mix=0).leaves_plate()
    else:
        with pytest.raises(ParameterError, match="mix: "):
            node(**values, mix=0)


def test_keys_are_in_the_provenance_as_a_recipe_takes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = recipe(tmp_path, {"id": "lift", "amount": {"2": 0, "6": 4}})
    run(made)
    assert main(["info", str(tmp_path / "out/b.1.exr"), "--json"]) == 0
    stored = json.loads(json.loads(capsys.readouterr().out)["provenance"]["recipe"])
    assert stored["node"][0]["amount"] == {"2": 0.0, "6": 4.0}
    assert Recipe.from_dict(stored).to_dict() == made.to_dict()


@pytest.mark.parametrize("name", NODES)
def test_no_node_reads_values_by_frame_before_it_knows_the_frame(name: str) -> None:
    """What the chain asks of a node beforehand: window, models, identity."""
    kind = registry.get(name)
    animated = {n: {"1": p.default, "9": p.default} for n, p in kind.parameters().items() if p.animated}
    node = kind(**animated)
    assert set(node.by_frame()) == set(animated)
    assert node.temporal_window() == kind().temporal_window()
    assert node.used_models() == kind().used_models()
    assert node.leaves_plate() == kind().leaves_plate()
    assert node.for_frame(5).values() == kind().values()
