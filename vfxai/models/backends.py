"""What runs a network: ONNX Runtime or torch, behind one protocol."""

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from vfxai.errors import DeviceError, ModelDamagedError
from vfxai.models.manifest import Manifest

KEPT = 2**26
"""Bytes of the largest piece of memory that is kept for another use: what a layer takes of a 2K frame in bf16, less than a plane of 8K."""
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


class LoadedNetwork(Protocol):
    """A model that is ready to run."""

    def run(self, planes: Tensor) -> Tensor:
        """(N, C, H, W) float32 to (N, C', H, W) float32 on the same device. Thread-safe."""
        ...


class TorchNetwork:
    """Weights in the architecture that the manifest names; channels last, autocast below fp32."""

    def __init__(self, manifest: Manifest, folder: Path, device: str, precision: str) -> None:
        from vfxai.nets import architecture

        try:
            self._network = architecture(manifest.network.architecture)(**manifest.network.arguments)
            state = load_file(folder / manifest.file(".safetensors"))
            self._network.load_state_dict({k: v.float() for k, v in state.items()})
        except (KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise ModelDamagedError(
                f"{manifest.id}: the weights do not fit the network: {error}", remedy="restore the model's folder"
            ) from error
        self._device = torch.device(device)
        self._network = self._network.eval().to(self._device)
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
        self._dtype = PRECISIONS[precision]

    def run(self, planes: Tensor) -> Tensor:
        """As LoadedNetwork says."""
        lowered = self._dtype != torch.float32
        home = planes.device
        planes = planes.to(self._device)
        with torch.inference_mode(), torch.autocast(self._device.type, self._dtype, enabled=lowered):
            result = self._network(planes).float()
        # cloned outside, else it could never be written to
        return result.clone(memory_format=torch.contiguous_format).to(home)


class OnnxNetwork:
    """ONNX Runtime, fp32. It is asked which provider it really got."""

    def __init__(self, manifest: Manifest, folder: Path, device: str) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("VFXAI_THREADS", "0"))
        options.enable_cpu_mem_arena = False  # the arena never gives memory back, and tiles differ in size
        options.log_severity_level = 3
        wanted = "CUDAExecutionProvider" if device.startswith("cuda") else "CPUExecutionProvider"
        provider: Any = (wanted, {"device_id": int(device.partition(":")[2] or 0)}) if device.startswith("cuda") else wanted
        try:
            self._session = ort.InferenceSession(str(folder / manifest.file(".onnx")), options, providers=[provider])
        except Exception as error:  # onnxruntime has its own tree of exceptions without a public base
            raise ModelDamagedError(
                f"{manifest.id}: ONNX Runtime cannot load it: {error}", remedy="use --backend torch"
            ) from error
        if wanted not in self._session.get_providers():
            raise DeviceError(
                f"ONNX Runtime has no {wanted}",
                remedy="install onnxruntime-gpu with CUDA, or use --backend torch or --device cpu",
            )

    def run(self, planes: Tensor) -> Tensor:
        """As LoadedNetwork says."""
        array = np.ascontiguousarray(planes.detach().cpu().numpy(), np.float32)
        return torch.from_numpy(self._session.run(["output"], {"input": array})[0]).to(planes.device)


def multiplies_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (Intel AMX, AVX-512 BF16), where torch's bf16 is 2 to 4 times faster than any fp32."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16", False) or able.get("avx512_bf16", False))


def keep_freed_memory() -> None:
    """Has the C library keep what networks free for their next layer, up to KEPT at a time, instead of asking the system for new pages each time.

    The system clears each page it gives, which took a fifth of a network's time. Only glibc has these settings; elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    settings = {-3: KEPT, -1: 2**31 - 1}  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h, see mallopt(3)
    with contextlib.suppress(AttributeError):  # a C library without mallopt
        set_option = ctypes.CDLL(None).mallopt
        for option, value in settings.items():
            set_option(option, value)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any backend says that memory ran out. ONNX Runtime and torch's CPU allocator say it only in words."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error).lower()
    return isinstance(error, Exception) and any(
        w in words for w in ("out of memory", "failed to allocate", "can't allocate", "bad_alloc")
    )
