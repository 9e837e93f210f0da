"""The job that `vfxai farm --to openjd` writes, run by the `openjd` command: analysis, then chunks, in processes of their own."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.farm.test_chunks import pixels
from tests.farm.test_engines import OPENJD
from vfxai.engine.path_map import mapper, with_paths
from vfxai.engine.recipe import Recipe
from vfxai.engine.run import run
from vfxai.farm.engines import write
from vfxai.farm.job import farm_job


def vfxai_command(folder: Path) -> Path:
    """The command of this very environment, as a farm's machine has it on its PATH."""
    command = folder / "vfxai"
    root = Path(__file__).parents[2]
    command.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\nfrom vfxai.cli.main import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)
    return command


def test_openjd_runs_the_job_whole_with_other_mounts(recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("openjd.cli", reason="openjd-cli comes with the extra dev")
    shutil.copytree(Path(recipe.source).parent, tmp_path / "here/plate")
    one = replace(with_paths(recipe, mapper([(str(Path(recipe.source).parents[1]), str(tmp_path / "here"))])))
    run(one)
    whole = pixels(tmp_path / "here/out")
    shutil.rmtree(tmp_path / "here/out")
    job = farm_job(one, chunk=5, executable=str(vfxai_command(tmp_path)))
    write(job, "openjd", tmp_path / "job")
    (tmp_path / "here").rename(tmp_path / "there")
    rules = {
        "version": "pathmapping-1.0",
        "path_mapping_rules": [
            {"source_path_format": "POSIX", "source_path": str(tmp_path / "here"), "destination_path": str(tmp_path / "there")}
        ],
    }
    command = [
        *OPENJD,
        "run",
        str(tmp_path / "job/template.json"),
        "--step",
        "Frames",
        "--run-dependencies",
        "--path-mapping-rules",
        json.dumps(rules),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert pixels(tmp_path / "there/out") == whole
