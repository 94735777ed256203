"""The scheduler process: sweeps every few seconds while it leads."""

import signal
import sys
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from jobs.leader import FileLeader, PostgresLeader, leader_for
from jobs.sweeps import sweep
from models import db

EVERY_SECONDS = 15

log = structlog.get_logger()


def run(app: Flask) -> None:
    """Until SIGTERM or Ctrl-C; a sweep that has begun is finished first."""
    settings = app.extensions["minqing.settings"]
    with app.app_context():
        leader = leader_for(db.engine, settings.data_dir)
    scheduler = BlockingScheduler(timezone=UTC)
    scheduler.add_job(
        tick,
        "interval",
        args=[app, leader],
        seconds=EVERY_SECONDS,
        coalesce=True,
        max_instances=1,
        next_run_time=datetime.now(UTC),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=True)
    finally:
        leader.resign()


def tick(app: Flask, leader: FileLeader | PostgresLeader) -> None:
    if not leader.leads():
        return
    with app.app_context():
        done = sweep(db.session(), datetime.now(UTC))
    if done.sent or done.unrated or done.archived:
        log.info("swept", unrated=done.unrated, archived=done.archived, **done.sent)
