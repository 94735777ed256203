"""并案: the same matter, asked several times, becomes one request; every reporter is answered. 拆分 undoes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models import notices
from models.acting import Actor
from models.calendar import load_calendar
from models.lapsing import lapse
from models.legs import Ended, Leg
from models.standing import of_the_place, unless_met_about
from rules.lifecycle import BEFORE_REVIEW, Move, State
from rules.refusals import N_, Refusal
from rules.reminders import Event

if TYPE_CHECKING:
    from models.tickets import Ticket

Dates = dict[str, str | None]
Moments = dict[str, datetime | None]
TO_SETTLE_OR_ANSWER = ("respond", "settle")


@dataclass(frozen=True)
class Foreseen:
    """What merging would change."""

    ending: list[str]
    """Units whose part ends."""
    lapsing: int
    moving: int
    there: int
    """Reporters who come along and those who are there already."""
    before: Moments
    after: Moments


def foresee(ticket: "Ticket", into: "Ticket", by: Actor) -> Foreseen:
    """Raises the Refusal that merging would meet."""
    _permit(ticket, into, by)
    return Foreseen(
        ending=[leg.unit_name for leg in ticket.legs if leg.is_open],
        lapsing=len(ticket.asked),
        moving=len(ticket.reporters),
        there=len(into.reporters),
        before=moments(into),
        after=earliest(ticket, into),
    )


def merge(ticket: "Ticket", into: "Ticket", by: Actor, at: datetime, *, reason: str) -> None:
    """`ticket` goes on as part of `into`, which keeps the earlier of both their dates."""
    _permit(ticket, into, by)
    if not reason.strip():
        raise Refusal(N_("Say why it is the same matter"))
    ending = [leg for leg in ticket.legs if leg.is_open]
    legs = {str(leg.seq): leg.state for leg in ending}
    before = dates(into)
    _set(into, earliest(ticket, into), at)
    kept: dict[str, Any] = {"into": into.number, "legs": legs, "before": before, "after": dates(into)}
    ticket.mark(Move.MERGE, by, at, note=reason.strip(), public=True, data=kept)
    for leg in ending:
        leg.end(Ended.MERGED, at)
    lapse(ticket, at)
    ticket.merged_into, ticket.next_due_at = into, None
    into.record(
        Move.MERGE, by, at, note=reason.strip(), leg=_lead(into),
        data={"merged": ticket.number, **_moved(kept["before"], kept["after"])},
    )  # fmt: skip
    into.remind_at = at
    ticket.session.flush()
    for reporter in list(ticket.reporters):
        reporter.asked_in, reporter.ticket = ticket, into
    ticket.session.flush()
    notices.tell_now(ticket.session, Event.MERGED, into, None, at, other=ticket.number)


def _permit(ticket: "Ticket", into: "Ticket", by: Actor) -> None:
    ticket.permit(Move.MERGE, by)
    of_the_place(into, by, None)
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
    ticket.permit(Move.SPLIT, by)
    if not reason.strip():
        raise Refusal(N_("Say why it is another matter"))
    apart(ticket, by, at, reason=reason)


def apart(ticket: "Ticket", by: Actor, at: datetime, *, reason: str) -> None:
    """It goes on where it was, with its own reporters and dates; its clocks never stood still. Whoever calls has asked
    who may."""
    into = ticket.merged_into
    if into is None or State(into.state) not in BEFORE_REVIEW:
        raise Refusal(N_("The request it was merged into is answered already; it cannot be split off"))
    merged = next(event for event in reversed(ticket.events) if event.action == Move.MERGE)
    kept = merged.data or {}
    ticket.state, ticket.merged_into = merged.state_before, None
    for leg in ticket.legs:
        if (state := kept["legs"].get(str(leg.seq))) is not None:
            leg.state, leg.ended, leg.ended_at, leg.remind_at = state, None, None, at
    for reporter in [each for each in into.reporters if each.asked_in is ticket]:
        reporter.asked_in, reporter.ticket = None, ticket
    before = dates(into)
    _put_back(into, kept["before"], kept["after"], at)
    ticket.record(Move.SPLIT, by, at, note=reason.strip(), public=True, state_before=State.MERGED)
    ticket.next_due_at, ticket.remind_at = next_due(ticket, moments(ticket)), at
    into.record(
        Move.SPLIT, by, at, note=reason.strip(), leg=_lead(into),
        data={"split": ticket.number, **_moved(before, dates(into))},
    )  # fmt: skip
    ticket.session.flush()


def moments(ticket: "Ticket") -> Moments:
    """Those that merging may bring forward."""
    lead = _lead(ticket)
    return {
        "respond": ticket.respond_due_at,
        "sign": lead.sign_due_at if lead else None,
        "settle": lead.settle_due_at if lead else None,
    }


def next_due(ticket: "Ticket", found: Moments) -> datetime | None:
    """The date that matters before there is a result."""
    match State(ticket.state):
        case State.SUBMITTED:
            return ticket.accept_due_at
        case State.DISPATCHED:
            return found["sign"]
        case State.SIGNED | State.HANDLING:
            return found["settle"]
        case _:
            return found["respond"]


def dates(ticket: "Ticket") -> Dates:
    return {name: _text(moment) for name, moment in moments(ticket).items()}


def _lead(ticket: "Ticket") -> Leg | None:
    return ticket.lead if ticket.legs else None


def _moved(before: Dates, after: Dates) -> dict[str, Any]:
    """What the record keeps: the resident's promise and the date to settle by, where one has moved."""
    named = {"respond": "respond", "settle": "due"}
    return {said: [before[name], after[name]] for name, said in named.items() if before[name] != after[name]}


def earliest(ticket: "Ticket", into: "Ticket") -> Moments:
    """Of each date of `into` the earlier one. A first leg signs by the resident's own promise."""
    mine, found, lead = moments(ticket), moments(into), _lead(into)
    promised = lead is not None and lead.signed_at is None and found["sign"] == found["respond"]
    for name in TO_SETTLE_OR_ANSWER:
        sooner, due = mine[name], found[name]
        if sooner and due and sooner < due:
            found[name] = sooner
    return found | ({"sign": found["respond"]} if promised else {})


def _set(into: "Ticket", found: Moments, at: datetime) -> None:
    """The sweep looks again where a date has moved."""
    if found == moments(into):
        return
    into.respond_due_at, into.remind_at = found["respond"], at
    if (lead := _lead(into)) is not None:
        lead.sign_due_at, lead.remind_at = found["sign"], at
        if (due := found["settle"]) is not None:
            lead.move_due(due, load_calendar(into.session))
    into.next_due_at = next_due(into, found)


def _put_back(into: "Ticket", before: Dates, after: Dates, at: datetime) -> None:
    """What has moved since for another reason stays."""
    today = dates(into)
    kept = {name: _moment(before[name] if today[name] == after[name] else today[name]) for name in today}
    _set(into, kept, at)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
