import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from models import db
from models.acting import acting_as, scope_for
from models.desk import callers, known_caller
from models.merging import merge
from models.ratings import Reporter, asked_from
from models.types import keyring
from tests.asked import Asked
from tests.stage import at
from tests.way import MORNING
from views.health import MIGRATIONS


def numbers(found) -> list[list[str]]:
    return [[each.number for each in caller.tickets] for caller in found]


def test_whoever_calls_is_found_by_the_whole_number_and_by_its_tail(session, way):
    first, second = way.submitted(), way.submitted(at("2026-09-19 09:00"))
    way.submitted(reporter_mobile="13900001234", reporter_name="老李")
    way.submitted(reporter_mobile="13800005678")
    assert numbers(callers(session, "138 0000 1234")) == [[second.number, first.number]]
    found = callers(session, "1234")
    assert [(each.reporter.masked_name, each.reporter.masked_mobile) for each in found] == [
        ("何**", "138****1234"),
        ("老*", "139****1234"),
    ]
    assert callers(session, "234") == callers(session, "12345") == callers(session, "abcd") == []


def test_an_anonymous_reporter_is_found_by_nobody(session, way):
    way.submitted(anonymous=True)
    assert callers(session, "13800001234") == callers(session, "1234") == []


def test_an_anonymous_reporter_stays_so_when_the_request_is_merged(session, way):
    hidden, other = way.submitted(anonymous=True), way.submitted(reporter_mobile="13900005678")
    session.flush()
    merge(hidden, other, way.dispatcher, MORNING, reason="同一件事")
    session.flush()
    assert callers(session, "1234") == []
    assert session.scalars(asked_from("13800001234")).all() == []
    assert [each.reporter.masked_mobile for each in callers(session, "5678")] == ["139****5678"]


def test_callers_are_those_whose_requests_one_sees(session, way, district):
    way.submitted(unit=district.far_village)
    mine = way.submitted(at("2026-09-19 09:00"))
    session.commit()
    with acting_as(way.handler, MORNING, scope_for(way.handler)):
        assert numbers(callers(session, "1234")) == [[mine.number]]


def test_a_caller_is_taken_over_only_where_the_number_fits(session, way):
    reporter = way.submitted().reporters[0]
    session.flush()
    assert known_caller(session, reporter.id, "1234") is reporter
    assert known_caller(session, reporter.id, "13800001234") is reporter
    assert known_caller(session, reporter.id, "5678") is None


def test_callers_are_looked_up_by_the_index_of_tails(session, way):
    way.submitted()
    session.commit()
    with Asked(db.engine) as asked:
        callers(session, "1234")
    assert asked.scans() == [] or db.engine.dialect.name == "postgresql"
    if db.engine.dialect.name == "sqlite":
        assert any("mobile_tail_hash=?" in line for line in asked.entries("reporter"))


def test_the_tails_of_those_who_asked_before_are_filled_in(app, session, way):
    way.submitted()
    way.submitted(reporter_mobile="")
    session.commit()
    session.remove()
    downgrade(directory=str(MIGRATIONS), revision="0022")
    upgrade(directory=str(MIGRATIONS))
    tails = session.scalars(sa.select(Reporter.mobile_tail_hash).order_by(Reporter.id)).all()
    assert tails == [keyring().tail_hash("13800001234"), None]
    assert tails[0] != keyring().hash("1234")


