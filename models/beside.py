"""What lies beside a request: most of it is not there, which one look says for all of it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.acting import beyond_scope
from models.tickets import Ticket

BESIDE = ("applications", "meetings", "supervisions", "mediations", "outcomes", "merged", "ratings")


def leave_out_what_is_not_there(session: Session, ticket: Ticket) -> None:
    """A list that has nothing is not asked for by itself."""
    unread = [name for name in BESIDE if name in sa.inspect(ticket).unloaded]
    if not unread:
        return
    filled = sa.select(*(getattr(Ticket, name).any() for name in unread)).where(Ticket.id == ticket.id)
    with beyond_scope():
        there = session.execute(filled).one()
    for name, some in zip(unread, there, strict=True):
        if not some:
            set_committed_value(ticket, name, [])
