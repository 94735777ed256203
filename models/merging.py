"""并案: the same matter, asked several times, becomes one request; every reporter is answered. 拆分 undoes it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from models import notices
from models.acting import Actor
from models.lapsing import lapse
from models.legs import Ended
from models.standing import of_the_place, unless_met_about
from rules.lifecycle import BEFORE_REVIEW, Move, State
from rules.refusals import N_, Refusal
from rules.reminders import Event

if TYPE_CHECKING:
    from models.tickets import Ticket

Dates = dict[str, str | None]


def merge(ticket: "Ticket", into: "Ticket", by: Actor, at: datetime, *, reason: str) -> None:
    """`ticket` goes on as part of `into`, which keeps the earlier of both their dates."""
    ticket.permit(Move.MERGE, by)
    of_the_place(into, by, None)
    _may_merge(ticket, into)
    if not reason.strip():
        raise Refusal(N_("Say why it is the same matter"))
    ending = [leg for leg in ticket.legs if leg.is_open]
    legs = {leg.seq: leg.state for leg in ending}
    before = dates(into)
    _bring_forward(into, ticket)
    kept: dict[str, Any] = {"into": into.number, "legs": legs, "before": before, "after": dates(into)}
    ticket.mark(Move.MERGE, by, at, note=reason.strip(), public=True, data=kept)
    for leg in ending:
        leg.end(Ended.MERGED, at)
    lapse(ticket, at)
    ticket.merged_into, ticket.next_due_at = into, None
    into.record(Move.MERGE, by, at, note=reason.strip(), data={"merged": ticket.number})
    into.remind_at = at
    ticket.session.flush()
    for reporter in list(ticket.reporters):
        reporter.asked_in, reporter.ticket = ticket, into
    ticket.session.flush()
    notices.tell_now(ticket.session, Event.MERGED, into, None, at, other=ticket.number)


def _may_merge(ticket: "Ticket", into: "Ticket") -> None:
    if into.id == ticket.id:
        raise Refusal(N_("A request is not merged into itself"))
    if State(into.state) not in BEFORE_REVIEW:
        raise Refusal(N_("%(number)s is no longer open; merge into an open request"), number=into.number)
    if ticket.legs and not into.legs:
        raise Refusal(N_("%(number)s is not dispatched yet; merge it into this one instead"), number=into.number)
    if ticket.merged:
        raise Refusal(N_("Others have been merged into this request; merge them and it into the other one"))
    unless_met_about(ticket)


def split(ticket: "Ticket", by: Actor, at: datetime, *, reason: str) -> None:
    """It goes on where it was, with its own reporters and dates; its clocks never stood still."""
    ticket.permit(Move.SPLIT, by)
    into = ticket.merged_into
    if into is None or State(into.state) not in BEFORE_REVIEW:
        raise Refusal(N_("The request it was merged into is answered already; it cannot be split off"))
    if not reason.strip():
        raise Refusal(N_("Say why it is another matter"))
    merged = next(event for event in reversed(ticket.events) if event.action == Move.MERGE)
    kept = merged.data or {}
    ticket.state, ticket.merged_into = merged.state_before, None
    for leg in ticket.legs:
        if (state := kept["legs"].get(str(leg.seq))) is not None:
            leg.state, leg.ended, leg.ended_at, leg.remind_at = state, None, None, at
    for reporter in [each for each in into.reporters if each.asked_in is ticket]:
        reporter.asked_in, reporter.ticket = None, ticket
    _put_back(into, kept["before"], kept["after"])
    ticket.record(Move.SPLIT, by, at, note=reason.strip(), public=True, state_before=State.MERGED)
    ticket.next_due_at, ticket.remind_at = next_due(ticket), at
    into.record(Move.SPLIT, by, at, note=reason.strip(), data={"split": ticket.number})
    ticket.session.flush()


def dates(ticket: "Ticket") -> Dates:
    """Those that merging may bring forward."""
    lead = ticket.lead if ticket.legs else None
    return {
        "respond": _text(ticket.respond_due_at),
        "sign": _text(lead.sign_due_at if lead else None),
        "settle": _text(lead.settle_due_at if lead else None),
    }


def next_due(ticket: "Ticket") -> datetime | None:
    """The date that matters before there is a result."""
    match State(ticket.state):
        case State.SUBMITTED:
            return ticket.accept_due_at
        case State.DISPATCHED:
            return ticket.lead.sign_due_at
        case State.SIGNED | State.HANDLING:
            return ticket.lead.settle_due_at
        case _:
            return ticket.respond_due_at


def _bring_forward(into: "Ticket", ticket: "Ticket") -> None:
    """The first leg signs by the resident's own promise."""
    if ticket.respond_due_at and into.respond_due_at and ticket.respond_due_at < into.respond_due_at:
        if into.legs and into.lead.signed_at is None and into.lead.sign_due_at == into.respond_due_at:
            into.lead.sign_due_at = ticket.respond_due_at
        into.respond_due_at = ticket.respond_due_at
    if ticket.legs and into.legs:
        sooner, lead = ticket.lead.settle_due_at, into.lead
        if sooner and lead.settle_due_at and sooner < lead.settle_due_at:
            lead.settle_due_at = sooner
    into.next_due_at = next_due(into)


def _put_back(into: "Ticket", before: Dates, after: Dates) -> None:
    """What has moved since for another reason stays."""
    today = dates(into)
    if today["respond"] == after["respond"]:
        into.respond_due_at = _moment(before["respond"])
    if into.legs and today["sign"] == after["sign"]:
        into.lead.sign_due_at = _moment(before["sign"])
    if into.legs and today["settle"] == after["settle"]:
        into.lead.settle_due_at = _moment(before["settle"])
    into.next_due_at = next_due(into)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
