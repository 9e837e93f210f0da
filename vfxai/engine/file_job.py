"""A recipe made ready to run: its clips, its session, and what decides its frames."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from vfxai import __version__
from vfxai.engine.analysis_store import FRAMES, AnalysisStore, read_analyses, write_analyses
from vfxai.engine.choices import Choices
from vfxai.engine.inputs import files_of, input_of, opened
from vfxai.engine.job_spaces import JobSpaces
from vfxai.engine.own_input import Reads, check_output, check_written
from vfxai.engine.recipe import Recipe
from vfxai.engine.resume import Journal, content_hash, file_identity, frame_key, user_name
from vfxai.engine.stereo import node_of_view, path_of_view, stereo_views
from vfxai.errors import ParameterError
from vfxai.image.clip import Clip, FileClip, open_clip
from vfxai.image.cut import to_format
from vfxai.image.files import check_storage
from vfxai.image.formats import check_side
from vfxai.image.frame import Frame
from vfxai.image.sequence import Pattern, files_named, frames_text
from vfxai.models.machine import machine_class
from vfxai.models.pool import Pool
from vfxai.schema.events import Chosen
from vfxai.schema.node import Node
from vfxai.schema.plain import plain
from vfxai.schema.vocabulary import Mask
from vfxai.session.analyses import Analyses
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage

LONG = 32_768
"""Characters of an analysis above which a frame's header holds its hash instead."""
DEPTH = 3
"""Frames that are read ahead and that may wait to be written, as long as they fit in HELD_BYTES; one of 8K."""


class FileJob:
    """A recipe over files: source and mattes opened, networks and colour config found, the session of its chain, the record of its output."""

    def __init__(self, recipe: Recipe, request: Request, pools: Callable[..., Pool] = Pool, view: str | None = None) -> None:
        """`view`: the one of a stereo file to work on; unless given, all of them are, and the others are jobs of this one."""
        self.recipe, self.request = recipe, request
        self.output = Pattern.parse(recipe.output)
        check_storage(self.output.path(0), recipe.job.depth, recipe.job.compression)
        self.spaces = JobSpaces(recipe, request.warn)
        self._told_window = False
        self.config = self.spaces.config
        self.choices = Choices(request.warn)
        views = (view,) if view else stereo_views(recipe)
        self.view, self._beside = views[0] if views else None, view is not None
        self._nodes = [node_of_view(s.node, self.view, apart=self._beside) if self.view else s.node for s in recipe.steps]
        """Of the chain, with files besides the frames called as those of this view."""
        self.source = open_clip(
            recipe.source, frames=recipe.job.frames or None, layer=recipe.job.layer or None, missing=recipe.job.missing,
            colorspace=self.spaces.of_plate, view=self.view, told=self.choices.of("plate"),
        )  # fmt: skip
        span = 1 + sum(w.before + w.after for w in (s.node.temporal_window().loaded for s in recipe.steps))
        self.source.hold(span + 1, span + DEPTH + 1)
        self.pool = pools(
            device=recipe.job.device,
            backend=recipe.job.backend,
            precision=recipe.job.precision,
            tile=recipe.job.tile,
            license=recipe.job.license,
            warn=request.warn,
        )
        for step in recipe.steps:  # before a file that is not there is told in place of what cannot be asked for
            step.node.check_inputs(step.inputs.keys())
        self._fed = [
            {slot: clip for name, given in step.inputs.items() for slot, clip in self._opened(step.node, name, given).items()}
            for step in recipe.steps
        ]
        self.journal = Journal(self.output)
        self.store = AnalysisStore(self.journal.folder)
        self.session = self._session(None)
        self.others = [FileJob(recipe, request, lambda **choices: self.pool, other) for other in views[1:]]
        """The jobs of the other views of a stereo file; what they make is written into the frames of this one."""

    def _session(self, analyses: Analyses | None) -> Session:
        if analyses and self.recipe.job.precision != "auto":
            analyses = replace(analyses, precisions={})
        stages = [Stage(node, fed) for node, fed in zip(self._nodes, self._fed, strict=True)]
        return Session(self.source, stages, pool=self.pool, config=self.config, shot=self.source.whole(), analyses=analyses)

    def frame(self, number: int) -> Frame:
        """A frame of the output, in its colour space, with the other views of its file."""
        made = self._in_window(self.spaces.brought(self.session.frame(number, self.request)))
        return replace(made, views=tuple(other.frame(number) for other in self.others)) if self.others else made

    def _in_window(self, made: Frame) -> Frame:
        """The frame with the data window that is asked for; that something is cut or filled is said once."""
        box, display = made.data_window, made.display_window
        if self.recipe.job.window == "keep" or box == display:
            return made
        if not self._told_window:
            self._told_window = True
            where, size = f"{box.width}x{box.height} at {box.x},{box.y}", f"{display.width}x{display.height}"
            self.request.warn(
                f"the data window {where} is cut and filled with black to the format {size}; --window keep keeps it"
            )
        return to_format(made)

    def _opened(self, node: Node, name: str, given: Sequence[str]) -> dict[str, Clip]:
        return opened(
            input_of(node, name),
            given,
            partial(self.spaces.beside, self.source),
            self.choices.of(name),
            self.recipe.job.mask_channel,
            self.view,
        )

    def models(self) -> dict[str, str]:
        """Hash by id of the models that the chain uses, verified."""
        return {m: self.pool.manifest(m).digest for m in self.session.models()}

    def analyze(self) -> Analyses:
        """The analyses of the chain over the whole shot: read where a file holds them, else made and kept. Nodes write what they were asked for.

        The step that only analyses, with --overwrite, learns anew; a stated file is replaced when that is done.
        ParameterError where this is the step of the frames, and the step before did not make them of this very shot, chain and models.
        """
        for other in self.others:
            other.analyze()
        path = self._analysis_path()
        made_of = self._made_of()
        key = content_hash(made_of)
        found = None
        known = self._known(path, key, made_of)
        if known is None and self.recipe.job.step == "frames" and self.session.learns:
            raise ParameterError(
                f"the shot was not analysed before: {self.store.why_none(made_of) if path is None else f'{path} is not there'}",
                remedy="run the step that analyses first (--step analyze), or leave out --step",
            )
        if known is None:
            found = self.session.analyze(self.request)
            known = self._kept(path, made_of, found)
        if found is None or known.hash != found.hash:
            self._tell_precisions(known)
            self.session = self._session(known)
        self.session.deliver(self.request)
        return self.session.analyze(self.request)

    def _known(self, path: Path | None, key: str, made_of: Mapping[str, Any]) -> Analyses | None:
        """What was learned before; None where nothing was, or it is to be learned anew."""
        if path is None:
            return self.store.get(key)
        if not path.is_file() or self._anew:
            return None
        return read_analyses(path, made_of if self._bound else None)

    @property
    def _anew(self) -> bool:
        """Whether a stated analysis is to be learned anew although its file is there."""
        return self.recipe.job.step == "analyze" and self.recipe.job.overwrite

    @property
    def _bound(self) -> bool:
        """Whether what is learned belongs to the frames that it was learned from."""
        return any(step.node.analysis_is_bound for step in self.recipe.steps)

    def _analysis_path(self) -> Path | None:
        """The stated file; that of another view than the first of a stereo file has its name in it."""
        if not self.recipe.job.analysis:
            return None
        return Path(
            path_of_view(self.recipe.job.analysis, self.view, apart=self._beside) if self.view else self.recipe.job.analysis
        )

    def analysis_hash(self, analyses: Analyses) -> str:
        """Of what was learned of this view and of the others."""
        return (
            content_hash([analyses.hash, *(o.session.analyze(o.request).hash for o in self.others)])
            if self.others
            else analyses.hash
        )

    def take(self, analyses: Analyses) -> None:
        """Works with analyses that were made before."""
        self.session = self._session(analyses)

    def _kept(self, path: Path | None, made_of: Mapping[str, Any], found: Analyses) -> Analyses:
        """What all who work on this shot are to use, after it was written down: also which precision "auto" came to, if nothing else.

        Where there is nothing, the step that analyses writes just that, for the step of the frames to know that it was done.
        """
        if found.is_empty and not found.precisions and self.recipe.job.step != "analyze":
            return found
        if path is None:
            return self.store.put(content_hash(made_of), found, made_of)
        write_analyses(path, found, made_of)
        return found

    def _tell_precisions(self, known: Analyses) -> None:
        """A warning where another machine chose another precision for this shot than this one would."""
        for model in self.session.models() if self.recipe.job.precision == "auto" else ():
            own, stated = self.session.precisions()[model], known.precisions.get(model)
            if stated and stated != own:
                self.request.warn(
                    f"{model} runs in {stated}, as the rest of this shot does; this machine would take {own}. --precision states another"
                )

    def _made_of(self) -> dict[str, Any]:
        """What decides the analyses, by name: nodes with values and versions, this release, models, colour config, and the files of the whole shot."""
        files = [file_identity(p) for p in self._read_besides(self.source.whole())]
        return {
            "release of vfxai": __version__,
            "recipe": self.recipe.identity(versions=False),
            "version of the nodes": self.recipe.versions(),
            "precision": self.recipe.job.precision,
            "models": content_hash(self.models()),
            "colour config": self.config_identity(),
            FRAMES: frames_text(self.source.whole().frames),
            "files of the shot": content_hash(files),
            **({"view": self.view} if self.view else {}),
        }

    def config_identity(self) -> list[Any]:
        """What decides the colours of the config: its name and content, and the files that it reads; no place is in it."""
        return [self.config.name, self.config.digest, *(file_identity(p) for p in self.config.files)]

    def _mattes(self) -> list[FileClip]:
        clips = [fed.get(mask.name) for step, fed in zip(self.recipe.steps, self._fed, strict=True) for mask in step.node.masks()]
        return [clip for clip in clips if isinstance(clip, FileClip)]

    def _read_besides(self, *clips: FileClip) -> list[Path]:
        """What the nodes read besides plate and mattes; with the whole shot given, everything that an analysis may have seen."""
        found = [p for node in self._nodes if not node.leaves_plate() for text in node.files() for p in files_named(text)]
        steps = [step for step in self.recipe.steps if not step.node.leaves_plate()]
        inputs = [(one, step.inputs[one.name]) for step in steps for one in step.node.inputs if one.name in step.inputs]
        found += [p for one, given in inputs if not isinstance(one, Mask) for p in files_of(one, given)]
        seen = [*clips, *self._mattes()] if clips else []
        return found + [clip.path(n) for clip in seen for n in clip.frames]

    def check_patterns(self) -> None:
        """ParameterError where the output cannot take the frames, or is the input."""
        check_output(self.output, self.session.frames, self._reads())

    def check_size(self) -> None:
        """MemoryShortError or OutputError where a frame does not fit at the size that the chain gives it, in memory or into a file of the output's format."""
        self.session.check_memory()
        check_side(self.output.path(0), self.session.result.format())

    def check_written(self) -> None:
        """ParameterError where what is written besides the frames is read, or is called as a frame."""
        written = [pair for job in (self, *self.others) for pair in job.files_written()]
        analyses = [("analysis", path) for job in (self, *self.others) if (path := job._analysis_path())]  # noqa: SLF001  # one of its own class
        if written or analyses:
            check_written([*written, *analyses], self.output, self._reads())

    def files_written(self) -> list[tuple[str, Path]]:
        """What the nodes write besides the frames of this view, with the parameters that name it."""
        active = [node for node in self._nodes if not node.leaves_plate()]
        return [(name, Path(path)) for node in active for name, path in node.files_written().items()]

    def _reads(self) -> Reads:
        """All that the run may look at."""
        return Reads.of(self.source, *self._mattes()) + Reads(files=tuple(self._read_besides()))

    def keys(self, analyses: str) -> dict[int, str]:
        """The key of every frame of the range: a hash of all that decides it, `analyses` their hash. No path and no place is in it."""
        beside = [file_identity(p) for p in self._read_besides()]
        facts = [self.recipe.identity(), self.models(), analyses, self.config_identity(), beside]
        identity, mattes = json.dumps(facts, sort_keys=True), self._mattes()
        known = lru_cache(maxsize=None)(file_identity)  # a lazy window names every file many times
        keys = {}
        for number in self.session.frames:
            needed = self.session.needs(number)
            inputs = [self.source.path(n) for n in needed]
            inputs += [m.path(m.shown(n)) for m in mattes for n in needed if m.has(m.shown(n))]
            changing = json.dumps(self.recipe.changing(number, self.session.origin(number)))
            keys[number] = frame_key(identity + changing, [known(p) for p in inputs])
        return keys

    def chosen(self) -> tuple[Chosen, ...]:
        """What was chosen for the user, and why: layers, views, channels of mattes."""
        found = self.session.chosen(self.request)
        if self.recipe.job.mask_channel:  # the files then show one channel, which was stated
            found = tuple(one for one in found if not one.what.startswith("channel of"))
        return self._views_chosen() + self.choices.all + found

    def _views_chosen(self) -> tuple[Chosen, ...]:
        """The views of a stereo file that are processed."""
        if not self.view:
            return ()
        views = ", ".join(str(job.view) for job in (self, *self.others))
        own = [
            Chosen(f"{name} of the view {job.view}", str(path), "each view has a file of its own")
            for job in self.others
            for name, path in job.files_written()
        ]
        return (Chosen("views of the plate", views, "--views" if self.recipe.job.views else "the file holds them"), *own)

    def provenance(self, analyses: Analyses) -> dict[str, str]:
        """The `vfxai/*` attributes of every output frame."""
        facts = {
            "vfxai/version": __version__,
            "vfxai/recipe": json.dumps(self.recipe.whole().to_dict()),
            "vfxai/nodes": self.recipe.versions(),
            "vfxai/models": json.dumps(self.models()),
            "vfxai/backends": json.dumps(self.session.backends()),
            "vfxai/analysis-hash": self.analysis_hash(analyses),
            "vfxai/machine": machine_class(self.session.pool.device),
        }
        if chosen := self.chosen():
            facts["vfxai/chosen"] = json.dumps([plain(one) for one in chosen])
        if user := user_name():
            facts["vfxai/user"] = user
        if not analyses.is_empty:
            text = json.dumps(analyses.to_dict())
            facts["vfxai/analysis"] = text if len(text) <= LONG else f"sha256:{analyses.hash}"
        return facts

    def read_ahead(self, number: int) -> None:
        """Reads what an output frame will need next, so that it is in memory when it is processed."""
        after = sum(link.node.temporal_window().loaded.after for link in self.session.active)
        for other in self.others:
            other.read_ahead(number)
        at = self.session.origin(number)
        for wanted in range(at, at + after + 1):
            if self.source.has(wanted):
                self.source.read(wanted)
