"""Measures vfxai beside its peers, and sequences against each other."""
