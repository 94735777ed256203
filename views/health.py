"""Answers for those who watch the installation: is the process up, can it work, how far behind is it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from models import db
from models.engine import BESIDE
from models.notices import Notice
from models.tickets import Ticket
from rules.refusals import N_
from views.kit.context import now

health = Blueprint("health", __name__)
MIGRATIONS = Path(__file__).parents[1] / "models" / "migrations"
LOCAL = ("127.0.0.1", "::1")


@health.get("/healthz")
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
def ready() -> Response:
    wrong = problems()
    return Response("".join(f"{line}\n" for line in wrong or ["ok"]), 503 if wrong else 200, mimetype="text/plain")


@health.get("/metrics")
def metrics() -> Response:
    """Counts alone, and only for a collector on this machine that did not come through a proxy."""
    if request.remote_addr not in LOCAL or "X-Forwarded-For" in request.headers:
        abort(404)
    return Response(generate_latest(measured()), mimetype=CONTENT_TYPE_LATEST)


def problems() -> list[str]:
    """What keeps the console from working: msgids that hold no secret."""
    try:
        with db.engine.connect() as connection:
            return [said for said, holds in CHECKS.items() if not holds(connection)]
    except SQLAlchemyError:
        return [N_("The database does not answer")]


def is_migrated(connection: Connection) -> bool:
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    return set(connection.scalars(sa.text("SELECT version_num FROM alembic_version"))) == newest_migrations()


@cache
def newest_migrations() -> set[str]:
    from alembic.config import Config  # a second to load, and not needed to serve a page
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return set(ScriptDirectory.from_config(config).get_heads())


def has_staging(connection: Connection) -> bool:
    return {*BESIDE} <= {*sa.inspect(connection).get_schema_names()}


CHECKS: dict[str, Callable[[Connection], bool]] = {
    N_("The database is not at the newest migration: run flask init"): is_migrated,
    N_("There is no staging area for imports: run flask init"): has_staging,
}


def measured() -> CollectorRegistry:
    registry = CollectorRegistry()
    tickets = Gauge("minqing_tickets", "Requests by state", ["state"], registry=registry)
    waiting = Gauge("minqing_notices_waiting", "Notices that are due and not sent", registry=registry)
    with db.engine.connect() as connection:
        by_state = sa.select(Ticket.state, sa.func.count()).group_by(Ticket.state)
        for state, count in connection.execute(by_state):
            tickets.labels(state).set(count)
        due = sa.select(sa.func.count()).where(Notice.sent_at.is_(None), Notice.deliver_at <= now())
        waiting.set(connection.scalar(due) or 0)
    return registry
