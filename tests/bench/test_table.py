"""Results as Markdown, as JSON, and as the generated page."""

from pathlib import Path

import pytest

from vfxai.bench.table import Result, machine, read_json, write_json, write_page
from vfxai.errors import OutputError, UnreadableInputError

RESULT = Result(
    "denoise",
    "Stills",
    {"method": 0, "PSNR dB": 2, "SSIM": 4},
    [{"method": "ours", "PSNR dB": 31.006, "SSIM": 0.9}, {"method": "theirs", "PSNR dB": 30}],
    notes=("Two pictures.",),
    command="vfxai bench quality",
    machine="2 cores",
    date="2026-11-21",
)


def test_markdown_is_a_table_with_its_origin() -> None:
    assert RESULT.markdown().splitlines() == [
        "## Stills",
        "",
        "| method | PSNR dB | SSIM |",
        "| --- | ---: | ---: |",
        "| ours | 31.01 | 0.9000 |",
        "| theirs | 30.00 | - |",
        "",
        "Two pictures.",
        "",
        "`vfxai bench quality` · 2 cores · 2026-11-21",
    ]


def test_results_come_back_from_json(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "r.json", [RESULT])
    assert [r.markdown() for r in read_json(tmp_path / "deep" / "r.json")] == [RESULT.markdown()]


def test_the_page_renders_every_stored_result(tmp_path: Path) -> None:
    write_json(tmp_path / "quality" / "a.json", [RESULT])
    write_json(tmp_path / "quality" / "b.json", [Result("x", "Speed", {"s": 1}, [{"s": 2}])])
    text = write_page(tmp_path / "quality.md").read_text(encoding="utf-8")
    assert text.index("## Stills") < text.index("## Speed")
    assert "do not edit" in text


def test_a_page_without_results_and_a_file_that_holds_none_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no stored results"):
        write_page(tmp_path / "quality.md")
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(UnreadableInputError, match=r"x\.json holds no bench results"):
        read_json(tmp_path / "x.json")


def test_machine_names_its_cores() -> None:
    assert "cores" in machine()
