"""Colour spaces and encodings.

Colour is float32 tensors (3, H, W), or (1, H, W) for gray; functions of single values take any shape.
Values are unbounded, negative ones and those above 1 included. What goes through a conversion is not multiplied by alpha.
Exceptions are said where they are.
"""
