"""What a file says of its colour space is never taken for no word at all."""

from pathlib import Path

import numpy as np
import pytest

from vfxai.color.config import PRIMARIES, Config, SpaceChoice, find_config, shipped_config
from vfxai.errors import ColorSpaceError

PUBLIC = [
    "lin_ap1_scene",
    "lin_ap0_scene",
    "lin_rec709_scene",
    "lin_p3d65_scene",
    "lin_rec2020_scene",
    "lin_adobergb_scene",
    "lin_ciexyzd65_scene",
    "srgb_rec709_scene",
    "g22_rec709_scene",
    "g18_rec709_scene",
    "srgb_ap1_scene",
    "g22_ap1_scene",
    "srgb_p3d65_scene",
    "g22_adobergb_scene",
    "data",
    "srgb_rec709_display",
    "g24_rec709_display",
    "srgb_p3d65_display",
    "srgbe_p3d65_display",
    "pq_p3d65_display",
    "pq_rec2020_display",
    "hlg_rec2020_display",
    "g22_rec709_display",
    "g22_adobergb_display",
    "g26_p3d65_display",
    "g26_xyzd65_display",
    "pq_xyzd65_display",
    "lin_rec709_display",
    "lin_p3d65_display",
    "lin_rec2020_display",
]
"""The ids of the Color Interop Forum (github.com/AcademySoftwareFoundation/ColorInterop), but for "unknown"."""
EXR = Path("a.exr")


@pytest.fixture(scope="module")
def config() -> Config:
    return find_config(str(shipped_config()))


@pytest.mark.parametrize("label", PUBLIC)
def test_the_shipped_config_knows_all_public_ids(config: Config, label: str) -> None:
    choice = config.space(EXR, {"colorInteropID": label})
    assert choice.stated and choice.origin == f"attribute colorInteropID {label!r}"


@pytest.mark.parametrize("attribute", ["colorInteropID", "oiio:ColorSpace", "colorspace"])
@pytest.mark.parametrize("label", ["unknown", "myshow:lin_plate_scene", "Sony XYZ log"])
def test_a_label_that_the_config_has_not_is_refused_with_the_label(config: Config, attribute: str, label: str) -> None:
    with pytest.raises(ColorSpaceError) as caught:
        config.space(EXR, {attribute: label, "chromaticities": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.329)})
    assert label in caught.value.message and attribute in caught.value.message and str(EXR) in caught.value.message
    assert "--ocio" in caught.value.remedy and "--colorspace" in caught.value.remedy
    assert config.space(EXR, {attribute: label}, "ACEScg").name == "ACEScg", "the remedy works"


def test_a_space_is_known_by_its_public_id_in_any_config(tmp_path: Path) -> None:
    import PyOpenColorIO as ocio

    raw = ocio.Config.CreateFromStream(ocio.Config.CreateRaw().serialize())
    space = ocio.ColorSpace(ocio.REFERENCE_SPACE_SCENE, "show lin")
    space.setInteropID("myshow:lin_plate_scene")
    raw.addColorSpace(space)
    raw.setVersion(2, 5)
    (tmp_path / "c.ocio").write_text(raw.serialize())
    studio = Config(str(tmp_path / "c.ocio"), "test")
    assert studio.space(EXR, {"colorInteropID": "myshow:lin_plate_scene"}).name == "show lin"


STATED = (EXR, SpaceChoice("ACEScct", "--colorspace", True))
SAID = (EXR, SpaceChoice("ACEScct", "attribute colorInteropID", True))
RULE = (EXR, SpaceChoice("Linear Rec.709 (sRGB)", "file rule 'exr' of the config", False))
LABEL = {"colorInteropID": "lin_ap1_scene"}


@pytest.mark.parametrize(
    ("name", "attributes", "plate", "option", "taken"),
    [
        ("key.exr", {}, STATED, None, "ACEScct"),
        ("key.tif", {}, STATED, None, "ACEScct"),
        ("key.exr", LABEL, STATED, None, "ACEScg"),
        ("key.exr", {}, STATED, "lin_rec709", "Linear Rec.709 (sRGB)"),
        ("key.exr", LABEL, SAID, "lin_rec709", "Linear Rec.709 (sRGB)"),
        ("key.exr", {}, SAID, None, "ACEScct"),
        ("key.tif", {}, SAID, None, "sRGB Encoded Rec.709 (sRGB)"),
        ("key.exr", {}, RULE, None, "Linear Rec.709 (sRGB)"),
    ],
)
def test_what_lies_beside_a_plate_takes_the_space_stated_for_it(
    config: Config, name: str, attributes: dict[str, str], plate: tuple[Path, SpaceChoice], option: str | None, taken: str
) -> None:
    choice = config.space_beside(Path(name), attributes, plate, option)
    assert choice.name == taken
    assert choice.stated == bool(option or attributes)


@pytest.mark.parametrize(
    ("text", "said"),
    [("nonsense: [", "line 1, column 1"), ("ocio_profile_version: 9\n", "version 9"), ("", "no OpenColorIO config")],
)
def test_a_broken_config_is_told_in_words_of_ours(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "c.ocio").write_text(text)
    with pytest.raises(ColorSpaceError) as caught:
        find_config(str(tmp_path / "c.ocio"))
    assert said in caught.value.message and "c.ocio" in caught.value.message and "yaml-cpp" not in caught.value.message


SPACES = {"lin_rec709": "Linear Rec.709 (sRGB)", "lin_ap1": "ACEScg", "aces2065_1": "ACES2065-1"}


@pytest.mark.parametrize(("known", "name"), SPACES.items())
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_chromaticities_are_numbers_however_they_are_printed(config: Config, known: str, name: str, kind: type) -> None:
    stored = tuple(np.array(PRIMARIES[known], kind).tolist())  # 0.0001 as a float is 9.9999997e-05
    assert config.space(EXR, {"chromaticities": stored}).name == name


def test_chromaticities_that_nobody_knows_are_told_as_numbers(config: Config) -> None:
    with pytest.raises(ColorSpaceError) as caught:
        config.space(EXR, {"chromaticities": (0.5, 0.25, 0.0, 1.0, 9.9999997e-05, -0.077, 0.3, 0.3)})
    assert "'0.5 0.25 0 1 0.0001 -0.077 0.3 0.3'" in caught.value.message


@pytest.mark.parametrize(
    ("attributes", "space", "says"),
    [
        ({"chromaticities": PRIMARIES["lin_ap1"]}, "Linear Rec.709 (sRGB)", "its chromaticities are those of ACEScg"),
        ({"chromaticities": PRIMARIES["lin_ap1"]}, "ACEScg", ""),
        ({"chromaticities": PRIMARIES["lin_ap1"]}, "ACEScct", ""),
        ({"acesImageContainerFlag": 1}, "ACEScg", "its acesImageContainerFlag says ACES2065-1"),
        ({"acesImageContainerFlag": 1}, "ACES2065-1", ""),
        ({}, "ACEScg", ""),
    ],
)
def test_what_goes_against_a_space_is_told(config: Config, attributes: dict[str, object], space: str, says: str) -> None:
    assert config.conflict(attributes, space) == says


def test_a_config_is_known_by_what_it_holds_wherever_it_lies(tmp_path: Path) -> None:
    import PyOpenColorIO as ocio

    raw = ocio.Config.CreateFromStream(ocio.Config.CreateRaw().serialize())
    space = ocio.ColorSpace(ocio.REFERENCE_SPACE_SCENE, "log")
    group = ocio.GroupTransform([ocio.FileTransform("log.spi1d"), ocio.FileTransform("gone.spi1d")])
    space.setTransform(group, ocio.COLORSPACE_DIR_TO_REFERENCE)
    raw.addColorSpace(space)
    made = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        (folder / "c.ocio").write_text(raw.serialize())
        (folder / "log.spi1d").write_text("Version 1")
        made.append(Config(str(folder / "c.ocio"), "test"))
    assert made[0].digest == made[1].digest != find_config(str(shipped_config())).digest
    assert [c.files for c in made] == [[tmp_path / "one/log.spi1d"], [tmp_path / "other/log.spi1d"]]
    (tmp_path / "other/c.ocio").write_text(raw.serialize() + "\n# another")
    assert Config(str(tmp_path / "other/c.ocio"), "test").digest != made[0].digest
    assert len(Config("ocio://default", "test").digest) == 64
