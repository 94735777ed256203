"""What the leaders of an invented district look into, and what its villages do for their people, in one year."""

from collections.abc import Iterator
from datetime import date
from random import Random

from imports.demo import texts
from imports.demo.bulk import PACKED, Bulk
from imports.demo.grammar import all_compiled, one_of
from imports.demo.phrases import visits
from imports.demo.places import Place, Row, Tree
from imports.demo.research import LEADING, Researchers, Visitor
from imports.demo.sizes import Size
from models.roster import SEPARATOR
from rules.research import TopicStage
from rules.workdays import DAY

TOPIC_COLUMNS = (
    *("year", "title", "leader_id", "leader_name", "post", "unit_id", "path", "supporting", "stage", "due_on"),
    *("progress", "result_form", "result_use", "version"),
)
TASK_COLUMNS = (
    *("year", "serial", "title", "list_kind", "measures", "unit_id", "path", "responsible_id", "responsible_name"),
    *("leader_id", "leader_name", "due_on", "households", "people", "cost", "progress", "written_off"),
    *("written_off_on", "accepted_by", "version"),
)
MEASURES = all_compiled(visits.MEASURES)
LISTS = ("livelihood",) * 7 + ("issue", "hard_problem", "care")
SAID = {TopicStage.OPENED: "", TopicStage.RESEARCH: "已形成初稿"}
STAGES = (TopicStage.OPENED, *(TopicStage.RESEARCH,) * 3, *(TopicStage.CONCLUDED,) * 3, *(TopicStage.APPLIED,) * 2)


def write_undertakings(bulk: Bulk, people: Researchers, tree: Tree, size: Size, until: date, chance: Random) -> None:
    packed, last_day = PACKED[bulk.engine], until - DAY
    bulk.write("topic", TOPIC_COLUMNS, packed([*topics(people, tree, size.topics, last_day, chance)]))
    bulk.write("task", TASK_COLUMNS, packed([*tasks(people, tree, size.tasks, last_day, chance)]))


def leader_of(people: Researchers, place: Place | None, chance: Random) -> Visitor:
    """Its own, or somebody who leads elsewhere."""
    own = [one for one in people.of_unit.get(place.id if place else 0, []) if one.post in LEADING]
    return chance.choice(own or people.leading)


def topics(people: Researchers, tree: Tree, number: int, last_day: date, chance: Random) -> Iterator[Row]:
    """Town by town and department by department, each time from another angle: no title comes twice."""
    places = [*tree.towns, *tree.departments]
    for at in range(number):
        turn, place = at // len(places), places[at % len(places)]
        subject = visits.SUBJECTS[(at + turn * 5) % len(visits.SUBJECTS)]
        angle = visits.ANGLES[turn % len(visits.ANGLES)]
        again = "（续）" * (turn // len(visits.ANGLES))
        lead, stage = leader_of(people, place, chance), chance.choice(STAGES)
        yield (
            *(last_day.year, f"{place.name}{subject}{angle}{again}", lead.id, lead.name, lead.post),
            *(place.id, place.path, SEPARATOR.join(each.name for each in chance.sample(tree.departments, 2))),
            *(stage.value, date(last_day.year, chance.choice((6, 9, 12)), 30).isoformat()),
            *(SAID.get(stage, "已完成报告"), chance.choice(visits.FORMS)),
            *(chance.choice(visits.USES) if stage is TopicStage.APPLIED else "", 1),
        )


def tasks(people: Researchers, tree: Tree, number: int, last_day: date, chance: Random) -> Iterator[Row]:
    """A village takes on another one only when all the others have theirs."""
    villages = tree.living_villages
    for at in range(number):
        village, turn = villages[at % len(villages)], at // len(villages)
        action = visits.ACTIONS[(at + turn * 3) % len(visits.ACTIONS)]
        due = date(last_day.year, chance.choice((6, 9, 10, 12)), 30)
        done = due <= last_day and chance.random() < 0.85
        households = chance.randint(20, 400)
        member, lead = chance.choice(people.of_unit[village.id]), leader_of(people, village.parent, chance)
        yield (
            *(last_day.year, str(at + 1), village.name + action, chance.choice(LISTS)),
            *(one_of(MEASURES, chance.random, texts.scene(village, chance)), village.id, village.path),
            *(member.id, member.name, lead.id, lead.name, due.isoformat()),
            *(households, round(households * 2.7), f"{chance.randint(5, 900) / 10}"),
            *("已完成" if done else chance.choice(visits.PROGRESS), done),
            *((due - DAY * chance.randint(0, 30)).isoformat() if done else None, lead.name if done else "", 1),
        )
