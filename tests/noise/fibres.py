import numpy as np


def fibres(light: float, height: int, width: int) -> np.ndarray:
    """Texture in every pixel, all of one hue, (3, H, W): no block is even. `light` is its mean before the hue."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    rng = np.random.default_rng(3)
    waves = sum(
        a * np.sin(x * u + y * v + p)
        for a, u, v, p in rng.uniform((0.2, -2.2, -1.1, 0), (1, 2.2, 1.1, 6), (60, 4)).astype(np.float32)
    )
    texture = np.clip(light + 0.09 * waves / np.std(waves), 0.02, 1)
    return (texture[None] * np.array([1.0, 0.8, 0.6], np.float32)[:, None, None]).astype(np.float32)
