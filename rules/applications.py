"""申请: what a unit asks for and another decides — what may be asked when, and who is the right superior."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.lifecycle import Move
from rules.policy import Policy
from rules.refusals import N_, Refusal
from rules.roles import Role


class ApplicationKind(StrEnum):
    RETURN = "return"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    PROMISE = "promise"
    DECLINE = "decline"
    EXCLUSION = "exclusion"


APPLICATION_LABELS = {
    ApplicationKind.RETURN: N_("Return"),
    ApplicationKind.EXTENSION: N_("Extension"),
    ApplicationKind.SUSPENSION: N_("Suspension"),
    ApplicationKind.PROMISE: N_("Promise"),
    ApplicationKind.DECLINE: N_("Not to accept"),
    ApplicationKind.EXCLUSION: N_("Leaving a rating out"),
}


class ApplicationState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


APPLICATION_STATE_LABELS = {
    ApplicationState.OPEN: N_("Waits for a decision"),
    ApplicationState.GRANTED: N_("Granted"),
    ApplicationState.REFUSED: N_("Refused"),
    ApplicationState.WITHDRAWN: N_("Withdrawn"),
    ApplicationState.LAPSED: N_("Overtaken"),
}


@dataclass(frozen=True)
class Procedure:
    """The move that asks and the move that grants."""

    ask: Move
    grant: Move


PROCEDURES: Mapping[ApplicationKind, Procedure] = {
    ApplicationKind.RETURN: Procedure(Move.ASK_RETURN, Move.RETURN),
    ApplicationKind.EXTENSION: Procedure(Move.ASK_EXTENSION, Move.EXTEND),
    ApplicationKind.SUSPENSION: Procedure(Move.ASK_SUSPENSION, Move.SUSPEND),
    ApplicationKind.PROMISE: Procedure(Move.ASK_PROMISE, Move.PROMISE),
    ApplicationKind.DECLINE: Procedure(Move.ASK_DECLINE, Move.DECLINE),
    ApplicationKind.EXCLUSION: Procedure(Move.ASK_EXCLUSION, Move.EXCLUDE),
}


def check_return(dispatched_at: datetime | None, at: datetime, policy: Policy, *, asked: bool, binding: bool) -> None:
    """Once per leg and soon after dispatch; what a meeting decided is not returned."""
    if binding:
        raise Refusal(N_("A meeting decided that this unit handles it; it cannot be returned"))
    if asked:
        raise Refusal(N_("A return can be asked for once; it has been decided already"))
    if dispatched_at is not None and at > dispatched_at + timedelta(hours=policy.return_within_hours):
        raise Refusal(
            N_("A return can be asked for within %(hours)s hours of dispatch; ask for a meeting instead"),
            hours=policy.return_within_hours,
        )


def check_extension(due: datetime | None, at: datetime, days: int, granted: int, policy: Policy) -> None:
    if due is None or at > due:
        raise Refusal(N_("An extension is asked for before the due date; this one has passed"))
    if granted >= policy.extensions_at_most:
        raise Refusal(N_("It has been extended %(count)s times already; no more is possible"), count=granted)
    if not 1 <= days <= policy.extension_dispatcher_days:
        raise Refusal(N_("Ask for one to %(most)s days"), most=policy.extension_dispatcher_days)


def may_grant_extension(days: int, roles: frozenset[Role], policy: Policy, *, own_unit: bool) -> None:
    """The leader of the unit grants a few days; more is for the dispatcher above it."""
    if own_unit and days > policy.extension_leader_days:
        raise Refusal(
            N_("Your unit may grant %(days)s days; more is decided by the dispatcher who handed it over"),
            days=policy.extension_leader_days,
        )


def check_until(until: datetime, at: datetime, days: int) -> None:
    """A date to look at it again or to keep a promise."""
    if not at < until <= at + timedelta(days=days):
        raise Refusal(N_("Choose a date within the next %(days)s days"), days=days)


def never_own_asking(doer_id: int | None, asked_by_id: int | None) -> None:
    if doer_id is None or doer_id == asked_by_id:
        raise Refusal(N_("Nobody decides an application of their own"))
