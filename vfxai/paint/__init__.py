"""Colours painted on a few frames, brought to all of a shot."""
