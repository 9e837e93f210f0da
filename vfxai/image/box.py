"""Windows in pixels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A window in pixels; x and y may be negative, y points down."""

    x: int
    y: int
    width: int
    height: int
