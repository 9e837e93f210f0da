"""A studio's session of the stand-in, and what its tests look at."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from fake_nuke import threads
from fake_nuke.session import Session, Undo

from vfxai.color.config import shipped_config

ROOT = Path(__file__).resolve().parents[3]
SPACE = "Linear Rec.709 (sRGB)"


class Studio:
    """A session and what tests do in it."""

    def __init__(self, session: Session, folder: Path, work: Path) -> None:
        self.session, self.folder, self.work, self.nuke = session, folder, work, session.module()

    def start(self) -> None:
        """Nuke starts: init.py, and menu.py where there is a window."""
        for name in ("init.py", *(["menu.py"] if self.session.GUI else [])):
            path = self.folder / name
            exec(compile(path.read_text(), str(path), "exec"), {"__file__": str(path), "nuke": self.nuke})

    def adapter(self, name: str) -> Any:
        return importlib.import_module(f"vfxai_nuke.{name}")

    def read(self, pattern: str, **values: Any) -> Any:
        """A Read, as a person makes one."""
        node = self.nuke.nodes.Read()
        node["file"].fromUserText(pattern)
        for name, value in {"first": 1001, "last": 1003, **values}.items():
            node[name].setValue(value)
        return node

    def node(self, kind: str, *above: Any, **values: Any) -> Any:
        """A Group of ours from the menu, below what is given."""
        for one in self.session.root.nodes():
            one["selected"].setValue(False)
        titles = {p["id"]: p["title"] for p in self.adapter("table").panels()}
        group = (
            self.session.menus["Nodes"].menus["vfxai"].commands[titles[kind]]()
            if self.session.GUI
            else self.adapter("group").create(kind)
        )
        for index, node in enumerate(above):
            group.setInput(index, node)
        for name, value in values.items():
            group[name].setValue(value)
        return group

    def press(self, group: Any, button: str) -> None:
        group["vfxai_" + button].execute()

    def render(self, group: Any, button: str = "render") -> None:
        """Presses a button and lets Nuke idle until it has done its work."""
        self.press(group, button)
        self.wait(group)

    def wait(self, group: Any) -> None:
        jobs = self.adapter("jobs")
        threads.pump(lambda: jobs.of(group) is None)


@contextmanager
def studio_session(folder: Path, worker: Path, work: Path, gui: bool = True) -> Iterator[Studio]:
    """A new session with the adapter's folder in it, whose script lies in `work`. At its end nothing may have broken a rule of Nuke, or be left."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OCIO", "VFXAI_EXECUTABLE", "VFXAI_WORKER_TCP"):
            patch.delenv(name, raising=False)
        patch.setenv("VFXAI_WORKER_DIR", str(worker))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setattr(sys, "path", list(sys.path))
        _forget_modules()
        session = Session(gui=gui)
        sys.modules["nuke"] = session.module()
        work.mkdir(parents=True)
        for name, value in {
            "name": f"{work}/sh010_comp_v003.nk", "colorManagement": "OCIO", "OCIO_config": "custom",
            "customOCIOConfigPath": str(shipped_config()), "workingSpaceLUT": SPACE, "first_frame": 1001, "last_frame": 1003,
        }.items():  # fmt: skip
            session.root[name].setValue(value)
        session.frame = 1002
        made = Studio(session, folder, work)
        made.start()
        yield made
        session.call("onScriptClose")
        assert threads.faults == []
        assert Undo.off == 0
        assert not list(work.rglob("*.rendering"))
        assert not list(work.rglob("shot/*.exr")) and not list(work.rglob("preview-*"))
        _forget_modules()


def _forget_modules() -> None:
    for name in [n for n in sys.modules if n == "nuke" or n.split(".")[0] == "vfxai_nuke"]:
        del sys.modules[name]


def copy_plate(target: Path) -> Path:
    """The example plate cropped small, with an attribute, a timecode and a layer of its own, as half."""
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted((ROOT / "examples/plate").glob("noisy.100[123].exr")):
        image = oiio.ImageInput.open(str(source))
        spec = image.spec()
        pixels = np.asarray(image.read_image("float")).reshape(spec.height, spec.width, -1)[100:164, 200:296, :3]
        image.close()
        depth = np.linspace(0, 50, 64 * 96, dtype=np.float32).reshape(64, 96, 1)
        new = oiio.ImageSpec(96, 64, 4, "half")
        new.channelnames = ["R", "G", "B", "depth.Z"]
        new.x, new.y, new.full_width, new.full_height = 8, 4, 128, 80
        new.attribute("shot/camera", "ALEXA 35")
        new.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01020304, 0))
        new.attribute("chromaticities", "float[8]", (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.329))
        out = oiio.ImageOutput.create("exr")
        assert out.open(str(target / source.name.replace("noisy", "noisy plate")), new), oiio.geterror()
        out.write_image(np.ascontiguousarray(np.concatenate([pixels, depth], -1)))
        out.close()
    return target / "noisy plate.%04d.exr"


def pixels(path: str | Path) -> dict[str, np.ndarray]:
    """Every channel of a file, in its own type, with its window under the name window."""
    image = oiio.ImageInput.open(str(path))
    assert image is not None, oiio.geterror()
    spec = image.spec()
    types = [str(t) for t in spec.channelformats] or [str(spec.format)] * spec.nchannels
    values = np.asarray(image.read_image("float")).reshape(spec.height, spec.width, -1)  # exact for half too
    image.close()
    window = np.array([spec.x, spec.y, spec.width, spec.height, spec.full_width, spec.full_height])
    return {
        **{n: values[..., i].astype(np.float16 if types[i] == "half" else np.float32) for i, n in enumerate(spec.channelnames)},
        "window": window,
    }
