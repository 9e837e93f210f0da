"""The bundle for all systems, where the compiler for them is: what each file is, which systems load it, and that it exports what hosts call."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from vfxai.cli.main import main

FAT, PROCESSORS, BUILD_VERSION = 0xCAFEBABE, {0x01000007, 0x0100000C}, 0x32
"""Of Mach-O: a file for several processors; x86-64 and arm64; the command that says from which macOS on it is loaded."""


@pytest.mark.long
def test_one_bundle_for_linux_windows_and_macos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ziglang", reason="pip install ziglang: 400 MB")
    assert main(["plugins", "ofx", "--output", str(tmp_path), "--target", "all"]) == 0
    assert "for linux (Linux-x86-64), windows (Win64), macos (MacOS)" in capsys.readouterr().out
    contents = tmp_path / "vfxai.ofx.bundle/Contents"
    linux, windows, macos = ((contents / name / "vfxai.ofx").read_bytes() for name in ("Linux-x86-64", "Win64", "MacOS"))
    for library in (linux, windows, macos):
        assert b"OfxGetPlugin" in library and b"OfxGetNumberOfPlugins" in library
    assert linux[:5] == b"\x7fELF\2"
    assert max(tuple(map(int, v.split(b"."))) for v in re.findall(rb"GLIBC_([0-9.]+)", linux)) <= (2, 17)
    assert windows[:2] == b"MZ"
    magic, count = struct.unpack(">2I", macos[:8])
    parts = [struct.unpack(">5I", macos[8 + 20 * i : 28 + 20 * i]) for i in range(count)]
    assert magic == FAT and {processor for processor, *_ in parts} == PROCESSORS
    assert {oldest_macos(macos[offset : offset + size]) for _, _, offset, size, _ in parts} == {11}


def oldest_macos(library: bytes) -> int:
    """The release that a Mach-O library asks for."""
    at = 32
    for _ in range(struct.unpack("<I", library[16:20])[0]):
        command, size = struct.unpack("<2I", library[at : at + 8])
        if command == BUILD_VERSION:
            return int(struct.unpack("<I", library[at + 12 : at + 16])[0] >> 16)
        at += size
    raise AssertionError("no release of macOS is named")
