"""Where the worker listens: one a user and machine, in a folder that nobody else can enter."""

import contextlib
import logging
import os
import secrets
import socket
import stat
import struct
import sys
import threading
import time
from pathlib import Path
from typing import IO

from vfxai.errors import OutputError, reason
from vfxai.image.locked import locked
from vfxai.worker.client.place import LONGEST_SOCKET, PORT, SOCKET, over_tcp
from vfxai.worker.peer import LAST_SECONDS, Peer
from vfxai.worker.service import Service

log = logging.getLogger("vfxai.worker")
LOCK = "worker.lock"
MOST_SILENT = 32
"""Connections that have not said hello; the oldest of more is dropped."""
MOST_PEERS = 256
"""Connections at once: hosts open one each, an OpenFX host one an instance."""
LOOK = 0.25
"""Seconds between two looks at whether it is time to end."""


def private_folder(path: Path) -> Path:
    """The folder, made with mode 0700 where it is not there. OutputError where others could enter it, or it is somebody else's."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.lstat()
    except OSError as error:
        raise OutputError(
            f"the worker's folder {path} cannot be made: {reason(error)}", remedy="set VFXAI_WORKER_DIR to a folder of yours"
        ) from error
    if not hasattr(os, "getuid"):
        return path
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise OutputError(
            f"{path} is not a folder of this user", remedy="remove it, or set VFXAI_WORKER_DIR to a folder of yours"
        )
    if facts.st_mode & 0o077:
        path.chmod(0o700)
    return path


def lock(folder: Path) -> IO[str] | None:
    """The lock of the one worker in a folder, held until the file is closed or the process ends; None where another worker has it, or there are no locks."""
    try:
        return locked(folder / LOCK)
    except OSError:
        return None


class Listener:
    """Takes connections until the service is over. Only for the holder of the lock."""

    def __init__(self, service: Service, folder: Path) -> None:
        """OutputError where it cannot listen there."""
        self._service, self._folder = service, folder
        self._token = ""
        self._peers: dict[int, tuple[float, Peer]] = {}
        self._lock = threading.Lock()
        try:
            self._socket = self._tcp() if over_tcp() else self._unix()
        except OSError as error:
            raise OutputError(
                f"the worker cannot listen in {folder}: {reason(error)}", remedy="set VFXAI_WORKER_DIR to a local folder of yours"
            ) from error
        self._socket.listen(128)
        self._socket.settimeout(LOOK)

    def _unix(self) -> socket.socket:
        path = self._folder / SOCKET
        if len(os.fsencode(path)) > LONGEST_SOCKET:
            raise OSError(f"{path} has more than {LONGEST_SOCKET} bytes")
        path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o077)
        try:
            listening.bind(str(path))
        finally:
            os.umask(before)
        return listening

    def _tcp(self) -> socket.socket:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.bind(("127.0.0.1", 0))
        self._token = secrets.token_hex(32)
        part = self._folder / f"{PORT}.part"
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{listening.getsockname()[1]}\n{self._token}\n")
        part.replace(self._folder / PORT)
        return listening

    def serve(self) -> None:
        """Until the service is over or stopped; then no connection is left."""
        try:
            while not (self._service.stopping.is_set() or self._service.is_over):
                self._drop_silent()
                try:
                    connected, _ = self._socket.accept()
                except TimeoutError:
                    continue
                except OSError as error:  # too many open files, for instance: others go on
                    log.warning("a connection could not be taken: %s", error)
                    time.sleep(LOOK)
                    continue
                self._take(connected)
        finally:
            self._close()

    def _take(self, connected: socket.socket) -> None:
        """Serves a connection in a thread of its own, unless it is another user's or there are too many."""
        other = _other_user(connected)
        if other is not None or len(self._peers) >= MOST_PEERS:
            log.warning(
                "a connection is refused: %s", f"it is of user {other}" if other is not None else f"there are {MOST_PEERS}"
            )
            connected.close()
            return
        connected.setblocking(True)
        peer = Peer(self._service, connected, self._token)
        with self._lock:
            self._peers[peer.number] = (time.monotonic(), peer)
        threading.Thread(target=self._serve_peer, args=(peer,), daemon=True, name=f"client {peer.number}").start()

    def _serve_peer(self, peer: Peer) -> None:
        try:
            peer.serve()
        except Exception:
            log.exception("client %d: a defect", peer.number)
        finally:
            with self._lock:
                self._peers.pop(peer.number, None)

    def _drop_silent(self) -> None:
        with self._lock:
            silent = [(since, peer) for since, peer in self._peers.values() if not peer.is_welcome]
        for _, peer in sorted(silent, key=lambda one: one[0])[: max(len(silent) - MOST_SILENT, 0)]:
            peer.hang_up()

    def _close(self) -> None:
        """Takes the name away first, so that clients that come now start another worker; hangs up after the answers that wait."""
        for name in (PORT if self._token else SOCKET,):
            (self._folder / name).unlink(missing_ok=True)
        self._socket.close()
        self._service.cancel_all()
        with self._lock:
            peers = [peer for _, peer in self._peers.values()]
        for peer in peers:
            peer.end_writing()
        deadline = time.monotonic() + LAST_SECONDS
        for peer in peers:
            peer.wait_written(deadline)
            peer.hang_up()


def _other_user(connected: socket.socket) -> int | None:
    """The user at the other end of a Unix socket, where it is not the one of this process; None where it is, or cannot be told."""
    if sys.platform != "linux" or connected.family != socket.AF_UNIX:
        return None
    with contextlib.suppress(OSError):
        _, user, _ = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        return None if user in (os.getuid(), 0) else int(user)
    return None
