"""Writes a trained network as a model folder: weights for torch and ONNX Runtime, and the manifest with their hashes."""

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from vfxai.models.manifest import File, Manifest, write_manifest

LARGEST = 16_000_000
"""Bytes a shipped file must stay below."""


def export_model(folder: Path, network: nn.Module, manifest: Manifest) -> Manifest:
    """Writes weights.onnx (fp32), weights.pt (fp16) and manifest.toml; the weights are rounded to fp16 first so that both agree."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
    network = network.float().cpu().eval()
    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # missing in torch's stub
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        side = manifest.multiple * 2
        sample = torch.zeros(1, manifest.input_channels, side, side)
        axes = {name: {0: "n", 2: "height", 3: "width"} for name in ("input", "output")}
        torch.onnx.export(
            network, (sample,), f"{work}/weights.onnx", dynamo=False, opset_version=18,
            input_names=["input"], output_names=["output"], dynamic_axes=axes,
        )  # fmt: skip
        torch.save({k: v.half() for k, v in network.state_dict().items()}, f"{work}/weights.pt")
        files = []
        for name in ("weights.onnx", "weights.pt"):
            data = (Path(work) / name).read_bytes()
            if len(data) >= LARGEST:
                raise ValueError(f"{name} has {len(data)} bytes, {LARGEST} is the limit")
            files.append(File(name, hashlib.sha256(data).hexdigest(), len(data)))
        complete = replace(manifest, files=tuple(files))
        write_manifest(Path(work) / "manifest.toml", complete)
        for name in ("weights.onnx", "weights.pt", "manifest.toml"):
            (Path(work) / name).replace(folder / name)
    return complete
