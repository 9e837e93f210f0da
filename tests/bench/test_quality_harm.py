import numpy as np

from tests.bench.fakes import blur
from vfxai.bench import quality_harm, quality_real
from vfxai.bench.pictures import Picture

QUIET: list[str] = []


def texture() -> Picture:
    y, x = np.mgrid[:64, :80].astype(np.float32)
    return Picture("texture", np.repeat((0.4 + 0.2 * np.sin(x * 2.5) * np.sin(y * 2.2))[..., None], 3, 2).astype(np.float32))


def test_a_method_that_blurs_texture_is_found_out() -> None:
    rows = {r["condition"]: r for r in quality_harm.run([texture()], [texture()], ours=blur, say=QUIET.append).rows}
    assert rows["display, sigma 0"]["worse %"] == 100
    assert rows["scene-linear, faint"]["worst dB"] < -3


def test_a_method_that_leaves_all_as_it_is_does_no_harm() -> None:
    result = quality_harm.run([texture()], [texture()], ours=lambda frames, encoding, **_: list(frames), say=QUIET.append)
    assert all(r["worse %"] == 0 and r["shift"] == 0 and r["cost dB"] == 0 for r in result.rows)


def test_noise_is_of_the_kind_that_is_asked_for() -> None:
    rng = np.random.default_rng(0)
    soft = quality_real.noise((64, 64, 3), 0.1, rng, soft=True)
    assert abs(soft.std() - 0.1) < 1e-3
    assert (soft[:, 1:] * soft[:, :-1]).mean() > 0.5 * soft.var()
    alike = quality_real.noise((64, 64, 3), 0.1, rng, alike=True)
    assert np.array_equal(alike[..., 0], alike[..., 2])


def test_every_kind_is_measured_beside_both_peers() -> None:
    result = quality_real.run([texture()], ours=blur, say=QUIET.append, sigmas=(25.0,))
    assert len(result.rows) == 4 * len(quality_real.KINDS)
    assert "Least lead" in result.notes[1]
