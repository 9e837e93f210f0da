"""Draws the pictures of the host pages: python examples/host_pictures.py docs/pictures

Nuke's Group is made by the adapter in the tests' stand-in for Nuke and drawn as it is, inputs, nodes and knobs; Blender's node is drawn from the
properties that its extension registers. Neither is a screenshot. Pillow comes with scikit-image.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/plugins/nuke")]

from nuke_studio import studio_session  # noqa: E402  # it lies on the path only now

from vfxai.cli.main import main as vfxai  # noqa: E402  # as above
from vfxai.schema import registry  # noqa: E402  # as above
from vfxai.schema.description import describe  # noqa: E402  # as above
from vfxai.surfaces.blender import panel  # noqa: E402  # as above

PAPER, INK, FIELD, DIM, ACCENT, BUTTON = "#2b2b2b", "#e8e8e8", "#1c1c1c", "#9a9a9a", "#7a9e5b", "#4a4a4a"
SMALL, NORMAL, LARGE = (ImageFont.load_default(size) for size in (12, 14, 18))
ROW = 25


class Sheet:
    """A picture that is drawn on."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def text(self, x: float, y: float, words: str, font: Any = NORMAL, fill: str = INK, anchor: str = "lm") -> None:
        """Words at a place."""
        self.draw.text((x, y), words, fill, font, anchor)

    def box(self, x: float, y: float, width: float, height: float, words: str, fill: str = BUTTON, below: str = "") -> None:
        """A node or a button."""
        self.draw.rounded_rectangle((x, y, x + width, y + height), 5, fill, DIM)
        self.text(x + width / 2, y + height / 2 - (9 if below else 0), words, anchor="mm")
        if below:
            self.text(x + width / 2, y + height / 2 + 10, below, SMALL, PAPER if fill == ACCENT else DIM, "mm")

    def arrow(self, x: float, y: float, to_x: float, to_y: float, words: str = "") -> None:
        """A connection, with words beside."""
        self.draw.line((x, y, to_x, to_y), DIM, 2)
        long = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        dx, dy = (to_x - x) / long * 9, (to_y - y) / long * 9
        self.draw.polygon([(to_x, to_y), (to_x - dx - dy / 2, to_y - dy + dx / 2), (to_x - dx + dy / 2, to_y - dy - dx / 2)], DIM)
        self.text((x + to_x) / 2 + 8, (y + to_y) / 2 - 8, words, SMALL, DIM)

    def row(self, x: float, y: float, width: float, label: str, value: str, share: float | None = None) -> None:
        """A label, a field, and a slider where there is a range."""
        self.text(x + 132, y + 11, label, fill=INK, anchor="rm")
        self.draw.rectangle((x + 140, y + 2, x + 225, y + 21), FIELD)
        self.text(x + 146, y + 11, value[:12], SMALL)
        if share is not None:
            end = x + width - 10
            self.draw.line((x + 238, y + 12, end, y + 12), DIM, 2)
            at = x + 238 + share * (end - x - 238)
            self.draw.rectangle((at - 3, y + 5, at + 3, y + 18), INK)

    def save(self, path: Path) -> None:
        """With few colours, so that it is small."""
        self.image.quantize(64).save(path, optimize=True)
        print(path, path.stat().st_size, "bytes")


def nuke(folder: Path) -> None:
    """The Group of denoise: what is inside, and its first tab."""
    with tempfile.TemporaryDirectory() as made:
        vfxai(["plugins", "nuke", "--output", f"{made}/nuke"])
        with studio_session(Path(made) / "nuke", Path(made), Path(made) / "shot") as studio:
            group = studio.node("denoise")
            nodes = {node.name(): node.Class() for node in group.nodes()}
            known = {one["name"]: one for one in studio.adapter("table").panel("denoise")["knobs"]}
            knobs = [(name, group.knobs()[name]) for name in group.knobs()]
    sheet = Sheet(900, 680)
    sheet.text(20, 24, "Inside the Group", LARGE)
    inputs = [name for name, kind in nodes.items() if kind == "Input"]
    for index, name in enumerate(inputs):
        sheet.box(20 + 112 * index, 60, 100, 34, name)
    sheet.arrow(70, 94, 70, 340, "plate, until there is a result")
    for index, (name, below) in enumerate((("Result", "frames of the worker"), ("Preview", "the viewer's frame"))):
        sheet.box(110 + 150 * index, 220, 140, 44, f"{name} (Read)", ACCENT, below)
        sheet.arrow(180 + 150 * index, 264, 180 + 150 * index, 340)
    sheet.box(20, 340, 380, 44, "Shown (Switch)", BUTTON, "by the knob Show")
    sheet.box(160, 440, 100, 34, "Output")
    sheet.arrow(210, 384, 210, 440)
    sheet.text(20, 540, "Other inputs are read by the render alone.", SMALL, DIM)
    sheet.text(20, 560, "Without vfxai the script opens all the same,", SMALL, DIM)
    sheet.text(20, 580, "and the Read goes on showing its frames.", SMALL, DIM)
    x, y = 420, 60
    sheet.text(x + 10, 24, "Its panel", LARGE)
    for name, knob in knobs[1:]:
        if name == "vfxai_tab_render" or y > 670:
            break
        kind = type(knob).__name__
        if kind == "PyScript_Knob":
            continue
        if name in known:
            facts = known[name]
            low, high = facts.get("range", (0, 0))
            share = (knob.value() - low) / (high - low) if high > low and kind in ("Double_Knob", "Int_Knob") else None
            value = "" if facts["class"] == "BBox_Knob" else str(knob.value())
            sheet.row(x, y, 460, facts["label"], value, share)
            y += ROW
    buttons = [knob for name, knob in knobs if name in ("vfxai_render", "vfxai_preview", "vfxai_cancel")]
    sheet.row(x, y + 10, 460, "Show", str(group_value(knobs, "vfxai_show")))
    for index, knob in enumerate(buttons):
        sheet.box(x + 140 + 108 * index, y + 42, 102, 26, str(knob.label()))
    sheet.row(x, y + 76, 460, "State", "not rendered")
    sheet.save(folder / "nuke-group.png")


def group_value(knobs: list[tuple[str, Any]], name: str) -> Any:
    """The value of a knob."""
    return next(knob.value() for known, knob in knobs if known == name)


def blender(folder: Path) -> None:
    """The compositor node of denoise between its neighbours."""
    facts = panel(describe(registry.get("denoise")))
    properties = [one for one in facts["properties"] if one["kind"] in ("float", "int", "choice")][:13]
    sheet = Sheet(860, 90 + ROW * (len(properties) + 3) + 30)
    sheet.box(20, 90, 170, 70, "Image", BUTTON, "plate.####.exr, as it is")
    sheet.arrow(190, 125, 250, 125)
    sheet.draw.rounded_rectangle((250, 40, 640, 100 + ROW * (len(properties) + 3)), 6, "#363636", DIM)
    sheet.draw.rounded_rectangle((250, 40, 640, 66), 6, ACCENT)
    sheet.text(262, 53, f"vfxai {facts['title']}")
    sheet.box(260, 76, 180, 26, "Render")
    sheet.box(450, 76, 180, 26, "Update")
    y = 112
    for one in facts["inputs"]:
        sheet.row(250, y, 390, one["name"].capitalize(), "//matte.####")
        y += ROW
    for one in properties:
        given = one["given"]
        share = (
            (given["default"] - given["min"]) / (given["max"] - given["min"])
            if given.get("max", 0) > given.get("min", 0)
            else None
        )
        sheet.row(250, y, 390, given["name"], str(given["default"]), share)
        y += ROW
    sheet.row(250, y, 390, "Overscan", "off")
    sheet.arrow(640, 125, 690, 125)
    sheet.box(690, 90, 150, 70, "Viewer, Group Output", BUTTON, "the result's frames")
    sheet.save(folder / "blender-node.png")


def worker(folder: Path) -> None:
    """Who talks to whom."""
    sheet = Sheet(860, 330)
    hosts = ("Nuke: Groups", "Blender: nodes", "OFX hosts: live nodes", "vfxai --worker, Python", "farm tasks")
    for index, name in enumerate(hosts):
        y = 20 + 60 * index
        sheet.box(20, y, 220, 44, name)
        sheet.arrow(240, y + 22, 400, 160)
    sheet.text(262, 28, "recipes and events: a socket of the user's", SMALL, DIM)
    sheet.text(262, 308, "live frames: a file in memory without a name", SMALL, DIM)
    sheet.box(400, 110, 200, 100, "worker", ACCENT, "one a user and machine")
    sheet.box(680, 60, 160, 50, "GPU or CPU", BUTTON, "one copy of a network")
    sheet.box(680, 210, 160, 50, "plates and results", BUTTON, "files, as they are")
    sheet.arrow(600, 150, 680, 90)
    sheet.arrow(600, 175, 680, 230)
    sheet.save(folder / "worker.png")


def main(folder: Path) -> None:
    """All of them."""
    registry.discover()
    folder.mkdir(parents=True, exist_ok=True)
    nuke(folder)
    blender(folder)
    worker(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
