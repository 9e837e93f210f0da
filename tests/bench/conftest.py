"""Networks that load at once and give the picture back, so that the benches can run whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """denoise-s and impulse-s of a few hundred weights, all zero: residual networks that return the picture; found first."""
    pytest.importorskip("onnx", reason="the extra train (onnx) writes the tiny models")
    import torch

    from vfxai.bench import product
    from vfxai.models.export import export_model
    from vfxai.models.manifest import Manifest, Network
    from vfxai.nets.unet import UNet

    root = tmp_path_factory.mktemp("models")
    for model_id, planes, channels in (("denoise-s", 7, 3), ("denoise-fine-s", 7, 3), ("impulse-s", 7, 6)):
        arguments = {"planes": planes, "channels_out": channels, "widths": [2, 4], "blocks": [1, 1]}
        network = UNet(planes, channels, (2, 4), (1, 1))
        with torch.no_grad():
            for weight in network.parameters():
                weight.zero_()
        manifest = Manifest(
            id=model_id, version="0", node="denoise", task="test", licence="Apache-2.0", commercial=True,
            input_channels=planes, output_channels=channels, encoding="any", scale=1, multiple=4, receptive_field=4,
            window=1, precisions=("fp32", "bf16"), trained_with="nothing", network=Network("unet", arguments), sources=(), files=(), quality=(),
        )  # fmt: skip
        export_model(root / model_id, network, manifest)
    product._pool.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VFXAI_MODELS", str(root))
        yield root
    product._pool.cache_clear()
