"""The folder that `vfxai plugins nuke` makes: complete, importable by Nuke's Python, and never over what is not ours."""

import shutil
import subprocess
from pathlib import Path

import pytest

from vfxai.cli.main import main

ROOT = Path(__file__).resolve().parents[3]
STAND_IN = """
import sys, types
nuke = types.ModuleType("nuke")
nuke.NUKE_VERSION_STRING, nuke.GUI, nuke.Group, nuke.Node, nuke.Knob = "14.0v5", False, object, object, object
for name in ("addBeforeRender", "addOnScriptLoad", "addOnScriptClose"):
    setattr(nuke, name, lambda *given, **named: None)
sys.modules["nuke"] = nuke
exec(compile(open("init.py").read(), "init.py", "exec"), {"__file__": "init.py"})
import vfxai_nuke.headless, vfxai_nuke.buttons
heavy = {"vfxai", "numpy", "torch", "OpenImageIO"} & set(sys.modules)
print(sys.version_info[:2], len(vfxai_nuke.buttons.ACTIONS), heavy)
"""


def found(version: str) -> str:
    """A Python of this version that runs; pyenv puts commands on the path that do not."""
    there = [*map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")), shutil.which(f"python{version}") or ""]
    runs = (p for p in there if p and subprocess.run([p, "-c", ""], capture_output=True, check=False).returncode == 0)
    return next(runs, "")


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_it_works_alone_in_nukes_python(folder: Path, version: str) -> None:
    """Nothing of vfxai is on the path; a Python of Nuke's that is not on this machine is left out."""
    python = found(version)
    if not python:
        pytest.skip(f"no Python {version} here")
    done = subprocess.run([python, "-I", "-c", STAND_IN], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == "" and done.stdout.split(" ", 2)[2] == "9 set()\n"


def test_it_holds_the_client_and_a_table_of_the_nodes(folder: Path) -> None:
    client = {p.name for p in (ROOT / "vfxai/worker/client").glob("*.py")}
    assert {p.name for p in (folder / "vfxai_nuke/client").glob("*.py")} == client
    assert {p.name for p in folder.iterdir()} - {"__pycache__"} == {"init.py", "menu.py", "vfxai_nuke"}


def test_it_is_made_anew_and_never_over_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "menu.py").write_text("import everything_of_the_studio")
    assert main(["plugins", "nuke", "--output", str(mine)]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert (mine / "menu.py").read_text() == "import everything_of_the_studio"
    made = str(tmp_path / "new")
    assert main(["plugins", "nuke", "--output", made]) == 0
    (tmp_path / "new/vfxai_nuke/old.py").touch()
    assert main(["plugins", "nuke", "--output", made]) == 0
    assert not (tmp_path / "new/vfxai_nuke/old.py").exists()


def test_an_older_folder_stays_whole_where_the_new_one_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "new"
    assert main(["plugins", "nuke", "--output", str(made)]) == 0
    before = {p.relative_to(made): p.read_bytes() for p in made.rglob("*") if p.is_file()}
    monkeypatch.setattr("vfxai.cli.plugins.PACKAGE", tmp_path / "a checkout that is not whole")
    monkeypatch.setattr("vfxai.cli.plugins.source", lambda host: ROOT / "plugins" / host)
    assert main(["plugins", "nuke", "--output", str(made)]) == 5
    assert "cannot be written" in capsys.readouterr().err
    assert before == {p.relative_to(made): p.read_bytes() for p in made.rglob("*") if p.is_file()}
    assert [p.name for p in tmp_path.iterdir()] == ["new"]
