"""A model's papers: licence, training data, hashes, measured quality and what it expects, read from manifest.toml."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

import tomli_w

from vfxai.errors import ModelDamagedError, reason

NON_COMMERCIAL = re.compile(r"(?i)(^|[^a-z])nc([^a-z]|$)|non-?commercial|research.only")
"""In the name of a licence: CC-BY-NC-4.0, PolyForm-Noncommercial-1.0.0."""
SAFE = (".onnx", ".safetensors")
"""Suffixes of files that hold numbers only. Others, such as .pt and .ckpt, are pickles, which may run any code as they are read."""


@dataclass(frozen=True)
class File:
    """A file of the model's folder."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Source:
    """Training data."""

    name: str
    licence: str


@dataclass(frozen=True)
class Quality:
    """A measured figure and how to measure it again."""

    what: str
    value: float
    unit: str
    command: str
    machine: str
    date: str


@dataclass(frozen=True)
class Network:
    """The architecture in vfxai.nets and its arguments."""

    architecture: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Manifest:
    """Everything a user and the engine must know of a model."""

    id: str
    version: str
    node: str
    task: str
    licence: str
    """SPDX identifier of the weights."""
    commercial: bool
    """Whether the licence allows paid work, as whoever wrote the manifest says."""
    input_channels: int
    output_channels: int
    encoding: str
    """What the planes are, in words: the maths of the node, not a colour space."""
    scale: int
    """Output size divided by input size."""
    multiple: int
    """Height and width must be multiples of this."""
    receptive_field: int
    """Pixels to each side that change a result by more than 1e-3; sets the overlap of tiles."""
    window: int
    """Frames the network sees at a time."""
    precisions: tuple[str, ...]
    """Of fp32, fp16, bf16: those known to be safe."""
    trained_with: str
    """The command that trained it."""
    network: Network
    sources: tuple[Source, ...]
    files: tuple[File, ...]
    quality: tuple[Quality, ...]

    @property
    def allows_paid_work(self) -> bool:
        """As the manifest says, unless the licence itself is one that forbids it."""
        return self.commercial and not NON_COMMERCIAL.search(self.licence)

    @property
    def digest(self) -> str:
        """SHA-256 over the hashes of the files: what a frame says it was made by."""
        return hashlib.sha256("".join(f.sha256 for f in self.files).encode()).hexdigest()

    def file(self, suffix: str) -> str:
        """Name of the file with a suffix; ModelDamagedError where the manifest lists none."""
        for file in self.files:
            if file.name.endswith(suffix):
                return file.name
        raise ModelDamagedError(f"{self.id} has no {suffix} file", remedy="use another --backend")


def _build(kind: type[Any], data: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(data, dict):
        problems.append(f"{where}: expected a table, got {data!r}")
        return None
    known = {f.name: f for f in fields(kind)}
    problems += [f"{where}: unknown key {k!r}" for k in data if k not in known]
    problems += [f"{where}: {n!r} is missing" for n, f in known.items() if n not in data and f.default is MISSING]
    for name, field in known.items():
        if name in data and field.type in (str, int, float, bool):
            accepted = (int, float) if field.type is float else field.type
            if not isinstance(data[name], accepted) or (field.type is not bool and isinstance(data[name], bool)):
                problems.append(f"{where}: {name} should be {field.type.__name__}, got {data[name]!r}")
    return None if problems else kind(**data)


def read_manifest(path: Path) -> Manifest:
    """Reads manifest.toml; ModelDamagedError lists everything that is wrong with it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelDamagedError(f"{path} cannot be read: {reason(error)}", remedy="restore the model's folder") from error
    problems: list[str] = []
    precisions = data.get("precisions", [])
    if not isinstance(precisions, list):
        problems.append(f"precisions: expected a list, got {precisions!r}")
    data["precisions"] = tuple(precisions) if isinstance(precisions, list) else ()
    data["network"] = _build(Network, data.get("network"), "network", problems)
    for name, kind in (("sources", Source), ("files", File), ("quality", Quality)):
        rows = data.get(name, [])
        data[name] = tuple(
            _build(kind, row, f"{name}[{i}]", problems) for i, row in enumerate(rows if isinstance(rows, list) else [])
        )
    problems += [
        f"files[{i}]: {file.name} is no file that holds numbers only ({', '.join(SAFE)})"
        for i, file in enumerate(data["files"])
        if file is not None and not str(file.name).endswith(SAFE)
    ]
    problems += [
        f"files[{i}]: {str(file.name)[:80]!r} does not lie in the model's own folder"
        for i, file in enumerate(data["files"])
        if file is not None and (not str(file.name) or Path(str(file.name)).name != file.name)
    ]
    manifest = _build(Manifest, data, "manifest", problems)
    if problems:
        raise ModelDamagedError(f"{path}: " + "; ".join(problems), remedy="restore the model's folder")
    assert isinstance(manifest, Manifest)  # noqa: S101  # for the type checker: no problems means it was built
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Writes manifest.toml, the same text for the same manifest."""
    path.write_text(tomli_w.dumps(asdict(manifest)), encoding="utf-8")
