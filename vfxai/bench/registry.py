"""What the benches measure: each module named after its kind and part, such as quality_denoise, is one table. Imports the standard library only."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vfxai.bench.asked import Asked
    from vfxai.bench.table import Result

KINDS = ("quality", "speed")
PEERS = ("cbm3d", "nlmeans", "oidn", "ffmpeg", "srmd", "span")
"""Methods of others that a table may show beside ours; each is left out where it is not installed."""


def parts(kind: str) -> tuple[str, ...]:
    """Names of the parts of a kind, in the order of the alphabet."""
    names = [found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)])]
    return tuple(sorted(name.removeprefix(f"{kind}_") for name in names if name.startswith(f"{kind}_")))


def measured(kind: str, part: str, asked: Asked) -> Result:
    """The table of a part, measured now."""
    result: Result = import_module(f"vfxai.bench.{kind}_{part}").part(asked)
    return result
