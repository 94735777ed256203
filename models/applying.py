"""申请与审批: a unit asks (to return, extend, suspend or promise, not to accept, to leave a rating out) and the right
superior decides, never who asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from models import notices
from models.acting import Actor
from models.applications import Application
from models.calendar import load_calendar
from models.lapsing import lapse
from models.legs import Ended, Leg, LegRole
from models.meetings import MeetingCause, call
from models.passing import passed
from models.policies import load_policy
from models.ratings import Rating
from models.scope import is_district
from models.standing import of_the_giver, of_the_place, unless_met_about
from models.units import Unit
from rules import deadlines
from rules.applications import (
    PROCEDURES,
    ApplicationKind,
    ApplicationState,
    check_extension,
    check_return,
    check_until,
    may_grant_extension,
    never_own_asking,
)
from rules.lifecycle import Move
from rules.parcels import is_second_return
from rules.policy import ClockMode
from rules.refusals import N_, Refusal
from rules.reminders import Event
from rules.roles import Role

if TYPE_CHECKING:
    from models.tickets import Ticket


@dataclass(frozen=True)
class Ask:
    """`reason` is a code of the kind's dictionary, `basis` what it rests on."""

    kind: ApplicationKind
    reason: str
    basis: str
    days: int | None = None
    until: datetime | None = None
    owner: str = ""
    unit: Unit | None = None
    rating: Rating | None = None


def ask(ticket: "Ticket", asked: Ask, by: Actor, at: datetime) -> Application:
    """One of a kind at a time; every clock runs on until it is granted."""
    move = PROCEDURES[asked.kind].ask
    ticket.permit(move, by)
    if not asked.reason or not asked.basis.strip():
        raise Refusal(N_("Choose a reason and write what it rests on"))
    leg = ticket.leg_of(by) if ticket.legs and asked.kind is not ApplicationKind.DECLINE else None
    if any(each.kind == asked.kind and each.leg is leg for each in ticket.asked):
        raise Refusal(N_("The same has been asked for already and waits for a decision"))
    ASKING[asked.kind](ticket, asked, leg, at)
    application = Application(
        kind=asked.kind, reason=asked.reason, basis=asked.basis.strip(), days=asked.days, until=asked.until,
        owner=asked.owner.strip(), unit=asked.unit, rating=asked.rating, leg=leg, asked_at=at,
        asked_by_id=by.person_id, asked_by=by.name, asked_unit=by.unit_name,
    )  # fmt: skip
    ticket.applications.append(application)
    ticket.mark(move, by, at, leg=leg, note=asked.basis.strip(), data={"reason": asked.reason})
    ticket.session.flush()
    notices.tell_now(ticket.session, Event.ASKED, ticket, leg, at, unit=by.unit_name)
    return application


def grant(ticket: "Ticket", application: Application, by: Actor, at: datetime, *, answer: str = "") -> None:
    move = PROCEDURES[ApplicationKind(application.kind)].grant
    may_decide(ticket, application, by, move)
    GRANTING[ApplicationKind(application.kind)](ticket, application, by, at, answer)
    application.decide(ApplicationState.GRANTED, by, at, answer)
    notices.tell_now(ticket.session, Event.DECIDED, ticket, application.leg, at)


def refuse(ticket: "Ticket", application: Application, by: Actor, at: datetime, *, answer: str) -> None:
    """With a reason; nothing of the request changes."""
    may_decide(ticket, application, by, Move.REFUSE)
    if not answer.strip():
        raise Refusal(N_("Say why it is refused"))
    application.decide(ApplicationState.REFUSED, by, at, answer)
    ticket.mark(Move.REFUSE, by, at, leg=application.leg, note=answer.strip(), data={"kind": application.kind})
    notices.tell_now(ticket.session, Event.DECIDED, ticket, application.leg, at)


def withdraw(ticket: "Ticket", application: Application, by: Actor, at: datetime) -> None:
    ticket.permit(Move.WITHDRAW, by)
    _waits(application)
    if by.person_id is None or by.person_id != application.asked_by_id:
        raise Refusal(N_("Only %(name)s, who asked, can withdraw the application"), name=application.asked_by)
    application.state, application.decided_at = ApplicationState.WITHDRAWN, at
    ticket.mark(Move.WITHDRAW, by, at, leg=application.leg, data={"kind": application.kind})


def may_decide(ticket: "Ticket", application: Application, by: Actor, move: Move) -> None:
    """Raises the Refusal that a try would meet."""
    _waits(application)
    ticket.permit(move, by, application.leg)
    never_own_asking(by.person_id, application.asked_by_id)
    DECIDERS[ApplicationKind(application.kind)](ticket, application, by)


def extended_due(ticket: "Ticket", application: Application) -> datetime:
    """What granting an extension makes of the due date as it is at the moment."""
    leg = application.leg or ticket.lead
    if leg.settle_due_at is None:
        raise Refusal(N_("This leg has no due date that could be extended"))
    mode, calendar = ClockMode(leg.clock_mode), load_calendar(ticket.session)
    return deadlines.extended(leg.settle_due_at, application.days or 0, mode, calendar)


def meets_instead(ticket: "Ticket", application: Application) -> bool:
    """A return that is granted but called a meeting: the second between the same two units."""
    leg = application.leg or ticket.lead
    return leg.role == LegRole.LEAD and is_second_return(passed(ticket), application.unit_id)


def _waits(application: Application) -> None:
    if application.state != ApplicationState.OPEN:
        raise Refusal(N_("This application has been decided already"))


def _superior(ticket: "Ticket", application: Application, by: Actor) -> None:
    """A dispatcher who handed it over or stands above; of a co-handler's leg the leader of the unit that invited."""
    leg = application.leg or ticket.lead
    if leg.role == LegRole.CO and Role.UNIT_LEADER in by.roles and by.unit_id == ticket.lead.unit_id:
        return
    if Role.DISPATCHER not in by.roles:
        raise Refusal(N_("This is decided by the dispatcher who handed it over, or one above"))
    of_the_giver(ticket, by, leg)
    if by.unit_path.startswith(leg.path) and not is_district(leg.path):
        raise Refusal(N_("A unit does not decide for itself; a dispatcher above it does"))


def _superior_or_leader(ticket: "Ticket", application: Application, by: Actor) -> None:
    leg = application.leg or ticket.lead
    if by.unit_id == leg.unit_id and Role.UNIT_LEADER in by.roles:
        may_grant_extension(application.days or 0, by.roles, load_policy(ticket.session), own_unit=True)
        return
    _superior(ticket, application, by)


def _second_person(ticket: "Ticket", application: Application, by: Actor) -> None:
    of_the_place(ticket, by, None)


def _evaluator(ticket: "Ticket", application: Application, by: Actor) -> None:
    rating = application.rating
    if rating is not None and by.unit_id == rating.unit_id:
        raise Refusal(N_("Nobody decides about a rating of their own unit"))


def _ask_return(ticket: "Ticket", asked: Ask, leg: Leg | None, at: datetime) -> None:
    held, policy = leg or ticket.lead, load_policy(ticket.session)
    before = any(each.kind == ApplicationKind.RETURN and each.leg is held for each in ticket.applications)
    check_return(held.dispatched_at, at, policy, asked=before, binding=held.binding)
    unless_met_about(ticket)


def _ask_extension(ticket: "Ticket", asked: Ask, leg: Leg | None, at: datetime) -> None:
    held = leg or ticket.lead
    granted = sum(
        each.kind == ApplicationKind.EXTENSION and each.state == ApplicationState.GRANTED and each.leg is held
        for each in ticket.applications
    )
    check_extension(held.settle_due_at, at, asked.days or 0, granted, load_policy(ticket.session))


def _ask_suspension(ticket: "Ticket", asked: Ask, leg: Leg | None, at: datetime) -> None:
    _ask_until(asked, at, load_policy(ticket.session).suspend_days)


def _ask_promise(ticket: "Ticket", asked: Ask, leg: Leg | None, at: datetime) -> None:
    _ask_until(asked, at, load_policy(ticket.session).promise_days)
    if not asked.owner.strip():
        raise Refusal(N_("Say who keeps the promise"))


def _ask_until(asked: Ask, at: datetime, days: int) -> None:
    if asked.until is None:
        raise Refusal(N_("Choose a date within the next %(days)s days"), days=days)
    check_until(asked.until, at, days)


def _ask_exclusion(ticket: "Ticket", asked: Ask, leg: Leg | None, at: datetime) -> None:
    if asked.rating is None or asked.rating.ticket_id != ticket.id:
        raise Refusal(N_("Choose the rating that is to be left out"))
    if not asked.rating.scored:
        raise Refusal(N_("This rating is not scored"))


def _ask_nothing_more(ticket: "Ticket", asked: Ask, leg: Leg | None, at: datetime) -> None:
    """Reason and basis say it all."""


def _return(ticket: "Ticket", application: Application, by: Actor, at: datetime, answer: str) -> None:
    """Granted, it is dispatched anew; the second time between the same units those units meet instead."""
    leg = application.leg or ticket.lead
    if leg.role == LegRole.LEAD:
        unless_met_about(ticket)
    if meets_instead(ticket, application):
        call(ticket, MeetingCause.SECOND_RETURN, by, at)
        return
    helpers = [each for each in ticket.helping if each.is_open] if leg.role == LegRole.LEAD else []
    ticket.mark(Move.RETURN, by, at, leg=leg, note=answer)
    leg.end(Ended.RETURNED, at)
    for helper in helpers:
        helper.end(Ended.NOT_NEEDED, at)
    if leg.role == LegRole.LEAD:
        ticket.lead_unit, ticket.next_due_at = None, ticket.respond_due_at
    lapse(ticket, at, None if leg.role == LegRole.LEAD else leg)


def _extend(ticket: "Ticket", application: Application, by: Actor, at: datetime, answer: str) -> None:
    leg = application.leg or ticket.lead
    told = leg.move_due(extended_due(ticket, application), load_calendar(ticket.session))
    ticket.mark(Move.EXTEND, by, at, leg=leg, note=answer, data={"days": application.days, **told})
    if leg is ticket.lead and leg.signed_at is not None:
        ticket.next_due_at = leg.settle_due_at


def _suspend(ticket: "Ticket", application: Application, by: Actor, at: datetime, answer: str) -> None:
    leg = ticket.lead
    ticket.mark(Move.SUSPEND, by, at, leg=leg, note=answer, public=True)
    leg.paused_at, leg.resume_at = at, application.until
    ticket.next_due_at = application.until


def _promise(ticket: "Ticket", application: Application, by: Actor, at: datetime, answer: str) -> None:
    leg, until = ticket.lead, application.until
    if until is None:
        raise Refusal(N_("A promise needs a date"))
    leg.promise_at, leg.promise_owner = until, application.owner
    ticket.next_due_at = until
    told = leg.move_due(until, load_calendar(ticket.session))
    ticket.mark(Move.PROMISE, by, at, leg=leg, note=answer, public=True, data={"owner": application.owner, **told})


def _decline(ticket: "Ticket", application: Application, by: Actor, at: datetime, answer: str) -> None:
    ticket.mark(Move.DECLINE, by, at, note=application.basis, public=True)
    ticket.next_due_at = None


def _exclude(ticket: "Ticket", application: Application, by: Actor, at: datetime, answer: str) -> None:
    """Stars and words stay as they were given; they are only counted no more."""
    if application.rating is not None:
        application.rating.scored = False
    ticket.mark(Move.EXCLUDE, by, at, note=answer)


Asking = Callable[["Ticket", Ask, Leg | None, datetime], None]
Granting = Callable[["Ticket", Application, Actor, datetime, str], None]
Deciding = Callable[["Ticket", Application, Actor], None]

ASKING: Mapping[ApplicationKind, Asking] = {
    ApplicationKind.RETURN: _ask_return,
    ApplicationKind.EXTENSION: _ask_extension,
    ApplicationKind.SUSPENSION: _ask_suspension,
    ApplicationKind.PROMISE: _ask_promise,
    ApplicationKind.DECLINE: _ask_nothing_more,
    ApplicationKind.EXCLUSION: _ask_exclusion,
}
GRANTING: Mapping[ApplicationKind, Granting] = {
    ApplicationKind.RETURN: _return,
    ApplicationKind.EXTENSION: _extend,
    ApplicationKind.SUSPENSION: _suspend,
    ApplicationKind.PROMISE: _promise,
    ApplicationKind.DECLINE: _decline,
    ApplicationKind.EXCLUSION: _exclude,
}
DECIDERS: Mapping[ApplicationKind, Deciding] = {
    ApplicationKind.RETURN: _superior,
    ApplicationKind.EXTENSION: _superior_or_leader,
    ApplicationKind.SUSPENSION: _superior,
    ApplicationKind.PROMISE: _superior,
    ApplicationKind.DECLINE: _second_person,
    ApplicationKind.EXCLUSION: _evaluator,
}
