"""What pyproject.toml cannot say: `models/`, `ocio/` and `plugins/` lie beside the package in the repository, and inside it in a wheel."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """Adds the models and the OCIO config where vfxai.models.store and vfxai.color.config look for them."""

    def run(self) -> None:
        """Copies them beside the modules; an editable install finds them in the repository."""
        super().run()
        if self.editable_mode:
            return
        package = Path(self.build_lib, "vfxai")
        for name in ("_models", "_ocio", "_plugins"):
            shutil.rmtree(package / name, ignore_errors=True)  # a model of an earlier build that is no more
        for manifest in Path("models").glob("*/manifest.toml"):
            shutil.copytree(manifest.parent, package / "_models" / manifest.parent.name)
        shutil.copytree("plugins/ofx", package / "_plugins/ofx")
        shutil.copytree("plugins/blender", package / "_plugins/blender", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree("plugins/nuke", package / "_plugins/nuke", ignore=shutil.ignore_patterns("__pycache__", "*.ini"))
        (package / "_ocio").mkdir()
        shutil.copy(Path("ocio/config.ocio"), package / "_ocio")


setup(cmdclass={"build_py": BuildPy})
