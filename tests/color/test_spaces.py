import json
from pathlib import Path

import pytest

from vfxai.cli.main import main
from vfxai.color.config import find_config
from vfxai.color.spaces import proposal, spaces_of


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["pal"], "Rec.601 PAL Camera"),
        (["rec601", "monitor"], "Gamma 2.4 Encoded Rec.601 PAL"),
        (["LogC4"], "ARRI LogC4"),
        (["video"], "sRGB - Display"),
    ],
)
def test_words_find_spaces(words: list[str], first: str) -> None:
    assert spaces_of(find_config(), words)[0].name == first


def test_the_command_lists_and_finds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spaces", "--json"]) == 0
    listed = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert listed == find_config().names
    assert main(["spaces", "rec601", "camera"]) == 0
    assert "625-line television" in capsys.readouterr().out
    assert main(["spaces", "xyzzy"]) == 2
    assert "no colour space of which 'xyzzy' is said" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "lines", "proposes"),
    [
        ("a.dpx", 576, "--colorspace 'Rec.601 PAL Camera'"),
        ("a.dpx", 486, "--colorspace 'Rec.601 NTSC Camera'"),
        ("a.dpx", 1080, "--colorspace 'Rec.709 Camera'"),
        ("a.dpx", 1556, "--colorspace 'ADX10'"),
        ("a.hdr", 1556, "such as 'sRGB - Display'"),
    ],
)
def test_what_a_file_is_proposes_its_space(name: str, lines: int, proposes: str) -> None:
    assert proposes in proposal(find_config(), Path(name), lines)


def test_only_spaces_that_are_there_are_proposed(tmp_path: Path) -> None:
    (tmp_path / "one.ocio").write_text(
        "ocio_profile_version: 1\nroles:\n  default: only\n  scene_linear: only\ndisplays:\n  d:\n    - !<View> {name: v, colorspace: only}\n"
        "colorspaces:\n  - !<ColorSpace>\n    name: only\n"
    )
    said = proposal(find_config(str(tmp_path / "one.ocio")), Path("a.dpx"), 576)
    assert "'only'" in said and "PAL" not in said


def test_a_label_has_the_public_id_and_the_chromaticities_of_linear_spaces() -> None:
    config = find_config()
    assert config.label("ACEScg")["colorInteropID"] == "lin_ap1_scene"
    assert config.label("ACEScg")["chromaticities"][0] == 0.713
    assert config.label("ACEScct") == {"oiio:ColorSpace": "ACEScct", "colorInteropID": "ocio:acescct_ap1_scene"}
    assert config.label("Rec.601 PAL Camera") == {"oiio:ColorSpace": "Rec.601 PAL Camera"}
