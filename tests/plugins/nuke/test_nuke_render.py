"""From knobs to pixels: what a Group renders is, bit by bit, what the command line makes of the same files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from fake_nuke import threads
from nuke_studio import SPACE, Studio, copy_plate, pixels

from vfxai.cli.main import main

Same = Callable[[Any, Any], None]
NAME = "vfxai/sh010_comp_v003/{0}/sh010_comp_v003_{0}.%04d.exr"


def result(studio: Studio, group: Any) -> str:
    return str(studio.work / NAME.format(group.name()))


def by_hand(studio: Studio, *arguments: str) -> str:
    """The same on the command line; the pattern of what it made."""
    out = str(studio.work / "by hand/out.%04d.exr")
    assert main([arguments[0], arguments[1], out, *arguments[2:], "--precision", "fp32", "--overwrite"]) == 0
    return out


def test_a_reads_files_are_used_as_they_lie(studio: Studio, plate: str, same: Same) -> None:
    """Nothing is exported, the result is half as the plate is, the Read inside shows it, and the node hands it on."""
    dot = studio.nuke.nodes.Dot(inputs=[studio.read(plate, colorspace=SPACE)])
    group = studio.node("denoise", dot, strength=0.7, radius=1, precision="fp32")
    studio.render(group)
    assert (studio.session.messages, group["vfxai_state"].value()) == ([], "1001-1003 done")
    assert "read from noisy plate.%04d.exr" in group["vfxai_facts"].value()
    out = by_hand(studio, "denoise", plate, "--strength", "0.7", "--radius", "1", "--colorspace", SPACE)
    for number in (1001, 1002, 1003):
        same(result(studio, group) % number, out % number)
    assert pixels(result(studio, group) % 1002)["R"].dtype == np.float16
    read = group.node("Result")
    assert (read["file"].value(), read["first"].value(), read["last"].value()) == (result(studio, group), 1001, 1003)
    assert (group.format().width(), group.format().height()) == (128, 80)
    assert shown(group, 1002)["rgba.red"].tobytes() == pixels(out % 1002)["R"].astype(np.float32).tobytes()


def shown(group: Any, frame: int) -> dict[str, np.ndarray]:
    from fake_nuke.pixels import picture

    return picture(group, frame, group.session.views[0]).channels


def test_what_lies_between_is_exported_exactly(studio: Studio, plate: str, same: Same) -> None:
    """All channels, 32 bits, the bounding box, attributes and timecode, at full size though the proxy is on; then it is removed."""
    grade = studio.nuke.nodes.Grade(inputs=[studio.read(plate, colorspace=SPACE)])
    grade["multiply"].setValue([1.1, 0.9, 3.0, 1.0])
    crop = studio.nuke.nodes.Crop(inputs=[grade], box=[16, 10, 90, 70])
    group = studio.node("denoise", crop, strength=0.7, radius=0, precision="fp32")
    studio.session.root["proxy"].setValue(True)
    studio.session.file_answer = str(studio.work / "saved.json")
    studio.render(group, "recipe")
    recipe = json.loads((studio.work / "saved.json").read_text())
    exported = pixels(recipe["source"] % 1002)
    assert studio.session.root["proxy"].value() is True
    assert {n: a.dtype.name for n, a in exported.items() if n != "window"} == dict.fromkeys(("R", "G", "B", "depth.Z"), "float32")
    original = pixels(plate % 1002)
    x, y, width, height = exported["window"][:4]
    assert (x, y, width, height) == (16, 10, 74, 58) and tuple(exported["window"][4:]) == (128, 80)
    there = original["B"].astype(np.float32)[y - 4 : y - 4 + height, x - 8 : x - 8 + width]
    assert np.array_equal(exported["B"], there * np.float32(3.0))
    header = oiio.ImageInput.open(recipe["source"] % 1002).spec()
    assert header["shot/camera"] == "ALEXA 35" and tuple(header["smpte:TimeCode"]) == (0x01020304, 0)
    studio.render(group)
    assert group["vfxai_state"].value() == "1001-1003 done" and "exported: plate" in group["vfxai_facts"].value()
    assert "exported at full size though the proxy is on" in group["vfxai_facts"].value()
    out = str(studio.work / "by hand.%04d.exr")
    (studio.work / "saved.json").write_text(json.dumps({**recipe, "output": out}))
    assert main(["run", str(studio.work / "saved.json")]) == 0
    for number in (1001, 1002, 1003):
        same(result(studio, group) % number, out % number)
    made = pixels(out % 1002)
    assert made["R"].dtype == np.float16 and made["depth.Z"].dtype == np.float32
    assert not list((studio.work / "vfxai").rglob("shot/plate*"))


def test_keys_become_values_by_frame(studio: Studio, plate: str, same: Same) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, precision="fp32")
    group["strength"].setValueAt(0.0, 1001)
    group["strength"].setValueAt(1.0, 1003)
    studio.render(group)
    out = by_hand(studio, "denoise", plate, "--strength", "1001=0,1003=1", "--radius", "0", "--colorspace", SPACE)
    for number in (1001, 1002, 1003):
        same(result(studio, group) % number, out % number)
    same(result(studio, group) % 1001, plate % 1001)


def test_every_view_is_rendered(studio: Studio, tmp_path: Path, same: Same) -> None:
    studio.session.views = ["left", "right"]
    for view in studio.session.views:
        copy_plate(studio.work / view)
    pattern = str(studio.work / "%V/noisy plate.%04d.exr")
    group = studio.node("denoise", studio.read(pattern, colorspace=SPACE), radius=0, precision="fp32", strength=0.5)
    graded = studio.nuke.nodes.Grade(inputs=[studio.read(pattern, colorspace=SPACE)])
    other = studio.node("denoise", graded, radius=0, precision="fp32", strength=0.5)
    studio.session.file_answer = str(studio.work / "saved.json")
    studio.press(group, "recipe")
    saved = json.loads((studio.work / "saved.json").read_text())
    studio.session.messages.clear()  # the question where to
    assert saved["views"] == "left,right" and "%V" in saved["source"] and "%V" in saved["output"]
    studio.render(group)
    studio.render(other)
    assert studio.session.messages == []
    left = str(studio.work / "left/noisy plate.%04d.exr")
    out = by_hand(studio, "denoise", left, "--strength", "0.5", "--radius", "0", "--colorspace", SPACE)
    for view in ("left", "right"):
        name = result(studio, group).replace(".%04d", f".{view}.%04d")
        same(name % 1002, out % 1002)
        assert np.array_equal(
            pixels(result(studio, other).replace(".%04d", f".{view}.%04d") % 1002)["R"], pixels(out % 1002)["R"]
        )


def test_views_told_by_a_letter_alone_have_a_recipe_each(studio: Studio, same: Same) -> None:
    studio.session.views = ["left", "right"]
    for letter in "lr":
        copy_plate(studio.work / letter)
    group = studio.node(
        "denoise", studio.read(str(studio.work / "%v/noisy plate.%04d.exr"), colorspace=SPACE), radius=0, strength=0.0
    )
    studio.session.file_answer = str(studio.work / "saved.json")
    studio.press(group, "recipe")
    assert sorted(p.name for p in studio.work.glob("saved*")) == ["saved.left.json", "saved.right.json"]
    studio.session.messages.clear()  # the question where to
    studio.render(group)
    assert studio.session.messages == []
    for view in ("left", "right"):
        same(result(studio, group).replace(".%04d", f".{view}.%04d") % 1002, studio.work / f"{view[0]}/noisy plate.1002.exr")


def test_one_file_beside_the_frames_is_refused_for_several_views(studio: Studio) -> None:
    studio.session.views = ["left", "right"]
    for view in studio.session.views:
        copy_plate(studio.work / view)
    group = studio.node("denoise", studio.read(str(studio.work / "%V/noisy plate.%04d.exr"), colorspace=SPACE), radius=0)
    group["analysis"].setValue(str(studio.work / "noise.json"))
    studio.render(group)
    (said,) = studio.session.messages
    assert "one file for the views left, right" in said and "%V" in said
    assert not list(studio.work.glob("noise*.json"))


def test_a_mask_decides_where(studio: Studio, plate: str) -> None:
    """Its own Read's files, or what is exported of it."""
    mask = studio.work / "mask.%04d.exr"
    for number in (1001, 1002, 1003):
        spec = oiio.ImageSpec(96, 64, 1, "half")
        spec.channelnames = ["A"]
        spec.x, spec.y, spec.full_width, spec.full_height = 8, 4, 128, 80
        out = oiio.ImageOutput.create("exr")
        out.open(str(mask) % number, spec)
        matte = np.zeros((64, 96, 1), np.float32)
        matte[:, 48:] = 1
        out.write_image(matte)
        out.close()
    read = studio.read(plate, colorspace=SPACE)
    group = studio.node("denoise", read, studio.read(str(mask), colorspace=SPACE), radius=0, precision="fp32")
    studio.render(group)
    assert studio.session.messages == []
    there, made = pixels(plate % 1002)["R"], pixels(result(studio, group) % 1002)["R"]
    assert np.array_equal(there[:, :48], made[:, :48]) and not np.array_equal(there[:, 48:], made[:, 48:])


def test_preview_shows_the_viewers_frame_and_leaves_the_result_alone(studio: Studio, plate: str, same: Same) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), strength=0.7, radius=1, precision="fp32")
    studio.render(group, "preview")
    assert (group["vfxai_show"].value(), group["vfxai_state"].value()) == ("preview", "preview of 1002 done")
    assert group["vfxai_has_result"].value() is False
    out = by_hand(studio, "denoise", plate, "--strength", "0.7", "--radius", "1", "--colorspace", SPACE)
    same(group.node("Preview")["file"].value() % 1002, out % 1002)


def test_a_chain_takes_the_result_of_the_node_above(studio: Studio, plate: str) -> None:
    first = studio.node("denoise", studio.read(plate, colorspace=SPACE), radius=0, precision="fp32")
    second = studio.node("denoise", first, radius=0, precision="fp32", strength=0.0)
    studio.press(second, "render")
    assert "vfxai_Denoise upstream has no result yet" in studio.session.messages.pop()
    studio.render(first)
    studio.render(second)
    assert studio.session.messages == []
    assert "read from sh010_comp_v003_vfxai_Denoise.%04d.exr" in second["vfxai_facts"].value()
    assert np.array_equal(pixels(result(studio, second) % 1001)["R"], pixels(result(studio, first) % 1001)["R"])


@pytest.mark.parametrize("studio", [False], indirect=True)
def test_without_a_window_the_same_is_rendered_at_once(studio: Studio, plate: str, same: Same, capsys: Any) -> None:
    group = studio.node("denoise", studio.read(plate, colorspace=SPACE), strength=0.7, radius=0, precision="fp32")
    script = str(studio.work / "sh010_comp_v003.nk")
    studio.session.save(script)
    studio.nuke.delete(group)
    assert studio.adapter("headless").main(["--save", script]) == 0
    assert threads.tasks == []
    (opened,) = studio.adapter("group").ours()
    assert opened["vfxai_state"].value() == "1001-1003 done"
    out = by_hand(studio, "denoise", plate, "--strength", "0.7", "--radius", "0", "--colorspace", SPACE)
    same(result(studio, opened) % 1003, out % 1003)
    assert studio.adapter("headless").render() == 0
    assert "nothing to do" in capsys.readouterr().out
