"""What is upstream of an input: the files of a Read where nothing lies between, else frames that a Write exports exactly as they are."""

from __future__ import annotations

import os
import shutil
from typing import NamedTuple

import nuke

from . import color, knobs, paths, ranges
from . import group as groups
from .table import Facts
from .telling import Refusal, Stopped

MOVIES = (".mov", ".mp4", ".m4v", ".mxf", ".avi", ".r3d", ".ari", ".arri", ".braw")
"""Files of many frames, which Nuke reads and vfxai does not."""
OWN_TIME = frozenset(["reference", "pair"])
"""Kinds of inputs whose frames are not in step with the plate's."""
HALF = "16-bit half float"
"""What Nuke's metadata input/bitsperchannel says of half."""


class Source(NamedTuple):
    """Where the pixels of one of the Group's inputs come from."""

    given: Facts
    """The input in the panel."""
    pattern: str
    """Of the files, with %V where there is one for each view; a still is one file."""
    colorspace: str
    """Of the files as they stand."""
    raw: bool
    """Whether a Read must show such files without a transform."""
    half: bool
    """Whether what is upstream is stored in half."""
    frames: list[int]
    """Those that are used; those that must be exported first, where `exported` says so."""
    exported: bool


def find(group: nuke.Group, given: Facts, folder: str, frames: list[int]) -> Source | None:
    """The source of an input; None where nothing is connected. `frames` are those of the plate, which a matte goes in step with."""
    node = above(group, given)
    if node is None:
        return None
    half = node.metadata("input/bitsperchannel") == HALF
    read = read_behind(node, still=given["kind"] != "plate")
    if given["kind"] in OWN_TIME:
        frames = list(range(node.firstFrame(), node.lastFrame() + 1))
    elif given["kind"] == "keyframes":
        frames = _keys(group, given, node, read)
    if read is not None:
        behind = read
        colorspace = color.space(group, lambda: color.of_read(behind))
        return Source(given, read_file(read), colorspace, bool(read["raw"].value()), half, frames, False)
    several = ".%V" if len(nuke.views()) > 1 else ""
    pattern = "{}/{}{}.%04d.exr".format(folder, given["name"], several)
    return Source(given, pattern, color.space(group, color.working_space), True, half, frames, True)


def above(group: nuke.Group, given: Facts) -> nuke.Node | None:
    """What is connected to an input of the Group, by the input's name; nothing where the Group is older than the input."""
    names = groups.inputs(group)
    return group.input(names.index(given["name"])) if given["name"] in names else None


def _keys(group: nuke.Group, given: Facts, node: nuke.Node, read: nuke.Node | None) -> list[int]:
    """Frames of the pictures that a person made: those typed, else those that there are files of."""
    typed = ranges.typed(str(group["vfxai_keys"].value()))
    if typed:
        return typed
    first, last = node.firstFrame(), node.lastFrame()
    if read is None and first != last:
        raise Refusal(
            "{}: which frames of the {} are pictures to go by?".format(group.name(), given["name"]), "Write them into Key frames."
        )
    there = paths.on_disk(paths.of_view(read_file(read), nuke.views()[0])) if read is not None else []
    return [n for n in there if first <= n <= last] or [first]


def read_behind(node: nuke.Node | None, still: bool = False) -> nuke.Node | None:
    """The Read whose files are, pixel by pixel, what this node shows; None where something lies between. `still` allows a single file."""
    while node is not None:
        if groups.is_ours(node):
            shown = _shown_by(node)
            if shown is not None:
                return shown
        elif node.Class() == "Read":
            return node if _as_on_disk(node, still) else None
        elif not (node.Class() in ("Dot", "NoOp", "PostageStamp") or _disabled(node)):
            return None
        node = node.input(0)
    return None


def _shown_by(group: nuke.Node) -> nuke.Node | None:
    """The Read within another Group of this tool; Refusal where that has no result, for its input would be taken silently."""
    if group["vfxai_show"].value() != "result" or _disabled(group):
        return None
    if not group["vfxai_has_result"].value():
        raise Refusal(f"{group.name()} upstream has no result yet", "Render it first, or set its Show to input.")
    return group.node("Result")  # type: ignore[attr-defined]  # ours are Groups


def read_file(read: nuke.Node) -> str:
    """A Read's pattern at full size, absolute; nuke.filename() would name the proxy's file while that is on."""
    return knobs.absolute(str(read["file"].getEvaluatedValue() or ""))  # type: ignore[attr-defined]  # it is a File_Knob


def _disabled(node: nuke.Node) -> bool:
    knob = node.knob("disable")
    return knob is not None and bool(knob.value())


def _as_on_disk(read: nuke.Node, still: bool) -> bool:
    """Whether frame n of the Read is file n, or its one file, seen through nothing but its colour transform.

    A pattern without %V in a script of several views may be of files that hold them all, so that what each view shows must be exported.
    """
    path = read_file(read)
    plain_time = not str(read["frame"].value()).strip() and read["frame_mode"].value() != "start at"
    numbered = paths.PADDING.search(os.path.basename(path)) is not None
    held = still and read["before"].value() == read["after"].value() == "hold"
    one_view = len(nuke.views()) == 1 or "%V" in path or "%v" in path
    return (
        bool(path)
        and plain_time
        and one_view
        and not path.lower().endswith(MOVIES)
        and not _disabled(read)
        and (numbered or held)
    )


def export(group: nuke.Group, source: Source, views: list[str], metadata: str) -> None:
    """Writes what is upstream of an input, at full size whatever the proxy setting: all channels, float, its bounding box, every view.

    Blocks as any render of a Write does, with Nuke's own progress. Raises Stopped where the artist stops it, Refusal where a node upstream fails.
    """
    proxy = nuke.root()["proxy"]
    was = proxy.value()
    name = source.given["name"]
    nuke.Undo.disable()
    write = None
    try:
        proxy.setValue(False)
        with group:
            write = nuke.nodes.Write()
        write.setInput(0, groups.inner(group, name))
        for knob, value in _settings(source, metadata):
            write[knob].setValue(value)
        for first, last in paths.runs(source.frames):
            nuke.execute(write, first, last, 1, views)
    except RuntimeError as error:
        if "cancelled" in str(error).lower():  # RuntimeError is what Nuke raises for everything
            raise Stopped("stopped") from error
        raise Refusal(
            f"{group.name()}: the {name} could not be exported: {error}", "See the node that is named, or render again."
        ) from error
    finally:
        if write is not None:
            nuke.delete(write)
        proxy.setValue(was)
        nuke.Undo.enable()


def _settings(source: Source, metadata: str) -> list[tuple[str, object]]:
    """Knobs of the Write, in the order that Nuke needs: the file's type brings the type's own knobs."""
    return [
        ("file", source.pattern),
        ("file_type", "exr"),
        ("channels", "all"),
        ("raw", True),
        ("create_directories", True),
        ("datatype", "32 bit float"),  # what Nuke computes with, so that nothing is rounded on the way
        ("compression", "Zip (1 scanline)"),
        ("autocrop", False),
        ("metadata", metadata),
    ]


def remove(folder: str) -> None:
    """Takes exported frames away."""
    shutil.rmtree(folder, ignore_errors=True)
