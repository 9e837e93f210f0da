import pytest

from vfxai.image.channels import Kind, kind_of, told_by, words

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
