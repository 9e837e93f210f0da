"""Where the worker of this user on this machine listens, and how it is reached. The worker itself uses this too."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

SOCKET = "worker.sock"
PORT = "worker.port"
"""Holds the port in its first line and the token in its second, where the worker listens on 127.0.0.1."""
LONGEST_SOCKET = 107
"""Bytes of the path of a Unix socket, a limit of Linux; other systems take 103."""


def folder() -> Path:
    """$VFXAI_WORKER_DIR, else $XDG_RUNTIME_DIR/vfxai, else a folder of the user's among temporary files; it need not exist."""
    if stated := os.environ.get("VFXAI_WORKER_DIR"):
        return Path(stated)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "vfxai"
    import tempfile  # here because it takes long to import

    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"vfxai-{user}"


def over_tcp() -> bool:
    """Whether the worker listens on 127.0.0.1: where Python has no Unix sockets, and where $VFXAI_WORKER_TCP is 1."""
    return not hasattr(socket, "AF_UNIX") or sys.platform == "win32" or os.environ.get("VFXAI_WORKER_TCP") == "1"


def dial(seconds: float) -> tuple[socket.socket, str]:
    """A connection to the worker, and the token that it asks for ("" on a Unix socket). OSError where nobody listens."""
    if not over_tcp():
        reached = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            reached.settimeout(seconds)
            reached.connect(str(folder() / SOCKET))
        except BaseException:
            reached.close()
            raise
        return reached, ""
    try:
        port, token = (folder() / PORT).read_text(encoding="ascii").split()
        number = int(port)
    except ValueError:  # half written
        raise ConnectionRefusedError(f"{folder() / PORT} names no port") from None
    return socket.create_connection(("127.0.0.1", number), seconds), token
