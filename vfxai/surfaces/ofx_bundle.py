"""The OFX bundle: plugins/ofx compiled for one or more systems, with the table of the nodes."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from vfxai.errors import MissingInputError, OutputError, ParameterError, ResourceError, reason
from vfxai.image.partial import write_text

NAME = "vfxai.ofx"


@dataclass(frozen=True)
class Target:
    """A system that hosts run on."""

    folder: str
    """Inside Contents, as the standard names it."""
    triples: tuple[str, ...]
    """For zig; empty is this machine's compiler. Several become one file for all of them."""
    flags: tuple[str, ...] = ()


TARGETS = {
    "here": Target("MacOS" if sys.platform == "darwin" else "Win64" if os.name == "nt" else "Linux-x86-64", ()),
    "linux": Target("Linux-x86-64", ("x86_64-linux-gnu.2.17",), ("-lm", "-ldl")),
    "windows": Target("Win64", ("x86_64-windows-gnu",), ("-lws2_32",)),
    "macos": Target("MacOS", ("x86_64-macos.11.0", "aarch64-macos.11.0")),
}
"""glibc 2.17 is that of CentOS 7, which Nuke 12 and the VFX platform of 2020 stand on; macOS 11 is the first for Apple silicon."""
FLAGS = ("-std=c11", "-O2", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra")
FAT_MAGIC, FAT_ALIGN = 0xCAFEBABE, 14
"""Of a file for several processors of macOS; its parts lie at multiples of 16 KiB, the larger page."""


def build(sources: Path, output: Path, targets: Sequence[str], *, flags: Sequence[str] = (), executable: str = "") -> Path:
    """Writes OUTPUT/vfxai.ofx.bundle for the targets and returns it; those that it already holds for others stay.

    `sources` is the folder of the C files, `executable` is the vfxai that the bundle starts as its worker where neither the environment nor the user's settings name one.
    """
    if not (sources / "main.c").is_file():
        raise MissingInputError(f"{sources} holds no sources of the OFX bundle", remedy="install vfxai whole")
    unknown = sorted(set(targets) - set(TARGETS))
    if unknown:
        raise ParameterError(f"there is no target {', '.join(unknown)}", remedy=f"use {', '.join(TARGETS)}")
    bundle = output / f"{NAME}.bundle"
    with tempfile.TemporaryDirectory() as made, ThreadPoolExecutor(2) as workers:
        libraries = list(workers.map(lambda name: compiled(sources, name, Path(made) / name, flags), targets))
        try:
            for name, library in zip(targets, libraries, strict=True):
                folder = bundle / "Contents" / TARGETS[name].folder
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(library, folder / f"{NAME}.part")
                (folder / f"{NAME}.part").replace(folder / NAME)  # a host that has the old one open keeps it
                (folder / NAME).chmod(0o755)
            _write_resources(bundle, executable)
        except OSError as error:
            raise OutputError(
                f"{bundle} cannot be written: {reason(error)}", remedy="check the path, free space and permission"
            ) from error
    return bundle


def _write_resources(bundle: Path, executable: str) -> None:
    from vfxai.schema import registry
    from vfxai.surfaces.ofx import property_list, table

    registry.discover()
    resources = bundle / "Contents" / "Resources"
    write_text(resources / "nodes.tsv", table([registry.get(n) for n in registry.names()]))
    write_text(bundle / "Contents" / "Info.plist", property_list(NAME))
    write_text(resources / "executable", executable + "\n")


def compiled(sources: Path, name: str, folder: Path, flags: Sequence[str] = ()) -> Path:
    """The library for a target, made in a folder."""
    target = TARGETS[name]
    folder.mkdir(parents=True)
    if not target.triples:
        return _compile(
            sources, _own_compiler(), folder / NAME, (*flags, *(() if target.folder == "MacOS" else ("-lm", "-ldl"))), name
        )
    if importlib.util.find_spec("ziglang") is None:
        raise ResourceError(f"the target {name} needs ziglang", remedy="pip install ziglang (a build tool; hosts do not need it)")
    zig = (sys.executable, "-m", "ziglang", "cc")
    parts = [_compile(sources, (*zig, "-target", t), folder / t / NAME, (*flags, *target.flags), name) for t in target.triples]
    return parts[0] if len(parts) == 1 else _joined(parts, folder / NAME)


def _own_compiler() -> tuple[str, ...]:
    for compiler in (os.environ.get("CC", ""), "gcc", "clang", "cc"):
        if compiler and shutil.which(compiler):
            return (compiler,)
    raise ResourceError("there is no C compiler here", remedy="install gcc, or pip install ziglang and use --target linux")


def _compile(sources: Path, compiler: Sequence[str], library: Path, flags: Sequence[str], name: str) -> Path:
    windows = TARGETS[name].folder == "Win64"
    files = [str(f) for f in sorted(sources.glob("*.c")) if f.name != ("link_posix.c" if windows else "link_windows.c")]
    library.parent.mkdir(parents=True, exist_ok=True)
    position = () if windows else ("-fPIC",)
    done = subprocess.run(
        [*compiler, *FLAGS, *position, "-o", str(library), *files, *flags], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ResourceError(
            f"{' '.join(compiler)} does not compile the bundle: {done.stderr.strip()[-2000:]}",
            remedy="use another compiler ($CC)",
        )
    return library


def _joined(parts: Sequence[Path], library: Path) -> Path:
    """Libraries of several processors as one file, as `lipo -create` does: a header in big endian, then the parts."""
    page, data = 1 << FAT_ALIGN, [part.read_bytes() for part in parts]
    header = FAT_MAGIC.to_bytes(4, "big") + len(data).to_bytes(4, "big")
    body, offset = b"", page
    for one in data:
        kind = b"".join(int.from_bytes(one[i : i + 4], "little").to_bytes(4, "big") for i in (4, 8))  # processor and its variety
        header += kind + b"".join(n.to_bytes(4, "big") for n in (offset, len(one), FAT_ALIGN))
        body += one + bytes(-len(one) % page)
        offset += len(one) + -len(one) % page
    library.write_bytes(header + bytes(page - len(header)) + body)
    return library
