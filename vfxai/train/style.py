"""Style: a translator between two folders of frames that show no common scene, learned in a cycle.

Two generators, there and back, and two judges that see patches (Zhu et al., "Unpaired image-to-image translation using cycle-consistent
adversarial networks", 2017), with least-squares losses. The generators are small, see no noise and begin as the identity, so that they learn tone, colour and texture, not
other things in the scene. A translator works frame by frame: the look of a shot that must not flicker is better a tone transform.
"""

import datetime
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool3d, pixel_unshuffle

from vfxai.models.card import card
from vfxai.models.export import export_model
from vfxai.models.manifest import Manifest, Network, Quality, Source
from vfxai.nets.unet import UNet
from vfxai.train.arrays import Image, Picture
from vfxai.train.loop import restorer
from vfxai.train.pictures import as_image, orient, read_picture
from vfxai.train.resumable import Resumable, Stateful, spend, validate
from vfxai.train.task import Restore, psnr, side_by_side

SUFFIXES = frozenset({".png", ".webp", ".jpg", ".jpeg", ".tif", ".tiff"})
HELD_OUT = 8
"""Every HELD_OUT-th frame of a folder is kept for validation."""
CYCLE, IDENTITY = 10.0, 5.0
"""Weights of coming back to where one started, and of leaving alone what has the style already, beside the judges' 1."""
MESH, MESH_SIDE = 300.0, 8
"""Weight of mesh(), and the side, in squares of two pixels, of the parts it looks at."""
FAILS = (
    "It works frame by frame and may flicker on fine texture. It knows the two folders it was trained on: other scenes and far "
    "highlights (above twice white) keep their own look or shift in colour. It draws nothing new, and it may tint skin."
)


@dataclass(frozen=True)
class StyleConfig:
    """Everything that decides a run besides data and seed."""

    widths: tuple[int, ...] = (24, 48, 96)
    blocks: tuple[int, ...] = (1, 1, 2)
    crop: int = 96
    batch: int = 4
    steps: int = 20_000
    learning_rate: float = 2e-4
    average: float = 0.999
    """Decay of the moving average of the translator that is exported."""


def load_frames(folder: Path) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
    """Frames for training and for validation, display-referred, 8 bits. ValueError where a folder has fewer than two."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES) if folder.is_dir() else []
    if len(paths) < 2:
        raise ValueError(f"{folder} holds {len(paths)} frames, at least two are needed (PNG, WebP, JPEG or TIFF)")
    frames = [read_picture(p) for p in paths]
    return tuple(f for i, f in enumerate(frames) if i % HELD_OUT), tuple(frames[::HELD_OUT])


def judge() -> nn.Sequential:
    """Says of each patch of about 46 pixels whether it has the style; instance normalisation hides no colour, for there is none in the first layers."""
    layers: list[nn.Module] = []
    channels = 3
    for width, stride in ((48, 2), (96, 2), (128, 2), (128, 1)):
        layers += [nn.Conv2d(channels, width, 4, stride, 1), nn.LeakyReLU(0.2, inplace=True)]
        channels = width
    return nn.Sequential(*layers, nn.Conv2d(channels, 1, 4, 1, 1))


def mesh(change: Tensor) -> Tensor:
    """Power with which a change of a picture (N, C, H, W) differs between the four places in squares of 2x2 pixels, in the mean over small parts.

    Next to nothing where it follows the picture; a network that puts squares together may draw a mesh, and judges that step by two pixels do not mind.
    """
    places = pixel_unshuffle(change, 2).unflatten(1, (change.shape[1], 4))
    side = min(MESH_SIDE, *places.shape[3:])
    parts = avg_pool3d(places, (1, side, side))
    return (parts - parts.mean(2, keepdim=True)).square().mean()


class StyleRun(Resumable):
    """Generators and judges in training."""

    def __init__(self, config: StyleConfig, source: Path, target: Path, folder: Path, device: str, seed: int) -> None:
        super().__init__(folder, device, seed)
        self.config, self.names = config, (source.name, target.name)
        (self.source, self.held_source), (self.target, self.held_target) = load_frames(source), load_frames(target)
        parts = {"there": UNet(3, 3, config.widths, config.blocks), "back": UNet(3, 3, config.widths, config.blocks)}
        for generator in parts.values():
            nn.init.zeros_(generator.tail.weight)  # begins as the identity
        self.parts = nn.ModuleDict({**parts, "is_target": judge(), "is_source": judge()}).to(self.device)
        self.begin_average(self.parts["there"])
        made = [p for name in ("there", "back") for p in self.parts[name].parameters()]
        judged = [p for name in ("is_target", "is_source") for p in self.parts[name].parameters()]
        self.makers, self.judges = (torch.optim.Adam(p, lr=config.learning_rate, betas=(0.5, 0.999)) for p in (made, judged))

    @property
    def steps(self) -> int:
        """As Resumable says."""
        return self.config.steps

    def learnt(self) -> dict[str, Stateful]:
        """As Resumable says."""
        return {"parts": self.parts, "makers": self.makers, "judges": self.judges}

    def rate(self) -> float:
        """As Resumable says; it falls in the second half."""
        return self.config.learning_rate * min(1.0, 2 * (1 - self.step / self.config.steps)) + 1e-7

    def facts(self) -> dict[str, object]:
        """As Resumable says."""
        return {"style": self.names, "config": asdict(self.config)}

    def validate(self, final: bool) -> tuple[dict[str, float], Picture]:
        """As Resumable says."""
        restore = restorer(self.averaged(), self.device, torch.float32)
        return score(self, restore), _shown(self, restore)

    def batch(self, frames: tuple[Picture, ...], side: int) -> Tensor:
        """Crops (N, 3, H, W) of one folder for the step in work, a function of seed and step; `side` 0 is the source, 1 the target."""
        rng = np.random.default_rng((self.seed, self.step, side))
        crops = []
        for _ in range(self.config.batch):
            frame = frames[rng.integers(len(frames))]
            size = min(self.config.crop, *frame.shape[:2]) // 8 * 8
            y, x = (rng.integers(0, extent - size + 1) for extent in frame.shape[:2])
            crops.append(as_image(orient(frame[y : y + size, x : x + size], 4 * int(rng.integers(2)))))  # light falls from above
        return torch.from_numpy(np.stack(crops)).to(self.device)

    def learn(self) -> dict[str, float]:
        """One step of the generators, then one of the judges; their losses."""
        for optimizer in (self.makers, self.judges):
            for group in optimizer.param_groups:
                group["lr"] = self.rate()
        a, b = self.batch(self.source, 0), self.batch(self.target, 1)
        p = self.parts
        with torch.autocast(self.device.type, torch.bfloat16):
            to_b, to_a = p["there"](a), p["back"](b)
            again_a, again_b = p["back"](to_b), p["there"](to_a)
            fooled = ((p["is_target"](to_b) - 1) ** 2).mean() + ((p["is_source"](to_a) - 1) ** 2).mean()
            cycle = (again_a - a).abs().mean() + (again_b - b).abs().mean()
            same = (p["there"](b) - b).abs().mean() + (p["back"](a) - a).abs().mean()
            meshed = mesh((to_b - a).float()) + mesh((to_a - b).float())
            made = fooled + CYCLE * cycle + IDENTITY * same + MESH * meshed
        self.makers.zero_grad(set_to_none=True)
        made.backward()
        self.makers.step()
        with torch.autocast(self.device.type, torch.bfloat16):
            judged = torch.zeros((), device=self.device)
            for name, real, shown in (("is_target", b, to_b), ("is_source", a, to_a)):
                judged = judged + ((p[name](real) - 1) ** 2).mean() + (p[name](shown.detach()) ** 2).mean()
        self.judges.zero_grad(set_to_none=True)
        judged.backward()
        self.judges.step()
        self.finish_step(p["there"], self.config.average)
        return {"loss": made.item(), "judges": judged.item()}

    def averaged(self) -> UNet:
        """The translator with the averaged weights."""
        network = UNet(3, 3, self.config.widths, self.config.blocks).to(self.device)
        network.load_state_dict(self.average)
        return network.eval()


def color_distance(first: list[Image], second: list[Image]) -> float:
    """Sliced Wasserstein distance of the colours of two sets of pictures (3, H, W) in 0..1, mean over 32 directions, times 255."""
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(32, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    shares = np.linspace(0.005, 0.995, 200)
    sides = [np.concatenate([p[:, ::3, ::3].reshape(3, -1) for p in pictures], 1) for pictures in (first, second)]
    quantiles = [np.quantile(directions @ side, shares, axis=1) for side in sides]
    return float(255 * np.abs(quantiles[0] - quantiles[1]).mean())


def score(run: StyleRun, restore: Restore) -> dict[str, float]:
    """On held-out frames: distance of colours to the target before and after, how well the way back restores the frame, and mesh(), of 255."""
    source, target = ([as_image(f) for f in frames] for frames in (run.held_source, run.held_target))
    made = [restore(f) for f in source]
    back = restorer(run.parts["back"].eval(), run.device, torch.float32)
    cycle = float(np.mean([psnr(back(m), f) for m, f in zip(made, source, strict=True)]))
    run.parts["back"].train()
    return {
        "distance_before": color_distance(source, target),
        "distance_after": color_distance(made, target),
        "psnr_cycle": cycle,
        "mesh": float(255 * np.mean([_mesh_of(m - f) for m, f in zip(made, source, strict=True)])),
    }


def _mesh_of(change: Image) -> float:
    height, width = (extent // 2 * 2 for extent in change.shape[1:])
    return float(mesh(torch.from_numpy(np.ascontiguousarray(change[None, :, :height, :width])))) ** 0.5


def train_style(run: StyleRun, minutes: float, validate_every: int = 1000) -> dict[str, float]:
    """Learns until the schedule or the minutes end, saves, and returns the scores."""
    spend(run, minutes, run.learn, 100, validate_every)
    return validate(run, final=True)


def _shown(run: StyleRun, restore: Restore) -> Picture:
    """A held-out frame, translated, and a frame of the target of the same height."""
    frame, target = as_image(run.held_source[0]), as_image(run.held_target[0])
    height, width = frame.shape[1:]
    beside = cv2.resize(np.ascontiguousarray(target.transpose(1, 2, 0)), (width, height), interpolation=cv2.INTER_AREA)
    return side_by_side(frame, restore(frame), np.ascontiguousarray(beside.transpose(2, 0, 1)))


def export_style(run: StyleRun, folder: Path, command: str, licence: str) -> Manifest:
    """Writes the averaged translator as a model folder with its papers; the folder's name is its id."""
    network = run.averaged().cpu()
    restore = restorer(network, torch.device("cpu"), torch.float32)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{run.device.type}, torch {torch.__version__}"
    rows = [Quality(f"held-out frames, {n}", round(v, 3), "dB" if "psnr" in n else "of 255", command, machine, today)
            for n, v in score(run, restore).items()]  # fmt: skip
    manifest = Manifest(
        id=folder.name,
        version="1",
        node="tone",
        task=f"gives frames the style of {run.names[1]}",
        licence=licence,
        commercial=True,
        input_channels=3,
        output_channels=3,
        encoding="display-like values, about 0..1, logarithmic above",
        scale=1,
        multiple=network.multiple,
        receptive_field=48,
        window=1,
        precisions=("fp32",),
        trained_with=f"{command} ({run.step} steps, {run.seconds / 60:.0f} minutes on {machine})",
        network=Network(
            "unet", {"planes": 3, "channels_out": 3, "widths": list(run.config.widths), "blocks": list(run.config.blocks)}
        ),
        sources=tuple(Source(f"frames of {name}", licence) for name in run.names),
        files=(),
        quality=tuple(rows),
    )
    complete = export_model(folder, network, manifest)
    count = sum(p.numel() for p in network.parameters())
    (folder / "card.md").write_text(card(complete, count, FAILS, "held-out.jpg"), encoding="utf-8")
    cv2.imwrite(str(folder / "held-out.jpg"), _shown(run, restore)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    return complete
