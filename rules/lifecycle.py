"""The way of a request: which move leads from which state to which, and who may make it.

A state or move that comes later is a row here.
"""

from dataclasses import dataclass
from enum import StrEnum

from rules.refusals import N_, Refusal, Term
from rules.roles import Role


class State(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    HANDLING = "handling"
    PENDING_REVIEW = "pending_review"
    SETTLED = "settled"
    RATED = "rated"
    UNRATED = "unrated"
    ARCHIVED = "archived"
    DECLINED = "declined"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    MERGED = "merged"
    CANCELLED = "cancelled"


STATE_LABELS = {
    State.SUBMITTED: N_("Submitted"),
    State.ACCEPTED: N_("Accepted"),
    State.DISPATCHED: N_("Dispatched"),
    State.SIGNED: N_("Signed for"),
    State.HANDLING: N_("Being handled"),
    State.PENDING_REVIEW: N_("Awaiting review"),
    State.SETTLED: N_("Settled"),
    State.RATED: N_("Rated"),
    State.UNRATED: N_("Not rated"),
    State.ARCHIVED: N_("Archived"),
    State.DECLINED: N_("Declined"),
    State.RETURNED: N_("Returned"),
    State.SUSPENDED: N_("Suspended"),
    State.MERGED: N_("Merged"),
    State.CANCELLED: N_("Cancelled"),
}

SETTLED_STATES = frozenset({State.SETTLED, State.RATED, State.UNRATED, State.ARCHIVED})
CLOSED_STATES = SETTLED_STATES | {State.DECLINED, State.MERGED, State.CANCELLED}


class Move(StrEnum):
    SUBMIT = "submit"
    ACCEPT = "accept"
    DISPATCH = "dispatch"
    SIGN = "sign"
    CONTACT = "contact"
    SUBMIT_RESULT = "submit_result"
    SEND_BACK = "send_back"
    SETTLE = "settle"
    RATE = "rate"
    REOPEN = "reopen"
    EXPIRE_RATING = "expire_rating"
    ARCHIVE = "archive"


MOVE_LABELS = {
    Move.SUBMIT: N_("Submit"),
    Move.ACCEPT: N_("Accept"),
    Move.DISPATCH: N_("Dispatch"),
    Move.SIGN: N_("Sign for"),
    Move.CONTACT: N_("First contact"),
    Move.SUBMIT_RESULT: N_("Submit the result"),
    Move.SEND_BACK: N_("Send back"),
    Move.SETTLE: N_("Settle"),
    Move.RATE: N_("Rate"),
    Move.REOPEN: N_("Re-open"),
    Move.EXPIRE_RATING: N_("Close the rating"),
    Move.ARCHIVE: N_("Archive"),
}


class Outside(StrEnum):
    """Those who move a request without a role."""

    ANYONE = "anyone"
    REPORTER = "reporter"
    JOB = "job"


@dataclass(frozen=True)
class Rule:
    who: frozenset[Role] | Outside
    sources: frozenset[State]
    target: State


DISPATCHER = frozenset({Role.DISPATCHER})
HANDLER = frozenset({Role.HANDLER})
LEADER = frozenset({Role.UNIT_LEADER})
AT_WORK = frozenset({State.SIGNED, State.HANDLING})
IN_REVIEW = frozenset({State.PENDING_REVIEW})
JUST_SETTLED = frozenset({State.SETTLED})
REOPENED_AT_MOST = 2  # domain § 6: the third goes to a hard-case meeting

MOVES: dict[Move, Rule] = {
    Move.SUBMIT: Rule(Outside.ANYONE, frozenset(), State.SUBMITTED),
    Move.ACCEPT: Rule(DISPATCHER, frozenset({State.SUBMITTED}), State.ACCEPTED),
    Move.DISPATCH: Rule(DISPATCHER, frozenset({State.ACCEPTED}), State.DISPATCHED),
    Move.SIGN: Rule(HANDLER, frozenset({State.DISPATCHED}), State.SIGNED),
    Move.CONTACT: Rule(HANDLER, AT_WORK, State.HANDLING),
    Move.SUBMIT_RESULT: Rule(HANDLER, AT_WORK, State.PENDING_REVIEW),
    Move.SEND_BACK: Rule(LEADER, IN_REVIEW, State.HANDLING),
    Move.SETTLE: Rule(LEADER, IN_REVIEW, State.SETTLED),
    Move.RATE: Rule(Outside.REPORTER, JUST_SETTLED, State.RATED),
    Move.REOPEN: Rule(Outside.JOB, frozenset({State.RATED}), State.DISPATCHED),
    Move.EXPIRE_RATING: Rule(Outside.JOB, JUST_SETTLED, State.UNRATED),
    Move.ARCHIVE: Rule(Outside.JOB, frozenset({State.RATED, State.UNRATED}), State.ARCHIVED),
}


def may(who: frozenset[Role] | Outside, roles: frozenset[Role]) -> bool:
    """The reporter and the jobs come without roles."""
    if isinstance(who, frozenset):
        return bool(who & roles)
    return who is Outside.ANYONE or not roles


def check(move: Move, state: State | None, roles: frozenset[Role]) -> None:
    """No state before the request is submitted."""
    rule = MOVES[move]
    if not may(rule.who, roles):
        raise Refusal(N_("“%(move)s” is not among the duties of your role"), move=Term(MOVE_LABELS[move]))
    if not rule.sources and state is not None:
        raise Refusal(N_("The request is already submitted"))
    if rule.sources and state not in rule.sources:
        raise Refusal(
            N_("“%(move)s” is not possible while the request is “%(state)s”"),
            move=Term(MOVE_LABELS[move]),
            state=Term(STATE_LABELS[state] if state else N_("Not submitted")),
        )


def never_own_doing(doer_id: int | None, handler_id: int | None) -> None:
    """Settling and sending back are never for the person who handled the request (domain § 6)."""
    if doer_id is None or doer_id == handler_id:
        raise Refusal(N_("Nobody reviews a result of their own"))
