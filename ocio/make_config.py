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
    "ARRI LogC3 (EI800)": ("arri_logc3", "arrilogc3_awg3", "ARRI_ALEXA-LOGC-EI800-AWG_to_ACES2065-1"),
    "ARRI LogC4": ("arri_logc4", "arrilogc4_awg4", "ARRI_LOGC4_to_ACES2065-1"),
    "Sony S-Log3 S-Gamut3": ("slog3_sgamut3", "slog3_sgamut3", "SONY_SLOG3-SGAMUT3_to_ACES2065-1"),
    "Sony S-Log3 S-Gamut3.Cine": ("slog3_sgamut3cine", "slog3_sgamut3cine", "SONY_SLOG3-SGAMUT3.CINE_to_ACES2065-1"),
    "RED Log3G10 REDWideGamutRGB": ("log3g10_rwg", "redlog3g10_rwg", "RED_LOG3G10-RWG_to_ACES2065-1"),
    "Canon Log 2 CinemaGamut": ("clog2_cgamut", "canonlog2_cgamutd55", "CANON_CLOG2-CGAMUT_to_ACES2065-1"),
    "Canon Log 3 CinemaGamut": ("clog3_cgamut", "canonlog3_cgamutd55", "CANON_CLOG3-CGAMUT_to_ACES2065-1"),
    "Panasonic V-Log V-Gamut": ("vlog_vgamut", "vlog_vgamut", "PANASONIC_VLOG-VGAMUT_to_ACES2065-1"),
    "Apple Log": ("apple_log", "applelog_rec2020", "APPLE_LOG_to_ACES2065-1"),
    "ADX10": ("adx10", "adx10_apd", "ADX10_to_ACES2065-1"),
    "ADX16": ("adx16", "adx16_apd", "ADX16_to_ACES2065-1"),
}
"""Name -> alias, id of OpenColorIO's studio config (ocio:..._scene), built-in transform."""
ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
LINEAR_DISPLAYS = {
    "Linear Rec.709 - Display-referred": ("lin_rec709_display", ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))),
    "Linear P3-D65 - Display-referred": ("lin_p3d65_display", ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))),
    "Linear Rec.2020 - Display-referred": ("lin_rec2020_display", ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
}
BUILTIN_DISPLAYS = {
    "Rec.2100-HLG - Display": ("hlg_rec2020_display", "REC.2100-HLG-1000nit", "hdr-video"),
    "Rec.1886 Rec.2020 - Display": ("g24_rec2020_display", "REC.1886-REC.2020 - MIRROR NEGS", "sdr-video"),
    "DCDM G2.6-XYZ-D65 - Display": ("g26_xyzd65_display", "DCDM-D65", "sdr-video"),
    "DCDM ST2084-XYZ-D65 - Display": ("pq_xyzd65_display", "ST2084-DCDM-D65", "hdr-video"),
}
"""Name -> public id (Color Interop Forum), built-in transform from CIE XYZ, encoding."""
MORE_ALIASES = {"Display P3 HDR - Display": "srgbx_p3d65_display", "Rec.709 Camera": "ocio:itu709_rec709_scene"}
"""Public ids under which files may be labelled that the base config does not list as names."""


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
    return entries(times(inverse(to_xyz(AP0, D60)), times(bradford(D65, D60), to_xyz(primaries, D65))))


def entries(matrix: Matrix) -> list[float]:
    """The 16 numbers of a MatrixTransform, rounded."""
    rows = [[float(round(v, DIGITS)) for v in row] + [0.0] for row in matrix]
    return [v for row in rows for v in row] + [0.0, 0.0, 0.0, 1.0]


def video_space(name: str, alias: str, primaries: tuple, about: str, curve: ocio.Transform) -> ocio.ColorSpace:
    """A video space from its curve to linear and its primaries."""
    group = ocio.GroupTransform([curve, ocio.MatrixTransform(to_aces(primaries))])
    space = ocio.ColorSpace(ocio.REFERENCE_SPACE_SCENE, name, [alias], "Video", "sdr-video", description=about)
    space.setTransform(group, ocio.COLORSPACE_DIR_TO_REFERENCE)
    return space


def display_space(name: str, interop: str, encoding: str, from_xyz: ocio.Transform) -> ocio.ColorSpace:
    """A display-referred space from its transform of CIE XYZ (D65)."""
    about = f"{interop} of the Color Interop Forum"
    space = ocio.ColorSpace(ocio.REFERENCE_SPACE_DISPLAY, name, [interop], "Display", encoding, description=about)
    space.setInteropID(interop)
    space.setTransform(from_xyz, ocio.COLORSPACE_DIR_FROM_REFERENCE)
    return space


def displays() -> list[ocio.ColorSpace]:
    """The display-referred spaces that have a public id and that the base config lacks."""
    found = []
    for name, (interop, builtin, encoding) in BUILTIN_DISPLAYS.items():
        found.append(display_space(name, interop, encoding, ocio.BuiltinTransform(f"DISPLAY - CIE-XYZ-D65_to_{builtin}")))
    for name, (interop, primaries) in LINEAR_DISPLAYS.items():
        matrix = ocio.MatrixTransform(entries(inverse(to_xyz(primaries, D65))))
        found.append(display_space(name, interop, "display-linear", matrix))
    curve = ocio.ExponentTransform([563 / 256] * 3 + [1], ocio.NEGATIVE_MIRROR, ocio.TRANSFORM_DIR_INVERSE)
    adobe = ocio.GroupTransform([ocio.MatrixTransform(entries(inverse(to_xyz(ADOBE_RGB, D65)))), curve])
    found.append(display_space("AdobeRGB - Display", "g22_adobergb_display", "sdr-video", adobe))
    return found


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
    for name, (alias, interop, builtin) in CAMERAS.items():
        about = f"{builtin} of OpenColorIO"
        names = [alias, f"ocio:{interop}_scene"]
        space = ocio.ColorSpace(ocio.REFERENCE_SPACE_SCENE, name, names, "Camera", "log", description=about)
        space.setInteropID(names[1])
        space.setTransform(ocio.BuiltinTransform(builtin), ocio.COLORSPACE_DIR_TO_REFERENCE)
        config.addColorSpace(space)
    for space in displays():
        config.addColorSpace(space)
    for name, alias in MORE_ALIASES.items():
        space = config.getColorSpace(name)
        space.addAlias(alias)
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
