"""What is built of the repository works away from it: the models and the OCIO config travel inside the package."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "vfxai", "models", "ocio", "plugins")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy to build in, so that no leftover of another build is found or left."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in SOURCES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    shutil.rmtree(folder / "vfxai/_models", ignore_errors=True)
    return folder


def said(*command: str | Path, cwd: Path, path: str = "") -> str:
    """What a program prints, run without this checkout in sight."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VFXAI_MODELS", "OCIO")} | {"PYTHONPATH": path}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_built_package_has_every_model_and_the_config(checkout: Path, tmp_path: Path) -> None:
    stale = tmp_path / "built/vfxai/_models/old/manifest.toml"
    stale.parent.mkdir(parents=True)
    stale.touch()
    said(sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", tmp_path / "built", cwd=checkout)
    inside = tmp_path / "built/vfxai"
    shipped = {p.relative_to(ROOT / "models") for m in ROOT.glob("models/*/manifest.toml") for p in m.parent.iterdir()}
    assert {p.relative_to(inside / "_models") for p in inside.glob("_models/*/*")} == shipped
    assert (inside / "_ocio/config.ocio").read_bytes() == (ROOT / "ocio/config.ocio").read_bytes()
    assert {p.name for p in inside.glob("_plugins/ofx/*")} == {p.name for p in (ROOT / "plugins/ofx").iterdir()}
    modules = {p.relative_to(ROOT) for p in ROOT.glob("vfxai/**/*.py")}
    hosts = {
        Path("vfxai/_plugins") / p.relative_to(ROOT / "plugins")
        for h in ("nuke", "blender")
        for p in ROOT.glob(f"plugins/{h}/**/*.py")
    }
    assert {p.relative_to(tmp_path / "built") for p in inside.glob("**/*.py")} == modules | hosts


@pytest.mark.long
def test_the_wheel_works_in_a_new_environment(checkout: Path, tmp_path: Path) -> None:
    """A new environment that sees this one's dependencies but not its vfxai, and no checkout."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    said(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path / "dist", checkout, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("vfxai-*.whl")
    shutil.rmtree(checkout)
    venv.create(tmp_path / "new")
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(tmp_path / "new"), "platbase": str(tmp_path / "new")}))
    said(*pip, "install", "--no-deps", "--no-index", "--prefix", tmp_path / "new", wheel, cwd=tmp_path)
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")  # its own .pth files are not followed
    vfxai = tmp_path / "new/bin/vfxai"
    python = tmp_path / "new/bin/python"
    assert str(place) in said(python, "-c", "import vfxai; print(vfxai.__file__)", cwd=tmp_path)
    ids = sorted(p.parent.name for p in ROOT.glob("models/*/manifest.toml"))
    assert [line.split()[0] for line in said(python, vfxai, "models", "verify", cwd=tmp_path).splitlines()] == ids
    plate = ROOT / "examples/plate/noisy.1003.exr"
    lines = said(python, vfxai, "denoise", plate, "out.exr", "--radius", "0", "--precision", "fp32", cwd=tmp_path)
    assert "done: 1 frames" in lines
    assert str(place / "vfxai/_ocio/config.ocio") in said(
        python, "-c", "from vfxai.color.config import find_config; print(find_config().text)", cwd=tmp_path
    )
    assert (tmp_path / "out.exr").is_file()
