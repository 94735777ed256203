"""Two processes write into one database at once: each waits for the other, and neither overwrites it."""

import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from models.units import Unit

ROOT = Path(__file__).parents[2]
BEGIN = """
from datetime import UTC, datetime
import settings
from app import console
from models import db
from models.acting import EVERYTHING, SYSTEM, acting_as
from models.numbers import next_number
from models.units import Unit
from sqlalchemy.orm.exc import StaleDataError

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
with console(settings.load()).app_context(), acting_as(SYSTEM, NOON, EVERYTHING):
"""
NUMBERS = """
    for _ in range(40):
        db.session.scalar(db.text("SELECT count(*) FROM ticket"))
        print(next_number(db.session(), NOON))
        db.session.commit()
"""
CHANGES = """
    for _ in range(40):
        unit = db.session.scalars(db.select(Unit).order_by(Unit.id)).first()
        unit.households = (unit.households or 0) + 1
        try:
            db.session.commit()
            print("kept")
        except StaleDataError:
            db.session.rollback()
"""


def run_twice(app, program: str) -> list[str]:
    settings = app.extensions["minqing.settings"]
    given = {"MINQING_DATA_DIR": str(settings.data_dir), "MINQING_DATABASE_URL": settings.database_url}
    given |= {"MINQING_SECRET_KEY": settings.secret_key, "MINQING_FIELD_KEYS": settings.field_keys}
    command = [sys.executable, "-c", program]
    both = [
        subprocess.Popen(command, cwd=ROOT, env=os.environ | given, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [each.communicate(timeout=120)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    return "".join(said).split()


def test_numbers_of_requests_are_given_out_once(app):
    given = run_twice(app, BEGIN + NUMBERS)
    assert sorted(given) == [f"20261120-{number:05d}" for number in range(1, 81)]


def test_a_change_is_kept_or_refused_but_never_overwritten(app, session, district):
    session.commit()
    kept = run_twice(app, BEGIN + CHANGES)
    assert 40 <= len(kept) <= 80
    session.expire_all()
    assert session.scalars(sa.select(Unit.households).order_by(Unit.id)).first() == len(kept)
