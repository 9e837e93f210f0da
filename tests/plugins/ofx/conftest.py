"""The bundle, built once, and a host whose faults fail the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plugins.ofx.host import Host, Plugin, open_bundle
from tests.plugins.ofx.personalities import STRICT, Personality
from vfxai.surfaces.ofx_bundle import build

ROOT = Path(__file__).resolve().parents[3]
HAS_COMPILER = any(shutil.which(name) for name in ("gcc", "clang", "cc"))
SANITIZED = "VFXAI_TESTS_SANITIZED"
"""Set to 1 in the process in which test_sanitizers.py runs the others."""
FLAGS = (
    ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover")
    if os.environ.get(SANITIZED) == "1"
    else ("-O1", "-Werror")
)
needs_compiler = pytest.mark.skipif(not HAS_COMPILER, reason="no C compiler builds the bundle here")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For this machine."""
    if not HAS_COMPILER:
        pytest.skip("no C compiler builds the bundle here")
    return build(ROOT / "plugins" / "ofx", tmp_path_factory.mktemp("ofx"), ["here"], flags=FLAGS)


@pytest.fixture
def hosts() -> Iterator[Callable[[Personality], Host]]:
    """Makes hosts; at the end none has found a fault."""
    made: list[Host] = []

    def make(personality: Personality = STRICT) -> Host:
        made.append(Host(personality))
        return made[-1]

    yield make
    for host in made:
        assert not host.faults, host.faults
        assert not host.open_images


@pytest.fixture
def effects(bundle: Path, hosts: Callable[[Personality], Host]) -> Iterator[Callable[..., dict[str, Plugin]]]:
    """The effects of the bundle by node, in a host with a personality; unloaded at the end."""
    opened: list[Plugin] = []

    def effects_in(personality: Personality = STRICT) -> dict[str, Plugin]:
        found = open_bundle(hosts(personality), bundle)
        opened.extend(found)
        return {plugin.id.removeprefix("org.vfxai."): plugin for plugin in found}

    yield effects_in
    for plugin in opened:
        plugin.unload()
