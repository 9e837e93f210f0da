"""Where models lie, and whether their files are what the manifest says. Never downloads anything."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from vfxai.errors import ModelDamagedError, ModelLicenseError, ModelMissingError, ParameterError
from vfxai.models.manifest import Manifest, read_manifest


def default_roots() -> list[Path]:
    """Folders of $VFXAI_MODELS, then the models shipped with the package or the checkout."""
    package = Path(__file__).resolve().parents[1]
    own = [Path(p) for p in os.environ.get("VFXAI_MODELS", "").split(os.pathsep) if p]
    return [*own, package / "_models", package.parent / "models"]


@lru_cache(maxsize=64)
def _sha256(path: str, size: int, changed: int) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Store:
    """Models by id; the first root that has one wins."""

    def __init__(self, roots: list[Path] | None = None) -> None:
        self.roots = default_roots() if roots is None else roots

    def ids(self) -> list[str]:
        """Ids of the models there are."""
        return sorted({p.parent.name for root in self.roots for p in root.glob("*/manifest.toml")})

    def folder(self, model_id: str) -> Path:
        """The folder of a model; ModelMissingError lists what there is."""
        for root in self.roots:
            if (root / model_id / "manifest.toml").is_file():
                return root / model_id
        raise ModelMissingError(
            f"there is no model {model_id!r} in {', '.join(map(str, self.roots))}",
            remedy=f"models there are: {', '.join(self.ids()) or 'none'}; set VFXAI_MODELS to the folder that holds it",
        )

    def manifest(self, model_id: str) -> Manifest:
        """The papers of a model."""
        manifest = read_manifest(self.folder(model_id) / "manifest.toml")
        if manifest.id != model_id:
            raise ModelDamagedError(f"the folder {model_id} holds the model {manifest.id}", remedy="rename the folder")
        return manifest

    def verify(self, model_id: str) -> Manifest:
        """Compares every file with its hash (once a process unless the file changes); ModelDamagedError where one differs."""
        manifest, folder = self.manifest(model_id), self.folder(model_id)
        for file in manifest.files:
            path = folder / file.name
            if not path.is_file():
                raise ModelDamagedError(f"{model_id}: {path} is missing", remedy="restore the model's folder")
            status = path.stat()
            got = _sha256(str(path), status.st_size, status.st_mtime_ns)
            if got != file.sha256:
                raise ModelDamagedError(
                    f"{model_id}: {path} has sha256 {got[:16]}..., the manifest says {file.sha256[:16]}...",
                    remedy="the file was changed or damaged; restore the model's folder",
                )
        return manifest

    def require_license(self, model_id: str, commercial: bool) -> None:
        """ModelLicenseError where paid work is meant and the licence does not allow it."""
        manifest = self.manifest(model_id)
        if commercial and not manifest.allows_paid_work:
            raise ModelLicenseError(
                f"{model_id} is under {manifest.licence}, which does not allow paid work",
                remedy="choose another model, or, where the work is not paid, --license any",
            )


def wanted_license(license: str = "auto") -> str:
    """any or commercial; auto is what $VFXAI_LICENSE says, else any. ParameterError for another word."""
    stated = os.environ.get("VFXAI_LICENSE", "") if license == "auto" else license
    if stated not in ("", "any", "commercial"):
        where = "$VFXAI_LICENSE" if license == "auto" else "license"
        raise ParameterError(f"{where}: expected any or commercial, got {stated[:40]!r}", remedy="give one of these")
    return stated or "any"
