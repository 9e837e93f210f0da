"""What the worker writes down for a studio: a line for each client, request and fault."""

import faulthandler
import logging
import logging.handlers
import os
from pathlib import Path

from vfxai.worker.client import place

LOG = "worker.log"
LOG_BYTES = 5_000_000
"""Of a log file before the next is begun; three older ones are kept. A busy day writes about one."""
TAIL_BYTES = 1_000_000
"""Of the end of a log that are looked at for its last lines."""


def log_file() -> Path:
    """$VFXAI_WORKER_LOG, else worker.log in the worker's folder."""
    return Path(os.environ.get("VFXAI_WORKER_LOG") or place.folder() / LOG)


def start_log(path: Path) -> None:
    """From here on it is written there, with time and level; a crash of native code leaves its traceback there too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8", errors="replace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    faulthandler.enable(path.open("a"))  # stays open: faulthandler writes to its number


def tail(path: Path, lines: int) -> str:
    """The last lines of a log."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - TAIL_BYTES, 0))
        text = file.read().decode("utf-8", "replace")
    return "\n".join([*text.splitlines()[-max(lines, 0) :], ""]) if lines > 0 else ""
