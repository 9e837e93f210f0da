"""The change report of a shot: what was done, by what and whom, and what it changed. HTML for people, JSON for machines."""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vfxai import __version__
from vfxai.engine.resume import user_name
from vfxai.errors import OutputError, VfxaiError, reason
from vfxai.image.partial import write_text
from vfxai.image.sequence import frames_text
from vfxai.measure.change_page import ChangePictures, ViewChange, page
from vfxai.models.openness import framework_class, open_source_ai
from vfxai.models.store import Store
from vfxai.publish.changes import measure, spread
from vfxai.publish.checks import CHECKS, Check, problems_of
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
            page_path, data_path = path.with_suffix(".html"), path.with_suffix(".json")
            write_text(page_path, self.html)
            write_text(data_path, json.dumps(self.facts, indent=1) + "\n")
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {reason(error)}", remedy="choose another folder") from error
        return [page_path, data_path]


def make(shot: Sequence[Delivery], *, checks: bool = True) -> Report:
    """The report of a shot, given as its views. InputError where no frame says how it was made."""
    first, seen = shot[0], []
    for view in shot:
        pictures = ChangePictures(frozenset(spread(view.present, SHOWN)), view.output.suffix.lower() == ".exr")
        seen.append(ViewChange(view.name, measure(view, pictures.add), pictures))
    found = problems_of(shot) if checks else {}
    results = [_checked(check, found[check.id]) for check in CHECKS if check.id in found]
    models, done = _models(first.provenance.models), _done(shot)
    facts = {
        "schema": 1, "done": done, "models": models, "checks": results,
        "change": [{"view": one.view, **one.change.to_dict()} for one in seen], "files": _hashes(shot),
    }  # fmt: skip
    shown = [{k: str(v) for k, v in m.items()} for m in models]
    title = f"Change report: {Path(first.output.text).name}"
    return Report(facts, page(title, done, shown, results, seen))


def _done(shot: Sequence[Delivery]) -> dict[str, str]:
    """What was done, by whom, on what and when."""
    first = shot[0]
    said = first.provenance.facts
    machines = {machine: None for view in shot for machine in view.made_on()}
    users = {user: None for view in shot for user in view.made_by()}
    return {
        "output": " and ".join(dict.fromkeys(view.output.text for view in shot)),
        "frames": frames_text(first.present),
        **({"views": ", ".join(view.name for view in shot)} if first.name else {}),
        "nodes": said.get("nodes", ""),
        "recipe": json.dumps(first.provenance.recipe),
        "made by": ", ".join(users) or "not said",
        "made on": "; ".join(machines),
        "written": time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(max(map(_written, shot)))),
        "vfxai": said.get("version", ""),
        "analysis": said.get("analysis", "none"),
        "report by": f"vfxai {__version__}, {user_name() or 'unknown user'}",
    }


def folder_of(shot: Sequence[Delivery]) -> Path:
    """The folder in which the report of a shot lies unless it is to lie elsewhere: beside the frames, of views in folders of their own above those."""
    folders = [str(view.output.path(0).parent) for view in shot]
    return Path(os.path.commonpath(folders)) if len(set(folders)) > 1 else Path(folders[0])


def _hashes(shot: Sequence[Delivery]) -> dict[str, str]:
    """SHA-256 of every frame by its name, seen from the report's folder."""
    folder, paths = folder_of(shot), dict.fromkeys(view.output.path(n) for view in shot for n in view.present)
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in paths}


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checked(check: Check, problems: Sequence[object]) -> dict[str, str]:
    detail = "; ".join(map(str, problems[:3]))
    return {"id": check.id, "title": check.title, "state": "failed" if problems else "ok", "detail": detail}


def _models(hashes: dict[str, str]) -> list[dict[str, Any]]:
    store, found = Store(), []
    for model, digest in hashes.items():
        try:
            manifest = store.manifest(model)
            said = {
                "licence": manifest.licence, "paid work": "yes" if manifest.commercial else "no", "version": manifest.version,
                "openness": framework_class(manifest),
                "Open Source AI": open_source_ai(manifest), "trained on": "; ".join(f"{s.name} ({s.licence})" for s in manifest.sources),
            }  # fmt: skip
        except VfxaiError as error:
            said = {"licence": "unknown", "paid work": "unknown", "version": "?", "trained on": error.message}
        found.append({"model": model, "sha256": digest, **said})
    return found


def _written(delivery: Delivery) -> float:
    return max(delivery.output.path(n).stat().st_mtime for n in delivery.present)
