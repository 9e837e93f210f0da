"""Whether frames on disk are still what their recipe would make."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vfxai import __version__
from vfxai.engine.file_job import FileJob
from vfxai.engine.recipe import Recipe
from vfxai.engine.resume import said_key
from vfxai.errors import ParameterError
from vfxai.image.sequence import Pattern
from vfxai.session.analyses import Analyses
from vfxai.session.request import Request


def changed_frames(recipe: Recipe, facts: Mapping[str, str], output: Pattern, frames: Sequence[int]) -> dict[int, str]:
    """Why each of the frames is not what its recipe would make now, by number; nothing where all are.

    `facts` are what one of the frames says of itself. Inputs, models, values and analyses count, by their identities: no frame is made.
    """
    job = FileJob(replace(recipe, output=output.text, job=recipe.job.replaced(frames="", step="all")), Request())
    if (known := _analyses(facts)) is not None:
        job.take(known)
    if not facts.get("analysis-hash"):
        return dict.fromkeys(frames, f"it does not say what it was made of (written by vfxai {facts.get('version', '?')})")
    keys, found = job.keys(facts["analysis-hash"]), {}
    for number in frames:
        said = said_key(output.path(number))
        if said != keys.get(number):
            found[number] = _reason(job, facts) if number in keys else "its plate has no such frame"
    return found


def _analyses(facts: Mapping[str, str]) -> Analyses | None:
    """From a header, where it is not too long for one."""
    try:
        return Analyses.from_dict(json.loads(facts["analysis"]))
    except (KeyError, ValueError, ParameterError):
        return None


def _reason(job: FileJob, facts: Mapping[str, str]) -> str:
    if json.loads(facts.get("models", "{}")) != job.models():
        return "its models have changed since"
    if (was := facts.get("nodes", "")) != (now := job.recipe.versions()):
        return f"a node has another version since: it was made by {was}, here is {now}"
    if facts.get("version") != __version__:
        return f"it was made by vfxai {facts.get('version')}, whose nodes may do something else"
    return "its plate, or something else that it was made of, has changed since"
