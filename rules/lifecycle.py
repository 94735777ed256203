"""办件规程: every move of a request — who may make it, from which state to which, and what it does to which clock.

MOVES is the regulation; a move that comes later is a row of it. What a move asks for beyond that stands at its door.
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
    ASK_DECLINE = "ask_decline"
    DECLINE = "decline"
    DISPATCH = "dispatch"
    RECALL = "recall"
    SIGN = "sign"
    CONTACT = "contact"
    ON_THE_SPOT = "on_the_spot"
    SUBMIT_RESULT = "submit_result"
    SEND_BACK = "send_back"
    SETTLE = "settle"
    FOLLOW_UP = "follow_up"
    RATE = "rate"
    REOPEN = "reopen"
    EXPIRE_RATING = "expire_rating"
    ARCHIVE = "archive"
    ESCALATE = "escalate"
    DELEGATE = "delegate"
    INVITE = "invite"
    RELEASE = "release"
    ASK_RETURN = "ask_return"
    RETURN = "return"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    ASK_SUSPENSION = "ask_suspension"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASK_PROMISE = "ask_promise"
    PROMISE = "promise"
    ASK_EXCLUSION = "ask_exclusion"
    EXCLUDE = "exclude"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    SPLIT = "split"
    CALL_MEETING = "call_meeting"
    DECIDE = "decide"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    CLOSE_SUPERVISION = "close_supervision"
    MEDIATE = "mediate"
    LITIGATE = "litigate"
    NOTE_OUTCOME = "note_outcome"
    CANCEL = "cancel"


MOVE_LABELS = {
    Move.SUBMIT: N_("Submit"),
    Move.ACCEPT: N_("Accept"),
    Move.ASK_DECLINE: N_("Propose not to accept"),
    Move.DECLINE: N_("Do not accept"),
    Move.DISPATCH: N_("Dispatch"),
    Move.RECALL: N_("Take the dispatch back"),
    Move.SIGN: N_("Sign for"),
    Move.CONTACT: N_("First contact"),
    Move.ON_THE_SPOT: N_("Handled on the spot"),
    Move.SUBMIT_RESULT: N_("Submit the result"),
    Move.SEND_BACK: N_("Send back"),
    Move.SETTLE: N_("Settle"),
    Move.FOLLOW_UP: N_("Follow up"),
    Move.RATE: N_("Rate"),
    Move.REOPEN: N_("Re-open"),
    Move.EXPIRE_RATING: N_("Close the rating"),
    Move.ARCHIVE: N_("Archive"),
    Move.ESCALATE: N_("Escalate"),
    Move.DELEGATE: N_("Delegate"),
    Move.INVITE: N_("Invite a co-handler"),
    Move.RELEASE: N_("Release a co-handler"),
    Move.ASK_RETURN: N_("Ask to return it"),
    Move.RETURN: N_("Return"),
    Move.ASK_EXTENSION: N_("Ask for an extension"),
    Move.EXTEND: N_("Extend"),
    Move.ASK_SUSPENSION: N_("Ask to suspend it"),
    Move.SUSPEND: N_("Suspend"),
    Move.RESUME: N_("Resume"),
    Move.ASK_PROMISE: N_("Propose a promise"),
    Move.PROMISE: N_("Promise"),
    Move.ASK_EXCLUSION: N_("Ask to leave a rating out"),
    Move.EXCLUDE: N_("Leave a rating out"),
    Move.REFUSE: N_("Refuse the application"),
    Move.WITHDRAW: N_("Withdraw the application"),
    Move.MERGE: N_("Merge"),
    Move.SPLIT: N_("Split off"),
    Move.CALL_MEETING: N_("Call a meeting"),
    Move.DECIDE: N_("Decision of the meeting"),
    Move.SUPERVISE: N_("Supervise"),
    Move.ANSWER_SUPERVISION: N_("Answer the supervision"),
    Move.CLOSE_SUPERVISION: N_("Close the supervision"),
    Move.MEDIATE: N_("Record a mediation"),
    Move.LITIGATE: N_("Note a lawsuit"),
    Move.NOTE_OUTCOME: N_("Record an outcome"),
    Move.CANCEL: N_("Withdraw the request"),
}


class Outside(StrEnum):
    """Those who move a request without a role."""

    ANYONE = "anyone"
    REPORTER = "reporter"
    JOB = "job"


OUTSIDE_LABELS = {
    Outside.ANYONE: N_("Anyone"),
    Outside.REPORTER: N_("The reporter"),
    Outside.JOB: N_("The console by itself"),
}


class Whose(StrEnum):
    """Which of those who have the role: told by where their unit stands to the request or to the leg."""

    ANYONES = "anyones"
    PLACE = "place"
    LEAD = "lead"
    HOLDER = "holder"
    REVIEWER = "reviewer"
    GIVER = "giver"
    DECIDER = "decider"
    OTHERS = "others"
    ABOVE = "above"


WHOSE_LABELS = {
    Whose.ANYONES: N_("any"),
    Whose.PLACE: N_("of the place or above it"),
    Whose.LEAD: N_("of the unit that leads"),
    Whose.HOLDER: N_("of the unit whose leg it is"),
    Whose.REVIEWER: N_("of the unit whose leg it is, never who handled it"),
    Whose.GIVER: N_("of the unit that handed it over, or above it"),
    Whose.DECIDER: N_("the right superior, never who asks"),
    Whose.OTHERS: N_("of any unit but those that handled it"),
    Whose.ABOVE: N_("of a unit above all units concerned"),
}


class Clock(StrEnum):
    """What a move does to the clocks. The resident's total clock starts once and never resets."""

    TOTAL_STARTS = "total_starts"
    RUN_ON = "run_on"
    LEG_STARTS = "leg_starts"
    SIGNING_STOPS = "signing_stops"
    CONTACT_STOPS = "contact_stops"
    PAUSES = "pauses"
    RESUMES = "resumes"
    STOPS = "stops"
    ALL_STOP = "all_stop"
    LEG_ENDS = "leg_ends"
    FRESH = "fresh"
    DUE_MOVES = "due_moves"
    EARLIEST = "earliest"
    NONE = "none"


CLOCK_LABELS = {
    Clock.TOTAL_STARTS: N_("The resident's clock starts"),
    Clock.RUN_ON: N_("All clocks run on"),
    Clock.LEG_STARTS: N_("The unit's clocks for signing and settling start"),
    Clock.SIGNING_STOPS: N_("The clock for signing stops"),
    Clock.CONTACT_STOPS: N_("The clock for the first contact stops"),
    Clock.PAUSES: N_("The clock for settling pauses"),
    Clock.RESUMES: N_("The clock for settling runs on, and the pause is given back"),
    Clock.STOPS: N_("The clock for settling stops as of when the result was submitted"),
    Clock.ALL_STOP: N_("All clocks stop"),
    Clock.LEG_ENDS: N_("The unit's clocks end"),
    Clock.FRESH: N_("The unit's clocks end and those of the next unit start afresh"),
    Clock.DUE_MOVES: N_("The due date moves, the original one is kept"),
    Clock.EARLIEST: N_("The earliest due date of both is kept"),
    Clock.NONE: N_("No clock runs any more"),
}


@dataclass(frozen=True)
class Rule:
    """Without a target the state stays as it is."""

    who: frozenset[Role] | Outside
    whose: Whose
    sources: frozenset[State]
    target: State | None
    clock: Clock = Clock.RUN_ON


OFFICE, DISPATCHER, HANDLER = map(frozenset, ([Role.OFFICE], [Role.DISPATCHER], [Role.HANDLER]))
LEADER, SUPERVISOR = map(frozenset, ([Role.UNIT_LEADER], [Role.SUPERVISOR]))
MANAGER, EVALUATOR = map(frozenset, ([Role.MANAGER], [Role.EVALUATOR]))
UNIT = HANDLER | LEADER
NOTHING_YET: frozenset[State] = frozenset()
JUST_IN, UNSIGNED, IN_HAND = map(frozenset, ([State.SUBMITTED], [State.DISPATCHED], [State.HANDLING]))
SUSPENDED, MERGED, IN_REVIEW = map(frozenset, ([State.SUSPENDED], [State.MERGED], [State.PENDING_REVIEW]))
JUST_SETTLED, RATED, UNRATED = map(frozenset, ([State.SETTLED], [State.RATED], [State.UNRATED]))
NEW = JUST_IN | {State.ACCEPTED}
UNHELD = frozenset({State.ACCEPTED, State.RETURNED})
AT_WORK = IN_HAND | {State.SIGNED}
HELD = UNSIGNED | AT_WORK
SET_ASIDE = SUSPENDED | {State.RETURNED}
BEFORE_REVIEW = NEW | HELD | {State.RETURNED}
OPEN = BEFORE_REVIEW | SUSPENDED | IN_REVIEW
OVER = JUST_SETTLED | RATED | UNRATED
FINISHED = OVER | {State.ARCHIVED}
GONE = MERGED | {State.DECLINED, State.CANCELLED}

# fmt: off
STRAIGHT_WAY = {
    Move.SUBMIT: Rule(Outside.ANYONE, Whose.ANYONES, NOTHING_YET, State.SUBMITTED, Clock.TOTAL_STARTS),
    Move.ACCEPT: Rule(DISPATCHER, Whose.PLACE, JUST_IN, State.ACCEPTED),
    Move.DISPATCH: Rule(DISPATCHER, Whose.PLACE, UNHELD, State.DISPATCHED, Clock.LEG_STARTS),
    Move.SIGN: Rule(HANDLER, Whose.HOLDER, UNSIGNED, State.SIGNED, Clock.SIGNING_STOPS),
    Move.CONTACT: Rule(HANDLER, Whose.HOLDER, AT_WORK, State.HANDLING, Clock.CONTACT_STOPS),
    Move.SUBMIT_RESULT: Rule(HANDLER, Whose.HOLDER, AT_WORK, State.PENDING_REVIEW, Clock.PAUSES),
    Move.SEND_BACK: Rule(LEADER, Whose.REVIEWER, IN_REVIEW, State.HANDLING, Clock.RESUMES),
    Move.SETTLE: Rule(LEADER, Whose.REVIEWER, IN_REVIEW, State.SETTLED, Clock.STOPS),
    Move.RATE: Rule(Outside.REPORTER, Whose.ANYONES, JUST_SETTLED | RATED, State.RATED, Clock.NONE),
    Move.EXPIRE_RATING: Rule(Outside.JOB, Whose.ANYONES, JUST_SETTLED, State.UNRATED, Clock.NONE),
    Move.ARCHIVE: Rule(Outside.JOB, Whose.ANYONES, RATED | UNRATED, State.ARCHIVED, Clock.NONE),
}
AT_THE_DESK = {
    Move.ON_THE_SPOT: Rule(DISPATCHER | HANDLER, Whose.PLACE, JUST_IN, State.PENDING_REVIEW, Clock.PAUSES),
    Move.ASK_DECLINE: Rule(DISPATCHER, Whose.PLACE, NEW, None),
    Move.DECLINE: Rule(DISPATCHER | LEADER, Whose.DECIDER, NEW, State.DECLINED, Clock.ALL_STOP),
    Move.CANCEL: Rule(Outside.REPORTER, Whose.ANYONES, BEFORE_REVIEW | SUSPENDED, State.CANCELLED, Clock.ALL_STOP),
}
UP_DOWN_AND_BESIDE = {
    Move.RECALL: Rule(DISPATCHER, Whose.GIVER, UNSIGNED, State.ACCEPTED, Clock.LEG_ENDS),
    Move.ESCALATE: Rule(UNIT, Whose.LEAD, AT_WORK, State.DISPATCHED, Clock.FRESH),
    Move.DELEGATE: Rule(UNIT | DISPATCHER, Whose.LEAD, AT_WORK, State.DISPATCHED, Clock.FRESH),
    Move.INVITE: Rule(UNIT, Whose.LEAD, AT_WORK, None, Clock.LEG_STARTS),
    Move.RELEASE: Rule(LEADER, Whose.LEAD, AT_WORK | IN_REVIEW, None, Clock.LEG_ENDS),
}
ON_APPLICATION = {
    Move.ASK_RETURN: Rule(UNIT, Whose.HOLDER, HELD, None),
    Move.RETURN: Rule(LEADER | DISPATCHER, Whose.DECIDER, HELD, State.RETURNED, Clock.LEG_ENDS),
    Move.ASK_EXTENSION: Rule(UNIT, Whose.HOLDER, HELD, None),
    Move.EXTEND: Rule(LEADER | DISPATCHER, Whose.DECIDER, HELD, None, Clock.DUE_MOVES),
    Move.ASK_SUSPENSION: Rule(UNIT, Whose.LEAD, IN_HAND, None),
    Move.SUSPEND: Rule(DISPATCHER, Whose.DECIDER, IN_HAND, State.SUSPENDED, Clock.PAUSES),
    Move.RESUME: Rule(DISPATCHER, Whose.GIVER, SUSPENDED, State.HANDLING, Clock.RESUMES),
    Move.ASK_PROMISE: Rule(UNIT, Whose.LEAD, IN_HAND, None),
    Move.PROMISE: Rule(DISPATCHER, Whose.DECIDER, IN_HAND, None, Clock.DUE_MOVES),
    Move.REFUSE: Rule(DISPATCHER | LEADER | EVALUATOR, Whose.DECIDER, OPEN | FINISHED, None),
    Move.WITHDRAW: Rule(UNIT | DISPATCHER, Whose.ANYONES, OPEN | FINISHED, None),
}
TOGETHER = {
    Move.MERGE: Rule(DISPATCHER, Whose.PLACE, BEFORE_REVIEW, State.MERGED, Clock.EARLIEST),
    Move.SPLIT: Rule(DISPATCHER, Whose.PLACE, MERGED, None),
    Move.CALL_MEETING: Rule(DISPATCHER | SUPERVISOR | MANAGER, Whose.PLACE, HELD | SET_ASIDE | RATED, None),
    Move.DECIDE: Rule(DISPATCHER | MANAGER, Whose.ABOVE, HELD | SET_ASIDE | RATED, State.DISPATCHED, Clock.FRESH),
}
WATCHED = {
    Move.SUPERVISE: Rule(SUPERVISOR | MANAGER, Whose.PLACE, OPEN, None),
    Move.ANSWER_SUPERVISION: Rule(LEADER, Whose.LEAD, OPEN, None),
    Move.CLOSE_SUPERVISION: Rule(SUPERVISOR, Whose.PLACE, OPEN | FINISHED | GONE, None),
    Move.MEDIATE: Rule(UNIT, Whose.HOLDER, AT_WORK, None),
    Move.LITIGATE: Rule(UNIT, Whose.LEAD, AT_WORK, None),
    Move.NOTE_OUTCOME: Rule(UNIT, Whose.LEAD, AT_WORK | IN_REVIEW | OVER, None),
}
AFTERWARDS = {
    Move.FOLLOW_UP: Rule(OFFICE | DISPATCHER | SUPERVISOR, Whose.OTHERS, OVER, None, Clock.NONE),
    Move.REOPEN: Rule(Outside.JOB, Whose.ANYONES, OVER, State.DISPATCHED, Clock.FRESH),
    Move.ASK_EXCLUSION: Rule(LEADER, Whose.HOLDER, FINISHED, None, Clock.NONE),
    Move.EXCLUDE: Rule(EVALUATOR, Whose.DECIDER, FINISHED, None, Clock.NONE),
}
SECTIONS: dict[str, dict[Move, Rule]] = {
    N_("The straight way"): STRAIGHT_WAY,
    N_("When it comes in"): AT_THE_DESK,
    N_("Up, down and beside"): UP_DOWN_AND_BESIDE,
    N_("On application"): ON_APPLICATION,
    N_("Together"): TOGETHER,
    N_("Watched and recorded"): WATCHED,
    N_("Afterwards"): AFTERWARDS,
}
MOVES: dict[Move, Rule] = {move: rule for section in SECTIONS.values() for move, rule in section.items()}
# fmt: on


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
