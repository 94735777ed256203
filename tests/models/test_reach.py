"""Who reaches what, kept by the database, against reading units, tickets and legs anew."""

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import reach
from models.acting import SYSTEM, Scope, acting_as
from models.reach import TicketReach
from models.scope import criterion
from models.tickets import Ticket
from models.units import move
from tests.stage import at

NOW = at("2026-09-18 12:00")
STEPS = st.lists(st.sampled_from(["new", "dispatch", "sign", "twice", "settle", "move", "gone"]), max_size=9)


def wanted(session) -> set[tuple[int, str, str]]:
    """Read off the paths by hand: every unit of a path but the district."""
    found = set()
    for ticket in session.scalars(sa.select(Ticket).execution_options(populate_existing=True)):
        for path in (ticket.path, *session.scalars(sa.text(f"SELECT path FROM leg WHERE ticket_id = {ticket.id}"))):
            found |= {(ticket.id, code, ticket.state) for code in path.split("/")[2:] if code}
    return found


def kept(session) -> set[tuple[int, str, str]]:
    session.flush()
    return {
        tuple(row) for row in session.execute(sa.select(TicketReach.ticket_id, TicketReach.place, TicketReach.state))
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_a_unit_reaches_is_right_after_whatever_happened(way, steps):
    made = [way.submitted(unit=way.district.grid)]
    for step in steps:
        if step == "new":
            made.append(way.submitted(unit=way.district.far_village))
        elif step == "dispatch":
            made.append(way.dispatched(unit=way.district.village, to=way.district.department))
        elif step == "sign":
            made.append(way.with_result())
        elif step == "settle":
            made.append(way.settled())
        elif step == "move":
            places = [way.district.village, way.district.far_village]
            move(way.session, way.district.grid, places[way.district.grid.parent_id == places[0].id])
        elif step == "gone" and len(made) > 1:
            way.session.flush()
            for table in ("ticket_event", "attachment"):
                way.session.execute(sa.text(f"UPDATE {table} SET leg_id = NULL"))
            way.session.execute(sa.text(f"DELETE FROM leg WHERE ticket_id = {made[-1].id}"))
            way.session.expire_all()
    assert kept(way.session) == wanted(way.session)


def test_a_ticket_that_is_gone_is_reached_by_nobody(way):
    ticket = way.submitted()
    way.session.flush()
    assert kept(way.session) != set()
    way.session.execute(sa.text(f"DELETE FROM ticket WHERE id = {ticket.id}"))
    way.session.expunge_all()
    assert kept(way.session) == set()


def test_the_rows_made_at_once_are_the_rows_made_one_by_one(way):
    way.submitted()
    way.dispatched(unit=way.district.far_village, to=way.district.village)
    way.settled()
    one_by_one = kept(way.session)
    way.session.execute(sa.delete(TicketReach))
    reach.fill(way.session.connection())
    assert kept(way.session) == one_by_one != set()


def test_looking_for_rows_and_asking_each_row_give_the_same(way):
    way.submitted()
    way.dispatched(unit=way.district.far_village, to=way.district.village)
    way.dispatched(unit=way.district.village, to=way.district.department)
    way.session.flush()
    expected = {"village": 3, "town": 3, "far_village": 1, "department": 1, "root": 3, "station": 0}
    for name, number in expected.items():
        scope = Scope(paths=(getattr(way.district, name).path,))
        with acting_as(SYSTEM, NOW, scope):
            looked_for = set(way.session.scalars(sa.select(Ticket.id).where(criterion(Ticket, scope))))
            asked = set(way.session.scalars(sa.select(Ticket.id)))
        assert looked_for == asked, name
        assert len(asked) == number, name
