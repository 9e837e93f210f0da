"""The options that every job has, each said once: command line, recipe, JSON schema, Python, hosts and farm derive theirs from here."""

from __future__ import annotations

from typing import Any

from vfxai.schema.declared import Declared
from vfxai.schema.parameters import Bool, Choice, FilePath, Frames, Text

INPUT, OUTPUT, MACHINE = "what is read", "what is written", "machine"


class Job(Declared):
    """The common options."""

    id = "a job"
    remedy = "correct it; `vfxai run --help` lists the options"

    frames: str = Frames(label="Frames", group=INPUT, doc="Frames to process; all on disk where empty.")
    missing: str = Choice("error", options=("error", "hold", "skip"), label="Missing frames", group=INPUT, doc="What to do for frames that are not there.")  # fmt: skip
    layer: str = Text(
        "", label="Layer", group=INPUT, doc="Layer, view or part to process; where empty, the first with R, G, B or Y."
    )
    views: str = Text("", label="Views", group=INPUT, doc="Views to process where a pattern has %V or files hold several, such as left,right; where empty, all.")  # fmt: skip
    mask_channel: str = Text("", label="Matte channel", group=INPUT, doc="Channel of the matte's files that is the matte; where empty, alpha or brightness, whichever shows a shape.")  # fmt: skip
    colorspace: str = Text(
        "", label="Colour space", group=INPUT, doc="Colour space of the input; where empty, what the file says."
    )
    beside_colorspace: str = Text("", label="Colour space beside", group=INPUT, doc="Colour space of keys, pair, reference and clean plate; where empty, what their files say, else the plate's.")  # fmt: skip
    ocio: str = Text("", label="OpenColorIO config", group=INPUT, doc="Config file, or a name such as ocio://default; where empty, $OCIO, else the shipped one.")  # fmt: skip
    analysis: str = FilePath(
        label="Analysis", group=INPUT, doc="The shot's analysis: read where the file is there, else written."
    )
    step: str = Choice("all", options=("all", "analyze", "frames"), label="Step", group=INPUT, doc="Part of the job: analyze only learns from the whole shot, with --overwrite anew; frames takes what was learned, and refuses where that is missing or of another shot, as a chunk of a farm does.")  # fmt: skip
    output_colorspace: str = Text("", label="Output colour space", group=OUTPUT, doc="Colour space of the output; where empty, the input's.")  # fmt: skip
    depth: str = Choice(
        "keep", options=("keep", "half", "float"), label="Depth", group=OUTPUT, doc="Type of the processed channels."
    )
    compression: str = Text("keep", label="Compression", group=OUTPUT, doc="keep, none, zip, zips, piz, dwaa and others.")
    window: str = Choice("keep", options=("keep", "display"), label="Data window", group=OUTPUT, doc="keep the plate's, or cut and fill it with black to the format, for programs that take a data window for the whole picture.")  # fmt: skip
    overwrite: bool = Bool(False, label="Overwrite", group=OUTPUT, doc="Make all frames again; else those are kept whose recipe, models and inputs are unchanged.")  # fmt: skip
    device: str = Text("auto", pattern="auto|cpu|cuda(:[0-9]+)?", form="auto, cpu, cuda or cuda:N", label="Device", group=MACHINE, doc="What runs the networks.")  # fmt: skip
    backend: str = Choice(
        "auto", options=("auto", "torch", "onnx"), label="Backend", group=MACHINE, doc="Library that runs the networks."
    )
    precision: str = Choice(
        "auto", options=("auto", "fp32", "fp16", "bf16"), label="Precision", group=MACHINE, doc="Of the networks."
    )
    tile: str = Text("auto", pattern="auto|[1-9][0-9]{0,5}", form="auto or a number of pixels", label="Tile", group=MACHINE, doc="Side of a tile in pixels; auto is what fits.")  # fmt: skip
    license: str = Choice("auto", options=("auto", "any", "commercial"), label="Licence", group=MACHINE, doc="commercial refuses models whose licence forbids paid work; auto is $VFXAI_LICENSE, else any.")  # fmt: skip


ELSEWHERE = frozenset({"frames", "device", "tile", "overwrite", "analysis", "license", "step"})
"""Options that decide where, when and how fast pixels are made, or of which frames, and not what they are."""
NOT_OPTIONS = frozenset({"json", "debug", "help", "input", "output", "source", "node", "id", "schema", "worker"})
RESERVED = frozenset(Job.parameters()) | NOT_OPTIONS
"""Words of the command line and of recipes, which no parameter or input of a node may take."""


def describe_job() -> dict[str, Any]:
    """The facts of each option by name, in the form of a node's parameters."""
    return {name: parameter.facts() for name, parameter in Job.parameters().items()}
