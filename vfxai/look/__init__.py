"""Looks: colour transforms fitted to graded frames or to other footage, smooth, monotone and defined for all half values.

Colours are float32 tensors with R, G, B as their last axis, (K, 3) or (..., 3), in the values that the plate stores, unbounded.
"As seen" are the same on a scale even to the eye, 0 black and 1 white (vfxai.look.scale).
"""
