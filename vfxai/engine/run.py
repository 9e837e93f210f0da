"""Runs a recipe: reads ahead, processes, writes behind; resumes, cancels, and goes on past frames that fail."""

import hashlib
import json
import queue
import threading
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from vfxai import __version__
from vfxai.color.config import Config, SpaceChoice, find_config
from vfxai.engine.apply import EngineTools, NodeClip
from vfxai.engine.progress import Reporter, Silent
from vfxai.engine.recipe import Recipe
from vfxai.engine.resume import Journal, file_identity, frame_key
from vfxai.errors import CancelledError, FramesFailedError, OutputError, ParameterError, ResourceError, VfxaiError
from vfxai.image.clip import HELD_BYTES, Clip, FileClip, frame_bytes, open_clip
from vfxai.image.files import check_storage, write_frame
from vfxai.image.formats import KEEP_ALL, what_is_lost
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern, files_named
from vfxai.models.pool import Pool
from vfxai.schema.events import ErrorEvent, Failure, FrameDone, Outcome, Progress, Start, Warning_

LONG = 32_768
"""Characters of an analysis above which a frame's header holds its hash instead."""
DEPTH = 3
"""Frames that are read ahead and that may wait to be written, as long as they fit in HELD_BYTES; one of 8K."""


class Job:
    """A recipe made ready: clips, models, journal."""

    def __init__(self, recipe: Recipe, reporter: Reporter | None = None, cancelled: threading.Event | None = None) -> None:
        self.recipe, self.reporter = recipe, reporter or Silent()
        self.output = Pattern.parse(recipe.output)
        check_storage(self.output.path(0), recipe.job.depth, recipe.job.compression)
        self.config = find_config(recipe.job.ocio or None)
        self.spaces: dict[str, SpaceChoice] = {}
        self._told_losses: set[str] = set()
        loaded = [s.node.temporal_window().loaded for s in recipe.steps]
        reach = 1 + sum(w.before + w.after for w in loaded)
        self.source = open_clip(
            recipe.source, frames=recipe.job.frames or None, layer=recipe.job.layer or None, missing=recipe.job.missing,
            colorspace=self._space,
        )  # fmt: skip
        self.source.hold(reach + 1, reach + DEPTH + 1)
        self.pool = Pool(
            device=recipe.job.device,
            backend=recipe.job.backend,
            precision=recipe.job.precision,
            tile=recipe.job.tile,
            warn=self._warn,
        )
        self.tools = EngineTools(self.pool, reach, self._warn, self._progress, cancelled or threading.Event())
        self.active = [s for s in recipe.steps if not s.node.leaves_plate()]
        self.chain: list[NodeClip] = []
        clip: Clip = self.source
        for step in self.active:
            masks = {name: open_clip(pattern, colorspace=lambda path, attributes: "") for name, (pattern,) in step.inputs.items()}
            clip = NodeClip(clip, step.node, self.tools, self.config, masks)
            self.chain.append(clip)
        self.result = clip
        self.journal = Journal(self.output)

    def check_patterns(self) -> None:
        """ParameterError where the output cannot take the frames, or is the input."""
        frames = self.result.frames
        if not self.output.is_sequence and len(frames) > 1:
            raise ParameterError(
                f"{self.output.text} is one file for {len(frames)} frames", remedy="write the output as name.####.exr"
            )
        inputs = {p.resolve() for p in self._beside(self.source)}
        for number in frames:
            if self.output.path(number).resolve() in inputs:
                raise ParameterError(
                    f"{self.output.path(number)} is input and output", remedy="choose another folder or name for the output"
                )

    def _space(self, path: Path, attributes: Mapping[str, Any]) -> str:
        choice = self.config.space(path, attributes, self.recipe.job.colorspace or None)
        if not choice.stated and choice.name not in self.spaces:
            self._warn(
                f"{path.name} does not say its colour space; taken as {choice.name} ({choice.origin}). --colorspace states another"
            )
        self.spaces.setdefault(choice.name, choice)
        return choice.name

    def _warn(self, message: str) -> None:
        self.reporter.event(Warning_(message))

    def warn_of_loss(self, path: Path, frame: Frame) -> None:
        """Says once a run which channels, and once which values, the output's format has no place for."""
        for kind, said in what_is_lost(path, frame).items():
            if kind not in self._told_losses:
                self._told_losses.add(kind)
                self.reporter.event(Warning_(said, KEEP_ALL))

    def _progress(self, done: int, total: int, what: str) -> None:
        self.reporter.event(Progress(done, total, what))

    def _model_ids(self) -> list[str]:
        return sorted({m for s in self.active for m in s.node.used_models()})

    def models(self) -> dict[str, str]:
        """Hash by id of the models that the chain uses, verified."""
        return {
            m: hashlib.sha256("".join(f.sha256 for f in self.pool.store.verify(m).files).encode()).hexdigest()
            for m in self._model_ids()
        }

    def backends(self) -> dict[str, str]:
        """What runs each model, such as "onnx fp32", by id."""
        return {m: " ".join(self.pool.choice(self.pool.store.manifest(m))) for m in self._model_ids()}

    def learn(self) -> list[Any]:
        """The analyses of the chain over the whole shot: read where a file holds them, else made and written."""
        shot: Clip = self.source.whole()
        path = Path(self.recipe.job.analysis) if self.recipe.job.analysis else self.journal.path.with_suffix(".analysis.json")
        key = None if self.recipe.job.analysis else self._analysis_key()
        known = self._read_analyses(path, key)
        for index, clip in enumerate(self.chain):
            if known is not None:
                clip.analysis = clip.node.load_analysis(known[index]) if known[index] is not None else None
            clip.learn(shot)
            clip.deliver(shot)
            shot = NodeClip(shot, clip.node, self.tools, self.config, clip.masks, analysis=clip.analysis)
            shot.learn()
        found = [c.analysis.to_dict() if c.analysis is not None else None for c in self.chain]
        if known is None and any(f is not None for f in found):
            one = found[0] if len(found) == 1 else found
            self.journal.write(path, {"vfxai": __version__, "key": key, "analysis": one})
        return found

    def _analysis_key(self) -> list[Any]:
        """What decides the analyses: recipe and versions of its nodes, this release, models, colour config, and the files of the whole shot."""
        files = [file_identity(p) for p in self._beside(self.source.whole())]
        return [__version__, self.recipe.identity(), self.models(), self.config.name, files]

    def _read_analyses(self, path: Path, key: Any) -> list[Any] | None:
        if not path.is_file():
            return None
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            found = data["analysis"] if isinstance(data["analysis"], list) else [data["analysis"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            if key is not None:  # our own cache beside the output
                return None
            raise ParameterError(
                f"{path} is no analysis: {error!r}", remedy="correct it, or delete it to measure again"
            ) from error
        if key is not None and data.get("key") != json.loads(json.dumps(key)):
            return None
        if len(found) != len(self.chain):
            raise ParameterError(
                f"{path} holds {len(found)} analyses for {len(self.chain)} nodes", remedy="delete it to measure again"
            )
        return found

    def _mattes(self) -> list[FileClip]:
        return [c for clip in self.chain for c in clip.masks.values() if isinstance(c, FileClip)]

    def _beside(self, *clips: FileClip) -> list[Path]:
        """What the nodes read besides plate and mattes; with the whole shot given, everything that an analysis may have seen."""
        found = [p for step in self.active for text in step.node.files() for p in files_named(text)]
        seen = [*clips, *self._mattes()] if clips else []
        return found + [clip.path(n) for clip in seen for n in clip.frames]

    def keys(self, analyses: list[Any]) -> dict[int, str]:
        """The key of every frame of the range."""
        identity = json.dumps([self.recipe.identity(), self.models(), analyses, self.config.name], sort_keys=True)
        before = sum(s.node.temporal_window().before for s in self.active)
        after = sum(s.node.temporal_window().after for s in self.active)
        mattes = self._mattes()
        identity += json.dumps([file_identity(p) for p in self._beside()])
        known = lru_cache(maxsize=None)(file_identity)  # a lazy window names every file many times
        keys = {}
        for number in self.result.frames:
            at = self.result.origin(number)
            reach = range(at - max(before, after), at + max(before, after) + 1)
            inputs = [self.source.path(n) for n in reach if self.source.has(n)]
            inputs += [m.path(n) for m in mattes for n in reach if m.has(n)]
            changing = json.dumps(self.recipe.changing(number, at))
            keys[number] = frame_key(identity + changing, [known(p) for p in inputs])
        return keys

    def provenance(self, analyses: list[Any]) -> dict[str, str]:
        """The `vfxai/*` attributes of every output frame."""
        facts = {
            "vfxai/version": __version__,
            "vfxai/recipe": json.dumps(self.recipe.to_dict()),
            "vfxai/nodes": " ".join(s.node.id for s in self.recipe.steps),
            "vfxai/models": json.dumps(self.models()),
            "vfxai/backends": json.dumps(self.backends()),
        }
        if any(a is not None for a in analyses):
            text = json.dumps(analyses)
            facts["vfxai/analysis"] = text if len(text) <= LONG else "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        return facts


def run(recipe: Recipe, reporter: Reporter | None = None, cancelled: threading.Event | None = None) -> Outcome:
    """Runs a recipe to the end. Raises FramesFailedError where some frames failed and the others are done, CancelledError on cancel."""
    started = time.monotonic()
    job = Job(recipe, reporter, cancelled)
    _check_writable(job.journal.folder.parent)
    first = job.source[job.source.frames[0]]  # says the colour space, and whether the plate can be read at all
    analyses = job.learn()
    job.check_patterns()
    keys = job.keys(analyses)
    frames = job.result.frames
    todo = [n for n in frames if recipe.job.overwrite or not job.journal.is_done(n, keys[n])]
    foreign = [n for n in todo if not recipe.job.overwrite and job.output.path(n).exists() and not job.journal.knows(n)]
    if foreign:
        raise ParameterError(
            f"{job.output.path(foreign[0])} exists and was not written by vfxai"
            + (f", and {len(foreign) - 1} more" if len(foreign) > 1 else ""),
            remedy="choose another output, or --overwrite",
        )
    depth = max(1, min(DEPTH, HELD_BYTES // frame_bytes(first)))
    del first
    choice = next(iter(job.spaces.values()), SpaceChoice("unknown", "no frame read", True))
    kept = len(frames) - len(todo)
    nodes = tuple(s.node.id for s in recipe.steps)
    machine = (job.config.name, job.pool.device, job.backends())
    job.reporter.event(Start(len(todo), kept, nodes, choice.name, choice.origin, *machine, held=len(job.source.held)))
    if recipe.job.missing == "hold" and job.source.held:
        shown = ", ".join(map(str, list(job.source.held)[:8]))
        job.reporter.event(Warning_(f"{len(job.source.held)} missing frames are held: {shown}"))
    failed, times = _Pipeline(job, keys, job.provenance(analyses), depth).run(todo)
    outcome = Outcome(
        len(todo) - len(failed),
        kept,
        time.monotonic() - started,
        tuple(Failure(n, error.kind, error.message, error.remedy) for n, error in sorted(failed.items())),
        job.models(),
        hashlib.sha256(json.dumps(analyses).encode()).hexdigest() if any(a is not None for a in analyses) else "",
        times,
    )
    job.reporter.event(outcome.done())
    if failed:
        error = next(iter(failed.values()))
        if len(failed) == len(frames):
            raise error
        raise FramesFailedError(
            f"{len(failed)} of {len(todo)} frames failed: {', '.join(map(str, sorted(failed)))}", remedy=f"first: {error.message}"
        )
    return outcome


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".vfxai-probe-{threading.get_ident()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to: {error}", remedy="check the path, free space and write permission"
        ) from error


class _Pipeline:
    """Reading ahead, processing and writing behind, each in its thread."""

    def __init__(self, job: Job, keys: dict[int, str], attributes: dict[str, str], depth: int) -> None:
        self.job, self.keys, self.attributes = job, keys, attributes
        self.failed: dict[int, VfxaiError] = {}
        self.fatal: BaseException | None = None
        self.times = {"read": 0.0, "process": 0.0, "write": 0.0}
        self._ahead = threading.Semaphore(depth)
        self._stop = threading.Event()
        self._queue: queue.Queue[tuple[int, Frame, float, dict[str, Any]] | None] = queue.Queue(depth)

    def run(self, numbers: list[int]) -> tuple[dict[int, VfxaiError], dict[str, float]]:
        """Processes the frames in order; the errors of those that failed, and the seconds of each stage."""
        reader = threading.Thread(target=self._read, args=(numbers,), daemon=True)
        writer = threading.Thread(target=self._write, daemon=True)
        reader.start()
        writer.start()
        try:
            for number in numbers:
                if self.fatal or self.job.tools.cancelled.is_set():
                    break
                self._process(number)
        finally:
            self._stop.set()
            self._ahead.release()
            self._queue.put(None)
            writer.join()
        if self.fatal:
            raise self.fatal
        if self.job.tools.cancelled.is_set():
            raise CancelledError("stopped; frames written so far are whole", remedy="run the same command again to go on")
        return self.failed, self.times

    def _read(self, numbers: list[int]) -> None:
        after = sum(s.node.temporal_window().loaded.after for s in self.job.active)
        for number in numbers:
            self._ahead.acquire()
            if self._stop.is_set():
                return
            started = time.perf_counter()
            at = self.job.result.origin(number)
            for wanted in range(at, at + after + 1):
                try:
                    if self.job.source.has(wanted):
                        self.job.source.read(wanted)
                except Exception:  # noqa: BLE001  # the processing thread meets the same error and reports it
                    pass
            self.times["read"] += time.perf_counter() - started

    def _process(self, number: int) -> None:
        started = time.perf_counter()
        try:
            frame = self.job.result[number]
            records, self.job.tools.records = self.job.tools.records, {}
            self._queue.put((number, frame, time.perf_counter() - started, records))
        except CancelledError:
            pass
        except ResourceError as error:
            self.fatal = error
        except VfxaiError as error:
            self._fail(number, error)
        except Exception as error:  # noqa: BLE001  # a defect in a node must not take the other frames with it
            defect = VfxaiError(
                f"{type(error).__name__}: {error}", remedy="this is a defect of vfxai or of a node; run with --debug"
            )
            defect.__cause__ = error
            self._fail(number, defect)
        finally:
            self.times["process"] += time.perf_counter() - started
            self._ahead.release()

    def _fail(self, number: int, error: VfxaiError) -> None:
        self.failed[number] = error
        trace = "".join(traceback.format_exception(error.__cause__ or error))
        self.job.reporter.event(ErrorEvent.of(error, number, trace))

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            number, frame, spent, records = item
            if self.fatal:
                continue
            started = time.perf_counter()
            path = self.job.output.path(number)
            try:
                self.job.warn_of_loss(path, frame)
                made = self.attributes | {"vfxai/source-frame": str(self.job.result.origin(number))}
                write_frame(
                    path, frame, depth=self.job.recipe.job.depth, compression=self.job.recipe.job.compression, attributes=made
                )
                self.job.journal.finish(number, self.keys[number])
            except VfxaiError as error:
                self.fatal = error
                continue
            except Exception as error:  # noqa: BLE001  # must reach the main thread
                self.fatal = error
                continue
            writing = time.perf_counter() - started
            self.times["write"] += writing
            self.job.reporter.event(FrameDone(number, str(path), round(spent + writing, 3), facts=records))


__all__ = ["Config", "Job", "Outcome", "run"]
