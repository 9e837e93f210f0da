"""The extension for Blender: what it is made of everywhere, and its pixels where a Python with bpy is named (`make test-hosts` names two)."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from vfxai.cli.main import main
from vfxai.schema import registry
from vfxai.schema.description import describe
from vfxai.schema.node import Node
from vfxai.surfaces.blender import panel

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "plugins/blender"
GOLDEN = Path(__file__).parents[2] / "golden/blender.json"
PYTHONS = [p for p in os.environ.get("VFXAI_BPY_PYTHONS", "").split(os.pathsep) if p]


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blender") / "vfxai_ext"
    program = folder.parent / "vfxai"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom vfxai.cli.main import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    assert main(["plugins", "blender", "--output", str(folder), "--executable", str(program)]) == 0
    return folder


def test_the_panels_are_the_stored_ones() -> None:
    registry.discover()
    made = [panel(describe(registry.get(name))) for name in registry.names()]
    assert json.loads(json.dumps(made)) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_node_added_later_appears_with_no_line_written() -> None:
    from vfxai.schema.parameters import Float

    class LaterGain(Node):
        """Multiplies."""

        gain: float = Float(1.0, min=0, max=4, label="Gain", doc="Factor.")

        def process(self, at, analysis, tools):  # type: ignore[no-untyped-def]  # never run
            return at.center

    (gain, *_others) = panel(describe(LaterGain))["properties"]
    assert gain["make"] == "FloatProperty" and gain["given"]["max"] == 4


def test_every_property_is_one_that_blender_has() -> None:
    registry.discover()
    for name in registry.names():
        made = panel(describe(registry.get(name)))
        names = [p["name"] for p in made["properties"]]
        assert len(set(names)) == len(names) and all(n.isidentifier() for n in names)
        for one in made["properties"]:
            assert one["make"] in {
                "FloatProperty",
                "IntProperty",
                "BoolProperty",
                "EnumProperty",
                "StringProperty",
                "IntVectorProperty",
            }
            if one["make"] == "EnumProperty":
                assert one["given"]["default"] in [item[0] for item in one["given"]["items"]]


def test_the_folder_imports_nothing_but_blender_and_the_standard_library() -> None:
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert {n.split(".")[0] for n in names} <= {*sys.stdlib_module_names, "bpy"}, path


def test_the_manifest_says_licence_and_versions(extension: Path) -> None:
    manifest = tomllib.loads((extension / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"] and manifest["blender_version_min"] == "4.2.0"
    assert all(not text.endswith(".") for text in (manifest["tagline"], *manifest["permissions"].values()))
    assert (extension / "client/__init__.py").is_file() and (extension / "nodes.json").is_file()


@pytest.mark.timeout(1200)
@pytest.mark.skipif(not PYTHONS, reason="VFXAI_BPY_PYTHONS names no Python with bpy; make test-hosts makes two (900 MB)")
@pytest.mark.parametrize("python", PYTHONS)
def test_pixels_in_blender_are_those_of_the_command_line(
    extension: Path, tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plate").mkdir()
    for number in (1001, 1002, 1003):
        shutil.copy(ROOT / f"examples/plate/noisy.{number}.exr", tmp_path / f"plate/p.{number}.exr")
    plate = f"{tmp_path}/plate/p.####.exr"
    assert main(["denoise", plate, f"{tmp_path}/whole/p.####.exr", "--radius", "1"]) == 0
    keyed = ["--radius", "1", "--strength", "1001=0,1002=0.5,1003=1"]
    assert main(["denoise", plate, f"{tmp_path}/whole/keys/p.####.exr", *keyed]) == 0
    environment = {**os.environ, "VFXAI_WORKER_DIR": str(tmp_path / "w"), "HOME": str(tmp_path)}
    for name in ("PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    script = Path(__file__).with_name("in_blender.py")
    command = [python, str(script), str(extension), plate, f"{tmp_path}/whole", str(tmp_path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    finally:
        subprocess.run([str(extension.parent / "vfxai"), "worker", "stop"], env=environment, check=False, capture_output=True)


@pytest.mark.skipif(not PYTHONS, reason="VFXAI_BPY_PYTHONS names no Python with bpy; make test-hosts makes two (900 MB)")
@pytest.mark.parametrize("python", PYTHONS)
def test_blenders_own_tool_validates_and_builds_the_extension(extension: Path, tmp_path: Path, python: str) -> None:
    where = subprocess.run(
        [python, "-c", "import bpy, sys; sys.stdout.write(bpy.utils.resource_path('LOCAL'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    root = Path(where.stdout.strip().splitlines()[-1]) / "scripts"
    tool, tags = root / "addons_core/bl_pkg/cli/blender_ext.py", root / "modules/_bpy_internal/extensions/tags.py"
    subprocess.run([sys.executable, tool, "validate", extension, f"--valid-tags={tags}"], check=True, capture_output=True)
    subprocess.run(
        [sys.executable, tool, "build", "--source-dir", extension, "--output-dir", tmp_path], check=True, capture_output=True
    )
    assert len(list(tmp_path.glob("vfxai-*.zip"))) == 1
