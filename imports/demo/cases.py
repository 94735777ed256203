"""A day of a district as rows: requests with their legs, events, reporters, ratings, notices and evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from imports.demo import texts
from imports.demo.course import EVENT_COLUMNS, Course, Setting
from imports.demo.days import Incident, Today, moment
from imports.demo.ground import Ground, Office
from imports.demo.moments import OF_DAY, Clocks, midnight, stamp
from imports.demo.phrases import TROUBLES
from imports.demo.places import Place, Row
from imports.demo.reminding import NOTICE_COLUMNS, Speaker, heard, look_again, of_leg, of_ticket
from imports.demo.staff import Crew, Worker
from imports.demo.words import GIVEN, SURNAMES
from models.numbers import ALPHABET
from rules.deadlines import Tier
from rules.lifecycle import CLOSED_STATES, SETTLED_STATES, State
from rules.roles import Role

TICKET_COLUMNS = (
    *("id", "number", "tracking_code", "source", "external_id", "channel", "kind", "title", "text", "address"),
    *("category_id", "tier", "unit_id", "path", "lead_unit_id", "first_unit_id", "state", "anonymous"),
    *("submitted_by_id", "submitted_at", "accept_due_at", "respond_due_at", "accepted_at", "settled_at"),
    *("disposal_mode", "credited_unit_id", "credited_person_id", "rate_until", "next_due_at", "remind_at"),
    *("clock_mode", "policy_version", "version"),
)
LEG_COLUMNS = (
    *("id", "ticket_id", "seq", "role", "state", "unit_id", "unit_name", "path", "handler_id", "dispatched_at"),
    *("sign_due_at", "signed_at", "first_contact_at", "settle_due_at", "settle_due_original", "due_unofficial"),
    *("result_at", "result", "feedback", "settled_at", "disposal_mode", "clock_mode", "policy_version"),
    *("remind_at", "version"),
)
REPORTER_COLUMNS = ("id", "ticket_id", "name", "mobile", "mobile_hash", "mobile_tail_hash", "employer", "verification")
RATING_COLUMNS = (
    *("id", "ticket_id", "leg_id", "reporter_id", "stars", "resolved", "tags", "comment", "at", "unit_id", "path"),
    *("person_id", "scored"),
)
ATTACHMENT_COLUMNS = (
    *("id", "ticket_id", "leg_id", "name", "key", "media_type", "size", "sha256", "at", "person_id", "by_name"),
)
COLUMNS = {
    "ticket": TICKET_COLUMNS,
    "leg": LEG_COLUMNS,
    "ticket_event": EVENT_COLUMNS,
    "reporter": REPORTER_COLUMNS,
    "rating": RATING_COLUMNS,
    "attachment": ATTACHMENT_COLUMNS,
    "notice": NOTICE_COLUMNS,
}
SOURCES = ("portal",) * 52 + ("phone",) * 26 + ("venue",) * 7 + ("visit",) * 6 + ("night_talk",) * 3 + ("api",) * 6
DESK = {"phone": Role.DISPATCHER, "venue": Role.HANDLER, "visit": Role.MEMBER, "night_talk": Role.MEMBER}
ANONYMOUS = 0.06
UNDECIDED = 0.5
"""Requests that wait for acceptance and whose writer chose no category."""
GOOD_TAGS = ('["fast"]', '["polite"]', '["thorough"]', '["fast", "thorough"]', '["polite", "thorough"]', "[]", "[]")
BAD_TAGS = ('["slow"]', '["unsolved"]', '["rude"]', '["slow", "unsolved"]', '["unsolved"]', "[]")
EVIDENCE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    second: int
    village: Place
    trouble: int
    slots: list[str]
    copied: str = ""


class Scribe:
    def __init__(self, office: Office, ground: Ground, clocks: Clocks, repeated: dict[int, Any], today: Today):
        self.office, self.ground, self.today = office, ground, today
        self.chance = Random(f"{office.seed}/{today.district}/{today.day}")
        self.setting = Setting(office, ground, clocks, self.chance, repeated)
        self.rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def write(self) -> dict[str, list[Row]]:
        """By table."""
        start = midnight(self.today.day)
        for place, asked in enumerate(sorted(self.asked(), key=lambda each: each.second), 1):
            self.request(place, start + asked.second, asked)
        return self.rows

    def asked(self) -> Iterator[Asked]:
        left = self.today.count
        for incident in self.ground.incidents.get(self.today.day, []):
            for asked in self.because_of(incident, left):
                left -= 1
                yield asked
        for _ in range(left):
            village = self.ground.village(self.chance)
            trouble = self.ground.trouble(self.today.flavour, village, self.chance)
            yield Asked(moment(self.chance), village, trouble, texts.scene(village, self.chance))

    def because_of(self, incident: Incident, most: int) -> Iterator[Asked]:
        """The same trouble at the same place, from many homes; some copy what a neighbour wrote."""
        village, chance = self.ground.villages[incident.village], self.chance
        first = self.today.day == incident.day
        told = texts.scene(village, Random(incident.seed))
        original = texts.text_of(incident.trouble, Random(incident.seed).random, told)
        for _ in range(min(incident.counts[0 if first else 1], most // 2)):
            second = incident.seconds + int(chance.expovariate(1 / 9000)) if first else moment(chance)
            slots = [*texts.scene(village, chance)[:1], *told[1:]]
            copied = original if chance.random() < 0.2 else ""
            yield Asked(min(second, OF_DAY - 1), village, incident.trouble, slots, copied)

    def request(self, place: int, at: int, asked: Asked) -> None:
        trouble, chance, ground = TROUBLES[asked.trouble], self.chance, self.ground
        crew = ground.lead(trouble.lead, asked.village, chance)
        course = Course(self.setting, self.today.first_id + place, at, asked.village, asked.trouble, asked.slots, crew)
        course.tier = Tier(trouble.tier) if trouble.tier else self.office.categories[trouble.category][1]
        source = SOURCES[int(chance.random() * len(SOURCES))]
        desk = self.desk(source, asked.village)
        course.submit(desk)
        course.run()
        if course.category_id is None and chance.random() >= UNDECIDED:
            course.category_id = self.office.categories[trouble.category][0]
        self.keep(course, asked, source, desk, self.today.first_number + place)

    def desk(self, source: str, village: Place) -> tuple[Crew, Worker] | None:
        """Who writes it down for a resident who calls, comes or is visited."""
        role = DESK.get(source)
        if role is None:
            return None
        town = village.parent
        crew = self.ground.crews[town.id if town and role is Role.DISPATCHER else village.id]
        workers = crew.hands[role]
        return crew, workers[int(self.chance.random() * len(workers))]

    def keep(self, course: Course, asked: Asked, source: str, desk: tuple[Crew, Worker] | None, number: int) -> None:
        rows, shown = self.rows, f"{self.today.day:%Y%m%d}-{number:05d}"
        open_ = course.state not in CLOSED_STATES
        said_of_ticket = heard(course, of_ticket(course)) if open_ or course.state is State.SETTLED else []
        said_of_leg = heard(course, of_leg(course)) if open_ and course.dispatched_at else []
        code, origin = self.tracking_code(), self.origin(course, asked, source)
        rows["ticket"].append(
            (
                *(course.id, shown, code, *origin),
                *self.standing(course),
                *(self.chance.random() < ANONYMOUS, desk[1].id if desk else None),
                *self.dates(course),
                *self.credit(course),
                *(stamp(course.rate_until), stamp(course.next_due), look_again(said_of_ticket)),
                *(self.office.policy.clock_mode.value, self.office.policy_version, course.version),
            )
        )
        rows["ticket_event"] += course.events
        rows["reporter"].append(self.reporter(course.id, asked.village, source))
        for turn in course.turns:
            self.keep_leg(turn, look_again(said_of_leg) if turn is course else None)
        if course.moved_at > self.office.end - 40 * OF_DAY:
            rows["notice"] += Speaker(course, shown, str(origin[4])).said([*said_of_ticket, *said_of_leg])

    def keep_leg(self, turn: Course, remind_at: str | None) -> None:
        """And what came of it."""
        if turn.dispatched_at is not None:
            self.rows["leg"].append(self.leg(turn, remind_at))
        if turn.stars:
            self.rows["rating"].append(self.rating(turn))
        if turn.result_at is not None:
            self.rows["attachment"] += self.evidence(turn)

    def tracking_code(self) -> str:
        drawn, code = self.chance.getrandbits(50), ""
        for _ in range(10):
            drawn, place = divmod(drawn, 31)
            code += ALPHABET[place]
        return code

    def origin(self, course: Course, asked: Asked, source: str) -> Row:
        """Source, external id, channel, kind, title, text, address."""
        trouble, draw = TROUBLES[course.trouble], self.chance.random
        digits = f"{self.chance.getrandbits(128):032x}"
        external = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        return (
            *(source, external, "offline" if source in DESK else "online", trouble.kind),
            texts.title_of(course.trouble, draw, asked.slots),
            asked.copied or texts.text_of(course.trouble, draw, asked.slots),
            asked.slots[int(draw() * 2)] if draw() < 0.8 else "",
        )

    def standing(self, course: Course) -> Row:
        """Category, tier, where it arose, who leads, who signed first, state."""
        held, place = course.dispatched_at is not None, self.place(course.village)
        return (
            course.category_id,
            course.tier.value if course.accepted_at else None,
            *(place.id, place.path),
            course.crew.unit_id if held else None,
            course.crew.unit_id if course.turns[0].signed_at else None,
            course.state.value,
        )

    def place(self, village: Place) -> Place:
        """As exactly as whoever wrote it down knew."""
        drawn = self.chance.random()
        grids = self.ground.grids.get(village.id)
        if drawn < 0.12 and grids:
            return grids[int(self.chance.random() * len(grids))]
        return village.parent if drawn > 0.93 and village.parent else village

    def dates(self, course: Course) -> Row:
        moments = (course.at, course.accept_due, course.respond_due, course.accepted_at, course.settled_at)
        return tuple(map(stamp, moments))

    def credit(self, course: Course) -> Row:
        if course.state not in SETTLED_STATES:
            return None, None, None
        return course.mode, course.crew.unit_id, course.handler.id if course.handler else None

    def reporter(self, ticket_id: int, village: Place, source: str) -> Row:
        """Some ask again and again: the lower a resident's number, the oftener."""
        draw, keys = self.chance.random, self.office.keys
        number = int(draw() ** 1.8 * 3 * (village.households or 1000))
        of_village = village.id * 20_011 + number
        surname = SURNAMES[of_village % len(SURNAMES)]
        given = GIVEN[of_village // 7 % len(GIVEN)] + (GIVEN[of_village // 91 % len(GIVEN)] if of_village % 5 else "")
        name = surname + (given if draw() < 0.62 else ("先生", "女士")[of_village % 2])
        mobile = f"144{self.ground.number % 10}{of_village % 10_000_000:07d}"
        return (
            *(ticket_id, ticket_id, keys.seal(name, "reporter.name"), keys.seal(mobile, "reporter.mobile")),
            *(keys.hash(mobile), keys.tail_hash(mobile), "", "platform" if source == "api" else "none"),
        )

    def leg(self, course: Course, remind_at: str | None) -> Row:
        settled = course.state in SETTLED_STATES
        crew = course.crew
        return (
            *(course.leg_id, course.id, course.leg_seq, "lead", course.leg_state.value),
            *(crew.unit_id, crew.unit_name, crew.path),
            *(course.handler.id if course.handler else None, stamp(course.dispatched_at), stamp(course.sign_due)),
            *(stamp(course.signed_at), stamp(course.contact_at), stamp(course.settle_due)),
            *(stamp(course.settle_due_first), course.unofficial, stamp(course.result_at)),
            *(course.result, course.feedback, stamp(course.settled_at) if settled else None),
            *(course.mode if settled else None, self.office.policy.clock_mode.value, self.office.policy_version),
            *(remind_at, course.leg_version),
        )

    def rating(self, course: Course) -> Row:
        tags = GOOD_TAGS if course.stars > 3 else BAD_TAGS
        handler = course.handler.id if course.handler else None
        return (
            *(course.leg_id, course.id, course.leg_id, course.id, course.stars, course.resolved),
            *(tags[int(self.chance.random() * len(tags))], course.comment, stamp(course.rated_at)),
            *(course.crew.unit_id, course.crew.path, handler, True),
        )

    def evidence(self, course: Course) -> Iterator[Row]:
        """Of what waits for review, and of a part of what has lately been settled."""
        waiting = course.state is State.PENDING_REVIEW
        recent = (course.result_at or 0) > self.office.end - EVIDENCE_DAYS * OF_DAY
        if not (waiting or (recent and self.chance.random() < self.office.evidence_share)):
            return
        size, digest, kind = self.office.pictures[int(self.chance.random() * len(self.office.pictures))]
        who = course.handler or Worker(0, "")
        yield (
            *(course.leg_id, course.id, course.leg_id, f"现场照片{'.png' if kind.endswith('png') else '.jpg'}"),
            *(f"{self.chance.getrandbits(192):048x}", kind, size, digest, stamp(course.result_at), who.id, who.name),
        )
