"""Frames, files and sequences."""
