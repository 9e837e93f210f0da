"""What is known of Nuke's nodes and knobs: knobs.json, and by hand what that listing leaves out."""

import json
from pathlib import Path

CLASSES: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "knobs.json").read_text())["nodes"]

COMMON = {
    "name": "String_Knob", "help": "Multiline_Eval_String_Knob", "label": "Multiline_Eval_String_Knob", "note_font": "Font_Knob",
    "note_font_size": "Array_Knob", "note_font_color": "ColorChip_Knob", "tile_color": "ColorChip_Knob", "gl_color": "ColorChip_Knob",
    "selected": "Boolean_Knob", "xpos": "Array_Knob", "ypos": "Array_Knob", "hide_input": "Boolean_Knob", "cached": "Boolean_Knob",
    "disable": "Disable_Knob", "dope_sheet": "Boolean_Knob", "bookmark": "Boolean_Knob", "postage_stamp": "Boolean_Knob",
    "postage_stamp_frame": "Array_Knob", "icon": "File_Knob", "indicators": "Array_Knob", "autolabel": "PythonKnob", "onCreate": "PythonKnob",
    "onDestroy": "PythonKnob", "knobChanged": "PythonKnob", "updateUI": "PythonKnob", "panel": "Boolean_Knob", "lifetimeStart": "Array_Knob",
    "lifetimeEnd": "Array_Knob", "useLifetime": "Boolean_Knob",
}  # fmt: skip
"""Knobs of every node."""
ROOT = {
    "name": "String_Knob", "project_directory": "File_Knob", "first_frame": "Array_Knob", "last_frame": "Array_Knob", "lock_range": "Boolean_Knob",
    "fps": "Array_Knob", "format": "Format_Knob", "proxy": "Boolean_Knob", "proxy_type": "Enumeration_Knob", "proxy_scale": "Array_Knob",
    "colorManagement": "Enumeration_Knob", "OCIO_config": "Enumeration_Knob", "customOCIOConfigPath": "File_Knob",
    "OCIOConfigPath": "File_Knob", "workingSpaceLUT": "Enumeration_Knob", "monitorLut": "Enumeration_Knob", "int8Lut": "Enumeration_Knob",
    "int16Lut": "Enumeration_Knob", "logLut": "Enumeration_Knob", "floatLut": "Enumeration_Knob",
}  # fmt: skip
"""Knobs of the project settings."""
BY_FILE_TYPE = {
    "exr": {
        "datatype": "Enumeration_Knob", "compression": "Enumeration_Knob", "dw_compression_level": "Array_Knob", "autocrop": "Boolean_Knob",
        "write_hash": "Boolean_Knob", "hero_view": "Enumeration_Knob", "metadata": "Enumeration_Knob", "noprefix": "Boolean_Knob",
        "interleave": "Enumeration_Knob", "first_part": "Enumeration_Knob", "standard layer name format": "Boolean_Knob",
        "write_full_layer_names": "Boolean_Knob", "truncateChannelNames": "Boolean_Knob", "write_ACES_compliant_EXR": "Boolean_Knob",
    },
    "dpx": {"datatype": "Enumeration_Knob", "fill": "Boolean_Knob", "timecode": "String_Knob", "edgecode": "String_Knob"},
}  # fmt: skip
"""Knobs of a Write that appear with its file type."""
ONLY_OF_SOURCES = {"Read": ("input", "exr_prefix")}

ENUMERATIONS = {
    ("Read", "before"): ["hold", "loop", "bounce", "black"],
    ("Read", "after"): ["hold", "loop", "bounce", "black"],
    ("Read", "on_error"): ["error", "black", "checkerboard", "nearest frame"],
    ("Read", "localizationPolicy"): ["on", "from auto-localize path", "on demand", "off"],
    ("Read", "frame_mode"): ["expression", "start at", "offset"],
    ("Write", "frame_mode"): ["expression", "start at", "offset"],
    ("Write", "file_type"): ["", "exr", "dpx"],
    ("Write", "on_error"): ["error", "write a black frame", "ignore"],
    ("Write", "datatype"): ["16 bit half", "32 bit float"],
    ("Write", "compression"): ["none", "Zip (1 scanline)", "Zip (16 scanlines)", "PIZ Wavelet (32 scanlines)", "RLE", "B44", "B44A", "DWAA", "DWAB"],
    ("Write", "metadata"): ["no metadata", "default metadata", "default metadata and exr/*", "all metadata except input/*", "all metadata"],
    ("Write", "interleave"): ["channels, layers and views", "channels and layers", "channels"],
    ("Root", "colorManagement"): ["Nuke", "OCIO"],
    ("Root", "OCIO_config"): ["nuke-default", "aces_1.2", "fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1", "custom"],
    ("Root", "proxy_type"): ["scale", "format"],
}  # fmt: skip
"""Options of the enumerations that are met; the first is the default unless DEFAULTS says another."""
DEFAULTS = {
    ("Read", "first"): 1, ("Read", "last"): 1, ("Read", "origfirst"): 1, ("Read", "origlast"): 1, ("Read", "colorspace"): "default",
    ("Write", "channels"): "rgb", ("Write", "metadata"): "default metadata", ("Write", "compression"): "Zip (1 scanline)", ("Write", "colorspace"): "default",
    ("Grade", "multiply"): [1.0, 1.0, 1.0, 1.0], ("Crop", "box"): [0.0, 0.0, 0.0, 0.0], ("Crop", "crop"): True,
    ("Root", "first_frame"): 1, ("Root", "last_frame"): 100, ("Root", "proxy_scale"): 0.5, ("Root", "fps"): 24.0, ("Root", "format"): (2048, 1556, 1.0),
    ("Root", "workingSpaceLUT"): "linear",
}  # fmt: skip
"""Values of a fresh node."""
EVALUATED = frozenset(["OCIOConfigPath"])
FLAGS = {
    name: 1 << n
    for n, name in enumerate(
        [
            "STARTLINE",
            "ENDLINE",
            "INVISIBLE",
            "NO_ANIMATION",
            "DISABLED",
            "READ_ONLY",
            "DO_NOT_WRITE",
            "ALWAYS_SAVE",
            "NO_UNDO",
            "HIDDEN_INPUTS",
        ]
    )
}
"""Flags of knobs; their numbers are no one's business."""
