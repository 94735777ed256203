"""The worker process: takes up imports as they come. Any number of them may run, on any number of machines."""

import signal
import sys
import time
from datetime import UTC, datetime

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from jobs.importing import work_next
from models import db

IDLE_SECONDS = 0.5

log = structlog.get_logger()


def run(app: Flask) -> None:
    """Until SIGTERM or Ctrl-C; what has been begun is then left to another worker."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            if not look(app):
                time.sleep(IDLE_SECONDS)
    except KeyboardInterrupt:
        return


def look(app: Flask) -> bool:
    with app.app_context():
        try:
            return work_next(db.session(), lambda: datetime.now(UTC))
        except OperationalError:
            log.exception("the database does not answer")
            return False
