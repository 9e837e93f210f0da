import numpy as np
import OpenEXR
import pytest

from vfxai.image.channels import Kind, by_spelling, kind_of, told_by, words
from vfxai.image.exr_stored import kinds_of

DATA = """N Nn normals world_normal P Pref WorldPosition worldPointPass Z zdepth depth.Z_linear ID objectId material_id matteID VRayRenderID
    motionvector velocity MV uv UVW st crypto_asset VRayCryptomatte00 uCryptoAsset CryptoPreview IndexOB disparityL pointCloud NormalsXYZ"""
COLOR = (
    "diffuse DiffCol specular_direct albedo beauty rgba C light00 key_light LightGroup_rim sss RefractionRaw AO mattes00 Denoised"
)
UNKNOWN = "aov1 mist foo shot_stuff LPE_7 kitchen"


@pytest.mark.parametrize(("names", "kinds"), [(DATA, {Kind.DATA}), (COLOR, {Kind.COLOR, Kind.BEAUTY}), (UNKNOWN, {Kind.UNKNOWN})])
def test_what_a_layer_holds_is_told_by_its_name_and_not_guessed(names: str, kinds: set[Kind]) -> None:
    assert {n: kind_of(n) for n in names.split() if kind_of(n) not in kinds} == {}
    assert {n: kind_of(f"View 1.{n}") for n in names.split() if kind_of(f"View 1.{n}") not in kinds} == {}


def test_names_are_taken_apart_where_people_part_them() -> None:
    assert words("WorldPosition_02") == ["world", "position"]
    assert words("objectID") == ["object", "id"]


def test_a_header_tells_cryptomattes_and_views() -> None:
    told = told_by([{"cryptomatte/1a2b3c4/name": "mattes", "multiView": ["left", "right"]}])
    assert told.kind("mattes00") is Kind.DATA
    assert told.kind("mattes") is Kind.COLOR
    assert told.kind("right") is Kind.BEAUTY
    assert told.kind("N.right") is Kind.DATA


def test_names_that_differ_in_capitals_only_are_kept_apart_by_spelling() -> None:
    assert by_spelling(["R", "g", "b"]) == [{"r": "R", "g": "g", "b": "b"}]
    assert by_spelling(["B", "G", "R", "a", "r"]) == [{"b": "B", "g": "G", "r": "R"}, {"a": "a", "r": "r"}]
    assert by_spelling(["one.R", "two.R"]) == [{"r": "one.R"}, {"r": "two.R"}]


def test_no_channel_is_overlooked_whatever_its_capitals() -> None:
    """Of a pair such as R and r one had no kind at all, and ids beside colours of other capitals were blended."""
    picture = np.random.default_rng(0).random((32, 32)).astype(np.float32)
    ids = np.repeat(np.float32([[3e-20], [7e12]]), 16, axis=0).repeat(32, axis=1)
    planes = {
        **dict.fromkeys(("R", "G", "B", "r", "Diffuse.R", "diffuse.R", "Depth.Z", "depth.z", "depth.R", "DEPTH.G"), picture),
        "spec.R": picture, "spec.r": ids, "Foo.R": picture, "foo.r": ids, "crypto_a.R": ids, "Light.R": picture, "light.G": picture,
    }  # fmt: skip
    part = OpenEXR.File({"type": OpenEXR.scanlineimage}, planes).parts[0]
    kinds = kinds_of(part, told_by([]))
    assert set(kinds) == set(planes)
    assert {kinds[n] for n in ("R", "G", "B", "r")} == {Kind.BEAUTY}
    assert {kinds[n] for n in ("Diffuse.R", "diffuse.R", "Light.R", "light.G")} == {Kind.COLOR}
    data = ("Depth.Z", "depth.z", "depth.R", "DEPTH.G", "spec.R", "spec.r", "Foo.R", "foo.r", "crypto_a.R")
    assert {kinds[n] for n in data} == {Kind.DATA}
