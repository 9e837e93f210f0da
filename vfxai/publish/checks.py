"""The checks, each a function of a delivery that yields its problems. They read files, never a node or a database."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import torch

from vfxai.errors import VfxaiError
from vfxai.image.sequence import frames_text
from vfxai.image.untouched import differences
from vfxai.models.store import Store
from vfxai.publish.delivery import Delivery, Problem, as_problem
from vfxai.publish.provenance import Provenance, placeless

RUN_AGAIN = "run the recipe again; frames that are as they should be are kept"
Find = Callable[[Delivery], Iterator[Problem]]


@dataclass(frozen=True)
class Check:
    """One check."""

    id: str
    title: str
    """What is true where it passes."""
    find: Find

    def problems(self, delivery: Delivery) -> list[Problem]:
        """What it found; an error on the way is a problem like any other."""
        try:
            return list(self.find(delivery))
        except VfxaiError as error:
            return [as_problem(error, delivery.output.text)]


def problems_of(shot: Sequence[Delivery]) -> dict[str, list[Problem]]:
    """What each check found in all views of a shot, by the check's id; what several views have in common once."""
    return {check.id: list(dict.fromkeys(p for view in shot for p in check.problems(view))) for check in CHECKS}


def _complete(delivery: Delivery) -> Iterator[Problem]:
    missing = [n for n in delivery.frames if not delivery.output.path(n).is_file()]
    if missing:
        some = ", ".join(map(str, missing[:8])) + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
        yield Problem(f"{len(missing)} of {len(delivery.frames)} frames are missing: {some}", delivery.output.text, RUN_AGAIN)


def _provenance(delivery: Delivery) -> Iterator[Problem]:
    for number in delivery.present:
        path = delivery.output.path(number)
        try:
            differing = delivery.provenance.differs(Provenance.read(path))
        except VfxaiError as error:
            yield as_problem(error, str(path))
            continue
        if differing:
            yield Problem(f"it was made otherwise than the first frame: {', '.join(differing)} differ", str(path), RUN_AGAIN)


def _inputs(delivery: Delivery) -> Iterator[Problem]:
    from vfxai.engine.verify import changed_frames

    for number, reason in changed_frames(delivery.recipe, delivery.provenance.facts, delivery.output, delivery.present).items():
        yield Problem(reason, str(delivery.output.path(number)), RUN_AGAIN)


def _machines(delivery: Delivery) -> Iterator[Problem]:
    if delivery.machines == "any":
        return
    made = delivery.made_on()
    if len(made) > 1:
        said = "; ".join(f"{frames_text(numbers)} on {machine}" for machine, numbers in made.items())
        yield Problem(
            f"the frames were made on {len(made)} classes of machines, whose last bits differ: {said}",
            delivery.output.text,
            "make them on machines of one class (run the recipe there with --overwrite), or allow it with --machines any",
        )


def _untouched(delivery: Delivery) -> Iterator[Problem]:
    if not delivery.is_picture:
        return
    alpha = any(step.node.changes_alpha for step in delivery.recipe.steps)
    for _number, path, plate in delivery.pairs():
        for difference, remedy in differences(path, plate, delivery.recipe.job.layer, delivery.views, alpha):
            yield Problem(difference, str(path), remedy)


def _colorspace(delivery: Delivery) -> Iterator[Problem]:
    if not delivery.colorspace:
        return
    from vfxai.color.config import find_config

    config = find_config(delivery.recipe.job.ocio or None)
    for number in delivery.present:
        path = delivery.output.path(number)
        found = config.space(path, delivery.read(path).attributes, None).name
        if config.canonical(found) != config.canonical(delivery.colorspace):
            yield Problem(
                f"its colour space is {found}, the pipeline says {delivery.colorspace}", str(path), "correct one of them"
            )


def _finite(delivery: Delivery) -> Iterator[Problem]:
    for number in delivery.present:
        path = delivery.output.path(number)
        try:
            frame = delivery.read(path)
        except VfxaiError as error:
            yield as_problem(error, str(path))
            continue
        planes = frame.color if frame.alpha is None else torch.cat([frame.color, frame.alpha])
        bad = int((~torch.isfinite(planes)).any(0).sum())
        if bad:
            yield Problem(f"{bad} pixels are no numbers", delivery.where(number), "look at the plate there, and " + RUN_AGAIN)


def _license(delivery: Delivery) -> Iterator[Problem]:
    store = Store()
    for model, digest in delivery.provenance.models.items():
        manifest = store.manifest(model)
        if delivery.license == "commercial" and not manifest.commercial:
            yield Problem(
                f"{model} ({manifest.licence}) does not allow paid work", delivery.output.text, "use a model whose licence does"
            )
        if store.verify(model).digest != digest:
            yield Problem(f"{model} was another version than the one here", delivery.output.text, RUN_AGAIN)


def _recipe(delivery: Delivery) -> Iterator[Problem]:
    from vfxai.engine.resume import Journal

    path = Journal(delivery.output).recipe_path
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield Problem(f"no recipe is kept beside the frames ({error})", str(path), RUN_AGAIN)
        return
    if not isinstance(kept, dict) or placeless(kept) != placeless(delivery.provenance.recipe):
        yield Problem("the recipe beside the frames is not the one that made them", str(path), RUN_AGAIN)


def _limits(delivery: Delivery) -> Iterator[Problem]:
    from vfxai.publish.changes import measure

    limits, shift = delivery.limits, delivery.most_shift
    if (limits.changed is limits.invented is None and shift == inf) or not delivery.is_picture:
        return
    for frame in measure(delivery).frames:
        where = delivery.where(frame.number)
        found = [("pixels were changed", frame.changed, limits.changed), ("pixels are made up", frame.invented, limits.invented)]
        for what, share, most in found:
            if share is not None and most is not None and share > most:
                yield Problem(f"{100 * share:.3g} % of the {what}, {100 * most:.3g} % may be", where, "look at the change report")
        if frame.shift > shift:
            yield Problem(
                f"tone moved by {frame.shift:.2f} times the noise, {shift:g} may be", where, "look at the change report"
            )


CHECKS: tuple[Check, ...] = (
    Check("complete", "every frame is there", _complete),
    Check("provenance", "every frame says how it was made, and all say the same", _provenance),
    Check("inputs", "nothing that the frames were made of has changed since", _inputs),
    Check("machines", "one class of machine made all frames", _machines),
    Check("untouched", "channels, windows and timecode that were not processed are the plate's", _untouched),
    Check("colorspace", "the colour space is what the pipeline says", _colorspace),
    Check("finite", "every frame is whole and every pixel is a number", _finite),
    Check("license", "the models may be used for this show, and are the ones that are here", _license),
    Check("recipe", "the recipe lies beside the frames", _recipe),
    Check("limits", "changes stay within limits", _limits),
)
"""In the order in which they are worth looking at."""
