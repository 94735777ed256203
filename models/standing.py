"""Where somebody stands to a request or a leg: the checks behind the column `whose` of the regulation."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from models.acting import Actor, district_of
from models.legs import Leg
from models.scope import is_district
from models.stand_ins import took_part
from models.units import Unit
from rules.dispatching import may_dispatch
from rules.lifecycle import Whose, never_own_doing
from rules.refusals import N_, Refusal
from rules.units import UnitKind
from rules.workdays import local_date

if TYPE_CHECKING:
    from models.tickets import Ticket

Check = Callable[["Ticket", Actor, Leg | None], None]

OF_A_LEG = frozenset({Whose.LEAD, Whose.HOLDER, Whose.REVIEWER, Whose.GIVER, Whose.OTHERS, Whose.ABOVE})


def anyones(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    """No matter where."""


def of_the_place(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    """A dispatcher acts for the subtree of the own unit."""
    if by.unit_path and not ticket.path.startswith(by.unit_path):
        raise Refusal(N_("%(number)s lies outside %(unit)s"), number=ticket.number, unit=by.unit_name)


def of_the_holder(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    held = leg or ticket.lead
    if by.unit_id != held.unit_id:
        raise Refusal(N_("Only %(unit)s, which holds this request, can do that"), unit=held.unit_name)


def of_the_lead(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    of_the_holder(ticket, by, ticket.lead)


def of_a_reviewer(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    of_the_holder(ticket, by, leg)
    held = leg or ticket.lead
    if held.handler_id in {each.person_id for each in by.stands_for}:
        raise Refusal(N_("Whoever stands in for the handler does not review the result"))
    for each in {held.handler_id, *took_part(ticket, held)}:
        never_own_doing(by.person_id, each)


def of_the_giver(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    """Of the unit that handed the leg over or above it. Nobody is their own superior, but the one unit above all."""
    held = leg or ticket.lead
    given_by = held.giver.path if held.giver else ticket.path
    if not by.unit_path or not given_by.startswith(by.unit_path):
        raise Refusal(N_("This is decided by the dispatcher who handed it over, or one above"))


def of_others(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    if by.unit_id in {each.unit_id for each in ticket.legs if each.signed_at is not None}:
        raise Refusal(N_("A unit that handled the request does not ask how it went"))


def above_all(ticket: "Ticket", by: Actor, leg: Leg | None) -> None:
    """Whoever decides for several units stands above each of them; nobody stands above a district."""
    for each in ticket.at_the_table:
        own = each.path == by.unit_path and not is_district(each.path)
        if not by.unit_path or not each.path.startswith(by.unit_path) or own:
            raise Refusal(N_("This is decided by somebody above %(unit)s"), unit=each.name)


def may_go(ticket: "Ticket", to: Unit, at: datetime) -> None:
    """A request lies with living units of its own district."""
    if not to.lives_on(local_date(at)):
        raise Refusal(N_("%(unit)s no longer exists; choose its successor"), unit=to.name)
    in_its_district(ticket, to)


def in_its_district(ticket: "Ticket", to: Unit) -> None:
    if district_of(to.path) != district_of(ticket.path):
        raise Refusal(N_("%(number)s lies outside %(unit)s"), number=ticket.number, unit=to.name)


def unless_met_about(ticket: "Ticket") -> None:
    """What a meeting has to decide waits for it."""
    if ticket.meeting is not None:
        raise Refusal(N_("A meeting about this request has been called; it decides who handles it"))


def may_send(ticket: "Ticket", to: Unit, by: Actor, at: datetime) -> None:
    may_go(ticket, to, at)
    if not by.unit_kind:
        return
    if not may_dispatch(UnitKind(by.unit_kind), by.unit_path, UnitKind(to.kind), to.path):
        raise Refusal(N_("%(from_unit)s cannot dispatch to %(unit)s"), from_unit=by.unit_name, unit=to.name)


STANDING: Mapping[Whose, Check] = {
    Whose.ANYONES: anyones,
    Whose.PLACE: of_the_place,
    Whose.LEAD: of_the_lead,
    Whose.HOLDER: of_the_holder,
    Whose.REVIEWER: of_a_reviewer,
    Whose.GIVER: of_the_giver,
    Whose.DECIDER: anyones,
    Whose.OTHERS: of_others,
    Whose.ABOVE: above_all,
}
"""Who decides an application depends on what it asks for: models.applying."""
