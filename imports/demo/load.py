"""Fills an empty installation with an invented district, or ten, and a year of their residents' requests."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from time import perf_counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports.demo.bulk import PACKED, Bulk, bulk_for
from imports.demo.cases import COLUMNS
from imports.demo.days import Incident, Today, diary, numbered
from imports.demo.evidence import Store, described, pictures
from imports.demo.ground import Ground, Office, ground
from imports.demo.moments import midnight
from imports.demo.neighbours import HOUSEHOLD_COLUMNS, ORGANISATION_COLUMNS, Neighbours
from imports.demo.phrases import TROUBLES
from imports.demo.places import UNIT_COLUMNS, Grower, Row, Tree
from imports.demo.pool import Work, written
from imports.demo.research import Log, Researchers
from imports.demo.searching import SEARCH_COLUMNS
from imports.demo.signing_in import Post, chosen, holders, open_accounts
from imports.demo.sizes import Size
from imports.demo.staff import PERSON_COLUMNS, Recruiter
from imports.demo.undertakings import write_undertakings
from imports.samples.accounts import SignIn
from models import reach
from models.acting import SYSTEM
from models.calendar import load_calendar
from models.categories import Category, Duty
from models.changes import Change
from models.households import Household
from models.numbers import TicketCounter
from models.organisations import Organisation
from models.people import Person
from models.policies import load_policy, policy_version
from models.tasks import Task
from models.topics import Topic
from models.types import Keyring
from models.units import Unit
from rules.deadlines import Tier
from rules.workdays import DAY, Calendar

PER_INCIDENT = 3_600
"""Requests of a district for each thing that many feel."""
ALIAS_COLUMNS = ("unit_id", "alias")


@dataclass(frozen=True)
class Order:
    """`until` is the day on whose first minute the record ends; `at` is when it is being written."""

    size: Size
    seed: int
    until: date
    at: datetime
    keys: Keyring
    processes: int


class Loading:
    def __init__(self, session: Session, order: Order, tell: Callable[[str], None]):
        self.session, self.order, self.tell = session, order, tell
        self.posts: list[Post] = []
        self.fields: list[tuple[Tree, Researchers]] = []
        self.next_unit = self.next_person = self.next_visit = 1
        self.next_household = self.next_organisation = 1
        self.started = perf_counter()

    def load(self, password_hash: str) -> list[SignIn]:
        """In the session's transaction, which the caller commits or drops."""
        drawn = pictures(Random(f"{self.order.seed}/pictures"))
        office = self.office(described(drawn))
        bulk = bulk_for(self.session.connection())
        with bulk.unindexed():
            grounds = {
                number: self.district(bulk, number, office) for number in range(1, self.order.size.districts + 1)
            }
            self.stage("units and people", self.next_unit - 1, self.next_person - 1)
            self.tell(f"  {'household':<16}{self.next_household - 1:>10,}")
            self.tell(f"  {'organisation':<16}{self.next_organisation - 1:>10,}")
            self.research(bulk, office)
            self.stage("field research", self.next_visit - 1)
            self.requests(bulk, Work(office, grounds, bulk.engine), Store(drawn))
            reach.fill(self.session.connection())
        self.stage("indexes")
        self.note_added()
        opened = open_accounts(self.session, self.posts, password_hash)
        self.stage("accounts", len(opened))
        bulk.finish()
        self.stage("statistics")
        return opened

    def stage(self, name: str, *counts: int) -> None:
        now = perf_counter()
        self.tell(f"{name:<18}{' '.join(f'{count:>10,}' for count in counts):<22}{now - self.started:8.1f} s")
        self.started = now

    def office(self, drawn: list[tuple[int, str, str]]) -> Office:
        size, session = self.order.size, self.session
        tiers = sa.select(Category.code, Category.id, Duty.tier).join(Duty.category).where(Duty.unit_id.is_(None))
        return Office(
            seed=str(self.order.seed),
            end=midnight(self.order.until),
            policy=load_policy(session),
            policy_version=policy_version(session),
            calendar=load_calendar(session),
            keys=self.order.keys,
            categories={code: (category_id, Tier(tier)) for code, category_id, tier in session.execute(tiers)},
            pictures=drawn,
            evidence_share=min(1.0, size.files * 0.55 / (size.requests / 12.2)),
        )

    def district(self, bulk: Bulk, number: int, office: Office) -> Ground:
        size = self.order.size
        chance = Random(f"{office.seed}/{number}")
        tree = Grower(number, size, self.next_unit, chance).grow()
        staff = Recruiter(tree, size, self.next_person, self.order.keys, chance).recruit()
        posts = chosen(tree, staff, size.accounts)
        merged_on = (self.order.until - DAY * 500).isoformat()
        aliases: list[Row] = [(each.id, alias) for each in tree.all for alias in each.aliases]
        packed = PACKED[bulk.engine]
        bulk.write("unit", UNIT_COLUMNS, packed([place.row(merged_on) for place in tree.all]))
        bulk.write("unit_alias", ALIAS_COLUMNS, packed(aliases))
        bulk.write("person", PERSON_COLUMNS, packed(staff.rows))
        self.neighbours(bulk, Neighbours(tree, staff, office.keys, Random(f"{office.seed}/{number}/neighbours")))
        self.next_unit += size.units
        self.next_person += size.people
        self.posts += posts
        self.fields.append((tree, Researchers(tree, staff)))
        living = len(tree.living_villages)
        return ground(tree, staff, holders(posts), incidents(number, size, living, self.order.until, chance))

    def research(self, bulk: Bulk, office: Office) -> None:
        size, until = self.order.size, self.order.until
        for tree, people in self.fields:
            chance = Random(f"{office.seed}/{tree.number}/research")
            Log(people, size, chance, self.next_visit).write(bulk, until, office.calendar)
            write_undertakings(bulk, people, tree, size, until, chance)
            self.next_visit += size.visits

    def neighbours(self, bulk: Bulk, found: Neighbours) -> None:
        size, packed = self.order.size, PACKED[bulk.engine]
        households = found.households(size.households, self.next_household)
        organisations = found.organisations(size.organisations, self.next_organisation)
        bulk.write("household", HOUSEHOLD_COLUMNS, packed(households))
        bulk.write("organisation", ORGANISATION_COLUMNS, packed(organisations))
        self.next_household += size.households
        self.next_organisation += size.organisations

    def requests(self, bulk: Bulk, work: Work, store: Store) -> None:
        diaries = numbered([self.diary(number, work.office.calendar) for number in work.grounds])
        columns, kept = COLUMNS | SEARCH_COLUMNS[work.engine], Counter[str]()
        todays = [today for days in diaries for today in days]
        for day in written(work, todays, self.order.processes):
            for table, packed in day.tables.items():
                bulk.write(table, columns[table], packed)
            kept.update(day.counts)
            store.keep(day.evidence)
        self.count_numbers(todays)
        for table, count in kept.items():
            self.tell(f"  {table:<16}{count:>10,}")
        self.stage("requests", kept["ticket"])

    def diary(self, number: int, calendar: Calendar) -> list[Today]:
        chance = Random(f"{self.order.seed}/{number}/days")
        return diary(number, self.order.size.requests, self.order.until, calendar, chance)

    def count_numbers(self, todays: list[Today]) -> None:
        """So that the next request of a day takes the next number."""
        last: Counter[date] = Counter()
        for today in todays:
            last[today.day] += today.count
        rows = [{"day": day, "last": count} for day, count in last.items() if count]
        self.session.execute(sa.insert(TicketCounter.__table__), rows)

    def note_added(self) -> None:
        """What the console notes of whatever is new."""
        for table in (each.__table__ for each in (Unit, Person, Household, Organisation, Topic, Task)):
            columns = {
                "subject": sa.literal(table.name),
                "subject_id": table.c.id,
                "path": table.c.path,
                "action": sa.literal("added"),
                "at": sa.literal(self.order.at, Change.__table__.c.at.type),
                "name": sa.literal(SYSTEM.name),
                "details": sa.literal({}, sa.JSON),
            }
            rows = sa.select(*columns.values()).order_by(table.c.id)
            self.session.execute(sa.insert(Change.__table__).from_select(list(columns), rows))


def incidents(number: int, size: Size, villages: int, until: date, chance: Random) -> dict[date, list[Incident]]:
    """Each is heard of on its day and on the next."""
    kinds = [at for at, trouble in enumerate(TROUBLES) if trouble.shared]
    found: dict[date, list[Incident]] = {}
    for turn in range(max(3, size.requests // PER_INCIDENT)):
        day, many = until - DAY * chance.randint(2, 364), chance.randint(30, 200)
        second = chance.randint(5 * 3600, 21 * 3600)
        seed = f"{number}/{turn}/{chance.random()}"
        counts = (round(many * 0.7), round(many * 0.3))
        incident = Incident(day, second, chance.randrange(villages), chance.choice(kinds), counts, seed)
        for heard in (day, day + DAY):
            found.setdefault(heard, []).append(incident)
    return found
