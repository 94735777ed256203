"""Changes of state: fresh requests walked through the console's own forms, each step once per request."""

import io
import uuid
from typing import Any

from models import db
from models.acting import RESIDENT, acting_as
from models.intake import Draft, submit
from models.units import Unit
from tests.bench.figures import Row, Table, milliseconds, whole
from tests.bench.ground import Ground, clock
from tests.bench.timing import ROUNDS, Answer, NoAnswer, Statements, median, post, timed

CHANGE = 40
REQUESTS = 5
"""In each round, after one that warms up."""
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"

STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "accept": ("dispatcher", {"tier": "micro", "category": ""}),
    "dispatch": ("dispatcher", {"note": "请上门看看"}),
    "sign": ("handler", {}),
    "contact": ("handler", {"note": "已电话联系"}),
    "submit_result": ("handler", {"result": "已修好", "feedback": "已当面告知"}),
    "settle": ("unit_leader", {"mode": "coordinated"}),
}


def measure(ground: Ground) -> list[Table]:
    taken: dict[str, list[float]] = {"hand in at the portal": [], **{step: [] for step in STEPS}}
    refused: dict[str, str] = {}
    counted: dict[str, int] = {}
    for _round in range(ROUNDS):
        for name, walk in {"hand in at the portal": hand_in, **{step: walker(step) for step in STEPS}}.items():
            tickets = fresh(ground, before=name)
            try:
                seconds = [timed(lambda ticket=ticket, walk=walk: walk(ground, ticket), 302) for ticket in tickets]
                taken[name].append(median(seconds[1:]))
                another = fresh(ground, before=name, count=1)[0]
                with Statements(ground.engine).watched() as asked_of:
                    walk(ground, another)
                counted[name] = asked_of.count
            except NoAnswer as problem:
                refused[name] = str(problem)
    table = Table("Changes of state", ["server ms", "SQL"])
    for name, rounds in taken.items():
        cells = [milliseconds(median(rounds), CHANGE), whole(counted[name])] if name in counted else []
        table.rows.append(Row(name, cells, refused.get(name, "")))
    return [table]


def fresh(ground: Ground, before: str, count: int = REQUESTS + 1) -> list[int]:
    """Requests of the handler's own village, walked up to just before that step."""
    with ground.app.app_context(), acting_as(RESIDENT, clock()):
        place = db.session.get_one(Unit, ground.handler.unit_id)
        draft = Draft("路灯不亮", "小区门口的路灯三天没亮了", place, "portal", reporter_mobile="13800001234")
        ids = [submit(db.session(), draft, RESIDENT, clock())[0].id for _each in range(count)]
        db.session.commit()
    for step in STEPS:
        if step == before or before not in STEPS:
            return ids
        for ticket in ids:
            walker(step)(ground, ticket)
    return ids


def walker(step: str) -> Any:
    return lambda ground, ticket: take(ground, step, ticket)


def take(ground: Ground, step: str, ticket: int) -> Answer:
    role, form = STEPS[step]
    given = dict(form)
    if step == "dispatch":
        given["unit"] = ground.handler.unit_id
    if step == "submit_result":
        given["files"] = (io.BytesIO(PDF), "现场.pdf")
    return post(ground.kept_browser(role), f"/requests/move/{ticket}/{step}", **given)


def hand_in(ground: Ground, _ticket: int) -> Answer:
    form = {"title": "井盖松动", "text": "小区北门的井盖松了", "village": "", "category": ""}
    form["town"] = ground.rows.town.code
    given = form | {"client_id": str(uuid.uuid4()), "mobile": "13800001234", "name": "", "address": ""}
    return post(ground.app.test_client(), "/portal/ask", **given)
