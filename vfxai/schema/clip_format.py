"""What is known of a clip before its first frame is read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClipFormat:
    """Facts that all frames of a clip share. Data windows are not among them: those may change from frame to frame."""

    width: int
    """Of the display window, in pixels."""
    height: int
    pixel_aspect: float = 1.0
    """Width of a pixel divided by its height."""
    rate: float | None = None
    """Frames per second; None where nobody says, or where it shows only when the shot was looked at."""
    colorspace: str = ""
    """Name in the colour config in use; "" where nobody says."""
