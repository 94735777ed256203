"""What belongs to an imported request besides its row, and how its course tells that an import was undone."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import staging, undone
from imports.kind import Part
from imports.trace import last_of, row
from models.events import IMPORTED, REASSIGNED, UNDONE, TicketEvent
from models.imports import ImportBatch, ImportRow
from models.legs import Leg
from models.ratings import Rating, Reporter
from models.search import TicketSearch
from rules.lifecycle import Move

if TYPE_CHECKING:
    from imports.tickets import Tickets

event, search = TicketEvent.__table__, TicketSearch.__table__
e, r = event.c, ImportRow.__table__.c
BY_ITSELF = (Move.EXPIRE_RATING.value, Move.ARCHIVE.value)
PARTS = (
    Part(Leg.__table__, "ticket_id"),
    Part(Reporter.__table__, "ticket_id"),
    Part(Rating.__table__, "ticket_id"),
    Part(event, "ticket_id", record=True, passing=e.action.in_([IMPORTED, UNDONE, REASSIGNED, *BY_ITSELF])),
)
BYPRODUCTS = frozenset({"notice", "ticket_reach", "ticket_search"})


def note(kind: "Tickets", batch_id: int) -> None:
    undone.note_removed(kind, batch_id)
    staging.write(kind.connection, event, _events(kind, batch_id))


def _events(kind: "Tickets", batch_id: int) -> Iterator[dict[str, Any]]:
    actor = kind.order.by
    found = kind.connection.execute(
        sa.select(e.ticket_id, e.data).where(
            e.ticket_id == r.row_id, undone.undone(kind, batch_id, added=False), e.action == IMPORTED
        )
    ).all()
    for ticket_id, data in found:
        if data["batch"] == batch_id:
            yield {
                "ticket_id": ticket_id,
                "action": UNDONE,
                "at": kind.order.at,
                "person_id": actor.person_id,
                "name": actor.name,
                "unit_name": actor.unit_name,
                "data": {"batch": batch_id, "changes": dict(undone.swapped(data["changes"]))},
            }


def forget_words(kind: "Tickets", batch_id: int) -> None:
    """Of requests about to go, or the database would index each anew when its leg goes."""
    gone = sa.select(r.row_id).where(undone.undone(kind, batch_id, added=True))
    kind.connection.execute(search.delete().where(search.c.ticket_id.in_(gone)))


def steps_by_itself() -> sa.ColumnElement[int]:
    last = sa.func.coalesce(last_of(event).scalar_subquery(), 0)
    steps = sa.select(sa.func.count()).where(e.ticket_id == r.row_id, e.id > last, e.action.in_(BY_ITSELF))
    return steps.correlate(row).scalar_subquery()


def touched_since(kind: "Tickets", batch: ImportBatch, ids: list[int]) -> dict[int, tuple[str, datetime]]:
    last = sa.func.coalesce(last_of(event).scalar_subquery(), 0)
    mine = sa.and_(r.batch_id == batch.id, r.subject == kind.target.name, r.row_id == e.ticket_id)
    found = kind.connection.execute(
        sa.select(e.ticket_id, e.name, e.at).where(mine, e.ticket_id.in_(ids), e.id > last).order_by(e.id)
    )
    return {ticket_id: (name, at) for ticket_id, name, at in found}
