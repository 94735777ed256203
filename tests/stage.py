"""What tests share about time and the first state of a database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask


def at(text: str) -> datetime:
    """`2026-09-18 09:00`, Shanghai time, as an aware UTC moment."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def prepare_database(app: Flask) -> None:
    from flask_migrate import upgrade

    from models import db
    from models.seeding import seed

    with app.app_context():
        upgrade()
        seed(db.session, at("2026-09-01 08:00"))
        db.session.commit()
