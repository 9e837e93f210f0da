"""The same recipe gives the same pixels, bit by bit, on the command line, in Python, in the worker, in Nuke's Group, in Blender, in an OFX host and on a farm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.plugins import routes
from tests.plugins.ofx.conftest import FLAGS, needs_compiler
from tests.plugins.ofx.host import Host
from tests.plugins.shots import FRAMES, SPACE, Shot, nodes, write_shot
from tests.worker.conftest import serving
from vfxai.cli.main import main
from vfxai.schema import registry
from vfxai.surfaces.ofx import live_nodes
from vfxai.surfaces.ofx_bundle import build

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = [p for p in os.environ.get("VFXAI_BPY_PYTHONS", "").split(os.pathsep) if p]
Reference = Callable[[str], tuple[Shot, Path]]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The folders that a studio installs, and one worker in threads of this process, as small as the whole of it may be."""
    made = tmp_path_factory.mktemp("hosts")
    program = made / "vfxai"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom vfxai.cli.main import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    found = {"vfxai": program, "nuke": made / "nuke", "blender": made / "vfxai_blender"}
    for name in ("nuke", "blender"):
        assert main(["plugins", name, "--output", str(found[name]), "--executable", str(program)]) == 0
    with tempfile.TemporaryDirectory(prefix="vh") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VFXAI_WORKER_DIR", folder)
        for name in ("OCIO", "VFXAI_EXECUTABLE", "VFXAI_WORKER", "VFXAI_WORKER_TCP"):
            patch.delenv(name, raising=False)
        for _ in serving(Path(folder)):
            yield {**found, "worker": Path(folder)}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, hosts: dict[str, Path]) -> Reference:
    """The shot of a node, and what the command line makes of it; made once."""
    known: dict[str, tuple[Shot, Path]] = {}

    def of(node: str) -> tuple[Shot, Path]:
        if node not in known:
            folder = tmp_path_factory.mktemp(f"command line {node}")
            shot = write_shot(node, folder / "shot")
            routes.command_line(shot, folder / "made", hosts)
            known[node] = shot, folder / "made"
        return known[node]

    return of


@pytest.mark.parametrize("node", nodes())
def test_the_command_line_does_something(node: str, reference: Reference) -> None:
    """Else all that follows would compare plates."""
    shot, made = reference(node)
    result, plate = (routes.pixels(f) for f in (made / "out.1002.exr", Path(shot.source.replace("####", "1002"))))
    assert result["window"].tolist() != plate["window"].tolist() or any(
        not np.array_equal(result[name], plate.get(name)) for name in result
    )


@pytest.mark.parametrize("route", routes.BY_FILE)
@pytest.mark.parametrize("node", nodes())
def test_the_same_recipe_gives_the_same_pixels(
    node: str, route: str, reference: Reference, hosts: dict[str, Path], tmp_path: Path
) -> None:
    shot, expected = reference(node)
    routes.BY_FILE[route](shot, tmp_path / "made", hosts)
    routes.same_files(tmp_path / "made", expected)


registry.discover()


@needs_compiler
@pytest.mark.parametrize("node", [one.id for one in live_nodes(map(registry.get, nodes()))])
def test_a_live_node_shows_the_same_pixels(node: str, reference: Reference, bundle: Path) -> None:
    shot, expected = reference(node)
    made = routes.ofx(shot, Host(), bundle)
    for number in FRAMES:
        file = routes.pixels(expected / f"out.{number}.exr")
        planes = [file[name] for name in "RGBA" if name in file] or [file["Y"]]
        expected_pixels = np.stack(planes, -1)  # a matte is stored as half, and a host has float
        np.testing.assert_array_equal(made[number][..., : len(planes)].astype(expected_pixels.dtype), expected_pixels)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT / "plugins/ofx", tmp_path_factory.mktemp("ofx"), ["here"], flags=FLAGS)


@pytest.mark.long
@pytest.mark.parametrize("node", nodes())
def test_openjd_gives_the_same_pixels(node: str, reference: Reference, hosts: dict[str, Path], tmp_path: Path) -> None:
    shot, expected = reference(node)
    routes.openjd(shot, tmp_path / "made", hosts)
    routes.same_files(tmp_path / "made", expected)


@pytest.mark.timeout(1200)
@pytest.mark.skipif(not PYTHONS, reason="VFXAI_BPY_PYTHONS names no Python with bpy; make test-hosts makes two (900 MB)")
@pytest.mark.parametrize("python", PYTHONS)
def test_blender_gives_the_same_pixels(python: str, reference: Reference, hosts: dict[str, Path], tmp_path: Path) -> None:
    """Every node in a real Blender. Its own config goes with the recipe, so that the command line is told the same one."""
    shots = [reference(node)[0] for node in nodes()]
    plan = [{"node": s.node, "source": s.source, "space": SPACE, "values": s.values, "inputs": s.inputs} for s in shots]
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    script = Path(__file__).parent / "blender/every_node.py"
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    command = [python, str(script), str(hosts["blender"]), str(tmp_path / "plan.json"), str(tmp_path / "made")]
    done = subprocess.run(command, capture_output=True, text=True, env={**environment, "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    config = json.loads((tmp_path / "made/config.json").read_text())["ocio"]
    for shot in shots:
        folder = tmp_path / "by hand" / shot.node
        assert (
            main([shot.node, shot.source, f"{folder}/out.####.exr", "--colorspace", SPACE, "--ocio", config, *shot.options()])
            == 0
        )
        routes.same_files(tmp_path / "made" / shot.node, folder)
        shutil.rmtree(folder)
