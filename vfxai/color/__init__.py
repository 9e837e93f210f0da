"""Colour spaces and encodings."""
