import pytest
import torch

from vfxai.color import chunked
from vfxai.color.config import find_config
from vfxai.color.curves import perceptual_curve, perceptual_inverse
from vfxai.color.luminance import LUMAS, Luminance

REC709 = LUMAS["rec709"]


def test_weights_follow_the_primaries_of_the_space() -> None:
    config = find_config()
    assert config.luminance("lin_rec709").weights == REC709
    assert config.luminance("lin_rec2020").weights == (0.2627, 0.6780, 0.0593)
    assert config.luminance("lin_ap1").weights == pytest.approx((0.27223, 0.67408, 0.05369), abs=1e-5)
    assert config.luminance("lin_rec709").linear
    assert not config.luminance("sRGB Encoded Rec.709 (sRGB)").linear


@pytest.mark.parametrize("linear", [True, False])
def test_colours_leave_the_luminance_as_it_is(linear: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    luminance = Luminance(REC709, linear)
    plate = torch.linspace(-2, 6, 4000).reshape(1, 40, 100)
    chroma = torch.randn(3, 40, 100, generator=generator) * 0.4
    colored = luminance.colored(plate, chroma)
    scale = plate.abs() + colored.abs().amax(0)
    assert ((luminance.of(colored) - plate).abs() <= 1e-5 * scale + 1e-5).all()
    assert colored.isfinite().all()
    assert (colored.amin(0) >= plate[0].clamp_max(0) - 1e-6).all(), "nothing is more negative than the plate"
    assert ((colored - plate).abs().amax(0)[plate[0] <= 0] < 1e-6).all(), "what is not light has no colour"
    if not linear:
        assert (colored.amax(0) <= plate[0].clamp_min(1) + 1e-6).all()


def test_light_is_kept_to_half_rounding_in_a_scene_linear_plate() -> None:
    light = torch.logspace(-4, 4, 600).reshape(1, 20, 30)
    luminance = Luminance(REC709, True)
    colored = perceptual_inverse(
        luminance.colored(perceptual_curve(light), torch.full((3, 20, 30), 0.1) * torch.tensor([1, 0, -2])[:, None, None])
    )
    stored = colored.half().double()
    kept = sum(w * plane for w, plane in zip(REC709, stored, strict=True))
    assert ((kept - light[0].double()).abs() <= 2**-11 * light[0] + 1e-7).all()
    assert (colored[0] > colored[2]).all(), "highlights keep their hue"


def test_chroma_and_luminance_give_the_picture_back() -> None:
    picture = torch.rand(3, 8, 9, generator=torch.Generator().manual_seed(1))
    for luminance in (Luminance(REC709, False), Luminance(REC709, True)):
        back = luminance.colored(luminance.of(picture), luminance.chroma(picture))
        assert torch.allclose(back, picture, atol=2e-5)


@pytest.mark.parametrize("linear", [True, False])
def test_chunks_make_no_difference(linear: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(2)
    picture, chroma = torch.rand(3, 37, 53, generator=generator) * 2, torch.randn(3, 37, 53, generator=generator) * 0.2
    luminance = Luminance(REC709, linear)
    whole = luminance.of(picture), luminance.colored(luminance.of(picture), chroma)
    monkeypatch.setattr(chunked, "CHUNK_PIXELS", 64)
    parts = luminance.of(picture), luminance.colored(luminance.of(picture), chroma)
    assert all(torch.allclose(a, b, rtol=0, atol=1e-6) for a, b in zip(whole, parts, strict=True))
