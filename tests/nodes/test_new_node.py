"""The node of docs/how-to/new-node.md, laid beside the others, has all that they have and no other file is touched."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/how-to/new-node.md").read_text()
BESIDE = "import vfxai.nodes\nvfxai.nodes.__path__.append({folder!r})\n"
"""As sitecustomize, so that every process of a test finds the file, as if it lay in vfxai/nodes/."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be put on PYTHONPATH."""
    made = tmp_path_factory.mktemp("site")
    (made / "nodes").mkdir()
    text = re.findall(r"```python\n(.*?)```", PAGE, re.S)[0]
    assert len(text.splitlines()) <= 40
    (made / "nodes/sharpen.py").write_text(text)
    (made / "sitecustomize.py").write_text(BESIDE.format(folder=str(made / "nodes")))
    return made


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sharpen", "--help"], "--radius NUMBER"),
        (["nodes"], "sharpen        Raise the contrast of fine detail"),
        (["nodes", "sharpen", "--json"], '"animated": true'),
        (["nodes", "sharpen", "--schema"], '"title": "Strength"'),
        (["run", "--schema"], '"enum": ["sharpen"]'),
    ],
)
def test_it_has_its_command_and_its_descriptions(folder: Path, arguments: list[str], says: str) -> None:
    assert says in run(folder, "-m", "vfxai", *arguments)


def test_it_has_its_page(folder: Path) -> None:
    program = (
        "from vfxai.surfaces.reference import pages; from pathlib import Path; print(pages(Path('docs/reference'))['sharpen.md'])"
    )
    assert "| `strength` | Strength | float by frame | 0 to 4 | `0.5` |" in run(folder, "-c", program)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (
            "from vfxai.cli.plugins import nuke_table; p = next(n for n in nuke_table()['nodes'] if n['id'] == 'sharpen'); print(*sorted(k['name'] for k in p['knobs']))",
            "radius",
        ),
        (
            "from vfxai.schema import registry; from vfxai.schema.description import describe; from vfxai.surfaces.blender import panel;"
            " registry.discover(); print(*sorted(p['name'] for p in panel(describe(registry.get('sharpen')))['properties']))",
            "radius",
        ),
        (
            "from vfxai.schema import registry; from vfxai.surfaces.ofx import table; registry.discover();"
            " print(table([registry.get(n) for n in registry.names()]))",
            "node\tsharpen",
        ),
        (
            "from vfxai.engine.recipe import Recipe; from vfxai.farm.openjd import files; from vfxai.farm.job import farm_job;"
            " print(*files(farm_job(Recipe.from_dict({'source': 'examples/plate/noisy.####.exr', 'output': 'o.####.exr',"
            " 'node': [{'id': 'sharpen', 'radius': 2.0}]}), chunk=2)).values())",
            "sharpen",
        ),
    ],
    ids=["nuke", "blender", "ofx", "farm"],
)
def test_hosts_and_farms_have_it(folder: Path, program: str, says: str) -> None:
    assert says in run(folder, "-c", program)


def test_it_passes_what_every_node_passes(folder: Path) -> None:
    said = run(folder, "-m", "pytest", "tests/nodes/test_contract.py", "-k", "sharpen", "-p", "no:cacheprovider")
    assert int(re.findall(r"(\d+) passed", said)[-1]) >= 10
