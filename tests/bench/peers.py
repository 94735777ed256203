"""The same pages over the same rows by two peers, each in a process of its own, beside ours and the bare SQL.

A round of ours comes before each peer, so that a machine that slows down for a while slows both.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from models.people import Person
from models.tickets import Ticket
from models.units import Unit
from tests.bench.data import ROOT
from tests.bench.figures import Figure, Row, Table, milliseconds
from tests.bench.ground import COMMON, Ground
from tests.bench.pages import last_page
from tests.bench.timing import ROUNDS, NoAnswer, get, median, one_round

STOCK_FAB = 30
"""Times slower than ours on the pages named MUCH_FASTER; nowhere faster."""
TUNED = 2
MUCH_FASTER = ("request list", "people list", "request form")
EXPORTED = 10_000
OURS, FAB, DJANGO, TUNED_DJANGO = "ours", "stock FAB", "Django admin", "Django admin, tuned"
PEERS = {
    FAB: ["tests.bench.peer_fab"],
    DJANGO: ["tests.bench.peer_django", "as_it_comes"],
    TUNED_DJANGO: ["tests.bench.peer_django", "tuned"],
}
ROLE = "office"


@dataclass(frozen=True)
class Asked:
    """One page: ours, and its name for the peers; the statement is its floor."""

    name: str
    path: str
    floor: Any = None


def measure(ground: Ground) -> list[Table]:
    since = newest(ground, EXPORTED)
    asked = [*pages(ground), Asked("export", f"/requests/export/xlsx?_flt_0_submitted_at={since:%Y-%m-%d}")]
    rounds: list[dict[str, float | str]] = []
    found = {}
    for name, words in PEERS.items():
        rounds.append({page.name: timed_page(ground, page.path) for page in asked})
        found[name] = peer(ground, words, since)
        click.echo(f"  {name}: {len(found[name])} pages")
    found[OURS] = {page.name: middle([each[page.name] for each in rounds]) for page in asked}
    table = Table(
        "Beside its peers", ["floor", OURS, FAB, "FAB : ours", DJANGO, "ours : Django", TUNED_DJANGO, "ours : tuned"]
    )
    table.rows = [
        row(page, floor_of(ground, page), {name: times.get(page.name) for name, times in found.items()})
        for page in asked
    ]
    return [table]


def pages(ground: Ground) -> Iterator[Asked]:
    rows, name = ground.rows, Ticket.title
    number = Ticket.submitted_at.desc()
    yield Asked("request list", "/requests/list/", requests().order_by(number))
    last = f"/requests/list/?page_TicketView={last_page(rows.tickets)}"
    yield Asked("request list, last page", last, requests().order_by(Ticket.submitted_at))
    found = requests().where(name.contains(COMMON)).order_by(number)
    yield Asked("request list, search", f"/requests/list/?_flt_0_title={COMMON}", found)
    filtered = requests().where(Ticket.state == "archived").order_by(number)
    yield Asked("request list, filter", "/requests/list/?_flt_0_state=archived", filtered)
    yield Asked("request form", "/requests/add")
    yield Asked("request record", f"/requests/show/{rows.ticket.id}")
    people = sa.select(Person.name, Person.staff_no, Person.post, Unit.name).join(Unit, Unit.id == Person.unit_id)
    yield Asked("people list", "/people/list/", people.order_by(Person.staff_no))
    yield Asked("people list, search", f"/people/list/?_flt_0_name={rows.person.name[:2]}")
    yield Asked("person form", f"/people/edit/{rows.person.id}")
    yield Asked("unit list", "/units/list/", sa.select(Unit.code, Unit.name, Unit.kind, Unit.phone).order_by(Unit.code))


def requests() -> Any:
    columns = (Ticket.number, Ticket.title, Ticket.state, Unit.name, Ticket.next_due_at, Ticket.submitted_at)
    return sa.select(*columns).join(Unit, Unit.id == Ticket.unit_id)


def newest(ground: Ground, count: int) -> datetime:
    """The day since which about so many requests came in."""
    statement = sa.select(Ticket.submitted_at).order_by(Ticket.submitted_at.desc()).offset(count).limit(1)
    with ground.engine.connect() as connection:
        return connection.scalar(statement) or connection.scalar(sa.select(sa.func.min(Ticket.submitted_at)))


def timed_page(ground: Ground, path: str) -> float | str:
    browser = ground.browser("dispatcher" if path.endswith("/add") else ROLE)
    try:
        return median(one_round(lambda: get(browser, path)))
    except NoAnswer as problem:
        return str(problem)


def middle(rounds: list[float | str]) -> float | str:
    """Why there is none in any of them, if there is none in one."""
    return next((each for each in rounds if isinstance(each, str)), None) or median(rounds)


def floor_of(ground: Ground, page: Asked) -> float | None:
    if page.floor is None:
        return None
    taken = []
    with ground.engine.connect() as connection:
        for _time in range(2 * ROUNDS):
            start = perf_counter()
            connection.execute(page.floor.limit(25)).all()
            taken.append(perf_counter() - start)
    return median(taken[1:])


def peer(ground: Ground, words: list[str], since: datetime) -> dict[str, float | str]:
    """Page → seconds, or why there is none."""
    rows = ground.rows
    order = {
        "url": ground.settings.database_url,
        "parts": make_url(ground.settings.database_url).translate_connect_args(),
        "keys": ground.settings.field_keys,
        "ticket": rows.ticket.id,
        "person": rows.person.id,
        "name": rows.person.name[:2],
        "word": COMMON,
        "tickets": rows.tickets,
        "since": f"{since:%Y-%m-%d}",
        "until": f"{since + timedelta(days=400):%Y-%m-%d}",
    }
    done = subprocess.run(
        [sys.executable, "-m", *words], input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        return {"request list": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout))


def row(page: Asked, floor: float | None, taken: dict[str, float | str | None]) -> Row:
    own = taken[OURS]
    if not isinstance(own, float):
        return Row(page.name, [], str(own))
    fab, django, tuned = (taken[name] for name in PEERS)
    least = STOCK_FAB if page.name in MUCH_FASTER else 1
    cells: list[Figure | str] = [shown(floor), milliseconds(own), shown(fab)]
    cells += [Figure(fab / own, "× FAB", at_least=least) if isinstance(fab, float) else "", shown(django)]
    cells += [Figure(own / django, "× Django", 1, digits=2) if isinstance(django, float) else "", shown(tuned)]
    cells += [Figure(own / tuned, "× tuned", TUNED, digits=2) if isinstance(tuned, float) else ""]
    return Row(page.name, cells)


def shown(taken: float | str | None) -> Figure | str:
    """A page a peer does not have is left empty."""
    return milliseconds(taken) if isinstance(taken, float) else taken or ""
