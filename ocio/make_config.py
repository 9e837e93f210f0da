"""Writes ocio/config.ocio: OpenColorIO's built-in ACES CG config with video and camera spaces added. Run it from the repository root.

The file is the same bytes on every machine: matrices are worked out in exact fractions of the published decimals and then rounded to DIGITS.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import PyOpenColorIO as ocio

BASE = "cg-config-v4.0.0_aces-v2.0_ocio-v2.5"
D65 = (0.3127, 0.3290)
D60 = (0.32168, 0.33767)
AP0 = ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.0770))
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
VIDEO = {
    "Rec.601 PAL": (
        "rec601_pal",
        ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
        "625-line television, EBU primaries (ITU-R BT.601)",
    ),
    "Rec.601 NTSC": (
        "rec601_ntsc",
        ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
        "525-line television, SMPTE-C primaries (ITU-R BT.601)",
    ),
    "Rec.709": ("rec709", ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), "high-definition television (ITU-R BT.709)"),
}
CAMERAS = {
    "ARRI LogC3 (EI800)": ("arri_logc3", "ARRI_ALEXA-LOGC-EI800-AWG_to_ACES2065-1"),
    "ARRI LogC4": ("arri_logc4", "ARRI_LOGC4_to_ACES2065-1"),
    "Sony S-Log3 S-Gamut3": ("slog3_sgamut3", "SONY_SLOG3-SGAMUT3_to_ACES2065-1"),
    "Sony S-Log3 S-Gamut3.Cine": ("slog3_sgamut3cine", "SONY_SLOG3-SGAMUT3.CINE_to_ACES2065-1"),
    "RED Log3G10 REDWideGamutRGB": ("log3g10_rwg", "RED_LOG3G10-RWG_to_ACES2065-1"),
    "Canon Log 2 CinemaGamut": ("clog2_cgamut", "CANON_CLOG2-CGAMUT_to_ACES2065-1"),
    "Canon Log 3 CinemaGamut": ("clog3_cgamut", "CANON_CLOG3-CGAMUT_to_ACES2065-1"),
    "Panasonic V-Log V-Gamut": ("vlog_vgamut", "PANASONIC_VLOG-VGAMUT_to_ACES2065-1"),
    "Apple Log": ("apple_log", "APPLE_LOG_to_ACES2065-1"),
    "ADX10": ("adx10", "ADX10_to_ACES2065-1"),
    "ADX16": ("adx16", "ADX16_to_ACES2065-1"),
}


DIGITS = 12
"""Decimals of a matrix entry; OpenColorIO writes 15 significant digits and computes with the 7 of single floats."""

Matrix = list[list[Fraction]]


def exact(number: float) -> Fraction:
    """The decimal as it is written here, 0.3127 and not the binary number nearest to it."""
    return Fraction(Decimal(repr(number)))


def times(left: Matrix, right: Matrix) -> Matrix:
    """Product of two matrices."""
    return [
        [sum((a * b for a, b in zip(row, column, strict=True)), Fraction()) for column in zip(*right, strict=True)]
        for row in left
    ]


def inverse(m: Matrix) -> Matrix:
    """Inverse of a 3x3 matrix, by cofactors."""

    def cofactor(row: int, column: int) -> Fraction:
        (a, b), (c, d) = ([m[(row + i) % 3][(column + j) % 3] for j in (1, 2)] for i in (1, 2))
        return a * d - b * c

    determinant = sum((m[0][c] * cofactor(0, c) for c in range(3)), Fraction())
    return [[cofactor(c, r) / determinant for c in range(3)] for r in range(3)]


def scaled(m: Matrix, gains: Sequence[Fraction]) -> Matrix:
    """Each column times its gain."""
    return [[value * gain for value, gain in zip(row, gains, strict=True)] for row in m]


def white_xyz(white: tuple) -> Matrix:
    """XYZ, as a column, of a white given as xy."""
    x, y = map(exact, white)
    return [[x / y], [Fraction(1)], [(1 - x - y) / y]]


def to_xyz(primaries: tuple, white: tuple) -> Matrix:
    """RGB to XYZ of primaries and white given as xy (SMPTE RP 177)."""
    columns = [list(row) for row in zip(*([v for (v,) in white_xyz(xy)] for xy in primaries), strict=True)]
    return scaled(columns, [gain for (gain,) in times(inverse(columns), white_xyz(white))])


def bradford(source: tuple, target: tuple) -> Matrix:
    """Chromatic adaptation between two whites given as xy (Lam, 1985)."""
    cone = [[exact(v) for v in row] for row in BRADFORD]
    before, after = (times(cone, white_xyz(white)) for white in (source, target))
    return times(scaled(inverse(cone), [a / b for (a,), (b,) in zip(after, before, strict=True)]), cone)


def to_aces(primaries: tuple) -> list[float]:
    """RGB with white D65 to ACES2065-1, as the 16 numbers of a MatrixTransform."""
    matrix = times(inverse(to_xyz(AP0, D60)), times(bradford(D65, D60), to_xyz(primaries, D65)))
    rows = [[float(round(v, DIGITS)) for v in row] + [0.0] for row in matrix]
    return [v for row in rows for v in row] + [0.0, 0.0, 0.0, 1.0]


def video_space(name: str, alias: str, primaries: tuple, about: str, curve: ocio.Transform) -> ocio.ColorSpace:
    """A video space from its curve to linear and its primaries."""
    group = ocio.GroupTransform([curve, ocio.MatrixTransform(to_aces(primaries))])
    space = ocio.ColorSpace(ocio.REFERENCE_SPACE_SCENE, name, [alias], "Video", "sdr-video", description=about)
    space.setTransform(group, ocio.COLORSPACE_DIR_TO_REFERENCE)
    return space


def make() -> str:
    """The config as text."""
    config = ocio.Config.CreateFromStream(ocio.Config.CreateFromBuiltinConfig(BASE).serialize())
    config.setName("vfxai-v1_" + BASE)
    for name, (alias, primaries, about) in VIDEO.items():
        camera = ocio.ExponentWithLinearTransform([1 / 0.45] * 3 + [1], [0.099] * 3 + [0], ocio.NEGATIVE_LINEAR)
        config.addColorSpace(
            video_space(f"{name} Camera", f"{alias}_camera", primaries, f"{about}, scene-referred camera curve", camera)
        )
        if name != "Rec.709":  # the base config has "Gamma 2.4 Encoded Rec.709"
            monitor = ocio.ExponentTransform([2.4, 2.4, 2.4, 1], ocio.NEGATIVE_MIRROR)
            config.addColorSpace(
                video_space(
                    f"Gamma 2.4 Encoded {name}", f"g24_{alias}", primaries, f"{about}, as a monitor shows it (BT.1886)", monitor
                )
            )
    for name, (alias, builtin) in CAMERAS.items():
        space = ocio.ColorSpace(
            ocio.REFERENCE_SPACE_SCENE, name, [alias], "Camera", "log", description=f"{builtin} of OpenColorIO"
        )
        space.setTransform(ocio.BuiltinTransform(builtin), ocio.COLORSPACE_DIR_TO_REFERENCE)
        config.addColorSpace(space)
    rules = ocio.FileRules()
    for number, extension in enumerate(("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff")):
        rules.insertRule(number, extension, "sRGB Encoded Rec.709 (sRGB)", "*", extension)
    rules.insertRule(0, "exr", "Linear Rec.709 (sRGB)", "*", "exr")
    rules.setDefaultRuleColorSpace("Raw")
    config.setFileRules(rules)
    config.validate()
    return config.serialize()


if __name__ == "__main__":
    (Path(__file__).parent / "config.ocio").write_text(make(), encoding="utf-8")
