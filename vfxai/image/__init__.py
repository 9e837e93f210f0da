"""Frames, files and sequences.

Pictures are float32 tensors (C, H, W): R G B or one channel, rows from top to bottom.
They are unbounded, in the values and the colour space of their file, and premultiplied as it stores them.
Mattes and single channels are (1, H, W). A data window says where in the format the first pixel lies.
Exceptions are said where they are.
"""
