"""All models of a process: one copy of each however many nodes and threads use it, the least recently used freed when memory is short."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

import psutil
import torch
from torch import Tensor

from vfxai.errors import DeviceError, MemoryShortError, ParameterError
from vfxai.models.backends import LoadedNetwork, OnnxNetwork, TorchNetwork, is_out_of_memory, keep_freed_memory, multiplies_bf16
from vfxai.models.manifest import Manifest
from vfxai.models.mirrored import mirrored
from vfxai.models.store import Store, wanted_license
from vfxai.models.tiles import run_tiled
from vfxai.schema.job import Job

log = logging.getLogger("vfxai.models")
OPTIONS = Job.parameters()
Key = tuple[str, str, str, str, str]
"""What tells a loaded network from others: id, device, backend, precision, and the hashes of its files, which an update changes."""
BYTES_A_PIXEL = 1600
"""Working memory of the shipped networks per pixel of a tile in fp32, measured with `vfxai bench speed` and rounded up."""
SMALLEST_TILE = 64
LARGEST_TILE = 1024
"""Side of the tiles of a large picture: their overlap costs little, and memory is left to the plate."""
WHOLE = 2048 * 1152
"""Pixels up to which a picture goes through in one piece where memory allows: the largest whose layers are kept (backends.KEPT)."""


def choose_device(device: str) -> str:
    """cpu, cuda or cuda:N; DeviceError where it is not there."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, index = OPTIONS["device"].validate(device).partition(":")
    if kind == "cuda" and (not torch.cuda.is_available() or int(index or 0) >= torch.cuda.device_count()):
        raise DeviceError(f"there is no {device} here", remedy="use --device cpu or auto")
    return device


def free_memory(device: str) -> int:
    """Bytes that may be used on a device now."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(torch.device(device))[0])
    return int(psutil.virtual_memory().available)


def check_fits(device: str, need: int, width: int, height: int, node: str) -> None:
    """MemoryShortError where the least that a node takes for a picture does not fit, before a system that promises any memory kills the process for it."""
    free = free_memory(device)
    if need > free:
        raise MemoryShortError(
            f"{node}: a picture of {width}x{height} takes {need / 2**30:.0f} GiB or more, there are {free / 2**30:.0f} GiB of free memory",
            remedy="ask for a smaller size or scale, or use a larger machine",
        )


class Pool:
    """Loaded models and how to run them."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        device: str = "auto",
        backend: str = "auto",
        precision: str = "auto",
        tile: str | int = "auto",
        license: str = "auto",
        most: int = 8,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self.store = store or Store()
        self.device = choose_device(device)
        self.precision, self.backend = OPTIONS["precision"].validate(precision), OPTIONS["backend"].validate(backend)
        self.tile = _tile(tile)
        self.license = wanted_license(license)
        self._warn = warn or (lambda message: None)
        self._most = most
        self._networks: OrderedDict[Key, tuple[Manifest, LoadedNetwork]] = OrderedDict()
        """The last used last."""
        self._keys: dict[tuple[str, str | None], Key] = {}
        """Of the models that may be run here, by id and stated precision."""
        self._lock = threading.Lock()
        self._limit: int | None = None
        """Largest tile that did not run out of memory."""

    def sharing(self, *, warn: Callable[[str], None] | None = None, **choices: str) -> "Pool":
        """A pool with other choices of device, backend, precision or tile and the same loaded networks: one copy of each for both."""
        pool = Pool(self.store, most=self._most, warn=warn, **choices)
        pool._networks, pool._lock = self._networks, self._lock
        return pool

    def loaded(self) -> list[dict[str, str]]:
        """The networks in memory: id, device, backend and precision of each, the last used last."""
        with self._lock:
            return [dict(zip(("id", "device", "backend", "precision"), key, strict=False)) for key in self._networks]

    def choice(self, manifest: Manifest, precision: str | None = None) -> tuple[str, str]:
        """Backend and precision for a model: what was asked for, here or of the pool, else the fastest on this device that is safe for the model.

        That is torch in fp16 on CUDA, torch in bf16 on CPUs that multiply bfloat16, and ONNX Runtime in fp32 on others.
        ParameterError where an unsafe one was asked for.
        """
        precision, backend = precision or self.precision, self.backend
        if precision == "auto":
            lowered = "fp16" if self.device != "cpu" else "bf16" if multiplies_bf16() else "fp32"
            precision = lowered if lowered in manifest.precisions and backend != "onnx" else "fp32"
        if backend == "auto":  # ONNX files are fp32
            backend = "onnx" if precision == "fp32" and self.device == "cpu" else "torch"
        if precision not in manifest.precisions or (precision != "fp32" and backend == "onnx"):
            raise ParameterError(
                f"precision: {manifest.id} is not known to be safe in {precision} with {backend}",
                remedy=f"use one of {', '.join(manifest.precisions)}" + (" with --backend torch" if backend == "onnx" else ""),
            )
        return backend, precision

    def manifest(self, model_id: str) -> Manifest:
        """The papers of a model that may be run here: its files are what they say, and its licence allows the work."""
        self.store.require_license(model_id, self.license == "commercial")
        return self.store.verify(model_id)

    def network(self, model_id: str, precision: str | None = None) -> tuple[Manifest, LoadedNetwork]:
        """A verified, loaded model; loaded once however many threads ask."""
        with self._lock:
            key = self._keys.get((model_id, precision))
            if key is None:
                manifest = self.manifest(model_id)
                files = " ".join(file.sha256 for file in manifest.files)
                key = self._keys[model_id, precision] = (model_id, self.device, *self.choice(manifest, precision), files)
            if key not in self._networks:
                manifest, folder = self.manifest(model_id), self.store.folder(model_id)
                _, _, backend, chosen, _ = key
                made: LoadedNetwork
                if self.device == "cpu":
                    keep_freed_memory()
                if backend == "torch":
                    made = TorchNetwork(manifest, folder, self.device, chosen)
                else:
                    made = OnnxNetwork(manifest, folder, self.device)
                self._networks[key] = (manifest, made)
                log.info("loaded %s: %s, %s %s", *key[:4])
                while len(self._networks) > self._most:
                    self._networks.popitem(last=False)
            self._networks.move_to_end(key)
            return self._networks[key]

    def free_least_recent(self) -> bool:
        """Drops all networks but the last used; whether there was one to drop."""
        with self._lock:
            before = len(self._networks)
            while len(self._networks) > 1:
                self._networks.popitem(last=False)
            return len(self._networks) < before

    def run(self, model_id: str, planes: Tensor, passes: int = 1, precision: str | None = None) -> Tensor:
        """Runs a model on (C, H, W) float32 in tiles that fit; a tile that runs out of memory is halved and the run goes on.

        `precision` is one of the manifest's; None is that of the pool. With more than one of `passes` the result is the mean over as many turned versions; see vfxai.models.mirrored.
        """
        manifest, network = self.network(model_id, precision)
        if len(planes) != manifest.input_channels:
            raise ParameterError(
                f"{model_id} takes {manifest.input_channels} planes, got {len(planes)}", remedy="this is a defect of the node"
            )
        tile = self._chosen_tile(manifest, *planes.shape[-2:])
        while True:
            try:
                facts = (manifest.receptive_field, manifest.multiple, manifest.output_channels, manifest.scale)
                return run_tiled(planes, mirrored(network.run, passes), tile, *facts)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                if self.free_least_recent():
                    continue
                if tile <= SMALLEST_TILE:
                    raise MemoryShortError(
                        f"memory ran out on {self.device} even with tiles of {tile} pixels",
                        remedy="close other programs, or use --device cpu",
                    ) from error
                largest = max(planes.shape[-2:])
                tile = self._limit = max(min(tile, -(-largest // 16) * 16) // 2 // 16 * 16, SMALLEST_TILE)
                self._warn(f"memory ran out on {self.device}; going on with tiles of {tile} pixels")

    def _chosen_tile(self, manifest: Manifest, height: int, width: int) -> int:
        """Side of the tiles of a picture, without the surroundings that they need; a picture no larger is run in one piece."""
        if self.tile != "auto":
            tile = int(self.tile)
        else:
            most = free_memory(self.device) * 0.4 / BYTES_A_PIXEL
            tile = max(height, width) if height * width <= min(most, WHOLE) else min(int(most**0.5), LARGEST_TILE)
        tile = max(tile // manifest.multiple * manifest.multiple, SMALLEST_TILE)
        return min(tile, self._limit) if self._limit else tile


def _tile(tile: str | int) -> str | int:
    text = OPTIONS["tile"].validate(tile)
    if text == "auto":
        return text
    pixels = int(text)
    if pixels < SMALLEST_TILE:
        raise ParameterError(
            f"tile: expected auto or at least {SMALLEST_TILE} pixels, got {tile!r}", remedy="give --tile auto or a number"
        )
    return pixels
