"""Writes a trained network as a model folder: weights for torch and ONNX Runtime, and the manifest with their hashes."""

import hashlib
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from vfxai.models.manifest import File, Manifest, write_manifest

WEIGHTS = ("weights.onnx", "weights.safetensors")
"""What ONNX Runtime and torch read."""
LARGEST = 16_000_000
"""Bytes a shipped file must stay below."""


def export_model(folder: Path, network: nn.Module, manifest: Manifest) -> Manifest:
    """Writes weights.onnx (fp32), weights.safetensors (fp16) and manifest.toml; the weights are rounded to fp16 first so that both agree."""
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
        with warnings.catch_warnings():  # the newer exporter needs onnxscript and keeps weights in a file beside the graph
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.filterwarnings("ignore", "Constant folding", UserWarning)  # what it does not fold is computed
            torch.onnx.export(
                network, (sample,), f"{work}/{WEIGHTS[0]}", dynamo=False, opset_version=18,
                input_names=["input"], output_names=["output"], dynamic_axes=axes,
            )  # fmt: skip
        save_file({k: v.half().contiguous() for k, v in network.state_dict().items()}, f"{work}/{WEIGHTS[1]}")
        files = []
        for name in WEIGHTS:
            data = (Path(work) / name).read_bytes()
            if len(data) >= LARGEST:
                raise ValueError(f"{name} has {len(data)} bytes, {LARGEST} is the limit")
            files.append(File(name, hashlib.sha256(data).hexdigest(), len(data)))
        complete = replace(manifest, files=tuple(files))
        write_manifest(Path(work) / "manifest.toml", complete)
        for name in (*WEIGHTS, "manifest.toml"):
            (Path(work) / name).replace(folder / name)
    return complete
