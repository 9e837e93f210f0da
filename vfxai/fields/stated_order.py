"""The field order that a file states."""

from collections.abc import Mapping
from typing import Any

TOP_WORDS = frozenset(
    {"top", "tff", "upper", "tt", "tb", "odd", "top field first", "upper field first", "top first", "upper first"}
)
BOTTOM_WORDS = frozenset(
    {"bottom", "bff", "lower", "bb", "bt", "even", "bottom field first", "lower field first", "bottom first", "lower first"}
)


def stated_order(attributes: Mapping[str, Any]) -> str:
    """The field order that a file's attributes name: top, bottom or "". FFmpeg's, QuickTime's and editors' words are known."""
    for name, value in attributes.items():
        if "field" in name.lower() and ("order" in name.lower() or "dominance" in name.lower()):
            word = str(value).strip().lower().replace("_", " ").replace("-", " ")
            if word in TOP_WORDS:
                return "top"
            if word in BOTTOM_WORDS:
                return "bottom"
    return ""
