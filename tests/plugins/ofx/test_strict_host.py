"""The strict host finds each planted fault, and none where there is none."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.plugins.ofx.conftest import needs_compiler
from tests.plugins.ofx.effect import Clip, frames
from tests.plugins.ofx.host import Host, open_bundle
from tests.plugins.ofx.instance import Instance

pytestmark = needs_compiler
SOURCE = Path(__file__).with_name("faulty.c")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    compiler = next(name for name in ("gcc", "clang", "cc") if shutil.which(name))
    file = tmp_path_factory.mktemp("faulty") / "faulty.ofx"
    subprocess.run([compiler, "-std=c11", "-shared", "-fPIC", "-o", str(file), str(SOURCE)], check=True)
    loaded = ctypes.CDLL(str(file))
    loaded.fault_name.restype = ctypes.c_char_p
    return loaded


def names(library: ctypes.CDLL) -> Iterator[str]:
    index = 0
    while (name := library.fault_name(index)) is not None:
        yield name.decode()
        index += 1


def life(library: ctypes.CDLL, fault: int) -> Host:
    """The whole life of the effect that breaks one rule."""
    library.choose_fault(fault)
    host = Host()
    plugin = open_bundle(host, Path(), library=library._name)[0]
    pixels = np.arange(6 * 8 * 4, dtype=np.float32).reshape(6, 8, 4)
    effect = Instance(plugin, {"Source": Clip("Source", frames({1: pixels, 2: pixels + 1}), 1, 2)}, context="Filter")
    try:
        made = effect.render(1, window=(2, 1, 7, 5))
    except AssertionError:
        made = None
    if made is not None and not host.faults:
        np.testing.assert_array_equal(made[1:5, 2:7], pixels[1:5, 2:7])
    effect.destroy()
    plugin.unload()
    return host


def test_an_effect_without_faults_has_none(library: ctypes.CDLL) -> None:
    assert life(library, 0).faults == []


def test_every_planted_fault_is_found(library: ctypes.CDLL) -> None:
    found = {name: life(library, index).faults for index, name in enumerate(names(library))}
    assert [name for name, faults in found.items() if not faults] == ["none"]
    assert len(found) > 45
    failed = {name: faults for name, faults in found.items() if any("the host itself failed" in f for f in faults)}
    assert not failed, failed
