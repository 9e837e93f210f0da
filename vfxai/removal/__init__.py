"""What stands in the way: wires found, and the background behind what is hidden.

Pictures are float32 tensors (3, H, W) in display-like values, about 0..1; what is hidden is (1, H, W), 1 where a pixel is covered.
Paths of wires are float64 arrays (N, 2), x and y in pixels; responses of line filters are float32 arrays (H, W) in units of their noise.
"""
