"""Frames may live on any device: no node mixes devices, and what it makes is what it makes on the CPU.

Runs on a stand-in that raises where a GPU would, and on CUDA where there is one (`pytest -m gpu`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from standin import STANDIN, MixedDevicesError, StandIn, came_down, on_stand_in
from torch.utils._python_dispatch import _disable_current_modes

from vfxai.color.config import find_config
from vfxai.image.frame import Frame
from vfxai.models.pool import Pool
from vfxai.models.tiles import run_tiled
from vfxai.motion.flow import estimate_flow
from vfxai.motion.warp import warp, warp_on_device
from vfxai.schema import registry
from vfxai.schema.node import Node
from vfxai.session.clips import MemoryClip, frame_of
from vfxai.session.request import Request
from vfxai.session.session import Session
from vfxai.session.stage import Stage

SPACE = "Linear Rec.709 (sRGB)"
CONFIG = find_config()
SIZE = (48, 64)
registry.discover()


class StandInPool:
    """The pool of the CPU, as if it were on the stand-in device."""

    device = "meta"

    def __init__(self, pool: Pool) -> None:
        self.store, self._pool = pool.store, pool
        self.choice, self.manifest = pool.choice, pool.manifest

    def run(self, model_id: str, planes: torch.Tensor, *options: Any) -> torch.Tensor:
        if not isinstance(planes, StandIn):
            raise MixedDevicesError(f"{model_id} is given planes on the CPU")
        with _disable_current_modes():
            return StandIn(self._pool.run(model_id, planes.held, *options))


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool(device="cpu", precision="fp32")


@pytest.fixture(params=["stand-in", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> str:
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    return str(request.param)


@contextmanager
def on(device: str, pool: Pool) -> Iterator[Any]:
    """A pool of a device, which is there inside."""
    with on_stand_in() if device == "stand-in" else nullcontext():
        yield StandInPool(pool) if device == "stand-in" else Pool(device="cuda", precision="fp32")


def texture(step: float, noise: float = 0.03) -> np.ndarray:
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    wave = 0.5 + 0.3 * np.sin((x + 2 * step) / 7) * np.cos(y / 9)
    grain = np.random.default_rng(int(2 * step)).standard_normal((*SIZE, 3))
    return (np.stack([wave, wave * 0.7 + 0.1, 0.9 - wave], -1) + noise * grain).astype(np.float32)


def frames() -> list[Frame]:
    """With alpha, and a pixel that is not a number."""
    made = []
    for step in range(4):
        color, alpha = texture(step), np.full((*SIZE, 1), 0.75, np.float32)
        color[20, 9] = np.nan
        made.append(frame_of(np.concatenate([color * alpha, alpha], -1), SPACE))
    return made


def fields() -> list[Frame]:
    woven = []
    for step in range(4):
        picture = texture(step)
        picture[1::2] = texture(step + 0.5)[1::2]
        woven.append(frame_of(picture, SPACE))
    return woven


@dataclass(frozen=True)
class Case:
    values: Mapping[str, Any]
    plate: list[Frame]
    fed: Mapping[str, Frame]


def matte() -> Frame:
    wire = np.zeros((*SIZE, 1), np.float32)
    wire[:, 30:33] = 1
    return frame_of(wire, "")


GRAY = [frame_of(texture(step).mean(-1, keepdims=True), SPACE) for step in range(3)]
GRADED = frame_of(texture(0) * np.float32([0.9, 1, 1.1]), SPACE)
CASES = {
    "denoise": Case({"detail": 0.5, "luma": 0.5, "regrain": 0.1}, frames(), {"mask": matte()}),
    "upscale": Case({"scale": 1.5}, frames(), {}),
    "deinterlace": Case({"mode": "deinterlace"}, fields(), {}),
    "remove": Case({"feather": 2}, frames(), {"mask": matte(), "clean_plate": frame_of(texture(0), SPACE)}),
    "wires": Case({"form": "channel", "at": "31,20"}, frames(), {}),
    "tone": Case({"protect_skin": 0.5, "strength": 0.5}, frames(), {"before": frame_of(texture(0), SPACE), "after": GRADED}),
    "colorize": Case({"steps": 3}, GRAY, {"key": frame_of(texture(0, 0), SPACE)}),
}
"""Of every node that ships, so that as much as possible of it takes part; a new one has its defaults."""


def session(case: Case, node: Node, pool: Any) -> Session:
    stage = Stage(node, {slot: MemoryClip({1001: frame}) for slot, frame in case.fed.items()})
    return Session(MemoryClip(case.plate), [stage], pool=pool, config=CONFIG)


@pytest.mark.parametrize("name", registry.names())
def test_a_node_makes_on_a_device_what_it_makes_on_the_cpu(name: str, device: str, pool: Pool) -> None:
    case = CASES.get(name) or Case({}, frames(), {})
    node = registry.get(name)(**case.values)
    number = session(case, node, pool).frames[1]
    wanted = session(case, node, pool).frame(number, Request())
    with on(device, pool) as other:
        made = session(case, node, other).frame(number, Request())
    assert type(made.color) is torch.Tensor
    assert made.color.device.type == "cpu"
    difference = (made.color - wanted.color).abs().nan_to_num(0.0)  # a matte keeps the plate's pixels whatever they are
    assert torch.equal(made.color.isnan(), wanted.color.isnan())
    assert float(difference.mean()) < 1e-3
    assert float(difference.quantile(0.99)) < 5e-3, "but for places where two neighbours are equally good"
    assert made.layers.keys() == wanted.layers.keys()
    assert made.alpha is None or torch.allclose(made.alpha, wanted.alpha, atol=1e-5)


@pytest.mark.parametrize("name", ["denoise", "upscale", "deinterlace"])
def test_whole_pictures_go_up_once_and_come_down_once(name: str, pool: Pool) -> None:
    """What runs on the CPU gets the luminance it needs, and no more."""
    case = CASES[name]
    with on_stand_in():
        made = session(case, registry.get(name)(**case.values), StandInPool(pool))
        made.analyze(Request())
        came_down.clear()
        for number in made.frames[:2]:
            made.frame(number, Request())
    pictures = [shape for shape in came_down if len(shape) == 3 and shape[0] >= 3 and shape[2] >= SIZE[1]]
    assert len(pictures) == 2


def test_a_mix_that_somebody_makes_is_found(pool: Pool) -> None:
    class Planted(Node):
        """Adds a tensor of the CPU; for tests."""

        def process(self, at, analysis, tools):
            return at.center.with_color(at.center.color + torch.arange(SIZE[1]))

    with on_stand_in(), pytest.raises(MixedDevicesError, match=r"aten\.add"):
        session(CASES["upscale"], Planted(), StandInPool(pool)).frame(1001, Request())


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_a_networks_result_comes_back_on_its_inputs_device(backend: str, device: str) -> None:
    """The network on the CPU, its input elsewhere; and the other way round."""
    own = Pool(device="cpu", precision="fp32", backend=backend)
    planes = torch.rand(7, 40, 48)
    wanted = own.run("denoise-s", planes, 2)
    with on_stand_in() if device == "stand-in" else nullcontext():
        there = STANDIN if device == "stand-in" else torch.device("cuda")
        result = own.run("denoise-s", planes.to(there), 2)
        assert result.device.type == there.type
        assert torch.allclose(result.cpu(), wanted, atol=1e-5)
        tiled = run_tiled(planes.to(there), lambda tile: tile[:, :3], 16, 4, 8, 3)
        assert tiled.device.type == there.type
    if device == "cuda" and backend == "torch":
        assert Pool(device="cuda", precision="fp32").run("denoise-s", planes).device.type == "cpu"


def test_flow_is_found_on_the_cpu_from_luminance_alone() -> None:
    first, second = (torch.from_numpy(texture(step, 0).transpose(2, 0, 1).copy()) for step in (0, 1))
    with on_stand_in():
        came_down.clear()
        flow = estimate_flow(first.to(STANDIN), second.to(STANDIN))
        assert flow.device == STANDIN
        assert came_down == [SIZE, SIZE]
    assert torch.equal(estimate_flow(first, second), flow.held)


@pytest.mark.parametrize("size", [(40, 60), (1, 50), (50, 1)])
def test_warping_on_a_device_is_warping_on_the_cpu(size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(3)
    picture = torch.rand((3, *size), generator=generator)
    flow = 4 * torch.randn((2, *size), generator=generator)
    flow[:, 0, :3] = 300.5
    assert torch.allclose(warp(picture, flow), warp_on_device(picture, flow), atol=1e-4)
    part, at = flow[:, size[0] // 2 :], (0, size[0] // 2)
    assert torch.allclose(warp(picture, part, at), warp_on_device(picture, part, at), atol=1e-4)
    flow[:, -1, -1] = float("nan")
    assert torch.isfinite(warp_on_device(picture, flow)).all()
