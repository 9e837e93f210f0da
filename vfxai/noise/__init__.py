"""Noise: measure, even out, find impulses."""
