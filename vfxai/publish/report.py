"""The change report of a delivery: what was done, by what and whom, and what it changed. HTML for people, JSON for machines."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vfxai import __version__
from vfxai.engine.resume import user_name
from vfxai.errors import OutputError, VfxaiError
from vfxai.measure.change_page import ChangePictures, page
from vfxai.models.store import Store
from vfxai.publish.changes import measure, spread
from vfxai.publish.checks import CHECKS
from vfxai.publish.delivery import Delivery

SHOWN = 4
"""Frames with pictures in a report, spread over the shot: it stays of a size that mail takes."""


@dataclass(frozen=True)
class Report:
    """What a report says, as plain values."""

    facts: dict[str, Any]
    html: str

    def write(self, path: Path) -> list[Path]:
        """Writes PATH.html and PATH.json; their paths. OutputError where the disk does not take them."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            page_path, data_path = path.with_suffix(".html"), path.with_suffix(".json")
            page_path.write_text(self.html, encoding="utf-8")
            data_path.write_text(json.dumps(self.facts, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error}", remedy="choose another folder") from error
        return [page_path, data_path]


def make(delivery: Delivery, *, checks: bool = True) -> Report:
    """The report of a delivery. InputError where no frame says how it was made."""
    provenance = delivery.provenance
    pictures = ChangePictures(frozenset(spread(delivery.present, SHOWN)), delivery.output.suffix.lower() == ".exr")
    change = measure(delivery, pictures.add)
    results = [_checked(c.title, c.problems(delivery)) for c in CHECKS] if checks else []
    done = {
        "output": delivery.output.text,
        "frames": f"{delivery.present[0]}-{delivery.present[-1]}",
        "nodes": provenance.facts.get("nodes", ""),
        "recipe": json.dumps(provenance.recipe),
        "made by": provenance.facts.get("user", "not said"),
        "made on": provenance.facts.get("machine", "not said"),
        "written": time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(_written(delivery))),
        "vfxai": provenance.facts.get("version", ""),
        "analysis": provenance.facts.get("analysis", "none"),
        "report by": f"vfxai {__version__}, {user_name() or 'unknown user'}",
    }
    models = _models(provenance.models)
    facts = {
        "schema": 1, "done": done, "models": models, "checks": results, "change": change.to_dict(),
        "files": {p.name: file_hash(p) for p in map(delivery.output.path, delivery.present)},
    }  # fmt: skip
    shown = [{k: str(v) for k, v in m.items()} for m in models]
    title = f"Change report: {Path(delivery.output.text).name}"
    return Report(facts, page(title, done, shown, results, change, pictures))


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checked(title: str, problems: Sequence[object]) -> dict[str, str]:
    return {"title": title, "state": "failed" if problems else "ok", "detail": "; ".join(map(str, problems[:3]))}


def _models(hashes: dict[str, str]) -> list[dict[str, Any]]:
    store, found = Store(), []
    for model, digest in hashes.items():
        try:
            manifest = store.manifest(model)
            said = {
                "licence": manifest.licence, "paid work": "yes" if manifest.commercial else "no", "version": manifest.version,
                "trained on": "; ".join(f"{s.name} ({s.licence})" for s in manifest.sources),
            }  # fmt: skip
        except VfxaiError as error:
            said = {"licence": "unknown", "paid work": "unknown", "version": "?", "trained on": error.message}
        found.append({"model": model, "sha256": digest, **said})
    return found


def _written(delivery: Delivery) -> float:
    return max(delivery.output.path(n).stat().st_mtime for n in delivery.present)
