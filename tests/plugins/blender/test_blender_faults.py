"""What goes wrong on a bad day in Blender: it is told with a remedy, and nothing is left behind. In the stand-in for bpy."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.plugins.blender import fake_bpy
from tests.plugins.shots import FRAMES, SPACE, Shot, write_shot
from tests.worker.conftest import PATIENCE, serving
from vfxai.cli.main import main
from vfxai.color.config import shipped_config
from vfxai.worker.client import Worker, WorkerError

TIMER, ESC = SimpleNamespace(type="TIMER"), SimpleNamespace(type="ESC")


@pytest.fixture
def worker() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vb") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VFXAI_WORKER_DIR", folder)
        patch.delenv("VFXAI_EXECUTABLE", raising=False)
        for _ in serving(Path(folder)):
            yield Path(folder)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The vfxai that made the extension."""
    found = tmp_path / "vfxai"
    root = Path(__file__).resolve().parents[3]
    found.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(root)!r})\nfrom vfxai.cli.main import main\nsys.exit(main())\n"
    )
    found.chmod(0o755)
    return found


@pytest.fixture
def made(tmp_path: Path, program: Path) -> Iterator[Any]:
    """The extension, in a folder whose name has a space and an umlaut."""
    folder = tmp_path / "add ons ü/vfxai_ext"
    assert main(["plugins", "blender", "--output", str(folder), "--executable", str(program)]) == 0
    with fake_bpy.extension(folder, tmp_path / "work", str(shipped_config())) as found:
        yield found


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    return write_shot("denoise", tmp_path / "shot mit ä")


@pytest.fixture
def operator(made: Any, shot: Shot, tmp_path: Path) -> Callable[..., Any]:
    def make(**values: Any) -> Any:
        given = {"node": "denoise", "values": '{"radius": 0, "quality": "fast"}', "source": shot.source, "colorspace": SPACE}
        return made.package.operators.VFXAI_OT_run(**{**given, "output": f"{tmp_path}/out ü/out.####.exr", **values})

    return make


def lengthen(shot: Shot) -> None:
    """To so many frames that some are left when a key, or a kill, comes in the middle, whoever else wants the processor."""
    for number in range(FRAMES[-1] + 1, FRAMES[0] + 40):
        shutil.copy(shot.source.replace("####", str(FRAMES[0])), shot.source.replace("####", str(number)))


def run_modal(operator: Any, window: fake_bpy.Window, *, first: Any = TIMER) -> set[str]:
    """Events, as a window has them, until the operator has ended."""
    deadline = time.monotonic() + PATIENCE
    said = operator.modal(window, first)
    while said <= {"RUNNING_MODAL", "PASS_THROUGH"}:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        said = operator.modal(window, TIMER)
    return set(said)


def test_in_a_window_it_is_watched_and_shows_how_far_it_is(
    operator: Callable[..., Any], made: Any, worker: Path, tmp_path: Path
) -> None:
    made.bpy.app.background = False
    window, one = fake_bpy.Window(), operator()
    assert one.invoke(window, None) == {"RUNNING_MODAL"}
    assert run_modal(one, window) == {"FINISHED"}
    assert window.log[:3] == ["timer", "begin", "modal"] and window.log[-3:] == [
        ("removed", "the timer"),
        "end",
        ("status", None),
    ]
    assert any(isinstance(said, tuple) and "ESC stops" in str(said[1]) for said in window.log)
    assert [p.name for p in sorted((tmp_path / "out ü").glob("*.exr"))] == [f"out.{n}.exr" for n in FRAMES]


def test_esc_stops_it_and_the_next_press_goes_on(operator: Callable[..., Any], made: Any, shot: Shot, worker: Path) -> None:
    made.bpy.app.background = False
    lengthen(shot)
    window, one = fake_bpy.Window(), operator()
    one.invoke(window, None)
    assert run_modal(one, window, first=ESC) == {"CANCELLED"}
    assert window.log[-1] == ("status", None) and "stopped" in one.reports[-1][1]
    again = operator()
    assert again.execute(window) == {"FINISHED"}


def test_closing_blender_ends_what_is_in_work(operator: Callable[..., Any], made: Any, worker: Path) -> None:
    made.bpy.app.background = False
    window, one = fake_bpy.Window(), operator()
    one.invoke(window, None)
    one.cancel(window)
    assert window.log[-3:] == [("removed", "the timer"), "end", ("status", None)]
    deadline = time.monotonic() + PATIENCE
    with Worker("test", start=False) as other:
        while not one._render.poll() or len(other.status()["clients"]) > 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_no_vfxai_on_the_machine(
    operator: Callable[..., Any], made: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    """As where a file and its extension were brought from another one."""
    monkeypatch.setenv("VFXAI_WORKER_DIR", str(tmp_path / "nobody"))
    monkeypatch.setenv("VFXAI_EXECUTABLE", "/nowhere/vfxai")
    assert operator().execute(fake_bpy.Window()) == {"CANCELLED"}
    said = capsys.readouterr().out
    assert "/nowhere/vfxai is not there or cannot be run" in said and "VFXAI_EXECUTABLE" in said


def test_what_is_missing_is_told_and_nothing_breaks(operator: Callable[..., Any], made: Any, worker: Path, capsys: Any) -> None:
    for wrong, words in (
        ({"values": "{"}, "no JSON"),
        ({"source": "/nowhere/a.####.exr"}, "/nowhere"),
        ({"values": '{"radius": 99}'}, "radius"),
    ):
        assert operator(**wrong).execute(fake_bpy.Window()) == {"CANCELLED"}
        assert words in capsys.readouterr().out


def test_a_frame_that_fails_is_named_and_the_others_are_there(
    operator: Callable[..., Any], made: Any, worker: Path, shot: Shot, tmp_path: Path
) -> None:
    damaged = Path(shot.source.replace("####", "1002"))
    damaged.write_bytes(damaged.read_bytes()[:-2000])
    one = operator()
    assert one.execute(fake_bpy.Window()) == {"FINISHED"}
    assert any("1 of 3 frames failed: 1002" in text for _, text in one.reports)
    assert [p.name for p in sorted((tmp_path / "out ü").glob("*.exr"))] == ["out.1001.exr", "out.1003.exr"]


def test_a_mask_of_another_size(
    made: Any, worker: Path, shot: Shot, tmp_path: Path, operator: Callable[..., Any], capsys: Any
) -> None:
    small = write_shot("tone", tmp_path / "other")
    mask = Path(small.inputs["mask"].replace("####", "1001"))
    assert main(["upscale", str(mask), str(tmp_path / "half.exr"), "--scale", "0.5", "--layer", "A", "--colorspace", "Raw"]) == 0
    values = f'{{"radius": 0, "mask": "{tmp_path}/half.exr"}}'
    assert operator(values=values).execute(fake_bpy.Window()) == {"CANCELLED"}
    said = capsys.readouterr().out
    assert "mask" in said and "32x24" in said and "64x48" in said


def test_a_picture_in_memory_leaves_no_file(made: Any, worker: Path, shot: Shot, tmp_path: Path) -> None:
    """Its folder is gone when the render is closed, also where it failed."""
    for source in (shot.source.replace("####", "1001"), "/nowhere.exr"):
        folder = tmp_path / "vfxai-blender-1"
        folder.mkdir()
        rendering = made.package.rendering
        table = {"id": "denoise", "radius": 0}
        render = rendering.Render(rendering.recipe_of(table, source, f"{tmp_path}/one/out.exr", "", SPACE), str(folder))
        with contextlib.suppress(rendering.WorkerError):
            render.result()
        assert not folder.exists()


@pytest.mark.parametrize("overscan", [False, True])
def test_results_lie_in_the_format_unless_overscan_is_asked_for(
    operator: Callable[..., Any], worker: Path, tmp_path: Path, overscan: bool
) -> None:
    (tmp_path / "over").mkdir()
    spec = oiio.ImageSpec(84, 58, 3, "float")
    spec.x, spec.y, spec.full_width, spec.full_height = -10, -5, 64, 48
    out = oiio.ImageOutput.create("exr")
    assert out.open(f"{tmp_path}/over/p.1001.exr", spec) and out.write_image(np.full((58, 84, 3), 0.5, np.float32))
    out.close()
    one = operator(source=f"{tmp_path}/over/p.####.exr", overscan=overscan)
    assert one.execute(fake_bpy.Window()) == {"FINISHED"}
    made = oiio.ImageInput.open(f"{tmp_path}/out ü/out.1001.exr").spec()
    assert (made.width, made.height, made.x, made.y) == ((84, 58, -10, -5) if overscan else (64, 48, 0, 0))
    assert any("cut and filled with black" in text for _, text in one.reports) is not overscan


def test_keys_become_values_by_frame(made: Any, worker: Path, shot: Shot, tmp_path: Path) -> None:
    node = made.nodes["denoise"](output=f"{tmp_path}/keys/out.####.exr", radius=0)
    fake_bpy.link(node, fake_bpy.sequence(shot.source, SPACE, FRAMES[0], len(FRAMES)))
    curve = SimpleNamespace(data_path='nodes["a"].strength', evaluate=lambda frame: (frame - 1001) / 2)
    node.id_data.animation_data = SimpleNamespace(action=SimpleNamespace(fcurves=[curve]))
    object.__setattr__(node, "path_from_id", lambda: 'nodes["a"]')
    render = node.render(SimpleNamespace(scene=None))
    assert render.recipe["node"][0]["strength"] == {"1001": 0.0, "1002": 0.5, "1003": 1.0}
    assert render.result()["written"] == 3


def test_the_worker_is_killed_in_the_middle_of_a_shot(
    operator: Callable[..., Any], made: Any, shot: Shot, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client starts another one, which goes on after the frames that are done."""
    folder = tempfile.mkdtemp(prefix="vk")  # short, as the path of a socket must be
    monkeypatch.setenv("VFXAI_WORKER_DIR", folder)
    monkeypatch.delenv("VFXAI_EXECUTABLE", raising=False)
    made.bpy.app.background = False
    lengthen(shot)
    window, one = fake_bpy.Window(), operator()
    deadline = time.monotonic() + PATIENCE
    try:
        with Worker("test", executable=[str(program)]) as other:
            running = other.status()["pid"]
        one.invoke(window, None)
        while not one._render.frames:
            assert time.monotonic() < deadline and not one._render.poll()
            time.sleep(0.01)
        os.kill(running, signal.SIGKILL)
        assert run_modal(one, window) == {"FINISHED"}
        assert any("started again" in text for _, text in one.reports)
    finally:
        with contextlib.suppress(WorkerError), Worker("test", start=False) as other:
            other.stop()
        shutil.rmtree(folder, ignore_errors=True)
