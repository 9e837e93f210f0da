"""What is upstream of an input: the files of a Read where nothing lies between, else frames that a Write exports exactly as they are."""

from __future__ import annotations

import os
import shutil
from typing import NamedTuple

import nuke

from . import color, paths
from . import group as groups
from .telling import Refusal

MOVIES = (".mov", ".mp4", ".m4v", ".mxf", ".avi", ".r3d", ".ari", ".arri", ".braw")
"""Files of many frames, which Nuke reads and vfxai does not."""
HALF = "16-bit half float"
"""What Nuke's metadata input/bitsperchannel says of half."""


class Source(NamedTuple):
    """Where an input's pixels come from."""

    name: str
    """Of the input, such as plate."""
    pattern: str
    """Of the files, with %V where there is one for each view."""
    colorspace: str
    """Of the files as they stand."""
    raw: bool
    """Whether a Read must show such files without a transform."""
    half: bool
    """Whether what is upstream is stored in half."""
    first: int
    last: int
    exported: bool
    """Whether the files must be written first."""


def find(group: nuke.Group, index: int, name: str, folder: str) -> Source | None:
    """The source of an input; None where nothing is connected."""
    above = group.input(index)
    if above is None:
        return None
    first, last = above.firstFrame(), above.lastFrame()
    half = above.metadata("input/bitsperchannel") == HALF
    read = read_behind(above)
    if read is not None:
        behind = read
        colorspace = color.space(group, lambda: color.of_read(behind))
        return Source(name, str(nuke.filename(read)), colorspace, bool(read["raw"].value()), half, first, last, False)
    several = ".%V" if len(nuke.views()) > 1 else ""
    pattern = f"{folder}/{name}{several}.%04d.exr"
    return Source(name, pattern, color.space(group, color.working_space), True, half, first, last, True)


def read_behind(node: nuke.Node | None) -> nuke.Node | None:
    """The Read whose files are, pixel by pixel, what this node shows; None where something lies between."""
    while node is not None:
        if groups.is_ours(node):
            shown = _shown_by(node)
            if shown is not None:
                return shown
        elif node.Class() == "Read":
            return node if _as_on_disk(node) else None
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


def _disabled(node: nuke.Node) -> bool:
    knob = node.knob("disable")
    return knob is not None and bool(knob.value())


def _as_on_disk(read: nuke.Node) -> bool:
    """Whether frame n of the Read is file n, seen through nothing but its colour transform."""
    path = str(nuke.filename(read) or "")
    plain_time = not str(read["frame"].value()).strip() and read["frame_mode"].value() != "start at"
    if not path or not plain_time or path.lower().endswith(MOVIES) or not paths.PADDING.search(os.path.basename(path)):
        return False
    return not _disabled(read)


def export(group: nuke.Group, source: Source, span: tuple[int, int], views: list[str], metadata: str) -> None:
    """Writes what is upstream of an input, at full size whatever the proxy setting: all channels, float, its bounding box, every view.

    Blocks as any render of a Write does, with Nuke's own progress. Raises Refusal where the artist stops it or a node upstream fails.
    """
    proxy = nuke.root()["proxy"]
    was = proxy.value()
    os.makedirs(os.path.dirname(source.pattern), exist_ok=True)
    nuke.Undo.disable()
    write = None
    try:
        proxy.setValue(False)
        with group:
            write = nuke.nodes.Write()
        write.setInput(0, groups.inner(group, source.name))
        for knob, value in _settings(source, views, metadata):
            write[knob].setValue(value)
        nuke.execute(write, span[0], span[1], 1, views)
    except RuntimeError as error:  # what Nuke raises for everything, "Cancelled" too
        raise Refusal(
            f"{group.name()}: the {source.name} could not be exported: {error}", "See the node that is named, or render again."
        ) from error
    finally:
        if write is not None:
            nuke.delete(write)
        proxy.setValue(was)
        nuke.Undo.enable()


def _settings(source: Source, views: list[str], metadata: str) -> list[tuple[str, object]]:
    """Knobs of the Write, in the order that Nuke needs: the file's type brings the type's own knobs."""
    return [
        ("file", source.pattern),
        ("file_type", "exr"),
        ("channels", "all"),
        ("raw", True),
        ("create_directories", True),
        ("views", " ".join(views)),
        ("datatype", "32 bit float"),  # what Nuke computes with, so that nothing is rounded on the way
        ("compression", "Zip (1 scanline)"),
        ("autocrop", False),
        ("metadata", metadata),
    ]


def remove(folder: str) -> None:
    """Takes exported frames away."""
    shutil.rmtree(folder, ignore_errors=True)
