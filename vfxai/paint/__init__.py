"""Colours painted on a few frames, brought to all of a shot.

Pictures are float32 tensors in display-like values: luminance (1, H, W) about 0..1, chroma (3, H, W) around 0.
Chroma is colour less luminance (vfxai.color.luminance). Confidence and trust are (1, H, W) in 0..1. Small letters, (1, h, w), are the size at which
motion and colour are worked out (vfxai.paint.size).
"""
