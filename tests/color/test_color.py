import subprocess
import sys
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
import torch

from vfxai.color.config import Config, find_config, shipped_config
from vfxai.color.curves import display_curve, display_inverse, log_curve, shoulder
from vfxai.color.encoding import decode, encode
from vfxai.errors import ColorSpaceError
from vfxai.schema.vocabulary import Encoding

ROOT = Path(__file__).resolve().parents[2]
BASE = "cg-config-v4.0.0_aces-v2.0_ocio-v2.5"


@pytest.fixture(scope="module")
def config() -> Config:
    return Config(str(shipped_config()), "test")


def every_half() -> np.ndarray:
    values = np.arange(65536, dtype=np.uint16).view(np.float16)
    return values[np.isfinite(values)]


@pytest.mark.parametrize("space", ["ACEScg", "Linear Rec.709 (sRGB)", "ACES2065-1"])
@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_half_value_survives_the_round_trip(config: Config, space: str, encoding: Encoding) -> None:
    halves = every_half()
    color = torch.from_numpy(halves.astype(np.float32)).reshape(1, 1, -1).repeat(3, 1, 1)
    encoded = encode(config, color, space, encoding)
    back = decode(config, encoded.pixels.clone(), encoded)[0, 0].numpy().astype(np.float16)
    order = np.argsort(np.argsort(halves.astype(np.float64), kind="stable"), kind="stable")
    with np.errstate(over="ignore"):  # there is no step beyond the largest half
        step = np.abs(np.spacing(halves.astype(np.float64).astype(np.float16)).astype(np.float64))
    assert (np.abs(back.astype(np.float64) - halves.astype(np.float64)) <= step * 1.001).all()
    assert len(order) == len(halves)


def test_the_log_curve_is_odd_monotonic_and_places_grey(config: Config) -> None:
    x = torch.linspace(-100, 100, 20001)
    y = log_curve(x)
    assert torch.allclose(y, -log_curve(-x))
    assert (y.diff() > 0).all()
    assert float(log_curve(torch.tensor(0.18))) == pytest.approx(0.4, abs=0.01)


def test_a_model_sees_display_values_within_one_and_changes_highlights_by_gain(config: Config) -> None:
    color = torch.tensor([0.02, 0.5, 1.0, 40.0, 3000.0]).reshape(1, 1, 5).repeat(3, 1, 1)
    encoded = encode(config, color, "ACEScg", Encoding.DISPLAY)
    assert float(encoded.pixels.abs().max()) <= 1
    brighter = decode(config, encoded.pixels * 0.99, encoded)
    assert (brighter < color).all()
    assert torch.allclose(brighter, color, rtol=0.05)
    assert torch.allclose(display_inverse(display_curve(color)), color, rtol=1e-5)
    assert (shoulder(torch.tensor([0.3, -0.7])) == torch.tensor([0.3, -0.7])).all()


def test_our_config_has_the_names_and_numbers_of_the_base_config(config: Config) -> None:
    base = ocio.Config.CreateFromBuiltinConfig(BASE)
    pixels = np.random.default_rng(0).uniform(-0.2, 8, (64, 3)).astype(np.float32)
    for space in base.getColorSpaces():
        if space.isData():
            continue
        for name in (space.getName(), *space.getAliases()):
            assert config.canonical(name) == space.getName()
        expected = pixels.copy()
        base.getProcessor("ACEScg", space.getName()).getDefaultCPUProcessor().applyRGB(expected)
        got = config.transform(torch.from_numpy(pixels.T.reshape(3, 64, 1).copy()), "ACEScg", space.getName())
        assert np.array_equal(got.numpy().reshape(3, 64).T, expected), space.getName()


@pytest.mark.parametrize(
    ("space", "builtin"),
    [
        ("ARRI LogC4", "ARRI_LOGC4_to_ACES2065-1"),
        ("Sony S-Log3 S-Gamut3.Cine", "SONY_SLOG3-SGAMUT3.CINE_to_ACES2065-1"),
        ("Panasonic V-Log V-Gamut", "PANASONIC_VLOG-VGAMUT_to_ACES2065-1"),
        ("RED Log3G10 REDWideGamutRGB", "RED_LOG3G10-RWG_to_ACES2065-1"),
        ("Canon Log 3 CinemaGamut", "CANON_CLOG3-CGAMUT_to_ACES2065-1"),
    ],
)
def test_camera_logs_are_ocios_own(config: Config, space: str, builtin: str) -> None:
    pixels = np.random.default_rng(0).uniform(0.05, 0.9, (64, 3)).astype(np.float32)
    expected = pixels.copy()
    raw = ocio.Config.CreateRaw()
    raw.getProcessor(ocio.BuiltinTransform(builtin)).getDefaultCPUProcessor().applyRGB(expected)
    got = config.transform(torch.from_numpy(pixels.T.reshape(3, 64, 1).copy()), space, "ACES2065-1").numpy().reshape(3, 64).T
    assert np.allclose(got, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "space", ["Rec.601 PAL Camera", "Rec.601 NTSC Camera", "Rec.709 Camera", "Gamma 2.4 Encoded Rec.601 PAL"]
)
def test_video_white_is_white_and_the_camera_curve_is_the_standards(config: Config, space: str) -> None:
    white = config.transform(torch.ones(3, 1, 1), space, "Linear Rec.709 (sRGB)")
    assert torch.allclose(white, torch.ones(3, 1, 1), atol=2e-3)
    if "Camera" in space:  # BT.601 and BT.709: V = 1.099 L^0.45 - 0.099
        grey = config.transform(torch.full((3, 1, 1), 1.099 * 0.18**0.45 - 0.099), space, "Linear Rec.709 (sRGB)")
        assert torch.allclose(grey, torch.full((3, 1, 1), 0.18), atol=2e-3)


def test_the_committed_config_is_what_the_script_makes() -> None:
    program = "import runpy; print(runpy.run_path('ocio/make_config.py')['make'](), end='')"
    made = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert made == (ROOT / "ocio/config.ocio").read_text(encoding="utf-8")


def test_the_config_is_searched_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OCIO", raising=False)
    assert find_config().origin == "shipped with vfxai"
    monkeypatch.setenv("OCIO", f"ocio://{BASE}")
    assert find_config().origin == "$OCIO"
    assert find_config(str(shipped_config())).origin == "--ocio"
    monkeypatch.setenv("OCIO", str(tmp_path / "nothing.ocio"))
    with pytest.raises(ColorSpaceError, match=r"nothing\.ocio"):
        find_config()


def test_a_space_is_stated_by_option_attribute_or_chromaticities_and_never_guessed_silently(config: Config) -> None:
    path = Path("a.exr")
    assert config.space(path, {}, "srgb_texture").name == "sRGB Encoded Rec.709 (sRGB)"
    assert config.space(path, {"colorInteropID": "lin_ap1_scene"}).name == "ACEScg"
    assert config.space(path, {"chromaticities": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)}).name == "ACEScg"
    default = config.space(path, {})
    assert default.name == "Linear Rec.709 (sRGB)"
    assert not default.stated
    with pytest.raises(ColorSpaceError, match="unknown"):
        config.space(Path("a.dpx"), {})
    with pytest.raises(ColorSpaceError, match="ACEScg") as caught:
        config.space(path, {}, "ACESgc")
    assert "--colorspace" in caught.value.remedy


def test_the_perceptual_encoding_is_even_to_the_eye_unbounded_and_exact(config: Config) -> None:
    color = torch.tensor([-3.0, 0.0, 0.18, 1.0, 200.0, 65504.0]).reshape(1, 1, 6).repeat(3, 1, 1)
    encoded = encode(config, color, "Linear Rec.709 (sRGB)", Encoding.PERCEPTUAL)
    assert (encoded.pixels[0, 0].diff() > 0).all()
    assert float(encoded.pixels[0, 0, 3]) == pytest.approx(1.0, abs=1e-5)
    assert float(encoded.pixels.max()) < 8
    assert torch.equal(decode(config, encoded.pixels, encoded), color)
    assert torch.allclose(decode(config, encoded.pixels + 1e-7, encoded), color, rtol=1e-4, atol=1e-5)
    video = encode(config, color, "sRGB Encoded Rec.709 (sRGB)", Encoding.PERCEPTUAL)
    assert torch.equal(video.pixels, color), "a display-referred plate is already so"
