import numpy as np
import pytest

from vfxai.measure.change import ChangeMeter, at_size, flat_blocks, low_pass
from vfxai.noise.profile import NoiseProfile

NOISE = 0.02
PROFILE = NoiseProfile(((0.0, 1.0),) * 3, ((NOISE**2, NOISE**2),) * 3, (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, 1.0)


def shot(frames: int = 4, seed: int = 3) -> list[np.ndarray]:
    """(96, 128, 3) frames of a ramp that moves under white noise."""
    rng = np.random.default_rng(seed)
    x = np.tile(np.arange(128, dtype=np.float32), (96, 1))
    return [((0.2 + 0.004 * (x + t))[..., None] + rng.normal(0, NOISE, (96, 128, 3))).astype(np.float32) for t in range(frames)]


def measured(plates: list[np.ndarray], results: list[np.ndarray], **more: np.ndarray) -> ChangeMeter:
    meter = ChangeMeter(PROFILE)
    for number, (plate, result) in enumerate(zip(plates, results, strict=True), 1001):
        meter.add(number, plate, result, **more)
    return meter


def test_nothing_changed_is_nothing() -> None:
    plates = shot()
    total = measured(plates, plates).shot().total()
    assert total == {
        "frames": 4, "changed": 0, "touched": 0, "shift": 0, "shift_value": 0, "invented": None, "alpha": None, "flicker": 0, "nonfinite": 0,
    }  # fmt: skip


def test_a_repaired_part_is_found_where_it_is() -> None:
    plates = shot()
    results = [p.copy() for p in plates]
    for r in results:
        r[20:30, 40:60] += 0.5
    meter = ChangeMeter(PROFILE)
    where = meter.add(1001, plates[0], results[0])
    assert where[20:30, 40:60].min() > 20 and where[40:].max() == 0
    assert meter.shot().frames[0].changed == pytest.approx(200 / (96 * 128))


def test_a_shift_of_tone_is_told_in_noise_and_in_value() -> None:
    plates = shot()
    frame = measured(plates, [p + np.float32(0.01) for p in plates]).shot().frames[0]
    assert frame.shift_value == pytest.approx(0.01, rel=1e-3) and frame.shift == pytest.approx(0.5, rel=1e-2)
    assert frame.changed == 0 and frame.touched == 1


def test_removing_noise_is_no_shift_and_shows_in_the_spectrum() -> None:
    plates = shot()
    clean = [np.broadcast_to(p.mean((0, 2), keepdims=True), p.shape).astype(np.float32) for p in plates]
    found = measured(plates, clean).shot()
    assert found.total()["shift"] < 0.2
    for name, before in found.before.spectrum.items():
        assert before[-1] == pytest.approx(NOISE / 3**0.5, rel=0.2), name
        assert found.after.spectrum[name][-1] < 0.1 * before[-1]


def test_grain_that_stands_still_is_told() -> None:
    plates = shot()
    grain = plates[0] - low(plates[0])
    found = measured(plates, [(low(p) + grain).astype(np.float32) for p in plates]).shot()
    assert found.before.frozen == pytest.approx(0, abs=0.1) and found.after.frozen == pytest.approx(1, abs=0.01)


def low(picture: np.ndarray) -> np.ndarray:
    return np.broadcast_to(picture.mean((0, 2), keepdims=True), picture.shape)


def test_invented_pixels_and_broken_ones_are_counted() -> None:
    plates = shot(1)
    result = plates[0].copy()
    result[0, 0, 0], result[5, 5, 1] = np.nan, np.inf
    invented = np.zeros((96, 128), np.float32)
    invented[:48] = 1
    frame = measured(plates, [result], invented=invented).shot().frames[0]
    assert frame.nonfinite == 2 and frame.invented == 0.5 and frame.flicker is None


def test_small_pictures_and_other_sizes_are_measured_too() -> None:
    tiny = np.full((5, 7, 3), 0.25, np.float32)
    assert measured([tiny], [tiny]).shot().total()["shift"] == 0
    assert low_pass(tiny).shape == (1, 1, 3) and sum(map(len, flat_blocks(tiny).values())) == 0
    large = np.repeat(np.repeat(tiny, 2, 0), 2, 1)
    np.testing.assert_allclose(at_size(large, 5, 7), tiny, rtol=1e-6)


def test_it_is_plain_data() -> None:
    import json

    plates = shot(2)
    assert json.loads(json.dumps(measured(plates, plates).shot().to_dict()))["total"]["frames"] == 2
