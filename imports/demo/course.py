"""The way of one request: each step is drawn, and stops where it would lie beyond the end of the record."""

from bisect import bisect
from copy import copy
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Any

from imports.demo import texts
from imports.demo.ground import Ground, Office
from imports.demo.moments import Clocks, stamp
from imports.demo.phrases import TROUBLES
from imports.demo.places import Place, Row
from imports.demo.staff import Crew, Worker
from models.acting import RESIDENT, SYSTEM
from models.ratings import Opinion, Resolved
from rules.deadlines import Tier
from rules.lifecycle import Move, State
from rules.policy import Policy
from rules.roles import Role

EVENT_COLUMNS = (
    *("ticket_id", "leg_id", "action", "state_before", "state_after", "at", "person_id", "name", "unit_name"),
    *("to_unit_name", "note", "public", "data"),
)
MINUTE, HOUR, DAY = 60, 3600, 86_400
STUCK = 0.01
"""Never answered: what stands overdue."""
MODES = ("on_the_spot", "coordinated", "assigned", "explained", "supervised")
EXPLAINED = MODES.index("explained")
BY_MODE = list(accumulate((36, 30, 19, 12, 3)))
STARS = {True: list(accumulate((1, 2, 8, 29, 60))), False: list(accumulate((14, 17, 22, 27, 20)))}
"""One to five, from those who were served well and those who were not."""
RESOLVED = {5: ("yes",) * 9 + ("partly",), 4: ("yes",) * 7 + ("partly",) * 3, 3: ("partly",) * 3 + ("yes", "no")}
AFTER_BAD_STARS = ("no",) * 4 + ("partly",)


@dataclass(slots=True)
class Setting:
    """A worker's tools for one day of one district."""

    office: Office
    ground: Ground
    clocks: Clocks
    chance: Random
    repeated: dict[int, Any]
    """What was last said of all that has been overdue since one moment, and what comes next."""


@dataclass(slots=True)
class Course:
    setting: Setting
    id: int
    at: int
    village: Place
    trouble: int
    slots: list[str]
    crew: Crew
    state: State = State.SUBMITTED
    shown: str = ""
    """The state as the last event shows it."""
    moved_at: int = 0
    version: int = 1
    events: list[Row] = field(default_factory=list)
    category_id: int | None = None
    tier: Tier = Tier.MINOR
    dispatcher: tuple[Crew, Worker] | None = None
    handler: Worker | None = None
    accept_due: int = 0
    respond_due: int = 0
    accepted_at: int | None = None
    dispatched_at: int | None = None
    sign_due: int = 0
    settle_due: int = 0
    settle_due_first: int = 0
    unofficial: bool = False
    signed_at: int | None = None
    contact_at: int | None = None
    result_at: int | None = None
    result: str = ""
    feedback: str = ""
    leg_state: State = State.DISPATCHED
    leg_version: int = 1
    settled_at: int | None = None
    closed_at: int = 0
    mode: str | None = None
    rate_until: int | None = None
    rated_at: int | None = None
    stars: int = 0
    resolved: str = ""
    comment: str = ""
    earlier: list["Course"] = field(default_factory=list)
    """As it stood each time before it was re-opened: settled and rated."""

    def run(self) -> None:
        """Every step answers whether there is more to come."""
        on_the_way = self.accept() and self.dispatch()
        while on_the_way and all(step() for step in (self.sign, self.contact, self.answer, self.settle, self.rate)):
            on_the_way = self.reopen()
            if not on_the_way:
                self.archive()

    @property
    def turns(self) -> list["Course"]:
        """One for each leg."""
        return [*self.earlier, self]

    @property
    def leg_id(self) -> int:
        """The same whoever writes the day: every request has as many as it can come to need."""
        return (self.id - 1) * (1 + Policy.reopen_at_most) + self.leg_seq

    @property
    def leg_seq(self) -> int:
        return 1 + len(self.earlier)

    def drawn(self) -> float:
        return self.setting.chance.random()

    def waits(self, mean: float) -> int:
        return int(self.setting.chance.expovariate(1 / mean))

    def beyond(self, at: int) -> bool:
        return at >= self.setting.office.end

    def move(
        self, move: Move, to: State, at: int, who: Worker | None, crew: Crew | None, *, note: str = "",
        public: bool = False, leg: bool = True, to_unit: str = "", data: str | None = None,
    ) -> None:  # fmt: skip
        name = who.name if who else RESIDENT.name if move in (Move.SUBMIT, Move.RATE) else SYSTEM.name
        person_id, unit_name = who.id if who else None, crew.unit_name if crew else ""
        leg_id = self.leg_id if leg else None
        before, self.shown = self.shown, to.value
        moved = (leg_id, move.value, before, self.shown, stamp(at))
        self.events.append((self.id, *moved, person_id, name, unit_name, to_unit, note, public, data))
        self.state, self.moved_at = to, at
        if move is not Move.SUBMIT:
            self.version += 1
        if leg:
            self.leg_state = to
            self.leg_version += move not in (Move.DISPATCH, Move.REOPEN)

    def submit(self, desk: tuple[Crew, Worker] | None) -> None:
        clocks = self.setting.clocks
        self.accept_due, self.respond_due = clocks.accept(self.at), clocks.sign(Tier.MINOR, self.at)
        crew, who = desk if desk else (None, None)
        self.move(Move.SUBMIT, State.SUBMITTED, self.at, who, crew, public=True, leg=False)

    def accept(self) -> bool:
        crew, workers = self.setting.ground.dispatchers(self.village, self.crew)
        who = workers[int(self.drawn() * len(workers))]
        at = self.at + 2 * MINUTE + self.delay(crew, 22 * MINUTE, 105 * MINUTE)
        if self.drawn() > 0.5 and self.tier is not Tier.EMERGENCY:
            at = self.setting.clocks.on_duty(at, self.drawn())
        if self.beyond(at):
            return False
        self.dispatcher, self.accepted_at = (crew, who), at
        code = TROUBLES[self.trouble].category
        self.category_id = self.setting.office.categories[code][0]
        self.move(Move.ACCEPT, State.ACCEPTED, at, who, crew, public=True, leg=False)
        return True

    def delay(self, crew: Crew, mean: float, most: float) -> int:
        """Nearly always below `most`."""
        if self.tier is Tier.EMERGENCY:
            return self.waits(2 * MINUTE)
        if self.drawn() < crew.punctual:
            return int(min(self.waits(mean), most * self.drawn() + MINUTE))
        return int(most + self.waits(2 * HOUR))

    def dispatch(self) -> bool:
        crew, who = self.dispatcher or (self.crew, Worker(0, ""))
        slow = 140 if self.drawn() < 0.28 else 10
        at = self.moved_at + MINUTE + self.waits((1 if self.tier is Tier.EMERGENCY else slow) * MINUTE)
        if self.beyond(at):
            return False
        clocks, emergency = self.setting.clocks, self.tier is Tier.EMERGENCY
        self.dispatched_at = at
        self.sign_due = clocks.sign(self.tier, at) if emergency else self.respond_due
        self.settle_due, self.unofficial = clocks.settle(self.tier, at)
        self.settle_due_first = self.settle_due
        note = texts.one_of(texts.DISPATCHES, self.drawn, self.slots)
        self.move(Move.DISPATCH, State.DISPATCHED, at, who, crew, note=note, public=True, to_unit=self.crew.unit_name)
        return True

    def sign(self) -> bool:
        """In time by the unit's habit; who is late is late by hours, and over a free day by more."""
        hands = self.crew.hands[Role.HANDLER]
        who = hands[int(self.drawn() * len(hands))]
        left = self.sign_due - self.moved_at
        if left > 3 * MINUTE and self.drawn() < self.crew.punctual:
            at = self.moved_at + MINUTE + int(min(self.waits(55 * MINUTE * who.pace), (left - MINUTE) * self.drawn()))
        else:
            at = self.setting.clocks.on_duty(max(self.sign_due, self.moved_at) + self.waits(3 * HOUR), self.drawn())
        if self.beyond(at) or self.drawn() < STUCK / 8:
            return False
        self.handler, self.signed_at = who, at
        self.move(Move.SIGN, State.SIGNED, at, who, self.crew, public=True)
        return True

    def contact(self) -> bool:
        """Some go straight to work."""
        urgent = self.tier is Tier.EMERGENCY
        if self.drawn() < 0.12:
            return True
        at = self.moved_at + 2 * MINUTE + self.waits((4 * MINUTE) if urgent else 2.2 * HOUR)
        at = at if urgent else self.setting.clocks.on_duty(at, self.drawn())
        if self.beyond(at):
            return False
        self.contact_at = at
        note = texts.one_of(texts.CONTACTS, self.drawn, self.slots)
        self.move(Move.CONTACT, State.HANDLING, at, self.handler, self.crew, note=note, public=True)
        return True

    def answer(self) -> bool:
        """The result, now and then sent back once or twice before it is good."""
        if self.drawn() < STUCK or not self.submit_result(self.when_done()):
            return False
        while self.drawn() < 0.05 * (1.5 - self.crew.quality):
            if not (self.send_back() and self.submit_result(self.in_office(self.waits(9 * HOUR) + HOUR))):
                return False
        return True

    def when_done(self) -> int:
        clocks, start = self.setting.clocks, self.moved_at
        left = self.settle_due - start
        if left > HOUR and self.drawn() < self.crew.punctual:
            share = min(0.97, self.drawn() ** 1.7 * (self.handler.pace if self.handler else 1))
            at = start + 10 * MINUTE + int((left - 20 * MINUTE) * share)
            office = at if self.tier is Tier.EMERGENCY else clocks.in_office(at, self.drawn())
            return office if office <= self.settle_due else at
        return clocks.in_office(max(self.settle_due, start) + self.waits(2.4 * DAY), self.drawn())

    def in_office(self, wait: int) -> int:
        return self.setting.clocks.in_office(self.moved_at + wait, self.drawn())

    def submit_result(self, at: int) -> bool:
        if self.beyond(at):
            return False
        picked = bisect(BY_MODE, self.drawn() * BY_MODE[-1])
        self.mode = MODES[picked]
        self.result = texts.result_of(self.trouble, self.drawn, self.slots, explained=picked == EXPLAINED)
        self.feedback = texts.feedback_of(self.result, self.drawn, self.slots)
        self.result_at = at
        self.contact_at = self.contact_at or at
        self.move(Move.SUBMIT_RESULT, State.PENDING_REVIEW, at, self.handler, self.crew, note=self.result)
        return True

    def send_back(self) -> bool:
        at = self.in_office(10 * MINUTE + self.waits(3 * HOUR))
        if self.beyond(at):
            return False
        reason = texts.one_of(texts.BACKS, self.drawn, self.slots)
        self.move(Move.SEND_BACK, State.HANDLING, at, self.leader, self.crew, note=reason)
        self.settle_due = self.setting.clocks.after_pause(self.settle_due, self.result_at or at, at)
        self.result_at = None
        return True

    @property
    def leader(self) -> Worker:
        return self.crew.hands[Role.UNIT_LEADER][0]

    def settle(self) -> bool:
        at = self.in_office(5 * MINUTE + self.waits(4 * HOUR))
        if self.beyond(at):
            return False
        self.move(Move.SETTLE, State.SETTLED, at, self.leader, self.crew, note=self.feedback, public=True)
        self.settled_at, self.closed_at = self.result_at, at
        self.rate_until = at + self.setting.office.policy.rating_window_days * DAY
        return True

    def rate(self) -> bool:
        """Half of them, most within a day or two."""
        window = self.setting.office.policy.rating_window_days * DAY
        until = self.rate_until or 0
        if self.drawn() < 0.56:
            at = self.closed_at + 10 * MINUTE + int(self.drawn() ** 2.4 * (window - HOUR))
            return not self.beyond(at) and self.give_stars(at)
        at = until + 1 + int(self.drawn() * 20)
        if self.beyond(at):
            return False
        self.move(Move.EXPIRE_RATING, State.UNRATED, at, None, None, leg=False)
        return True

    def give_stars(self, at: int) -> bool:
        well = self.settle_due >= (self.settled_at or 0) and self.drawn() < 0.55 + 0.43 * self.crew.quality
        well = well and (self.mode != "explained" or self.drawn() < 0.6)
        picked = STARS[well]
        self.stars, self.rated_at = 1 + bisect(picked, self.drawn() * picked[-1]), at
        outcomes = RESOLVED.get(self.stars, AFTER_BAD_STARS)
        self.resolved = outcomes[int(self.drawn() * len(outcomes))]
        self.comment = texts.one_of(texts.COMMENTS[self.stars], self.drawn, self.slots)
        data = f'{{"stars": {self.stars}}}'
        self.move(Move.RATE, State.RATED, at, None, None, note=self.comment, public=True, leg=False, data=data)
        return True

    def reopen(self) -> bool:
        """At once, whatever is rated badly; the third time is for a meeting."""
        bad = self.stars and Opinion(self.stars, Resolved(self.resolved)).is_bad(self.setting.office.policy)
        if not bad or len(self.earlier) == Policy.reopen_at_most:
            return False
        self.earlier = [*self.earlier, copy(self)]
        at, clocks = self.moved_at, self.setting.clocks
        self.handler = self.signed_at = self.contact_at = self.result_at = self.settled_at = None
        self.rate_until = self.rated_at = self.mode = None
        self.result = self.feedback = self.comment = self.resolved = ""
        self.stars, self.leg_version, self.dispatched_at = 0, 1, at
        self.sign_due = clocks.sign(self.tier, at)
        self.settle_due, self.unofficial = clocks.settle(self.tier, at)
        self.settle_due_first = self.settle_due
        self.move(Move.REOPEN, State.DISPATCHED, at, None, None, public=True, to_unit=self.crew.unit_name)
        return True

    def archive(self) -> None:
        """Within half a minute, as the sweep does."""
        at = self.archived_by + 1 + int(self.drawn() * 20)
        if not self.beyond(at):
            self.move(Move.ARCHIVE, State.ARCHIVED, at, None, None, leg=False)

    @property
    def archived_by(self) -> int:
        return self.moved_at + self.setting.office.policy.archive_after_days * DAY

    @property
    def next_due(self) -> int | None:
        match self.state:
            case State.SUBMITTED:
                return self.accept_due
            case State.ACCEPTED:
                return self.respond_due
            case State.DISPATCHED:
                return self.sign_due
            case State.SIGNED | State.HANDLING:
                return self.settle_due
            case State.SETTLED:
                return self.rate_until
            case State.RATED | State.UNRATED:
                return self.archived_by
            case _:
                return None
