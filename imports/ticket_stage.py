"""The stage of a ledger: the request, its one leg, its reporter and the stars given."""

from typing import Any

import sqlalchemy as sa

from imports.staging import stage_table
from models.ratings import Reporter
from models.tickets import Ticket
from models.types import Sealed, UtcDateTime
from rules.lifecycle import State

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


def moves_on() -> sa.ColumnElement[bool]:
    """Whether a line knows its request further on than it is. A ledger never takes one back."""
    return _rank(stage.c.state) > _rank(Ticket.__table__.c.state)


def _rank(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.case(
        {state.value: number for number, state in enumerate(ON_THE_WAY)}, value=column, else_=len(ON_THE_WAY)
    )
