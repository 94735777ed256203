"""Rows that somebody must not reach, one of every noun that belongs to somebody, each carrying a mark in its text."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import RESIDENT
from models.applications import Application
from models.attachments import Attachment
from models.changes import Change
from models.common_issues import CommonIssue, CommonIssueMember, propose
from models.credits import Credit
from models.evaluations import Evaluation, EvaluationScore
from models.events import TicketEvent
from models.follow_ups import Answered, Call, FollowUp, follow_up
from models.households import Household
from models.imports import ImportBatch
from models.legs import Leg
from models.mediations import Mediation
from models.meetings import Meeting, MeetingUnit
from models.notices import Notice
from models.organisations import Organisation
from models.outcomes import TicketOutcome
from models.people import Person
from models.ratings import Opinion, Rating, Reporter, Resolved
from models.schemes import Scheme
from models.stand_ins import StandIn
from models.supervisions import Supervision
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.unit_changes import UnitChange
from models.units import Unit
from models.uploads import Prepared, keep
from models.visits import Visit, Visitor
from tests.factories import District, make_organisation, make_person
from tests.stage import at
from tests.way import MORNING, PDF, Way


@dataclass
class Planted:
    """Rows by noun; `mark` stands in the name, title or file of each."""

    mark: str
    rows: dict[type, list[Any]]

    def ids(self, model: type) -> list[int]:
        return [row.id for row in self.rows.get(model, [])]

    def keys(self) -> list[str]:
        """Whatever could stand in an address: ids, numbers, codes, names of files."""
        found = [str(row.id) for rows in self.rows.values() for row in rows]
        found += [ticket.number for ticket in self.rows[Ticket]]
        found += [ticket.tracking_code for ticket in self.rows[Ticket]]
        found += [unit.code for unit in self.rows[Unit]] + [file.key for file in self.rows[Attachment]]
        return list(dict.fromkeys(found))


def plant(session: Session, root: Unit, village: Unit, mark: str) -> Planted:
    village.name = f"{mark}村"
    way = Way(session, District(*[root] * 10))
    way.district.village = village
    words = {"title": f"{mark}工单", "text": f"{mark}内容", "unit": village}
    tickets = [way.submitted(**words), way.dispatched(to=village, **words), way.with_result(**words)]
    tickets.append(called_about(way, way.settled(**words), mark))
    for ticket in tickets:
        keep(session, ticket, Prepared(f"{mark}.pdf", "application/pdf", PDF + mark.encode()), way.handler, MORNING)
    person = make_person(session, village, f"{mark}人", post=mark)
    village.leader_id = person.id
    notice = Notice(
        key=f"foreign:{mark}", event="new_leg", person_id=person.id, message=f"{mark}提醒", values={},
        created_at=MORNING, deliver_at=MORNING, sent_at=MORNING,
    )  # fmt: skip
    batch = ImportBatch(
        kind="people", filename=f"{mark}.xlsx", sha256=mark, path=village.path, name=mark, created_at=MORNING,
        options={"load": 0, "notes": []},
    )  # fmt: skip
    change = Change(
        subject="unit", subject_id=village.id, path=village.path, action="changed", at=MORNING, name=mark, details={}
    )
    scheme = session.scalars(sa.select(Scheme)).first()
    evaluation = Evaluation(
        period="2026-08", scheme=scheme, scheme_version=1, district_path=village.path, policy_version=1, as_of=MORNING
    )
    score = EvaluationScore(
        evaluation=evaluation, unit=village, path=village.path, key="sign", numerator=1, denominator=1
    )
    session.add_all([notice, batch, change, score])
    beside = neighbours(session, village, person, mark) | research(session, village, person, mark)
    beside[Application] = [asked_for(session, tickets[1], mark)]
    beside |= around_the_table(session, tickets[1], village, mark)
    session.flush()
    rows: dict[type, list[Any]] = {Unit: [village], Person: [person], Ticket: tickets, Notice: [notice]}
    rows |= {ImportBatch: [batch], Change: [change], EvaluationScore: [score], Evaluation: [evaluation]} | beside
    issue = propose(session, tickets[:2], MORNING)
    rows |= {CommonIssue: [issue], CommonIssueMember: list(issue.members)}
    return Planted(mark, rows | hanging_on(session, tickets))


def hanging_on(session: Session, tickets: list[Ticket]) -> dict[type, list[Any]]:
    ids = [ticket.id for ticket in tickets]
    models = (Leg, TicketEvent, Reporter, Rating, Attachment, Credit, FollowUp)
    return {model: list(session.scalars(sa.select(model).where(model.ticket_id.in_(ids)))) for model in models}


def called_about(way: Way, settled: Ticket, mark: str) -> Ticket:
    reporter = settled.reporters[0]
    settled.rate(reporter, Opinion(5, Resolved.YES, comment=mark), RESIDENT, at("2026-09-19 08:00"))
    follow_up(settled, reporter, Call(Answered.RESOLVED, mark), way.dispatcher, at("2026-09-19 09:00"))
    return settled


def asked_for(session: Session, ticket: Ticket, mark: str) -> Application:
    said = {"basis": mark, "asked_by": f"{mark}人", "asked_unit": f"{mark}村"}
    application = Application(ticket=ticket, kind="extension", reason="works", days=2, asked_at=MORNING, **said)
    session.add(application)
    return application


def neighbours(session: Session, village: Unit, person: Person, mark: str) -> dict[type, list[Any]]:
    household = Household(head=f"{mark}户", present_address=f"{mark}址", unit=village, path=village.path)
    organisation = make_organisation(session, village, f"{mark}公司", liaison=person, address=f"{mark}址")
    split = UnitChange(
        kind="split", unit=village, path=village.path, from_date=date(2027, 1, 1), reason=mark, name=mark,
        asked_at=MORNING,
    )  # fmt: skip
    away = StandIn(
        absent=person, stand_in=make_person(session, village, f"{mark}代"), from_on=date(2026, 9, 18),
        to_on=date(2026, 9, 20), reason=mark,
    )  # fmt: skip
    session.add_all([household, split, away])
    return {Household: [household], Organisation: [organisation], UnitChange: [split], StandIn: [away]}


def around_the_table(session: Session, ticket: Ticket, village: Unit, mark: str) -> dict[type, list[Any]]:
    meeting = Meeting(kind="joint", cause="called", called_at=MORNING, called_by=mark, minutes=mark, decision=mark)
    meeting.decided_at, meeting.decided_by = MORNING, mark
    meeting.units.append(MeetingUnit(unit=village, unit_name=village.name, undertakes=mark))
    supervision = Supervision(
        cause="person", demand=mark, opened_at=MORNING, opened_by=mark, answer_due_at=MORNING, answer=mark
    )
    mediation = Mediation(
        held_on=date(2026, 9, 18), mediators=mark, parties=mark, outcome="agreed", agreement=mark, at=MORNING, name=mark
    )
    outcome = TicketOutcome(
        what=mark, quantity=Decimal(1), measure="户", evidence=ticket.attachments[0], at=MORNING, name=mark
    )
    ticket.meetings.append(meeting)
    ticket.supervisions.append(supervision)
    ticket.mediations.append(mediation)
    ticket.outcomes.append(outcome)
    session.flush()
    return {
        Meeting: [meeting], MeetingUnit: list(meeting.units), Supervision: [supervision], Mediation: [mediation],
        TicketOutcome: [outcome],
    }  # fmt: skip


def research(session: Session, village: Unit, person: Person, mark: str) -> dict[type, list[Any]]:
    visit = Visit(visited_on=date(2026, 9, 18), object_name=f"{mark}户", content=mark, visitor=person, companions=mark)
    visit.took_place_in(village)
    visit.went(session)
    topic, task = Topic(year=2026, title=f"{mark}课题", leader=person), Task(year=2026, title=f"{mark}实事")
    for each in (topic, task):
        each.led_by(session, village)
    session.add_all([visit, topic, task])
    session.flush()
    return {Visit: [visit], Visitor: list(visit.visitors), Topic: [topic], Task: [task]}
