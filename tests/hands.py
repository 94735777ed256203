"""Hands that do to requests whatever the console lets people do: one function for each door of the regulation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st

from jobs.archive import archive_tickets
from jobs.ratings import close_ratings
from jobs.reminders import remind
from jobs.supervising import supervise_by_rule
from jobs.suspensions import resume_suspended
from models.acting import RESIDENT
from models.applying import Ask, ask, grant, may_decide, refuse, withdraw
from models.attachments import Attachment
from models.co_handling import invite, release
from models.follow_ups import Answered, Call, follow_up
from models.intake import Draft, submit
from models.mediations import Mediated, Sitting, litigate, mediate
from models.meetings import MeetingCause, Minutes, Part, Undertaking, call, decide
from models.merging import merge, split
from models.outcomes import note_outcome
from models.passing import delegate, escalate, recall
from models.ratings import Opinion, Resolved
from models.resuming import resume
from models.supervisions import SupervisionCause, answer, close, supervise
from models.units import Unit
from rules.applications import PROCEDURES, ApplicationKind
from rules.deadlines import Tier
from rules.refusals import Refusal

keys = count(1)


class Hand:
    """One try: a request, somebody, a moment, and whatever else the move asks for is drawn."""

    def __init__(self, session, places, tickets, pick):
        self.session, self.places, self.tickets, self.pick = session, places, tickets, pick

    def unit(self):
        return self.session.get_one(Unit, self.pick(self.places))

    def units(self):
        first, second = self.unit(), self.unit()
        return [first] if first is second else [first, second]

    def day(self, at):
        return at + timedelta(days=self.pick([1, 3, 10, 29, 60, 100]))

    def accept(self, ticket, by, at):
        ticket.accept(by, at, tier=self.pick(list(Tier)), category=None)

    def dispatch(self, ticket, by, at):
        ticket.dispatch(self.unit(), by, at)

    def sign(self, ticket, by, at):
        ticket.sign(by, at)

    def contact(self, ticket, by, at):
        ticket.contact(by, at, note="已联系")

    def submit_result(self, ticket, by, at):
        leg = ticket.leg_of(by)
        if self.pick([True, True, True, False]):
            leg.attachments.append(evidence(ticket, at))
        ticket.submit_result(by, at, result="办好了", feedback="已告知")

    def send_back(self, ticket, by, at):
        ticket.send_back(by, at, reason="请补充")

    def settle(self, ticket, by, at):
        modes = ["coordinated", "assigned", "supervised", "explained"]
        ticket.settle(by, at, mode="assigned" if ticket.lead.promise_at else self.pick(modes))

    def follow_up(self, ticket, by, at):
        outcome = self.pick(list(Answered))
        stars = None if outcome is Answered.UNREACHED else self.pick([None, 1, 3, 5])
        follow_up(ticket, self.pick(ticket.reporters), Call(outcome, stars=stars), by, at)

    def rate(self, ticket, by, at):
        opinion = Opinion(self.pick([1, 2, 4, 5]), self.pick(list(Resolved)))
        ticket.rate(self.pick(ticket.reporters), opinion, by, at)

    def escalate(self, ticket, by, at):
        escalate(ticket, by, at, opinion="本级办不了")

    def delegate(self, ticket, by, at):
        delegate(ticket, self.unit(), by, at, note="请办理")

    def recall(self, ticket, by, at):
        recall(ticket, by, at, reason="派错了")

    def invite(self, ticket, by, at):
        invite(ticket, self.unit(), by, at, task="请配合", mandatory=self.pick([True, False]))

    def release(self, ticket, by, at):
        release(ticket, self.pick(ticket.helping), by, at, reason="不需要了")

    def ask(self, ticket, by, at):
        rating = self.pick(ticket.ratings) if ticket.ratings else None
        kinds = [kind for kind in ApplicationKind if permitted(ticket, PROCEDURES[kind].ask, by)]
        kind = self.pick(kinds or list(ApplicationKind))
        suggested = self.pick([None, self.unit()])
        asked = Ask(
            kind, "r", "依据", days=self.pick([1, 3, 6, 9]), until=self.day(at), owner="某人", unit=suggested,
            rating=rating,
        )  # fmt: skip
        ask(ticket, asked, by, at)

    def grant(self, ticket, by, at):
        grant(ticket, self.pick(decidable(ticket, by) or ticket.asked), by, at, answer="同意")

    def refuse(self, ticket, by, at):
        refuse(ticket, self.pick(ticket.asked), by, at, answer="不同意")

    def withdraw(self, ticket, by, at):
        withdraw(ticket, self.pick(ticket.asked), by, at)

    def resume(self, ticket, by, at):
        resume(ticket, by, at)

    def merge(self, ticket, by, at):
        merge(ticket, self.pick(self.tickets), by, at, reason="同一件事")

    def split(self, ticket, by, at):
        split(ticket, by, at, reason="不是一件事")

    def call_meeting(self, ticket, by, at):
        call(ticket, MeetingCause.CALLED, by, at)

    def decide(self, ticket, by, at):
        lead, *others = self.units()
        undertakings = [Undertaking(lead, Part.LEAD), *(Undertaking(each, Part.CO) for each in others)]
        settle_by = self.pick([None, at + timedelta(days=5)])
        said = Minutes(at.date(), "区长", "都到会", "照此办理", undertakings, settle_by=settle_by)
        decide(ticket, said, by, at)

    def supervise(self, ticket, by, at):
        supervise(ticket, SupervisionCause.PERSON, by, at, demand="请说明")

    def answer_supervision(self, ticket, by, at):
        answer(ticket, by, at, text="马上办")

    def close_supervision(self, ticket, by, at):
        close(ticket, by, at, note=self.pick(["", "已说明"]))

    def mediate(self, ticket, by, at):
        mediate(ticket, Sitting(at.date(), "老王", "甲与乙", self.pick(list(Mediated)), "各退一步"), by, at)

    def litigate(self, ticket, by, at):
        litigate(ticket, by, at, note="区法院", over=self.pick([True, False]))

    def note_outcome(self, ticket, by, at):
        note_outcome(ticket, "换灯", Decimal(3), "盏", self.pick(ticket.attachments), by, at)

    def submit(self, ticket, by, at):
        place = self.unit()
        kind = self.pick(["demand", "dispute", "emergency"])
        draft = Draft("路灯不亮", "村口路灯不亮", place, "portal", kind=kind, reporter_mobile="13800001234")
        self.tickets.append(submit(self.session, draft, RESIDENT, at)[0])


MOVES = sorted(name for name in vars(Hand) if name not in ("unit", "units", "day") and not name.startswith("_"))


def permitted(ticket, move, by):
    try:
        ticket.permit(move, by)
    except Refusal:
        return False
    return True


def decidable(ticket, by):
    """The applications that somebody may grant."""
    return [each for each in ticket.asked if granted_by(ticket, each, by)]


def granted_by(ticket, application, by):
    try:
        may_decide(ticket, application, by, PROCEDURES[ApplicationKind(application.kind)].grant)
    except Refusal:
        return False
    return True


def jobs(session, at):
    """As a sweep has them."""
    resume_suspended(session, at)
    close_ratings(session, at)
    archive_tickets(session, at)
    supervise_by_rule(session, at)
    remind(session, at)


def evidence(ticket, at):
    number = next(keys)
    return Attachment(
        ticket_id=ticket.id, name="照片.jpg", key=f"hand-{number}", media_type="image/jpeg", size=1, sha256="0" * 64,
        at=at, by_name="干部",
    )  # fmt: skip


def nothing_to_pick(choices):
    if not choices:
        raise Refusal("nothing there")


def picker(draw):
    def pick(choices):
        nothing_to_pick(choices)
        return draw(st.sampled_from(choices))

    return pick


START = datetime(2026, 9, 18, 1, tzinfo=UTC)
