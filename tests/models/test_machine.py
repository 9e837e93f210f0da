"""The class of a machine is told from what decides its kernels, and stands in every frame."""

import os
import subprocess
import sys

import pytest
import torch

from vfxai.models.machine import machine_class

ASK = "from vfxai.models.machine import machine_class; print(machine_class('cpu'))"


def test_it_names_processor_and_vectors() -> None:
    words = machine_class("cpu").split()
    assert words[0] in ("x86_64", "arm64")
    assert ("AVX" in machine_class("cpu")) == (words[0] == "x86_64")


@pytest.mark.skipif("AVX512" not in torch.backends.cpu.get_cpu_capability(), reason="needs a processor with AVX-512")
def test_older_kernels_are_another_class() -> None:
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": "avx2"}
    said = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True).stdout
    assert "AVX2" in said
    assert said.strip() != machine_class("cpu")


def test_a_gpu_is_named_with_the_processor_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H200")
    assert machine_class("cuda:1") == f"CUDA 9.0 NVIDIA H200 on {machine_class('cpu')}"
