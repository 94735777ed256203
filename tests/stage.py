"""What tests share about time and the first state of a database."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Browser(FlaskClient):
    """Each request has an application context of its own, as on a server, whatever the test has open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **{"buffered": True} | kwargs)


def at(text: str) -> datetime:
    """`2026-09-18 09:00`, Shanghai time, as an aware UTC moment."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def prepare_database(app: Flask) -> None:
    from flask_migrate import upgrade

    from imports import staging
    from models import db
    from models.seeding import seed
    from views.granting import grant_defaults

    with app.app_context():
        upgrade()
        grant_defaults(app.appbuilder)  # type: ignore[attr-defined]
        seed(db.session, at("2026-09-01 08:00"))
        db.session.commit()
        with db.engine.begin() as connection:
            staging.prepare(connection)
