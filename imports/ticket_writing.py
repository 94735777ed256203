"""Writes a staged ledger: requests, legs, reporters, stars and the course of events as far as the ledger knows it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import diff, staging, ticket_co
from imports.loading import words_at_once
from imports.ticket_stage import first_reporter, moves_on, stage
from models.acting import RESIDENT
from models.changes import plain
from models.events import IMPORTED, TicketEvent
from models.legs import Leg
from models.numbers import new_tracking_code, next_number
from models.policies import policy_version
from models.ratings import Rating, Reporter, Verification
from models.tickets import Ticket
from models.types import UtcDateTime
from models.units import Unit
from rules.lifecycle import SETTLED_STATES, Move, State

if TYPE_CHECKING:
    from imports.tickets import Tickets

s = stage.c
ticket, leg = Ticket.__table__, Leg.__table__
WRITTEN = (staging.NEW, staging.CHANGED)
SETTLED = sorted(SETTLED_STATES)


def write(kind: "Tickets", batch_id: int) -> None:
    changed, helped = diff.changes(kind), ticket_co.changes(kind)
    _number(kind)
    with words_at_once(kind.connection):
        _add_tickets(kind)
        kind.match()
        _add_legs(kind)
        _add_reporters(kind)
        _add_course(kind, batch_id)
        _update(kind)
        ticket_co.add(kind)
    _add_ratings(kind)
    _note(kind, batch_id, [_with_helpers(change, helped) for change in changed])


def _number(kind: "Tickets") -> None:
    """A run of our own numbers, and a tracking code for each reporter."""
    new = kind.connection.scalars(sa.select(s.seq).where(kind.of_load(staging.NEW)).order_by(s.seq)).all()
    if not new:
        return
    day, _, first = next_number(kind.session, kind.order.at, len(new)).rpartition("-")
    kind.connection.execute(
        sa.update(stage)
        .where(s.load == kind.load, s.seq == sa.bindparam("line"))
        .values(number=sa.bindparam("given"), tracking_code=sa.bindparam("code")),
        [
            {"line": seq, "given": f"{day}-{number:05d}", "code": new_tracking_code()}
            for number, seq in enumerate(new, int(first))
        ],
    )


def _insert(
    kind: "Tickets",
    table: sa.Table,
    columns: Mapping[str, Any],
    *conditions: sa.ColumnElement[bool],
    ops: tuple[str, ...] = (staging.NEW,),
) -> None:
    """In the order in which SQLite keeps its index of words, which takes each step back as a batch of its own."""
    chosen = {
        name: value if isinstance(value, sa.ColumnElement) else sa.literal(value, table.c[name].type)
        for name, value in columns.items()
    }
    rows = sa.select(*chosen.values()).where(kind.of_load(*ops), *conditions).order_by(s.submitted_at, s.seq)
    kind.connection.execute(table.insert().from_select(list(chosen), rows))


def _clock(kind: "Tickets") -> dict[str, Any]:
    return {"clock_mode": kind.policy.clock_mode.value, "policy_version": policy_version(kind.session), "version": 1}


def _add_tickets(kind: "Tickets") -> None:
    same = (
        "number",
        "tracking_code",
        "source",
        "external_id",
        "title",
        "text",
        "category_id",
        "tier",
        "unit_id",
        "path",
        "state",
        "submitted_at",
        "accepted_at",
        "settled_at",
        "rate_until",
        "next_due_at",
        "remind_at",
    )
    settled = s.state.in_(SETTLED)
    _insert(kind, ticket, {name: s[name] for name in same} | _clock(kind) | {
        "channel": "online",
        "kind": "demand",
        "address": sa.func.coalesce(s.address, ""),
        "anonymous": False,
        "lead_unit_id": sa.case((s.state == State.RETURNED, sa.null()), else_=s.lead_unit_id),
        "first_unit_id": sa.case((s.signed_at.is_not(None), s.lead_unit_id), else_=sa.null()),
        "credited_unit_id": sa.case((settled, s.lead_unit_id), else_=sa.null()),
        "credited_person_id": sa.case((settled, s.handler_id), else_=sa.null()),
    })  # fmt: skip


def _add_legs(kind: "Tickets") -> None:
    same = ("dispatched_at", "sign_due_at", "signed_at", "settle_due_at", "settled_at", "remind_at", "state")
    _insert(kind, leg, {name: s[name] for name in same} | _clock(kind) | {
        "ticket_id": s.target_id,
        "seq": 1,
        "role": "lead",
        "unit_id": s.lead_unit_id,
        "unit_name": s.lead_unit_name,
        "path": s.lead_path,
        "handler_id": s.handler_id,
        "settle_due_original": s.settle_due_at,
        "due_unofficial": False,
        "result_at": s.settled_at,
        "result": sa.func.coalesce(s.result, ""),
        "feedback": sa.func.coalesce(s.result, ""),
    }, s.lead_unit_id.is_not(None), _without(leg), ops=WRITTEN)  # fmt: skip


def _without(table: sa.Table) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(table.c.ticket_id == s.target_id)


def _add_reporters(kind: "Tickets") -> None:
    _insert(kind, Reporter.__table__, {
        "ticket_id": s.target_id,
        "name": s.reporter_name,
        "mobile": s.reporter_mobile,
        "mobile_hash": s.mobile_hash,
        "mobile_tail_hash": s.mobile_tail_hash,
        "employer": "",
        "verification": Verification.NONE.value,
    })  # fmt: skip


def _first_leg() -> sa.ScalarSelect[int]:
    return sa.select(leg.c.id).where(leg.c.ticket_id == s.target_id, leg.c.seq == 1).scalar_subquery()


def _add_ratings(kind: "Tickets") -> None:
    """For the unit and the person to whom the request is credited."""
    unit = Unit.__table__
    credited = sa.select(unit).join(ticket, ticket.c.credited_unit_id == unit.c.id).where(ticket.c.id == s.target_id)
    person = sa.select(ticket.c.credited_person_id).where(ticket.c.id == s.target_id)
    _insert(kind, Rating.__table__, {
        "ticket_id": s.target_id,
        "leg_id": _first_leg(),
        "reporter_id": first_reporter(),
        "stars": s.stars,
        "resolved": s.resolved,
        "tags": [],
        "comment": "",
        "at": sa.func.coalesce(s.rated_at, s.settled_at, type_=UtcDateTime),
        "unit_id": credited.with_only_columns(unit.c.id).scalar_subquery(),
        "path": credited.with_only_columns(unit.c.path).scalar_subquery(),
        "person_id": person.scalar_subquery(),
        "scored": kind.policy.score_unverified_stars,
    }, s.stars.is_not(None), s.state.in_(SETTLED), _without(Rating.__table__), ops=WRITTEN)  # fmt: skip


def _add_course(kind: "Tickets", batch_id: int) -> None:
    """Who took a step for the office stands in no ledger; the unit that signed and settled does."""
    rated = sa.and_(s.stars.is_not(None), s.state.in_(SETTLED))
    lead, rated_at = s.lead_unit_name, sa.func.coalesce(s.rated_at, s.settled_at)
    steps: list[tuple[Any, ...]] = [
        (Move.SUBMIT, s.submitted_at, "", State.SUBMITTED, s.submitted_at.is_not(None), RESIDENT.name, ""),
        (Move.ACCEPT, s.accepted_at, State.SUBMITTED, State.ACCEPTED, s.accepted_at.is_not(None), "", ""),
        (Move.DISPATCH, s.dispatched_at, State.ACCEPTED, State.DISPATCHED, s.dispatched_at.is_not(None), "", ""),
        (Move.SIGN, s.signed_at, State.DISPATCHED, State.SIGNED, s.signed_at.is_not(None), "", lead),
        (Move.SETTLE, s.settled_at, State.PENDING_REVIEW, State.SETTLED, s.state.in_(SETTLED), "", lead),
        (Move.RATE, rated_at, State.SETTLED, State.RATED, rated, RESIDENT.name, ""),
    ]
    for move, at, before, after, known, name, unit_name in steps:
        _insert(kind, TicketEvent.__table__, {
            "ticket_id": s.target_id,
            "leg_id": sa.null() if move is Move.SUBMIT else _first_leg(),
            "action": move.value,
            "state_before": str(before),
            "state_after": str(after),
            "at": at,
            "name": name,
            "unit_name": unit_name,
            "to_unit_name": s.lead_unit_name if move is Move.DISPATCH else "",
            "note": sa.func.coalesce(s.result, "") if move is Move.SETTLE else "",
            "public": True,
            "data": {"batch": batch_id},
        }, known)  # fmt: skip


def _update(kind: "Tickets") -> None:
    """Changed requests; a leg that was not there has just been added. Their state is compared before it is written."""
    cleared = kind.cleared()
    wanted = {pair.target: kind.wanted(pair, cleared) for pair in kind.pairs}
    _update_legs(kind, {column.name: value for column, value in wanted.items() if column.table is leg})
    ticket_co.move_on(kind)
    _update_tickets(kind, {column.name: value for column, value in wanted.items() if column.table is ticket})
    _update_reporters(kind)


def _update_legs(kind: "Tickets", values: dict[str, Any]) -> None:
    """A limit that the ledger has not changed leaves what was granted here."""
    another, given_back = s.limit_at.is_distinct_from(leg.c.settle_due_original), _given_back()
    limit = sa.case((another, s.limit_at), else_=sa.null())
    held = sa.func.coalesce(limit, leg.c.settle_due_at, s.limit_at, s.settle_due_at, type_=UtcDateTime)
    due = sa.case((given_back, sa.null()), else_=held)
    sign_due = sa.func.coalesce(leg.c.sign_due_at, s.sign_due_at, type_=UtcDateTime)
    mine = sa.and_(ticket.c.id == s.target_id, leg.c.ticket_id == ticket.c.id, leg.c.seq == 1)
    kind.connection.execute(
        sa.update(leg)
        .where(mine, kind.of_load(staging.CHANGED))
        .values(values | {
            "unit_name": sa.func.coalesce(s.lead_unit_name, leg.c.unit_name),
            "path": sa.func.coalesce(s.lead_path, leg.c.path),
            "sign_due_at": sa.case((given_back, sa.null()), else_=sign_due),
            "settle_due_at": due,
            "settle_due_original": sa.func.coalesce(s.limit_at, leg.c.settle_due_original, due, type_=UtcDateTime),
            "settled_at": sa.func.coalesce(s.settled_at, leg.c.settled_at),
            "result_at": sa.func.coalesce(s.settled_at, leg.c.result_at),
            "state": sa.case((moves_on(), s.state), else_=leg.c.state),
            "remind_at": sa.case((moves_on(), kind.order.at), else_=leg.c.remind_at),
            "version": leg.c.version + 1,
        })
    )  # fmt: skip


def _given_back() -> sa.ColumnElement[bool]:
    return sa.and_(moves_on(), s.state == State.RETURNED)


def _update_tickets(kind: "Tickets", values: dict[str, Any]) -> None:
    settled = s.state.in_(SETTLED)
    handler = sa.select(leg.c.handler_id).where(leg.c.ticket_id == ticket.c.id, leg.c.seq == 1).scalar_subquery()
    kind.connection.execute(
        sa.update(ticket)
        .where(ticket.c.id == s.target_id, kind.of_load(staging.CHANGED))
        .values(values | {
            "lead_unit_id": sa.case(
                (values["state"] == State.RETURNED, sa.null()),
                else_=sa.func.coalesce(s.lead_unit_id, ticket.c.lead_unit_id),
            ),
            "credited_unit_id": sa.case(
                (settled, sa.func.coalesce(ticket.c.credited_unit_id, s.lead_unit_id)), else_=ticket.c.credited_unit_id
            ),
            "credited_person_id": sa.case(
                (settled, sa.func.coalesce(ticket.c.credited_person_id, handler)), else_=ticket.c.credited_person_id
            ),
            "rate_until": sa.func.coalesce(ticket.c.rate_until, s.rate_until),
            "next_due_at": _next_due(values["state"]),
            "remind_at": sa.case((moves_on(), kind.order.at), else_=ticket.c.remind_at),
            "version": ticket.c.version + 1,
        })
    )  # fmt: skip


def _next_due(state: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """In hand it is a date of the leg, which has been written."""
    held = sa.select(leg).where(leg.c.ticket_id == ticket.c.id, leg.c.seq == 1)
    sign_due, settle_due = (
        held.with_only_columns(column).scalar_subquery() for column in (leg.c.sign_due_at, leg.c.settle_due_at)
    )
    return sa.case(
        (state == State.DISPATCHED, sign_due),
        (state.in_([State.SIGNED, State.HANDLING]), settle_due),
        (moves_on(), sa.case((s.state == State.ACCEPTED, ticket.c.respond_due_at), else_=s.next_due_at)),
        else_=ticket.c.next_due_at,
    )


def _update_reporters(kind: "Tickets") -> None:
    reporter = Reporter.__table__
    kind.connection.execute(
        sa.update(reporter)
        .where(
            reporter.c.ticket_id == s.target_id,
            reporter.c.id == first_reporter(),
            kind.of_load(staging.CHANGED),
            s.mobile_hash.is_not(None),
        )
        .values(
            mobile=s.reporter_mobile,
            mobile_hash=s.mobile_hash,
            mobile_tail_hash=s.mobile_tail_hash,
            name=sa.func.coalesce(s.reporter_name, reporter.c.name),
        )
    )


def _with_helpers(change: diff.Change, helped: Mapping[int, tuple[Any, Any]]) -> diff.Change:
    if change.target_id not in helped:
        return change
    return replace(change, values=change.values | {"co": helped[change.target_id]})


def _note(kind: "Tickets", batch_id: int, changed: list[diff.Change]) -> None:
    actor = kind.order.by
    staging.write(
        kind.connection,
        TicketEvent.__table__,
        (
            {
                "ticket_id": change.target_id,
                "action": IMPORTED,
                "at": kind.order.at,
                "person_id": actor.person_id,
                "name": actor.name,
                "unit_name": actor.unit_name,
                "data": {
                    "batch": batch_id,
                    "changes": {name: [plain(old), plain(new)] for name, (old, new) in change.values.items()},
                },
            }
            for change in changed
        ),
    )
