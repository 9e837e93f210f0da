import numpy as np

from tests.bench.fakes import blur
from vfxai.bench import quality_harm
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
