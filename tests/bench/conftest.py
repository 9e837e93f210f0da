"""Networks that load at once and give the picture back, so that the benches can run whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The networks of denoise with a few hundred weights, all zero: residual ones return the picture, that of noise finds some everywhere; found first."""
    pytest.importorskip("onnx", reason="the extra train (onnx) writes the tiny models")
    import torch

    from vfxai.bench import product
    from vfxai.models.export import export_model
    from vfxai.models.manifest import Manifest, Network
    from vfxai.nets import architecture

    root = tmp_path_factory.mktemp("models")
    unet, meter = ("unet", [2, 4], [1, 1]), ("noise_meter", [4], [1])
    for model_id, planes, channels, (name, widths, blocks) in (
        ("denoise-s", 7, 3, unet),
        ("denoise-fine-s", 7, 3, unet),
        ("noise-s", 3, 4, meter),
        ("impulse-s", 7, 6, unet),
    ):
        arguments = {"planes": planes, "channels_out": channels, "widths": widths, "blocks": blocks}
        network = architecture(name)(**arguments)
        with torch.no_grad():
            for weight in network.parameters():
                weight.zero_()
        manifest = Manifest(
            id=model_id, version="0", node="denoise", task="test", licence="Apache-2.0", commercial=True,
            input_channels=planes, output_channels=channels, encoding="any", scale=1, multiple=8, receptive_field=4,
            window=1, precisions=("fp32", "bf16"), trained_with="nothing", network=Network(name, arguments), sources=(), files=(), quality=(),
        )  # fmt: skip
        export_model(root / model_id, network, manifest)
    product._pool.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VFXAI_MODELS", str(root))
        yield root
    product._pool.cache_clear()
