"""A chain of nodes over a plate: analyses and lazy frames, for any number of requests at once."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from vfxai.color.config import Config
from vfxai.errors import ParameterError
from vfxai.image.clip import Clip
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool, check_fits
from vfxai.schema.clip_format import ClipFormat
from vfxai.schema.events import Chosen
from vfxai.schema.node import Node
from vfxai.schema.vocabulary import Window
from vfxai.session.analyses import Analyses, Learned
from vfxai.session.node_clip import Lent, NodeClip
from vfxai.session.request import Request, in_work, noting, serving
from vfxai.session.stage import Stage


class Session:
    """A chain of nodes over a plate. Thread-safe: every call is for one request, and none sees anything of another's."""

    def __init__(
        self,
        plate: Clip,
        stages: Sequence[Stage],
        *,
        pool: Pool,
        config: Config,
        shot: Clip | None = None,
        analyses: Analyses | None = None,
    ) -> None:
        """`plate` says which frames are wanted. They are read from `shot`, which has all frames of the whole shot, from which nodes learn; it is the plate
        unless given. With `analyses` of an earlier session nothing is learned anew; ParameterError where they are of another chain.
        """
        self.plate, self.shot, self.pool, self.config = plate, shot or plate, pool, config
        self.stages = tuple(stages)
        if analyses is not None:
            analyses.check([s.node.id for s in self.stages])
        self._stated = dict(analyses.precisions) if analyses else {}
        lent = Lent(pool, config, self._stated)
        self._links: list[NodeClip | None] = []
        """By stage; None for those that leave the plate as it is."""
        wanted, whole = plate, self.shot
        for index, stage in enumerate(self.stages):
            stage.check()
            if stage.node.leaves_plate():
                self._links.append(None)
                continue
            _check_models(stage.node, pool)
            later = [s.node.temporal_window() for s in self.stages[index + 1 :] if not s.node.leaves_plate()]
            handles = Window(sum(w.before for w in later), sum(w.after for w in later))
            link = NodeClip(stage, wanted, whole, lent, analyses.learned[index] if analyses else None, handles)
            self._links.append(link)
            wanted = whole = link
        self._wanted, self.result = wanted, whole

    @property
    def active(self) -> tuple[NodeClip, ...]:
        """The clips of the nodes that change anything, in order."""
        return tuple(link for link in self._links if link is not None)

    @property
    def frames(self) -> tuple[int, ...]:
        """Numbers of the output. A node that changes the rate looks at the whole shot for them, unless that was analysed before."""
        return self._wanted.frames

    @property
    def all_frames(self) -> tuple[int, ...]:
        """Numbers of the output of the whole shot."""
        return self.result.whole().frames if isinstance(self.result, NodeClip) else self.result.frames

    def origin(self, number: int) -> int:
        """Number of the plate's frame at the centre of an output frame."""
        return self.result.origin(number)

    def analyze(self, request: Request) -> Analyses:
        """What the nodes learn from the whole shot: once for all requests, with progress. Where it is cancelled nothing is kept of the node in work."""
        with request.turn(), serving(request):
            learned = [
                Learned(stage.node.id, stage.node.version, None) if link is None else link.analysis().learned
                for stage, link in zip(self.stages, self._links, strict=True)
            ]
        return Analyses(tuple(learned), self.precisions())

    def loaded(self, index: int = 0) -> Any:
        """What the node of a stage works with: what it learned, as its load_analysis() made it; None where it needs nothing of the shot."""
        link = self._links[index]
        return None if link is None else link.analysis().loaded

    def chosen(self, request: Request) -> tuple[Chosen, ...]:
        """What was chosen for the user in what the nodes are fed, and why; the request is warned where something else could be meant."""
        with request.turn(), serving(request):
            return tuple(chosen for link in self.active for chosen in link.chosen())

    def check_memory(self) -> None:
        """MemoryShortError where a frame does not fit at the size that some node of the chain gives it. Nothing is computed for it."""
        size = self.shot.format()
        for link in self.active:
            made = link.node.output_format(size)
            check_fits(self.pool.device, link.node.least_memory(size), made.width, made.height, link.node.id)
            size = made

    @property
    def learns(self) -> bool:
        """Whether there is anything to be settled for the whole shot: a node learns from it, or the precision of a model is to be chosen."""
        return any(type(link.node).analyze is not Node.analyze for link in self.active) or bool(self.models())

    def models(self) -> tuple[str, ...]:
        """Ids of the models that the chain uses."""
        return tuple(sorted({m for link in self.active for m in link.node.used_models()}))

    def precisions(self) -> dict[str, str]:
        """The precision in which each model of the chain runs here, by its id: that of the analyses that were given, else what the pool chooses."""
        return {m: how.rpartition(" ")[2] for m, how in self.backends().items()}

    def backends(self) -> dict[str, str]:
        """What runs each model, such as "onnx fp32", by its id."""
        return {m: " ".join(self.pool.choice(self.pool.manifest(m), self._stated.get(m))) for m in self.models()}

    def needs(self, number: int) -> tuple[int, ...]:
        """Numbers of the plate's frames that an output frame is made of, those of temporal windows included, ascending.

        A node that takes few frames out of a wide window counts with the whole of it.
        """
        wanted = {number}
        for link in reversed(self.active):
            wanted = {below for one in wanted for below in link.needs(one)}
        return tuple(sorted(wanted))

    def frame(self, number: int, request: Request) -> Frame:
        """An output frame, in the memory of the CPU. Its facts are the request's afterwards."""
        with request.turn(), serving(request), noting() as notes:
            request.check()
            made = self.result[number].to("cpu")
        request.keep_facts(number, notes.facts)
        return made

    def deliver(self, request: Request) -> None:
        """Has the nodes write the files besides frames that they were asked for, such as a look."""
        with serving(request):
            for link in self.active:
                link.deliver()

    def clip(self, on_warning: Callable[[str], None] | None = None) -> "SessionClip":
        """The output as a clip, for scripts and as a plate of further nodes."""
        return SessionClip(self, on_warning)


class SessionClip(Clip):
    """The output of a session as a clip. What there is to say goes to the request for which the thread works, else to `on_warning`."""

    def __init__(self, session: Session, on_warning: Callable[[str], None] | None = None, *, whole: bool = False) -> None:
        """`whole`: all frames of the shot are wanted."""
        self.session, self._on_warning, self._whole = session, on_warning, whole

    @property
    def frames(self) -> tuple[int, ...]:
        """As the session's."""
        with nullcontext() if in_work() else serving(self._request()):
            return self.session.all_frames if self._whole else self.session.frames

    def whole(self) -> "SessionClip":
        """As Clip says; what is made is shared."""
        return SessionClip(self.session, self._on_warning, whole=True)

    def has(self, number: int) -> bool:
        """As the session's result."""
        return self.session.result.has(number)

    def format(self) -> ClipFormat:
        """As the session's result."""
        return self.session.result.format()

    def origin(self, number: int) -> int:
        """As the session's."""
        return self.session.origin(number)

    def hold(self, least: int, most: int = 0) -> None:
        """As the session's result."""
        self.session.result.hold(least, most)

    def __getitem__(self, number: int) -> Frame:
        if in_work():  # for a node of another session, whose request and notes these are
            return self.session.result[number]
        return self.session.frame(number, self._request())

    def _request(self) -> Request:
        return Request(on_warning=self._on_warning)


def _check_models(node: Node, pool: Pool) -> None:
    """ParameterError where the user names a model that was made for another node."""
    for model in sorted(set(node.used_models()) - set(node.models)):
        if (made_for := pool.manifest(model).node) != node.id:
            raise ParameterError(
                f"{node.id}: the model {model} was made for {made_for}, which feeds it other planes",
                remedy=f"name one that was made for {node.id}; `vfxai models list` says what each is for",
            )
