"""The stage of a ledger: the request, its one leg, its reporter and the stars given."""

from typing import Any

import sqlalchemy as sa

from imports.staging import stage_table
from models.applications import Application
from models.legs import Leg, LegRole
from models.meetings import Meeting
from models.ratings import Reporter
from models.tickets import Ticket
from models.types import Sealed, UtcDateTime
from rules.applications import ApplicationState
from rules.lifecycle import BEFORE_REVIEW, HELD, NEW, OPEN, SUSPENDED, State

ON_THE_WAY = (
    State.SUBMITTED,
    State.ACCEPTED,
    State.DISPATCHED,
    State.SIGNED,
    State.HANDLING,
    State.PENDING_REVIEW,
    State.SETTLED,
    State.UNRATED,
    State.RATED,
    State.ARCHIVED,
)
"""As a ledger may take a request on: it may know of stars where nobody gave any here."""
LIKE = {State.RETURNED: State.ACCEPTED, State.SUSPENDED: State.SIGNED}
"""What was set aside goes on like one that has come so far."""
ASIDE = {
    State.RETURNED: HELD | NEW | SUSPENDED,
    State.SUSPENDED: BEFORE_REVIEW,
    **dict.fromkeys((State.DECLINED, State.MERGED, State.CANCELLED), OPEN),
}
"""Beside the way: from which states a ledger may tell it."""
NO_CLOCK = frozenset({State.RETURNED, State.DECLINED, State.MERGED, State.CANCELLED})
"""When a unit gave it back, or it came to nothing, no ledger tells: nothing is counted."""

stage = stage_table(
    "ticket_line",
    sa.Column("source", sa.String(32)),
    sa.Column("external_id", sa.String(64)),
    sa.Column("number", sa.String(24)),
    sa.Column("tracking_code", sa.String(16)),
    sa.Column("title", sa.String(200)),
    sa.Column("text", sa.Text),
    sa.Column("address", sa.String(200)),
    sa.Column("category_id", sa.Integer),
    sa.Column("tier", sa.String(12)),
    sa.Column("unit_id", sa.Integer),
    sa.Column("path", sa.String(160)),
    sa.Column("state", sa.String(16)),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("lead_unit_id", sa.Integer),
    sa.Column("lead_unit_name", sa.String(120)),
    sa.Column("lead_path", sa.String(160)),
    sa.Column("co", sa.Text),
    sa.Column("handler_id", sa.Integer),
    sa.Column("dispatched_at", UtcDateTime),
    sa.Column("signed_at", UtcDateTime),
    sa.Column("sign_due_at", UtcDateTime),
    sa.Column("settle_due_at", UtcDateTime),
    sa.Column("limit_at", UtcDateTime),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("rated_at", UtcDateTime),
    sa.Column("rate_until", UtcDateTime),
    sa.Column("next_due_at", UtcDateTime),
    sa.Column("remind_at", UtcDateTime),
    sa.Column("result", sa.Text),
    sa.Column("reporter_name", Sealed("reporter.name")),
    sa.Column("reporter_mobile", Sealed("reporter.mobile")),
    sa.Column("mobile_hash", sa.String(32)),
    sa.Column("mobile_tail_hash", sa.String(32)),
    sa.Column("stars", sa.Integer),
    sa.Column("resolved", sa.String(8)),
)


def first_reporter() -> sa.ScalarSelect[int]:
    """Of the request a line has found."""
    other = Reporter.__table__.alias()
    named = sa.select(sa.func.min(other.c.id)).where(other.c.ticket_id == stage.c.target_id)
    return named.correlate(stage).scalar_subquery()


def own_way() -> sa.ColumnElement[bool]:
    """What was re-opened, handed on, set aside, promised or asked for here, or has helpers from here, goes on here: a
    ledger knows its own course alone."""
    ticket, leg = Ticket.__table__.c, Leg.__table__.alias()
    application, meeting = Application.__table__, Meeting.__table__
    acted = sa.or_(
        sa.and_(leg.c.seq > 1, leg.c.role == LegRole.LEAD.value),
        sa.and_(leg.c.giver_id.is_not(None), leg.c.role == LegRole.CO.value),
        *(column.is_not(None) for column in (leg.c.ended, leg.c.paused_at, leg.c.promise_at)),
    )
    return sa.or_(
        ticket.merged_into_id.is_not(None),
        sa.exists().where(leg.c.ticket_id == ticket.id, acted),
        sa.exists().where(application.c.ticket_id == ticket.id, application.c.state == ApplicationState.OPEN.value),
        sa.exists().where(meeting.c.ticket_id == ticket.id, meeting.c.decided_at.is_(None)),
    )


def moves_on() -> sa.ColumnElement[bool]:
    """Whether a line knows its request further on than it is. A ledger never takes one back; it may tell that one was
    set aside, goes on again, or came to nothing."""
    line, held = stage.c.state, Ticket.__table__.c.state
    forward = sa.and_(line.in_(ON_THE_WAY), _rank(line) > _rank(held))
    return sa.or_(forward, *(sa.and_(line == to, held.in_(sorted(sources))) for to, sources in ASIDE.items()))


def _rank(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    ranks = {state.value: number for number, state in enumerate(ON_THE_WAY)}
    ranks |= {aside.value: ranks[like.value] for aside, like in LIKE.items()}
    return sa.case(ranks, value=column, else_=len(ON_THE_WAY))
