"""Nodes that other packages bring: real packages, installed by pip into a folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NODE = '''
from vfxai.schema.node import Node
from vfxai.schema.parameters import Float
from vfxai.schema.vocabulary import Encoding


class HouseSharpen(Node):
    """Sharpen as this house does."""

    encoding = Encoding.STORED
    amount: float = Float(0.5, min=0, max=2, animated=True, label="Amount", doc="How much.")

    def process(self, at, analysis, tools):
        """Doubles."""
        return at.center.with_color(at.center.color * 2)
'''
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "house-nodes"
version = "1.0"
[project.entry-points."vfxai.nodes"]
sharpen = "house_nodes.sharpen"
again = "house_nodes.sharpen:HouseSharpen"
broken = "house_nodes.broken"
leaves = "house_nodes.leaves"
absent = "house_nodes.no_such_module"
number = "house_nodes.sharpen:__name__"
[tool.setuptools]
packages = ["house_nodes"]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of site-packages that holds the package."""
    source = tmp_path_factory.mktemp("source")
    (source / "house_nodes").mkdir()
    (source / "pyproject.toml").write_text(PROJECT)
    for name, text in {
        "__init__": "",
        "sharpen": NODE,
        "broken": "import no_such_library",
        "leaves": "raise SystemExit(3)",
    }.items():
        (source / f"house_nodes/{name}.py").write_text(text)
    target = tmp_path_factory.mktemp("site")
    options = [
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(target),
    ]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(source)], check=True)
    return target


def vfxai(installed: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), *sys.path])}
    return subprocess.run([sys.executable, "-m", "vfxai", *arguments], env=environment, capture_output=True, text=True)


def test_an_installed_node_is_a_node_like_ours(installed: Path) -> None:
    done = vfxai(installed, "nodes", "house-sharpen", "--json")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)["parameters"]) == ["amount", "mix"]
    assert "--amount NUMBER" in vfxai(installed, "house-sharpen", "--help").stdout


def test_broken_ones_are_told_and_take_nothing_away(installed: Path) -> None:
    done = vfxai(installed, "nodes")
    assert {"house-sharpen", "denoise", "tone"} <= {line.split()[0] for line in done.stdout.splitlines()}
    for said in (
        "broken = house_nodes.broken is left out: ModuleNotFoundError: No module named 'no_such_library'",
        "leaves = house_nodes.leaves is left out: SystemExit: 3",
        "absent = house_nodes.no_such_module is left out",
        "number = house_nodes.sharpen:__name__ is left out: DeclarationError",
    ):
        assert said in done.stderr
    assert "broken = house_nodes.broken is left out" in vfxai(installed, "brokn").stderr
