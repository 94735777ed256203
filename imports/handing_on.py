"""Hands open work on in the commit that lets people go, and tells whom it concerns: the heirs, and the security
administrator where somebody who has left has an account."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import handover, staging
from imports.handover import HELD, NOBODY, Work, leg, person, task, topic
from imports.roster import Choice
from imports.trace import COLUMNS, image, r, row
from models.accounts import holding, in_use_by
from models.changes import Change
from models.events import REASSIGNED, TicketEvent
from models.notices import inform
from models.scope import DISTRICT
from rules.reminders import Event
from rules.roles import Role

if TYPE_CHECKING:
    from imports.people import People

event, change = TicketEvent.__table__, Change.__table__
TOLD = (Event.HANDED_ON, Event.LEAVERS)


def about(batch_id: int) -> str:
    """What its notices are about."""
    return f"batch-{batch_id}"


@dataclass(frozen=True)
class Given:
    """Nobody is `heir` None, called nothing."""

    work: Work
    heir: int | None
    name: str


class HandingOn:
    """Made before the people are written, while it shows who goes; carried out after, when those who join are there.
    Raises Refusal where somebody's work is undecided."""

    def __init__(self, kind: "People", batch_id: int, choice: Choice) -> None:
        self.kind, self.batch_id, self.connection = kind, batch_id, kind.connection
        self.plan = handover.plan(kind, choice)
        self.plan.refuse_undecided()

    def carry_out(self) -> dict[str, int]:
        """Pieces of work that were `handed` to somebody, are left with the `unit`, or that `stays` as it was; and how
        many `accounts` of those who have left are in use."""
        given = list(self._given())
        self._keep(given)
        self._give(given)
        self._left(given)
        legs = [each for each in given if each.work.held.table is leg]
        others = [each for each in given if each.work.held.table is not leg]
        staging.write(self.connection, event, map(self._event, legs))
        staging.write(self.connection, change, map(self._change, others))
        self._tell_heirs(given)
        handed = sum(each.heir is not None for each in given)
        stays = len(self.plan.works) - len(given)
        return {"handed": handed, "unit": len(given) - handed, "stays": stays, "accounts": self._tell_security()}

    def _given(self) -> Iterator[Given]:
        """All but a topic of which the heir leads one alike."""
        taken: set[tuple[Any, ...]] = set()
        for work in self.plan.works:
            given = self._to_whom(work)
            if given.heir is not None and work.held.table is topic:
                mark = (*self._marks[work.id], given.name)
                if mark in taken or self._led_already(work, given.name):
                    continue
                taken.add(mark)
            yield given

    def _to_whom(self, work: Work) -> Given:
        heirs = self.plan.heirs
        heir = heirs.of(work.person_id, work.unit_id)
        if heir is None or heir == NOBODY:
            return Given(work, None, "")
        return Given(work, self._joined[heir] if isinstance(heir, str) else heir, heirs.named[work.unit_id][heir])

    @cached_property
    def _joined(self) -> dict[str, int]:
        """Staff number → id of those chosen before they were there."""
        said = self.plan.heirs.choice
        numbers = {heir for heir in (*said.by_unit.values(), *said.by_person.values()) if isinstance(heir, str)}
        found = sa.select(person.c.staff_no, person.c.id).where(person.c.staff_no.in_(numbers))
        return dict(self.connection.execute(found).all())

    @cached_property
    def _marks(self) -> dict[int, tuple[Any, ...]]:
        """By what, beside its leader, a topic is told from others."""
        ids, t = [work.id for work in self.plan.works if work.held.table is topic], topic.c
        found = sa.select(t.id, t.year, t.title, sa.func.substr(t.path, 1, DISTRICT))
        rows = (self.connection.execute(found.where(t.id.in_(part))) for part in _parts(ids))
        return {key: tuple(mark) for part in rows for key, *mark in part}

    def _led_already(self, work: Work, name: str) -> bool:
        year, title, district = self._marks[work.id]
        t = topic.c
        alike = (t.year == year, t.title == title, sa.func.substr(t.path, 1, DISTRICT) == district)
        other = sa.select(t.id).where(*alike, t.leader_name == name, t.id != work.id)
        return self.connection.scalar(other.limit(1)) is not None

    def _keep(self, given: list[Given]) -> None:
        """How the work was; not twice where somebody had two parts in it, or where it was kept by an earlier commit."""
        for held in HELD:
            t = held.table.c
            known = sa.exists().where(r.batch_id == self.batch_id, r.subject == held.table.name, r.row_id == t.id)
            for part in _parts(sorted({each.work.id for each in given if each.work.held is held})):
                chosen = sa.select(
                    sa.literal(self.batch_id),
                    sa.literal(held.table.name),
                    t.id,
                    t[held.column],
                    sa.false(),
                    t.version,
                    image(held.table, self.connection.dialect.name),
                ).where(t.id.in_(part), ~known)
                self.connection.execute(row.insert().from_select(COLUMNS, chosen))

    def _give(self, given: list[Given]) -> None:
        """Whom a record names stays written there where nobody takes it over."""
        for held in HELD:
            t, by_heir = held.table.c, defaultdict[tuple[int | None, str], list[int]](list)
            for each in given:
                if each.work.held is held:
                    by_heir[each.heir, each.name].append(each.work.id)
            for (heir, name), ids in by_heir.items():
                named = {held.named: name} if held.named and heir is not None else {}
                values = {held.column: heir, **named, "version": t.version + 1}
                for part in _parts(ids):
                    self.connection.execute(sa.update(held.table).where(t.id.in_(part)).values(values))

    def _left(self, given: list[Given]) -> None:
        """At which version."""
        for table in (leg, topic, task):
            left = sa.select(table.c.version).where(table.c.id == r.row_id).scalar_subquery()
            mine = (r.batch_id == self.batch_id, r.subject == table.name)
            for part in _parts(sorted({each.work.id for each in given if each.work.held.table is table})):
                self.connection.execute(sa.update(row).where(*mine, r.row_id.in_(part)).values(version=left))

    def _event(self, given: Given) -> dict[str, Any]:
        by = self.kind.order.by
        return {
            "ticket_id": given.work.ticket_id,
            "leg_id": given.work.id,
            "action": REASSIGNED,
            "at": self.kind.order.at,
            "person_id": by.person_id,
            "name": by.name,
            "unit_name": by.unit_name,
            "data": {"roster": self.batch_id, "handler": [given.work.name, given.name]},
        }

    def _change(self, given: Given) -> dict[str, Any]:
        by, work, held = self.kind.order.by, given.work, given.work.held
        named = {held.named: [work.name, given.name]} if given.heir is not None else {}
        return {
            "subject": work.subject,
            "subject_id": work.id,
            "path": work.path,
            "action": "changed",
            "at": self.kind.order.at,
            "person_id": by.person_id,
            "name": by.name,
            "details": {held.column: [work.person_id, given.heir], **named},
            "batch_id": self.batch_id,
        }

    def _tell_heirs(self, given: list[Given]) -> None:
        """Each once, of all that is theirs now."""
        theirs: dict[int, list[Work]] = defaultdict(list)
        for each in given:
            if each.heir is not None:
                theirs[each.heir].append(each.work)
        told = {heir: _told(works) for heir, works in theirs.items()}
        inform(self.kind.session, Event.HANDED_ON, about(self.batch_id), told, self.kind.order.at)

    def _tell_security(self) -> int:
        """The administrators of the district, or all where it has none."""
        left = [goer.id for goer in self.plan.goers if goer.to_id is None]
        by_district = Counter[str]()
        for part in _parts(left):
            by_district.update(dict(self.connection.execute(in_use_by(part)).all()))
        holders = holding(Role.SEC_ADMIN).add_columns(person.c.path)
        admins = self.connection.execute(holders).all() if by_district else []
        told = Counter[int]()
        for district, count in by_district.items():
            own = [key for key, path in admins if path.startswith(district)]
            told.update(dict.fromkeys(own or [key for key, _path in admins], count))
        values = {admin: {"count": count} for admin, count in told.items()}
        inform(self.kind.session, Event.LEAVERS, about(self.batch_id), values, self.kind.order.at)
        return by_district.total()


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), staging.BATCH):
        yield ids[start : start + staging.BATCH]


def _told(works: list[Work]) -> dict[str, Any]:
    """What there is most reason to look at first, and of a single request which."""
    subjects = {work.subject for work in works}
    first = next(table.name for table in (leg, topic, task) if table.name in subjects)
    only = {"ticket": works[0].ticket_id} if len(works) == 1 and works[0].ticket_id else {}
    return {"count": len(works), "subject": first, **only}
