"""Motion between frames.

Pictures are float32 tensors (C, H, W) of one size, display-like unless something else is said, on any device.
A flow is (2, H, W) float32: x, then y, in pixels, from a pixel of a frame to where its content lies in another.
Results lie on the device of what they are made of.
"""
