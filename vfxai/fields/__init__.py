"""What the fields of a shot are: combing, places in time, field order, cadence.

Frames are float32 tensors (C, H, W) in display-like values, about 0..1, of which the even rows are the top field.
A field is (C, H/2, W), the rows of one time. Numbers of blocks, shares and powers are those of such values.
"""
