"""What the sweep has said by the end of the record about what is still open, and when it has to look again."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from imports.demo.course import Course
from imports.demo.moments import instant, second_of, stamp
from imports.demo.places import Row
from models.notices import Notice
from rules.deadlines import Tier
from rules.lifecycle import State
from rules.reminders import Event, Occasion, Step, around, key, occasions, send_at, steps, topic, wording
from rules.roles import Role
from rules.workdays import spoken

NOTICE_COLUMNS = tuple(column.name for column in Notice.__table__.columns if column.name != "id")
LONG = 15 * 86_400
"""Longer than any holiday."""
RECENT = timedelta(days=12)
"""As far back as notices are made; of longer ago nobody reads them."""
Watch = tuple[Event, int, int, int]
Heard = tuple[Event, datetime, Occasion | None, datetime | None]


def of_ticket(course: Course) -> Iterator[Watch]:
    """Event, start, due and steps to skip, as jobs.reminders watches them."""
    if course.state in (State.SUBMITTED, State.ACCEPTED):
        yield Event.NOT_ACCEPTED, course.at, course.accept_due, 0
        if course.tier is Tier.EMERGENCY:
            yield Event.EMERGENCY, course.at, course.accept_due, 0
    elif course.state is State.SETTLED:
        yield Event.PLEASE_RATE, course.closed_at, course.rate_until or 0, 1


def of_leg(course: Course) -> Iterator[Watch]:
    start, state = course.dispatched_at or 0, course.state
    if state is State.DISPATCHED:
        alarmed = course.tier is Tier.EMERGENCY
        yield Event.SIGN, start, course.sign_due, 2 if alarmed else 0
        if alarmed:
            yield Event.EMERGENCY, start, course.sign_due, 0
    if state is State.SIGNED:
        yield Event.NO_FIRST_CONTACT, course.signed_at or 0, course.signed_at or 0, 0
    if state in (State.DISPATCHED, State.SIGNED, State.HANDLING):
        yield Event.SETTLE, start, course.settle_due, 0
    if state is State.PENDING_REVIEW:
        yield Event.NOT_REVIEWED, course.result_at or 0, course.result_at or 0, 0


def heard(course: Course, watches: Iterable[Watch]) -> list[Heard]:
    """What is long overdue is said again on each working day, whenever it began."""
    kept, end = course.setting.repeated, course.setting.office.end
    found: list[Heard] = []
    for watch in watches:
        event, _, due, _ = watch
        if event is Event.SETTLE and due < end - LONG:
            if due not in kept:
                kept[due] = listened(course, watch)
            found.append(kept[due])
        else:
            found.append(listened(course, watch))
    return found


def listened(course: Course, watch: Watch) -> Heard:
    event, start, due, skip = watch
    office = course.setting.office
    chosen = steps(event, office.policy, course.tier if course.accepted_at else None)[skip:]
    coming = occasions(chosen, instant(start), instant(due), office.policy, office.calendar)
    return event, instant(due), *around(coming, instant(office.end))


def look_again(found: list[Heard]) -> str | None:
    later = [each[3] for each in found if each[3] is not None]
    return stamp(second_of(min(later))) if later else None


class Speaker:
    """Notices of one request to those of its people who have accounts."""

    def __init__(self, course: Course, number: str, title: str):
        self.course, self.number, self.title = course, number, title
        self.holders = course.setting.ground.holders

    def said(self, found: list[Heard]) -> Iterator[Row]:
        for turn in self.course.turns:
            if self.is_recent(turn.dispatched_at or turn.at):
                yield from self.on_the_way(turn)
        for event, due, latest, _ in found:
            if latest is not None and event is not Event.PLEASE_RATE:
                people = self.people(latest.step)
                said = self.notices(event, latest.step, latest.at, latest.bucket, people, self.course, due=spoken(due))
                yield from said

    def is_recent(self, at: int) -> bool:
        return instant(at) > instant(self.course.setting.office.end) - RECENT

    def on_the_way(self, turn: Course) -> Iterator[Row]:
        if turn.dispatched_at is not None:
            yield from self.at_once(Event.REOPENED if turn.earlier else Event.NEW_LEG, turn.dispatched_at, turn)
        if turn.result_at is not None:
            yield from self.at_once(Event.TO_REVIEW, turn.result_at, turn)

    def at_once(self, event: Event, at: int, turn: Course) -> Iterator[Row]:
        step, moment = steps(event, turn.setting.office.policy)[0], instant(at)
        unit = self.holders.get(turn.crew.unit_id, {})
        people = [
            person
            for role in step.to
            if isinstance(role, Role)
            for person in (turn.setting.ground.supervisors if role is Role.SUPERVISOR else unit.get(role, []))
        ]
        yield from self.notices(event, step, moment, f"{step.name}/{moment:%Y%m%dT%H%M%S}", people, turn)

    def people(self, step: Step) -> list[int]:
        """A leg's handler once there is one; a dispatcher is the place's."""
        course, found = self.course, []
        leg = course.dispatched_at is not None and course.state is not State.SETTLED
        answering, _ = course.setting.ground.dispatchers(course.village, course.crew)
        for role in step.to:
            if not isinstance(role, Role):
                continue
            unit = course.crew.unit_id if leg and role is not Role.DISPATCHER else answering.unit_id
            if role is Role.HANDLER and course.handler is not None:
                found.append(course.handler.id)
            else:
                found += self.holders.get(unit, {}).get(role, [])
        return [person for person in dict.fromkeys(found) if person in course.setting.ground.accounts]

    def notices(
        self, event: Event, step: Step, at: datetime, bucket: str, people: list[int], course: Course, **values: str
    ) -> Iterator[Row]:
        policy = course.setting.office.policy
        on_leg = course.dispatched_at is not None and event is not Event.NOT_ACCEPTED
        about = f"leg-{course.leg_id}" if on_leg else f"ticket-{course.id}"
        delivered = send_at(at, step.kind, policy)
        end = instant(course.setting.office.end)
        told = stamp(second_of(delivered)) if delivered < end else None
        read = told if told and end - delivered > timedelta(hours=30) and course.drawn() < 0.8 else None
        created = stamp(second_of(at))
        text = json.dumps({"number": self.number, "title": self.title, **values})
        for person in people:
            row = {
                "key": key(event, about, f"person-{person}", bucket), "event": topic(event, step),
                "person_id": person, "reporter_id": None, "ticket_id": course.id,
                "message": wording(step, course.state), "values": text, "created_at": created,
                "deliver_at": stamp(second_of(delivered)), "sent_at": told, "read_at": read,
            }  # fmt: skip
            yield tuple(row[column] for column in NOTICE_COLUMNS)
