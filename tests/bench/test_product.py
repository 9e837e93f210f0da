"""The product path of the benches: pictures in memory through the node and back."""

from pathlib import Path

import numpy as np
import pytest

from vfxai.bench.degrade import gaussian, generator
from vfxai.bench.product import denoise_pictures, denoised_clip, run_denoise
from vfxai.errors import MissingInputError, ParameterError
from vfxai.session.clips import MemoryClip, frame_of

PICTURE = np.linspace(0.1, 0.9, 48 * 64 * 3, dtype=np.float32).reshape(48, 64, 3)


def test_pictures_come_back_in_their_order_and_shape(tiny_models: Path) -> None:
    noisy = [gaussian(PICTURE, 0.05, generator("product", i)) for i in range(3)]
    results = denoise_pictures(noisy, "display")
    assert [r.shape for r in results] == [(48, 64, 3)] * 3
    assert results[0].dtype == np.float32
    # the tiny network takes nothing away: each result is still nearest to its own noisy frame
    distances = [[float(np.abs(r - n).mean()) for n in noisy] for r in results]
    assert [int(np.argmin(d)) for d in distances] == [0, 1, 2]


def test_parameters_reach_the_node(tiny_models: Path) -> None:
    noisy = [gaussian(PICTURE, 0.05, generator("product", i)) for i in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(denoise_pictures(noisy, "display", strength=0.0), noisy, strict=True))
    alone = denoise_pictures(noisy, "display", radius=0)
    assert np.abs(alone[0] - noisy[0]).mean() < 0.2 * 0.05
    with pytest.raises(ParameterError):
        denoise_pictures(noisy, "display", strenght=1)


def test_scene_linear_values_above_one_survive(tiny_models: Path) -> None:
    bright = gaussian(PICTURE * np.float32(80), 0.5, generator("bright"))
    result = denoise_pictures([bright], "scene-linear")[0]
    assert result.max() == pytest.approx(bright.max(), rel=0.05)


def test_unknown_encodings_are_refused() -> None:
    with pytest.raises(ParameterError, match="display or scene-linear, got 'log'"):
        denoised_clip([PICTURE], "log")


def test_a_clip_in_memory_ends_where_its_frames_end() -> None:
    clip = MemoryClip([frame_of(PICTURE, "x")])
    assert clip.frames == (1001,)
    assert clip[1001].color.shape == (3, 48, 64)
    assert not clip.has(1002)
    with pytest.raises(MissingInputError, match="1002"):
        clip[1002]


def test_a_whole_run_writes_its_frames(tiny_models: Path, tmp_path: Path) -> None:
    from vfxai.bench.plates import write_sequence

    pattern = write_sequence(tmp_path, (48, 32), 3)
    outcome = run_denoise(pattern, str(tmp_path / "out.####.exr"), "Linear Rec.709 (sRGB)", frames="1002-1003", radius=0)
    assert outcome.written == 2
    assert sorted(p.name for p in tmp_path.glob("out.*.exr")) == ["out.1002.exr", "out.1003.exr"]
