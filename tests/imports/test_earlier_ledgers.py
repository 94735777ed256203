"""Migration 0006 mends what ledgers brought in before it."""

from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select, update

from models.events import TicketEvent
from models.ratings import Rating, Reporter
from models.tickets import Ticket
from tests.imports.test_tickets import OPEN, ledger, row
from tests.stage import at


@pytest.fixture
def migrate(session):
    def upgrade():
        with Operations.context(MigrationContext.configure(session.connection())):
            import_module("models.migrations.versions.0006_imported_ratings").upgrade()
        session.commit()

    return upgrade


def test_stars_get_the_path_of_their_unit_and_telephones_lose_their_confirmation(session, load, district, migrate):
    load("tickets", ledger(row()))
    session.execute(update(Rating).values(path=""))
    session.execute(update(Reporter).values(verification="phone"))
    migrate()
    assert session.scalars(select(Rating.path)).all() == [district.village.path]
    assert session.scalars(select(Reporter.verification)).all() == ["none"]


def test_settled_requests_get_the_date_on_which_they_go_on_by_themselves(session, load, district, migrate):
    unrated = row(工单编号="H-3", 满意度="", 状态="未评价")
    load("tickets", ledger(row(满意度=""), row(工单编号="H-2"), unrated, row(工单编号="H-4", **OPEN)))
    session.execute(update(Ticket).values(next_due_at=None))
    migrate()
    assert dict(session.execute(select(Ticket.state, Ticket.next_due_at)).all()) == {
        "settled": at("2026-10-17 16:30"),
        "rated": at("2026-11-09 16:30"),
        "unrated": at("2026-11-16 16:30"),
        "submitted": None,
    }


def test_the_course_no_longer_names_whoever_imported_it(session, load, district, migrate):
    load("tickets", ledger(row()))
    load("tickets", ledger(row(标题="路灯又不亮")))
    session.execute(update(TicketEvent).values(name="导入人", unit_name="调研办"))
    migrate()
    told = select(TicketEvent.action, TicketEvent.name, TicketEvent.unit_name).order_by(TicketEvent.id)
    assert session.execute(told).all() == [
        ("submit", "群众", ""),
        ("accept", "", ""),
        ("dispatch", "", ""),
        ("sign", "", "石桥村"),
        ("settle", "", "石桥村"),
        ("rate", "群众", ""),
        ("imported", "导入人", "调研办"),
    ]
