"""File formats of looks by suffix; apart from what reads them, so that a declaration can name them and load nothing."""

READS = (".cube", ".clf", ".ctf", ".cdl", ".cc", ".ccc", ".csp", ".3dl", ".spi1d", ".spi3d", ".spimtx", ".vf")
LISTS = {".cdl": "ColorDecisionList", ".ccc": "ColorCorrectionCollection", ".cc": "ColorCorrection"}
"""Suffix -> OpenColorIO's name of a format that holds slope, offset, power and saturation only."""
WRITES = (".cube", ".clf", *LISTS)
