"""The class of a machine: on machines of one class, with one backend and precision, the same run gives the same bits (docs/explanation/pixels.md)."""

import platform

import torch

from vfxai.models.backends import multiplies_bf16

VECTORS = {"AVX512": "AVX-512", "AVX2": "AVX2", "DEFAULT": "no AVX2"}
"""How torch's kernels were chosen on x86, in words; ONNX Runtime, OpenCV and numpy choose theirs by the same facts."""


def machine_class(device: str) -> str:
    """Such as "x86_64 AVX-512 bf16", "x86_64 AVX2", "arm64", or for a GPU "CUDA 9.0 NVIDIA H200 on x86_64 AVX-512 bf16".

    `device` is what the networks run on: cpu, cuda or cuda:N. Flow and filters run on the CPU in any case, so its class is always named.
    """
    kernels = torch.backends.cpu.get_cpu_capability()
    words = [platform.machine().replace("AMD64", "x86_64").replace("aarch64", "arm64"), VECTORS.get(kernels, kernels)]
    if words[0] != "x86_64":
        words = words[:1]
    if multiplies_bf16():
        words.append("bf16")
    cpu = " ".join(words)
    if not device.startswith("cuda"):
        return cpu
    major, minor = torch.cuda.get_device_capability(device)
    return f"CUDA {major}.{minor} {torch.cuda.get_device_name(device)} on {cpu}"
