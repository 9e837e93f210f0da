"""How far pictures and sequences are from each other.

Pictures are float32 arrays (H, W, C), rows from top to bottom, in the values that are compared: 0..1 where full scale is 1, unbounded else.
"""
