"""The knobs that every vfxai Group has besides those of its node; data in the shape of nodes.json."""

from __future__ import annotations

from .table import Facts, table

BUTTON = """try:
    from vfxai_nuke import buttons
except ImportError:
    nuke.message("vfxai is not installed in this Nuke, so nothing can be rendered here; what was rendered before is shown as it was."
                 "\\n\\nMake its folder with: vfxai plugins nuke --output DIR, and put DIR on NUKE_PATH.")
else:
    buttons.press({!r})"""
"""What a button runs. It stands in the script itself, so that a script opens and answers where the tool is missing."""


def button(name: str, label: str, tooltip: str, newline: bool = False) -> Facts:
    """A button of the panel; `name` is a key of buttons.ACTIONS."""
    return {
        "name": "vfxai_" + name,
        "class": "PyScript_Knob",
        "label": label,
        "tooltip": tooltip,
        "command": BUTTON.format(name),
        "flags": ["STARTLINE"] if newline else [],
    }


def text(name: str, label: str, tooltip: str, default: str = "", hidden: bool = False) -> Facts:
    """A line of text; hidden ones are the Group's memory, kept in the script."""
    flags = ["INVISIBLE", "NO_ANIMATION"] if hidden else ["NO_ANIMATION"]
    return {
        "name": "vfxai_" + name,
        "class": "String_Knob",
        "label": label,
        "tooltip": tooltip,
        "default": default,
        "flags": flags,
    }


def tab(name: str, label: str) -> Facts:
    """A tab; the knobs that follow are on it."""
    return {"name": "vfxai_tab_" + name, "class": "Tab_Knob", "label": label}


def line(name: str) -> Facts:
    """A line across the panel."""
    return {"name": "vfxai_line_" + name, "class": "Text_Knob", "label": ""}


def choice(name: str, label: str, values: list[str], tooltip: str) -> Facts:
    """One of several words."""
    return {
        "name": "vfxai_" + name,
        "class": "Enumeration_Knob",
        "label": label,
        "values": values,
        "tooltip": tooltip,
        "flags": ["STARTLINE"],
    }


def shown(panel: Facts) -> list[Facts]:
    """What the first tab ends with."""
    keys = "Frames of the key input that a person made: 1001 1024. Empty: those that its Read has files of."
    return [
        *([text("keys", "Key frames", keys)] if any(i["kind"] == "keyframes" for i in panel["inputs"]) else []),
        line("render"),
        choice(
            "show", "Show", ["result", "preview", "live", "input"], "What the node hands on: its input where there is none of it."
        ),
        button("render", "Render", "Render the frames of the Render tab in the worker; Nuke stays usable.", True),
        button(
            "preview",
            "Preview frame",
            "Process the viewer's frame alone. What a node learns from the whole shot is learned from its neighbours only.",
        ),
        button("cancel", "Cancel", "Stop the render. Finished frames are kept and shown."),
        text("state", "State", "What is there, and whether it is still of this script."),
    ]


def render_tab() -> list[Facts]:
    """Where the result goes, which frames, and the options that all nodes share."""
    job = table()["job"]
    return [
        tab("render", "Render"),
        choice(
            "range",
            "Frames",
            ["input", "project", "custom"],
            "All frames of the input, those of them that the project covers, or those written beside.",
        ),
        text("frames", "Custom", "Frames for Custom: 1001-1048, 1001-1048x2, or 1001 1005 1009-1012."),
        {
            "name": "vfxai_output",
            "class": "File_Knob",
            "label": "Output",
            "tooltip": "Where the frames go, with %V for views and %04d for frames. Empty: beside the script, in a folder of the script's version.",
        },
        choice(
            "metadata",
            "Metadata",
            ["all metadata except input/*", "all metadata"],
            "What is written into frames that must be exported. input/* tells of the file that was read.",
        ),
        choice(
            "on_error",
            "Missing",
            ["checkerboard", "black", "nearest frame", "error"],
            "What is shown for frames that are not rendered yet.",
        ),
        *job,
        line("elsewhere"),
        button("folder", "Open folder", "Show the folder of the result.", True),
        button("reload", "Reload result", "Show the frames that lie at Output now, such as those of a farm."),
        button("recipe", "Save as recipe", "Write what this node does as a file for `vfxai run`."),
        choice("engine", "Farm", table()["engines"], "Engine of `vfxai farm --to`."),
        text("farm_options", "Farm options", "Further options of `vfxai farm`, such as --chunk 24 --submit.", "--submit"),
        button("farm", "Send to farm", "Export what must be exported and hand the recipe to `vfxai farm`."),
        button("live", "Preview live", "Process in the viewer through the OFX plug-in of vfxai, where it is installed."),
    ]


def info_tab(panel: Facts) -> list[Facts]:
    """What the node is, and the Group's memory."""
    models = ", ".join("{} ({})".format(m["id"], m["license"] or "licence unknown") for m in panel["models"]) or "none"
    facts = "{}<br><br>Models: {}<br>vfxai {}".format(panel["help"].replace("\n", "<br>"), models, table()["version"])
    return [
        tab("info", "Info"),
        {"name": "vfxai_about", "class": "Text_Knob", "label": "", "default": facts},
        text("facts", "Last render", "Device, time a frame, colour space and where it was found."),
        button("update", "Update node", "Add the knobs of this vfxai to a node of an older one.", True),
        text("id", "", "Id of the node.", panel["id"], hidden=True),
        text("version", "", "vfxai that made this Group.", table()["version"], hidden=True),
        text("inputs", "", "Names of the inputs, in order.", " ".join(i["name"] for i in panel["inputs"]), hidden=True),
        text("hash", "", "Of the script's part that the result was made of.", hidden=True),
        text("rendered", "", "Frames of the result.", hidden=True),
        {"name": "vfxai_has_result", "class": "Boolean_Knob", "label": "", "flags": ["INVISIBLE"]},
        {"name": "vfxai_has_preview", "class": "Boolean_Knob", "label": "", "flags": ["INVISIBLE"]},
        {"name": "vfxai_has_live", "class": "Boolean_Knob", "label": "", "flags": ["INVISIBLE"]},
    ]


def all_knobs(panel: Facts) -> list[Facts]:
    """Every knob of a Group in order, tabs included."""
    return [tab("node", panel["title"]), *panel["knobs"], *shown(panel), *render_tab(), *info_tab(panel)]
