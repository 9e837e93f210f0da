"""One bench result: a table with its command, machine and date, as Markdown, as JSON and on the terminal."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from vfxai.errors import OutputError, UnreadableInputError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def machine() -> str:
    """The class of this machine: processor, cores, memory, GPU."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [model, f"{cores} cores"]
    parts.append(f"{psutil.virtual_memory().total / 2**30:.0f} GiB")
    torch = sys.modules.get("torch")
    parts.append(torch.cuda.get_device_name(0) if torch is not None and torch.cuda.is_available() else "no GPU")
    return ", ".join(parts)


def command_line() -> str:
    """The command that is running, as a reader would type it."""
    return " ".join(["vfxai", *sys.argv[1:]])


@dataclass(frozen=True)
class Result:
    """A measured table. Each row has the same columns; numbers are rounded only for display."""

    name: str
    """Short name, also of its JSON file."""
    title: str
    columns: Mapping[str, int]
    """Heading with its unit -> decimals shown; 0 for whole numbers and for text."""
    rows: Sequence[Mapping[str, Any]]
    """Heading -> number or text; a missing one is shown as a dash."""
    notes: Sequence[str] = ()
    """What was measured and how, sentence by sentence."""
    command: str = field(default_factory=command_line)
    machine: str = field(default_factory=machine)
    date: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%d"))

    def markdown(self) -> str:
        """The table with title, notes, command, machine class and date."""
        heads = list(self.columns)
        numeric = [all(isinstance(r.get(h), int | float | None) for r in self.rows) for h in heads]
        lines = [f"## {self.title}", "", _line(heads), _line(["---:" if n else "---" for n in numeric])]
        lines += [_line([_shown(row.get(h), self.columns[h]) for h in heads]) for row in self.rows]
        lines += ["", *self.notes] if self.notes else []
        return "\n".join([*lines, "", f"`{self.command}` · {self.machine} · {self.date}", ""])

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """From what to_dict gave."""
        return cls(**data)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(value: Any, decimals: int) -> str:
    if value is None:
        return "-"
    return f"{value:.{decimals}f}" if isinstance(value, int | float) else str(value)


def write_json(path: Path, results: Sequence[Result]) -> None:
    """Stores results; OutputError where the file cannot be written."""
    text = json.dumps([r.to_dict() for r in results], indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {reason(error)}") from error


def read_json(path: Path) -> list[Result]:
    """Results that write_json stored; UnreadableInputError for anything else."""
    try:
        return [Result.from_dict(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableInputError(
            f"{path} holds no bench results: {reason(error)}", remedy="write it with vfxai bench ... --json FILE"
        ) from error


HEAD = """# Measured quality and speed

Generated from the results in `{folder}/` by `vfxai bench quality --write {page}`; do not edit. Each table names the command that
produced it, the machine class and the date. Peers run in the same command on the same pictures with the same noise. `vfxai` is
the product path: the node Denoise, blind (it is never told the noise).

"""


def write_page(page: Path) -> Path:
    """Renders every result stored in the folder named as the page without suffix (docs/quality.md: docs/quality/*.json)."""
    folder = page.with_suffix("")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise OutputError(f"no stored results in {folder}", remedy=f"first run vfxai bench quality --json {folder}/quality.json")
    results = [result for file in files for result in read_json(file)]
    text = HEAD.format(folder=folder.name, page=page.as_posix()) + "\n".join(r.markdown() for r in results)
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{page} cannot be written: {reason(error)}") from error
    return page
