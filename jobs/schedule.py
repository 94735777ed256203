"""The scheduler process: sweeps every few seconds while it leads."""

import signal
import sys
from datetime import UTC, datetime, time, timedelta

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from jobs.common_issues import find_common_issues
from jobs.leader import FileLeader, PostgresLeader, leader_for
from jobs.serving import python, start
from jobs.statistics import gather_statistics
from jobs.sweeps import Done, sweep
from models import db
from rules.workdays import ZONE

EVERY_SECONDS, NIGHT = 15, 2
LEARN_AT = time(2, 40)
SETTLED_IN = timedelta(minutes=1)
"""The first minute belongs to whoever waits for the console to start."""

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
    soon = datetime.now(UTC) + SETTLED_IN
    scheduler.add_job(learn, "interval", args=[app, leader], days=1, next_run_time=soon)
    for trigger in ({"trigger": "cron", "hour": NIGHT, "timezone": ZONE}, {"trigger": "date", "run_date": soon}):
        scheduler.add_job(find_alike, args=[app, leader], misfire_grace_time=None, **trigger)
    scheduler.add_job(
        teach_beside, "cron", args=[leader], hour=LEARN_AT.hour, minute=LEARN_AT.minute, timezone=ZONE, max_instances=1
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=True)
    finally:
        leader.resign()


def teach_beside(leader: FileLeader | PostgresLeader) -> None:
    """In a process of its own, which gives back what memory it takes."""
    if leader.leads():
        log.info("learnt", status=start(python("flask", "jobs", "learn")).wait())


def learn(app: Flask, leader: FileLeader | PostgresLeader) -> None:
    if leader.leads():
        with app.app_context():
            gather_statistics(db.session())


def find_alike(app: Flask, leader: FileLeader | PostgresLeader) -> None:
    if leader.leads():
        with app.app_context():
            log.info("looked for common issues", new=find_common_issues(db.session(), datetime.now(UTC)))


def tick(app: Flask, leader: FileLeader | PostgresLeader) -> None:
    if not leader.leads():
        return
    with app.app_context():
        done = sweep(db.session(), datetime.now(UTC))
    if done != Done():
        counts = {"resumed": done.resumed, "supervised": done.supervised, "unrated": done.unrated}
        log.info("swept", archived=done.archived, **counts, **done.sent)
