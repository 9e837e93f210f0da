"""The worker's process: python -m vfxai.worker.main. `vfxai worker start` runs it, and so does every client that finds none."""

import argparse
import logging
import os
import signal
import sys
import threading

from vfxai import __version__
from vfxai.errors import VfxaiError
from vfxai.schema import registry
from vfxai.worker.client import place
from vfxai.worker.listener import Listener, lock, private_folder
from vfxai.worker.log import log_file, start_log
from vfxai.worker.service import Service

IDLE_MINUTES = 20.0
"""After which a worker that nobody asks ends, so that a GPU is free for others over lunch."""
log = logging.getLogger("vfxai.worker")


def main(arguments: list[str] | None = None) -> int:
    """Serves until it is stopped or nobody asks; 0, also where another worker is there already."""
    parser = argparse.ArgumentParser(prog="python -m vfxai.worker.main", description=__doc__)
    parser.add_argument("--idle", type=float, default=IDLE_MINUTES, metavar="MINUTES")
    parser.add_argument("--load", action="append", default=[], metavar="MODULE", help="a module that declares further nodes")
    options = parser.parse_args(arguments)
    try:
        folder = private_folder(place.folder())
        held = lock(folder)
        if held is None:
            return 0
        start_log(log_file())
        for name in options.load:
            registry.load(name)
        service = Service(folder, idle_minutes=options.idle, log=log_file())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stopping.set())
        listener = Listener(service, folder)
    except (VfxaiError, OSError, ImportError) as error:
        print(f"error: {error}", getattr(error, "remedy", ""), sep="\n  ", file=sys.stderr)
        return error.exit_code if isinstance(error, VfxaiError) else 5
    log.info("worker %d of vfxai %s listens in %s; python %s", os.getpid(), __version__, folder, sys.version.split()[0])
    threading.Thread(target=_warm_up, args=(service,), daemon=True, name="warm-up").start()
    try:
        listener.serve()
    finally:
        service.maps.close()
        log.info("worker %d ends", os.getpid())
        logging.shutdown()
    held.close()
    # threads of native code that still compute for cancelled work are not waited for
    os._exit(0)


def _warm_up(service: Service) -> None:
    try:
        service.warm_up()
    except Exception:
        log.exception("what jobs need cannot be imported; they will say so")


if __name__ == "__main__":
    sys.exit(main())
