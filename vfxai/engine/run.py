"""Runs a recipe: reads ahead, processes, writes behind; resumes, cancels, and goes on past frames that fail."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from vfxai.engine.file_job import DEPTH, FileJob
from vfxai.engine.hold import held
from vfxai.engine.own_input import check_foreign
from vfxai.engine.pipeline import Pipeline, Work
from vfxai.engine.progress import Reporter, Silent
from vfxai.engine.recipe import Recipe
from vfxai.engine.resume import content_hash
from vfxai.engine.views import OfView, by_view
from vfxai.errors import (
    FramesFailedError,
    MissingInputError,
    OutputError,
    UnreadableInputError,
    VfxaiError,
    reason,
)
from vfxai.image.cache import HELD_BYTES
from vfxai.image.clip import frame_bytes
from vfxai.image.files import write_frame
from vfxai.image.frame import Frame
from vfxai.image.partial import clear_dead, part_of
from vfxai.image.sequence import frames_text
from vfxai.models.pool import Pool
from vfxai.schema.events import Failure, Outcome, Progress, Start, Warning_
from vfxai.session.losses import Losses
from vfxai.session.request import Request


def run(
    recipe: Recipe, reporter: Reporter | None = None, request: Request | None = None, pools: Callable[..., Pool] = Pool
) -> Outcome:
    """Runs a recipe to the end; what there is to tell goes to the reporter, and `request` can be cancelled from another thread.

    `pools` gives the networks for choices of device, backend, precision and tile, where they are shared with other runs.

    Raises FramesFailedError, with the outcome, where some frames failed and the others are done, CancelledError on cancel.
    """
    reporter, outer = reporter or Silent(), request or Request()
    started, views = time.monotonic(), by_view(recipe)
    parts = [_run_view(one, view, OfView(reporter, view) if view else reporter, outer, pools) for view, one in views]
    outcome = _of_all([part for part, _ in parts], time.monotonic() - started)
    reporter.event(outcome.done())
    errors = [error for _, failed in parts for error in failed.values()]
    if errors:
        if not outcome.written + outcome.kept:
            raise errors[0]
        names = [f"{f.number} {f.view}".rstrip() for f in outcome.failed]
        raise FramesFailedError(
            f"{len(errors)} of {outcome.written + len(errors)} frames failed: {', '.join(names)}",
            remedy=f"first: {errors[0].message}",
            outcome=outcome,
        )
    return outcome


def _of_all(parts: Sequence[Outcome], seconds: float) -> Outcome:
    """The outcome of the runs of all views; of one where there is no other."""
    if len(parts) == 1:
        return replace(parts[0], seconds=seconds)
    return Outcome(
        sum(p.written for p in parts),
        sum(p.kept for p in parts),
        seconds,
        tuple(f for p in parts for f in p.failed),
        {model: digest for p in parts for model, digest in p.models.items()},
        content_hash([p.analyses for p in parts]) if any(p.analyses for p in parts) else "",
        {stage: sum(p.waiting.get(stage, 0.0) for p in parts) for stage in parts[0].waiting},
    )


def _run_view(
    recipe: Recipe, view: str, reporter: Reporter, outer: Request, pools: Callable[..., Pool]
) -> tuple[Outcome, Mapping[int, VfxaiError]]:
    """Runs the recipe of one view; what it came to, and the errors of the frames that failed."""
    started = time.monotonic()
    job = FileJob(recipe, _reported(outer, reporter), pools)
    _check_writable(job.journal.folder.parent)
    clear_dead(job.output.path(0).parent)
    depth = max(1, min(DEPTH, HELD_BYTES // frame_bytes(_first_readable(job))))
    job.check_written()
    job.check_size()
    if recipe.job.step == "analyze":
        analyses = job.analyze()
        return Outcome(0, 0, time.monotonic() - started, models=job.models(), analyses=analyses.hash), {}
    with held(job.journal, recipe.asked()):
        return _make_frames(job, view, depth, reporter)


def _make_frames(job: FileJob, view: str, depth: int, reporter: Reporter) -> tuple[Outcome, Mapping[int, VfxaiError]]:
    """Learns what is not known yet, and makes the frames that are not there."""
    started, analyses = time.monotonic(), job.analyze()
    job.check_patterns()
    job.journal.keep_recipe(job.recipe)
    keys = job.keys(job.analysis_hash(analyses))
    todo = _todo(job, keys)
    kept = len(keys) - len(todo)
    _tell_start(job, reporter, len(todo), kept)
    _tell_mixed(job, keys, reporter)
    pipeline = Pipeline(_work(job, keys, job.provenance(analyses), reporter), reporter, job.request, depth)
    pipeline.run(todo)
    failed = pipeline.failed
    _check_there(job, [n for n in keys if n not in failed])
    failures = tuple(Failure(n, error.kind, error.message, error.remedy, view) for n, error in sorted(failed.items()))
    seconds, learned = time.monotonic() - started, "" if analyses.is_empty else analyses.hash
    return Outcome(len(todo) - len(failed), kept, seconds, failures, job.models(), learned, pipeline.times), failed


def _reported(outer: Request, reporter: Reporter) -> Request:
    """The caller's request as the run makes it: its progress and warnings are events as well."""

    def progress(done: int, total: int, what: str) -> None:
        outer.progress(done, total, what)
        reporter.event(Progress(done, total, what))

    def warn(message: str) -> None:
        outer.warn(message)
        reporter.event(Warning_(message))

    return Request(progress, warn, outer.cancelled, outer.turn)


def _todo(job: FileJob, keys: Mapping[int, str]) -> list[int]:
    """The frames that are to be made; ParameterError where one is on disk that vfxai did not write."""
    if job.recipe.job.overwrite:
        return list(keys)
    todo = [n for n, key in keys.items() if not job.journal.is_done(n, key)]
    check_foreign(job.output, todo, job.journal, "--overwrite")
    return todo


def _tell_start(job: FileJob, reporter: Reporter, frames: int, kept: int) -> None:
    choice = job.spaces.taken
    held, nodes = job.source.held, tuple(s.node.id for s in job.recipe.steps)
    machine = (job.config.name, job.pool.device, job.session.backends())
    space = job.spaces.output or choice.name
    reporter.event(
        Start(
            frames,
            kept,
            nodes,
            choice.name,
            choice.origin,
            *machine,
            held=len(held),
            chosen=job.chosen(),
            output_colorspace=space,
        )
    )
    job.spaces.tell(job.source.path(job.source.frames[0]), job.output.path(0))
    if job.recipe.job.missing == "hold" and held:
        reporter.event(Warning_(f"{len(held)} missing frames are held: {', '.join(map(str, list(held)[:8]))}"))


def _tell_mixed(job: FileJob, keys: Mapping[int, str], reporter: Reporter) -> None:
    """A warning where frames beyond the range lie there that were made with other values. A chunk of a farm leaves them to the others."""
    if job.recipe.job.step == "all" and (others := job.journal.of_other_values(keys)):
        said = f"{job.output.text} holds {frames_text(others)} too, made with other values than those of this run; they are left as they are"
        reporter.event(Warning_(said, "make them again with these values, or choose another output"))


def _work(job: FileJob, keys: Mapping[int, str], attributes: Mapping[str, str], reporter: Reporter) -> Work:
    """What the pipeline does for a job."""
    options = job.recipe.job
    losses = Losses(
        lambda said, remedy: reporter.event(Warning_(said, remedy)), job.config, depth=options.depth, compression=options.compression,
        converted=bool(job.spaces.output), is_color=job.spaces.gives_color,
    )  # fmt: skip

    def write(number: int, frame: Frame) -> str:
        path = job.output.path(number)
        losses.tell(path, frame)
        made = {**attributes, "vfxai/source-frame": str(job.session.origin(number)), "vfxai/key": keys[number]}
        write_frame(
            path, frame, depth=options.depth, compression=options.compression, attributes=made,
            complete=lambda partial: job.journal.finish(number, keys[number], partial), make_folder=False,
        )  # fmt: skip
        losses.tell_space(path, frame)
        return str(path)

    return Work(job.read_ahead, job.frame, write, job.request.facts)


def _first_readable(job: FileJob) -> Frame:
    """The first frame that can be read: it says the colour space, and whether the plate can be read at all."""
    damaged: UnreadableInputError | None = None
    for number in job.source.frames:
        try:
            return job.source[number]
        except UnreadableInputError as error:
            damaged = damaged or error
    raise damaged or MissingInputError(f"{job.recipe.source} has no frame", remedy="check the frame range")


def _check_there(job: FileJob, numbers: Sequence[int]) -> None:
    """OutputError where frames that were made are not on disk at the end."""
    gone = [n for n in numbers if not job.output.path(n).is_file()]
    if gone:
        some = ", ".join(map(str, gone[:8])) + (" ..." if len(gone) > 8 else "")
        raise OutputError(
            f"{len(gone)} of {len(numbers)} frames that were written are not there any more: {some}",
            remedy="somebody removed them while they were made; run the same command again",
        )


def _in_the_way(folder: Path) -> str:
    """What lies where a folder is due, in words."""
    files = [p for p in (folder, *folder.parents) if p.is_file()]
    return f"{files[0]} is a file" if files else ""


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = part_of(folder / "vfxai-probe")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to: {_in_the_way(folder) or reason(error)}",
            remedy="check the path, free space and write permission",
        ) from error
