"""`vfxai models list|show|verify`: the networks and their papers."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Adds the sub-command."""
    parser = subparsers.add_parser("models", help="list, show and verify the networks", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in (
        ("list", "ids, licences and tasks"),
        ("show", "the papers of one model"),
        ("verify", "compare files with their hashes"),
    ):
        sub = actions.add_parser(action, help=text)
        if action != "list":
            sub.add_argument("model", nargs="?" if action == "verify" else None, metavar="ID")
        sub.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Prints what was asked."""
    from dataclasses import asdict

    from vfxai.errors import ModelDamagedError, VfxaiError
    from vfxai.models.openness import framework_class, open_source_ai
    from vfxai.models.store import Store

    store = Store()
    if options.action == "show":
        manifest = store.manifest(options.model)
        facts = asdict(manifest) | {"openness": framework_class(manifest), "open_source_ai": open_source_ai(manifest)}
        print(json.dumps(facts) if options.json else "\n".join(f"{k}: {v}" for k, v in facts.items()))
        return 0
    ids = [options.model] if getattr(options, "model", None) else store.ids()
    damaged: list[VfxaiError] = []
    for model_id in ids:
        try:
            manifest = store.verify(model_id) if options.action == "verify" else store.manifest(model_id)
        except VfxaiError as error:  # the others are looked at all the same
            damaged.append(error)
            continue
        facts = {
            "id": model_id,
            "version": manifest.version,
            "licence": manifest.licence,
            "commercial": manifest.allows_paid_work,
            "task": manifest.task,
        }
        if options.action == "verify":
            facts["verified"] = True
        print(
            json.dumps(facts)
            if options.json
            else f"{model_id:14} {manifest.licence:12} {manifest.task}" + ("  verified" if "verified" in facts else "")
        )
    if len(damaged) > 1:
        raise ModelDamagedError("; ".join(e.message for e in damaged), remedy=damaged[0].remedy)
    if damaged:
        raise damaged[0]
    return 0
