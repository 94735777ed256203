"""期限说明: what is known of a request's due dates, gathered for rules.receipt to explain."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.calendar import load_calendar
from models.events import IMPORTED, RECOUNTED, TicketEvent
from models.legs import Leg
from models.policies import policy_of_version, policy_on
from models.tickets import Ticket
from rules import deadlines
from rules.deadlines import TIER_LABELS, Tier
from rules.lifecycle import Move, State
from rules.policy import CLOCK_MODE_LABELS, ClockMode, Policy
from rules.receipt import (
    Basis,
    Counted,
    Explanation,
    Extended,
    Fixed,
    Line,
    Paused,
    Recounted,
    Sooner,
    Step,
    Unknown,
    Within,
    explain,
)
from rules.refusals import N_, Term
from rules.workdays import ZONE, Calendar, spoken

PROMISE = N_("Submitted on %(at)s: by version %(version)s of the policies an answer is promised in %(span)s.")
ACCEPT = N_(
    "Submitted on %(at)s: it is accepted and dispatched within %(span)s, by version %(version)s of the policies."
)
SIGN_FIRST = N_("The unit that takes it first signs for it and answers by what the resident was promised.")
SIGN_SUBMITTED = N_("Submitted on %(at)s: by version %(version)s of the policies it is signed for within %(span)s.")
SIGN = N_("Dispatched on %(at)s: by version %(version)s of the policies it is signed for within %(span)s.")
BY_TIER = N_(
    "Dispatched on %(at)s as “%(tier)s”: %(days)s days by version %(version)s of the policies, counted as “%(mode)s”."
)
BY_HOURS = N_("Dispatched on %(at)s as an emergency: %(span)s by version %(version)s of the policies.")
BY_TOTAL = N_(
    "Dispatched on %(at)s. The limit of its level would end later, but in all it takes no more than %(days)s days"
    " since its first dispatch on %(since)s, counted as “%(mode)s”."
)
BY_LEAD = N_("Invited on %(at)s: due %(days)s days before the lead, whose date was %(lead)s, counted as “%(mode)s”.")
WITH_LEAD = N_("Invited on %(at)s: due with the lead, whose date was %(lead)s; a day before is past already.")
BY_MEETING = N_("The meeting whose decision was recorded on %(at)s set this date.")
BY_LEDGER = N_("A ledger gave this date; how it was counted there is not recorded.")
NOT_TOLD = N_("How this date was counted is not recorded.")
REVIEWED = N_("In review from %(since)s until %(name)s sent it back on %(until)s: the clock stood still.")
SUSPENDED = N_("Suspended from %(since)s until %(until)s: the clock stood still.")
EXTENDED = N_("Extended by %(days)s days, granted by %(name)s on %(at)s.")
PROMISED = N_("On %(at)s %(name)s granted a promise that %(owner)s keeps: the date promised is the due date.")
MERGED = N_("On %(at)s %(name)s merged %(number)s into it: the earlier date of both is kept.")
SPLIT = N_("On %(at)s %(name)s split %(number)s off again: the date before the merger holds.")
MOVED = N_("On %(at)s %(name)s changed the calendar and moved the due date: %(before)s → %(after)s.")
MOVED_BACK = N_("On %(at)s %(name)s took the move of due dates back: %(before)s → %(after)s.")
MEETING = N_("Called on %(at)s: a meeting is held within %(days)s working days.")
SUPERVISION = N_("Opened on %(at)s: a supervision is answered within %(days)s working days.")
RATING = N_("Settled on %(at)s: the resident may rate for %(days)s days.")
ORIGINAL = N_("The original date was %(due)s.")
UNOFFICIAL = N_("This date lies in a year whose calendar is not official yet; only weekends are days off in it.")
STANDS_STILL = N_("The clock stands still since %(since)s: suspended, to be looked at again on %(until)s.")
IN_REVIEW = N_("The clock stands still since %(since)s: the result is in review.")
STOPPED = N_("The clock stopped on %(at)s, when the result came in that was then approved.")
ENDED = N_("The clock ended on %(at)s with the leg.")


@dataclass(frozen=True)
class Section:
    """One due date. `notes` say what else holds for it."""

    title: str
    explained: Explanation
    unit: str = ""
    leg: Leg | None = None
    notes: tuple[Line, ...] = ()


@dataclass
class Ground:
    """What dates are counted by, read once."""

    session: Session
    calendar: Calendar
    versions: dict[int, Policy] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> "Ground":
        return cls(session, load_calendar(session))

    def policy(self, version: int) -> Policy:
        if version not in self.versions:
            self.versions[version] = policy_of_version(self.session, version)
        return self.versions[version]


def receipt(ticket: Ticket) -> list[Section]:
    ground = Ground.of(ticket.session)
    calendar = ground.calendar
    found: list[Section | None] = [
        _section(N_("Promised to the resident"), promise_steps(ticket, ground), ticket.respond_due_at, calendar),
        _section(N_("Accept and dispatch by"), accept_steps(ticket, ground), ticket.accept_due_at, calendar),
    ]
    for leg in ticket.legs:
        signing, settling = sign_steps(leg, ground), settle_steps(leg, ticket.tier, ticket.events, ground)
        found.append(_section(N_("Sign for by"), signing, leg.sign_due_at, calendar, leg))
        found.append(_section(N_("Settle by"), settling, leg.settle_due_at, calendar, leg, settle_notes(leg)))
    found += _besides(ticket, calendar)
    return [section for section in found if section is not None]


def _section(
    title: str,
    steps: Sequence[Step],
    due: datetime | None,
    calendar: Calendar,
    leg: Leg | None = None,
    notes: tuple[Line, ...] = (),
) -> Section | None:
    if due is None:
        return None
    return Section(title, explain(steps, due, calendar), leg.unit_name if leg else "", leg, notes)


def _within(message: str, start: datetime, amount: timedelta, policy: Policy, version: int, mode: ClockMode) -> Within:
    said = {"at": start, "version": version, "span": amount}
    return Within(message=message, values=said, start=start, amount=amount, mode=mode, hours=policy.hours)


def promise_steps(ticket: Ticket, ground: Ground) -> list[Step]:
    policy = ground.policy(ticket.policy_version)
    amount, mode = timedelta(hours=policy.sign_within_hours), ClockMode(ticket.clock_mode)
    first = _within(PROMISE, ticket.submitted_at, amount, policy, ticket.policy_version, mode)
    moved = [_merging(event, "respond") for event in ticket.events if "respond" in (event.data or {})]
    return [first, *moved]


def accept_steps(ticket: Ticket, ground: Ground) -> list[Step]:
    policy, mode = ground.policy(ticket.policy_version), ClockMode(ticket.clock_mode)
    return [_within(ACCEPT, ticket.submitted_at, policy.accept_within, policy, ticket.policy_version, mode)]


def sign_steps(leg: Leg, ground: Ground) -> list[Step]:
    """A ledger's leg, of which no basis is kept, is held to one of the two that give its date, or to none."""
    if leg.sign_due_at is None or leg.dispatched_at is None:
        return []
    policy, counted = ground.policy(leg.policy_version), leg.counted or {}
    if counted.get("sign") == "promise":
        return [Fixed(message=SIGN_FIRST, to=leg.sign_due_at)]
    hasty = (counted or {"tier": leg.ticket.tier}).get("tier") == Tier.EMERGENCY
    amount = timedelta(minutes=policy.emergency_sign_minutes) if hasty else timedelta(hours=policy.sign_within_hours)
    mode = ClockMode.NATURAL if hasty else policy.clock_mode
    dispatched = _within(SIGN, leg.dispatched_at, amount, policy, leg.policy_version, mode)
    if counted:
        return [dispatched]
    submitted = _within(SIGN_SUBMITTED, leg.ticket.submitted_at, amount, policy, leg.policy_version, mode)
    fitting = [step for step in (submitted, dispatched) if step.after(None, ground.calendar) == leg.sign_due_at]
    return [*fitting[:1]] or [Unknown(message=NOT_TOLD, to=leg.sign_due_at)]


def settle_steps(leg: Any, tier: str | None, events: Sequence[TicketEvent], ground: Ground) -> list[Step]:
    """How it was counted when the leg was opened, and whatever has moved it since. The leg may be a row of its
    columns."""
    if leg.settle_due_at is None:
        return []
    mine = [event for event in events if event.leg_id == leg.id or (event.action == IMPORTED and leg.seq == 1)]
    steps = [opening(leg, tier, mine, ground)]
    for number, event in enumerate(mine):
        if (read := MOVING.get(event.action)) is not None:
            steps += read(event, leg, mine[:number])
    return steps


def opening(leg: Any, tier: str | None, events: Sequence[TicketEvent], ground: Ground) -> Step:
    if leg.counted is not None:
        return OPENINGS[Basis(leg.counted["basis"])](leg, leg.counted)
    return _told_by_the_tier(leg, Tier(tier or Tier.MINOR), events, ground)


def _told_by_the_tier(leg: Any, tier: Tier, events: Sequence[TicketEvent], ground: Ground) -> Step:
    """Nothing was kept, as of a ledger: the days of its tier if they give that very date, else nothing is claimed."""
    first = leg.settle_due_original or leg.settle_due_at
    if leg.dispatched_at is not None and tier is not Tier.EMERGENCY:
        days = deadlines.days_for(tier, ground.policy(leg.policy_version))
        step = _by_tier(leg, {"basis": Basis.TIER.value, "tier": tier.value, "days": days})
        if step.after(None, ground.calendar) == first:
            return step
    from_ledger = any(event.from_ledger for event in events)
    return Unknown(message=BY_LEDGER if from_ledger else NOT_TOLD, to=first)


def _by_tier(leg: Any, counted: Mapping[str, Any]) -> Step:
    return _days(leg, counted, BY_TIER, _at(leg), ClockMode(leg.clock_mode))


def _by_total(leg: Any, counted: Mapping[str, Any]) -> Step:
    return _days(leg, counted, BY_TOTAL, _moment(counted["since"]), ClockMode(counted["mode"]))


def _days(leg: Any, counted: Mapping[str, Any], message: str, start: datetime, mode: ClockMode) -> Step:
    said = {"at": _at(leg), "since": start, "days": counted["days"], "version": leg.policy_version, "mode": _mode(mode)}
    if counted["basis"] == Basis.TIER:
        said["tier"] = Term(TIER_LABELS[Tier(counted["tier"])])
    return Counted(
        message=message, values=said, recorded=leg.settle_due_original, start=start, days=counted["days"], mode=mode
    )


def _by_hours(leg: Any, counted: Mapping[str, Any]) -> Step:
    amount = timedelta(hours=counted["hours"])
    return _within(BY_HOURS, _at(leg), amount, Policy(), leg.policy_version, ClockMode.NATURAL)


def _by_lead(leg: Any, counted: Mapping[str, Any]) -> Step:
    mode, lead_due, days = ClockMode(counted["mode"]), _moment(counted["lead_due"]), counted["days"]
    said = {"at": _at(leg), "days": days, "lead": spoken(lead_due), "mode": _mode(mode)}
    if not days:
        return Fixed(message=WITH_LEAD, values=said, to=lead_due)
    return Sooner(
        message=BY_LEAD, values=said, recorded=leg.settle_due_original, lead_due=lead_due, days=days, mode=mode
    )


def _by_meeting(leg: Any, counted: Mapping[str, Any]) -> Step:
    return Fixed(message=BY_MEETING, values={"at": _at(leg)}, to=leg.settle_due_original)


OPENINGS: Mapping[Basis, Callable[[Any, Mapping[str, Any]], Step]] = {
    Basis.TIER: _by_tier,
    Basis.HOURS: _by_hours,
    Basis.TOTAL: _by_total,
    Basis.LEAD: _by_lead,
    Basis.MEETING: _by_meeting,
}


def _pause(message: str, started_by: Move) -> Callable[[TicketEvent, Any, Sequence[TicketEvent]], Iterator[Step]]:
    """Where the event does not say since when, the step before it does that let the clock stand still."""

    def read(event: TicketEvent, leg: Any, before: Sequence[TicketEvent]) -> Iterator[Step]:
        kept = (event.data or {}).get("since")
        begun = next((each.at for each in reversed(before) if each.action == started_by), None)
        since = _moment(kept) if kept else begun
        if since is not None:
            said = {"since": since, "until": event.at, "name": event.name}
            mode = ClockMode(leg.clock_mode)
            yield Paused(
                message=message, values=said, recorded=_recorded(event), since=since, until=event.at, mode=mode
            )

    return read


def _extension(event: TicketEvent, leg: Any, before: Sequence[TicketEvent]) -> Iterator[Step]:
    days = (event.data or {})["days"]
    said = {"days": days, "name": event.name, "at": event.at}
    mode = ClockMode(leg.clock_mode)
    yield Extended(message=EXTENDED, values=said, recorded=_recorded(event), days=days, mode=mode)


def _promise(event: TicketEvent, leg: Any, before: Sequence[TicketEvent]) -> Iterator[Step]:
    said = {"at": event.at, "name": event.name, "owner": (event.data or {}).get("owner", "")}
    if (until := _recorded(event) or leg.promise_at) is not None:
        yield Fixed(message=PROMISED, values=said, to=until)


def _merged(event: TicketEvent, leg: Any, before: Sequence[TicketEvent]) -> Iterator[Step]:
    if "due" in (event.data or {}):
        yield _merging(event, "due")


def _merging(event: TicketEvent, name: str) -> Step:
    data = event.data or {}
    number = data.get("merged") or data.get("split") or ""
    said = {"at": event.at, "name": event.name, "number": number}
    return Fixed(message=MERGED if "merged" in data else SPLIT, values=said, to=_moment(data[name][1]))


def _recounted(event: TicketEvent, leg: Any, before: Sequence[TicketEvent]) -> Iterator[Step]:
    data = event.data or {}
    old, new = map(_moment, data["due"])
    said = {"at": event.at, "name": event.name, "before": spoken(old), "after": spoken(new)}
    yield Recounted(message=MOVED_BACK if data.get("back") else MOVED, values=said, to=new)


def _ledger(event: TicketEvent, leg: Any, before: Sequence[TicketEvent]) -> Iterator[Step]:
    changed = (event.data or {}).get("changes", {}).get("due")
    if changed and changed[1]:
        given = datetime.strptime(changed[1], "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        yield Unknown(message=BY_LEDGER, values={}, to=given)


MOVING: Mapping[str, Callable[[TicketEvent, Any, Sequence[TicketEvent]], Iterator[Step]]] = {
    Move.SEND_BACK: _pause(REVIEWED, Move.SUBMIT_RESULT),
    Move.RESUME: _pause(SUSPENDED, Move.SUSPEND),
    Move.EXTEND: _extension,
    Move.PROMISE: _promise,
    Move.MERGE: _merged,
    Move.SPLIT: _merged,
    RECOUNTED: _recounted,
    IMPORTED: _ledger,
}


def settle_notes(leg: Leg) -> tuple[Line, ...]:
    return tuple(_notes(leg))


def _notes(leg: Leg) -> Iterator[Line]:
    if leg.settle_due_original is not None and leg.settle_due_original != leg.settle_due_at:
        yield Line(ORIGINAL, {"due": spoken(leg.settle_due_original)})
    if leg.due_unofficial:
        yield Line(UNOFFICIAL)
    if leg.settled_at is not None:
        yield Line(STOPPED, {"at": leg.settled_at})
    elif leg.ended_at is not None:
        yield Line(ENDED, {"at": leg.ended_at})
    elif leg.paused_at is not None and leg.resume_at is not None:
        yield Line(STANDS_STILL, {"since": leg.paused_at, "until": leg.resume_at})
    elif leg.state == State.PENDING_REVIEW and leg.result_at is not None:
        yield Line(IN_REVIEW, {"since": leg.result_at})


def _besides(ticket: Ticket, calendar: Calendar) -> Iterator[Section | None]:
    """What else has a date: meetings, supervisions and the time for rating."""
    session = ticket.session
    for meeting in ticket.meetings:
        days = policy_on(session, meeting.called_at).meeting_within_days
        steps = [_workdays(MEETING, meeting.called_at, days)]
        yield _section(N_("Meeting to be held by"), steps, meeting.due_at, calendar)
    for each in ticket.supervisions:
        steps = [_workdays(SUPERVISION, each.opened_at, policy_on(session, each.opened_at).supervision_answer_days)]
        yield _section(N_("Supervision to be answered by"), steps, each.answer_due_at, calendar)
    if ticket.rate_until is not None and (steps := list(_rating(ticket, session))):
        yield _section(N_("To be rated by"), steps, ticket.rate_until, calendar)


def _workdays(message: str, start: datetime, days: int) -> Step:
    return Counted(message=message, values={"at": start, "days": days}, start=start, days=days, mode=ClockMode.WORKDAY)


def _rating(ticket: Ticket, session: Session) -> Iterator[Step]:
    settled = [event for event in ticket.events if event.action == Move.SETTLE and event.leg_id == ticket.lead.id]
    for event in settled[-1:]:
        policy = policy_on(session, event.at)
        said = {"at": event.at, "days": policy.rating_window_days}
        amount = timedelta(days=policy.rating_window_days)
        yield Within(
            message=RATING, values=said, start=event.at, amount=amount, mode=ClockMode.NATURAL, hours=policy.hours
        )


def _at(leg: Any) -> datetime:
    at: datetime = leg.dispatched_at
    return at


def _mode(mode: ClockMode) -> Term:
    return Term(CLOCK_MODE_LABELS[mode])


def _recorded(event: TicketEvent) -> datetime | None:
    moved = (event.data or {}).get("due")
    return _moment(moved[1]) if moved and moved[1] else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
