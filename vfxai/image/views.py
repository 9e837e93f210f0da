"""Views of stereo plates that lie in files of their own: %V stands for a view's name in a pattern, %v for its first letter, as Nuke has it."""

import glob
import re

from vfxai.image.sequence import TOKEN

VIEW = re.compile(r"%[Vv]")
FIRST = ("left", "l", "main")
"""Views that are made before the others."""


def has_views(text: str) -> bool:
    """Whether a pattern has a place for a view."""
    return VIEW.search(text) is not None


def of_view(text: str, view: str) -> str:
    """The pattern of a view."""
    return text.replace("%V", view).replace("%v", view[:1])


def views_on_disk(text: str) -> tuple[str, ...]:
    """Names of the views of which a pattern has files, left first; letters where it has only %v."""
    wild, exact = _searched(text)
    files = glob.iglob(wild)  # noqa: PTH207  # a Path has no way to say which characters are meant as they stand
    matches = [match for match in map(re.compile(exact).fullmatch, files) if match]
    found = {match["V"] if "%V" in text else match["v"] for match in matches if _agree(match.groupdict())}
    return tuple(sorted(found, key=lambda view: (view not in FIRST, view)))


def _searched(text: str) -> tuple[str, str]:
    """A pattern for glob that finds the files of all views and frames, and the regular expression that tells their views."""
    name = text.rfind("/") + 1
    places = [(m.start(), m.end(), m[0]) for m in VIEW.finditer(text)]
    places += [(name + m.start(), name + m.end(), "") for m in TOKEN.finditer(text[name:]) if not m["escape"]]
    wild, exact, at = "", "", 0
    for start, end, view in sorted(places):
        wild += glob.escape(text[at:start]) + "*"
        exact += re.escape(text[at:start])
        if not view:
            exact += "-?[0-9]+"
        elif f"(?P<{view[1]}>" in exact:
            exact += f"(?P={view[1]})"
        else:
            exact += f"(?P<{view[1]}>[A-Za-z0-9]{'+' if view == '%V' else ''})"
        at = end
    return wild + glob.escape(text[at:]), exact + re.escape(text[at:])


def _agree(found: dict[str, str]) -> bool:
    """Whether the letter is the first of the name, where both are there."""
    return "V" not in found or "v" not in found or found["V"][:1] == found["v"]
