"""vfxai: trained image restoration for visual effects, on EXR plates.

    clip = vfxai.open_clip("plate.####.exr")
    clean = vfxai.apply(clip, "denoise", strength=0.8)
    pixels = vfxai.pixels(clean[1001])            # (H, W, 3 or 4) float32 numpy array
    vfxai.write(clean, "out/plate.####.exr")

Nothing heavy is imported until it is used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["Recipe", "apply", "open_clip", "pixels", "run", "write"]

_PLACES = {
    "Recipe": "vfxai.engine.recipe",
    "apply": "vfxai.engine.script",
    "open_clip": "vfxai.engine.script",
    "pixels": "vfxai.engine.script",
    "run": "vfxai.engine.run",
    "write": "vfxai.engine.script",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'vfxai' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
