"""The web server: granian's main process and its workers, none of which outlives the one above it."""

import os
import signal
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

import settings as config
from jobs.serving import dying_with_parent
from settings import Settings

WORKERS, THREADS = 2, 4
"""One process keeps one core busy, however many threads it has; more of them wait for each other and hold memory."""
FINISH_WITHIN = 10
"""Seconds a worker has for the requests it is at when the server is stopped."""


def serve(settings: Settings) -> None:
    os.register_at_fork(after_in_child=be_stoppable)
    if sys.platform == "linux":
        os.register_at_fork(after_in_child=dying_with_parent())
    Granian(
        "app:web",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=WORKERS,
        blocking_threads=THREADS,
        workers_kill_timeout=FINISH_WITHIN,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()


def be_stoppable() -> None:
    """A worker inherits granian's handlers, with which it would ignore signals until it has loaded and sets its own."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)


if __name__ == "__main__":
    serve(config.load())
