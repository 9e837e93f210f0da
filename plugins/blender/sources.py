# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read: files on disk by their path, a picture in memory by a file made of it; and in which colour space it is."""

import re
import tempfile
from pathlib import Path

import bpy


def ocio_config():
    """The config that Blender uses: $OCIO's, else its own."""
    import os

    if os.environ.get("OCIO"):
        return os.environ["OCIO"]
    for kind in ("SYSTEM", "LOCAL", "USER"):
        root = bpy.utils.resource_path(kind)
        path = Path(root) / "datafiles/colormanagement/config.ocio" if root else None
        if path and path.is_file():
            return str(path)
    return ""


def pattern_of(path):
    """The pattern of a frame's file: its last number becomes the place for the frame's; None where there is none."""
    name = Path(path).name
    found = list(re.finditer(r"\d+", Path(name).stem))
    if not found:
        return None
    at = found[-1]
    return str(Path(path).with_name(name[: at.start()] + "#" * (at.end() - at.start()) + name[at.end() :]))


def of_image(image, scene):
    """(pattern, frames, folder to remove afterwards) of a picture: by its files where it has some and they are unchanged."""
    path = bpy.path.abspath(image.filepath, library=image.library) if image.filepath else ""
    if image.source == "SEQUENCE" and path:
        return pattern_of(path) or path, "", None
    if image.source in ("FILE", "TILED") and path and Path(path).is_file() and not image.is_dirty:
        return path, "", None
    if image.source == "MOVIE":
        raise ValueError("movies are not read; export an image sequence (File Output node, OpenEXR) and use that")
    return _saved(image, scene)


def _saved(image, scene):
    """A picture in memory as a float EXR."""
    folder = tempfile.mkdtemp(prefix="vfxai-blender-")
    path = str(Path(folder) / "picture.exr")
    settings = scene.render.image_settings
    kept = {
        n: getattr(settings, n)
        for n in ("media_type", "file_format", "color_mode", "color_depth", "exr_codec")
        if hasattr(settings, n)
    }
    try:
        if hasattr(settings, "media_type"):
            settings.media_type = "IMAGE"
        settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR", "32", "ZIP"
        settings.color_mode = "RGBA" if image.channels == 4 else "RGB"
        image.save_render(path, scene=scene)
    finally:
        for name, value in kept.items():
            try:
                setattr(settings, name, value)
            except TypeError:  # a choice that the restored media type has not
                continue
    return path, "", folder
