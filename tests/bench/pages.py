"""Every page of the console, the portal, the choices and the API: server time, SQL statements, bytes; then by HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from models.worklists import BY_DUE, COUNTED_TO, MY_TURN, URGENT, WORK_LISTS
from tests.bench.figures import Row, Table, milliseconds, whole
from tests.bench.ground import UNKNOWN, Ground
from tests.bench.serving import serving, signed_in
from tests.bench.timing import ROUNDS, NoAnswer, Reading, Statements, get, median, one_round

CONSOLE, REST, SEARCH = 60, 30, 50
STATEMENTS = 12
MEMORY = 250
WALKED_BY_HTTP = 3


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    role: str = "office"
    at_most: float = CONSOLE


def pages(ground: Ground) -> list[Page]:
    return [
        *workbenches(),
        *lists(ground),
        *filters(ground),
        *queues(),
        *searches(ground),
        *records(ground),
        *interfaces(ground),
    ]


def workbenches() -> Iterator[Page]:
    roles = (
        "dispatcher",
        "town dispatcher",
        "handler",
        "unit_leader",
        "manager",
        "office",
        "supervisor",
        "audit_admin",
    )
    for role in roles:
        yield Page(f"workbench, {role}", "/workbench/", role)
        if role != "audit_admin":
            for part in ("figures", "before", "charts"):
                yield Page(f"workbench, {role}, {part}", f"/workbench/{part}", role)


def last_page(count: int, size: int = 25) -> int:
    return (min(count, COUNTED_TO) - 1) // size


def lists(ground: Ground) -> Iterator[Page]:
    rows = ground.rows
    sizes = {"requests": rows.tickets, "people": rows.people, "units": rows.units}
    views = {"requests": "TicketView", "people": "PersonView", "units": "UnitView"}
    for noun, view in views.items():
        shown = getattr(endpoint(ground, view), "page_size", 25)
        yield Page(f"{noun}, first page", f"/{noun}/list/")
        last = last_page(sizes[noun], shown)
        yield Page(f"{noun}, last page", f"/{noun}/list/?page_{view}={last}")
        for column in endpoint(ground, view).order_columns:
            for way in ("asc", "desc"):
                yield Page(f"{noun} by {column}, {way}", f"/{noun}/list/?_oc_{view}={column}&_od_{view}={way}")
    for role in ("dispatcher", "town dispatcher", "handler", "unit_leader", "manager"):
        yield Page(f"requests, first page, {role}", "/requests/list/", role)
    last = last_page(sizes["requests"])
    yield Page("requests, last page, town dispatcher", f"/requests/list/?page_TicketView={last}", "town dispatcher")


def endpoint(ground: Ground, name: str) -> Any:
    return next(view for view in ground.app.appbuilder.baseviews if view.endpoint == name)  # type: ignore[attr-defined]


def filters(ground: Ground) -> Iterator[Page]:
    """Every way of every filter of requests; of people and units the first way of each column."""
    for noun, view in (("requests", "TicketView"), ("people", "PersonView"), ("units", "UnitView")):
        offered = endpoint(ground, view)._filters.get_search_filters()
        for column, ways in offered.items():
            for place, way in enumerate(ways if noun == "requests" else ways[:1]):
                value = quote(str(asked(ground, noun, column)))
                yield Page(f"{noun}, {column} {way.arg_name}", f"/{noun}/list/?_flt_{place}_{column}={value}")
    town = ground.rows.town.id
    yield Page("requests, unit within and state", f"/requests/list/?_flt_0_unit={town}&_flt_0_state=archived")


def asked(ground: Ground, noun: str, column: str) -> Any:
    rows = ground.rows
    values = {
        ("requests", "title"): rows.ticket.title[:2],
        ("requests", "number"): rows.ticket.number[:8],
        ("requests", "state"): "archived",
        ("requests", "category"): rows.ticket.category_id,
        ("requests", "tier"): "minor",
        ("requests", "source"): rows.ticket.source,
        ("requests", "submitted_at"): rows.today - timedelta(days=30),
        ("requests", "lead_unit"): rows.village.id,
        ("people", "name"): rows.person.name[:2],
        ("people", "pinyin"): "zh",
        ("people", "employment"): "active",
        ("people", "category"): rows.person.category,
        ("people", "staff_no"): (rows.person.staff_no or "")[:3],
        ("units", "leader_name"): "王",
        ("units", "kind"): "village",
        ("units", "code"): rows.village.code[:9],
        ("units", "name"): rows.village.name[:2],
    }
    related = {"unit": rows.town.id, "parent": rows.town.id, "lead_unit": rows.village.id}
    return values.get((noun, column)) or related.get(column, "1")


def queues() -> Iterator[Page]:
    """Each as it comes and, where it may be put in that order, by the date that is furthest away."""
    for role in ("dispatcher", "town dispatcher", "handler", "unit_leader", "office", "supervisor", "evaluator"):
        for each in WORK_LISTS:
            if role.removeprefix("town ") in each.roles:
                path = f"/requests/list/?queue={each.key}"
                yield Page(f"requests, queue {each.key}, {role}", path, role)
                if each.key in BY_DUE and each.key in MY_TURN + URGENT:
                    backwards = f"{path}&_oc_TicketView=due&_od_TicketView=desc"
                    yield Page(f"requests, queue {each.key} backwards, {role}", backwards, role)


def searches(ground: Ground) -> Iterator[Page]:
    rows = ground.rows
    for length in (2, 4):
        words = {"common": rows.common(length), "rare": rows.rare(length), "absent": UNKNOWN[:length]}
        for kind, word in words.items():
            path = f"/requests/list/?q={quote(word)}"
            yield Page(f"search, {length} characters, {kind}", path, at_most=SEARCH)
            yield Page(f"search, {length} characters, {kind}, town", path, "town dispatcher", at_most=SEARCH)
            yield Page(f"search, {length} characters, {kind}, handler", path, "handler", at_most=SEARCH)
            yield Page(f"search, {length} characters, {kind}, and state", f"{path}&_flt_0_state=rated", at_most=SEARCH)
            yield Page(f"search, {length} characters, {kind}, overdue", f"{path}&queue=overdue", at_most=SEARCH)
        last = f"/requests/list/?q={quote(words['common'])}&page_TicketView={last_page(COUNTED_TO)}"
        yield Page(f"search, {length} characters, common, last page", last)


def records(ground: Ground) -> Iterator[Page]:
    rows, handler = ground.rows, "handler"
    ticket = rows.ticket.id
    yield Page("request, record", f"/requests/show/{ticket}")
    yield Page("request, record, dispatcher", f"/requests/show/{ticket}", "dispatcher")
    yield Page("request, form to take down", "/requests/add", "dispatcher")
    yield Page("request, step to settle", f"/requests/move/{ticket}/settle", "dispatcher")
    yield Page("request, proposal", f"/requests/propose/{ticket}?category=", "dispatcher")
    yield Page("person, record", f"/people/show/{rows.person.id}")
    yield Page("person, form", f"/people/edit/{rows.person.id}")
    yield Page("person, form to add", "/people/add")
    yield Page("unit, record", f"/units/show/{rows.village.id}")
    yield Page("unit, form", f"/units/edit/{rows.village.id}")
    yield Page("notices", "/notices/list/", handler)
    yield Page("evaluations", "/evaluations/list/")
    yield Page("evaluation", f"/evaluations/show/{ground.evaluation_id}")
    evidence = f"/evaluations/evidence/{ground.evaluation_id}/{rows.town.id}/satisfaction"
    yield Page("evaluation, evidence of a town", evidence)
    yield Page("imports", "/imports/list/")
    yield Page("policies", "/policies/list/", "sys_admin")
    yield Page("accounts", "/accounts/list/", "sec_admin")
    yield Page("audit log", "/changes/list/", "audit_admin")
    yield Page("categories", "/categories/list/")


def interfaces(ground: Ground) -> Iterator[Page]:
    rows = ground.rows
    for noun, key in (("requests", rows.ticket.id), ("people", rows.person.id), ("units", rows.village.id)):
        yield Page(f"REST {noun}, first page", f"/api/v1/{noun}/?q=(page:0,page_size:25)", at_most=REST)
        yield Page(f"REST {noun}, page 300", f"/api/v1/{noun}/?q=(page:300,page_size:25)", at_most=REST)
        yield Page(f"REST {noun}, one", f"/api/v1/{noun}/{key}", at_most=REST)
    far = "/api/v1/requests/?q=(page:300,page_size:25)"
    yield Page("REST requests, page 300, town dispatcher", far, "town dispatcher", at_most=REST)
    state = "(filters:!((col:state,opr:eq,value:archived)),page_size:25)"
    yield Page("REST requests, by state", f"/api/v1/requests/?q={state}", at_most=REST)
    typed = quote(rows.village.name[:2])
    yield Page("choices of units", f"/options/Unit?q={typed}")
    yield Page("choices of people", f"/options/Person?q={quote(rows.person.name[:2])}")
    yield Page("choices of units to dispatch to", f"/requests/options?q={typed}", "dispatcher")
    yield Page("portal", "/portal/", "")
    yield Page("portal, form", "/portal/ask", "")
    yield Page("portal, villages of a town", f"/portal/places/{rows.town.code}", "")
    yield Page("portal, follow", "/portal/follow", "")


def measure(ground: Ground) -> list[Table]:
    asked_for = pages(ground)
    rounds = [[one_sitting(ground, page) for page in asked_for] for _round in range(ROUNDS)]
    read = [
        reading(ground, page, list(times)) for page, times in zip(asked_for, zip(*rounds, strict=True), strict=True)
    ]
    with serving(ground.settings) as server:
        by_http = [over_http(ground, server, page) for page in asked_for]
        peak = server.peak_memory()
    table = Table("Pages", ["server ms", "SQL", "KB", "HTTP ms"])
    table.rows = [row(*each) for each in zip(asked_for, read, by_http, strict=True)]
    memory = Table("Memory of the web process", ["MB at its peak"], [Row("after every page above", [])])
    memory.rows[0].cells = [whole(peak / 1e6, "MB", MEMORY)]
    return [table, memory]


def one_sitting(ground: Ground, page: Page) -> float | str:
    """The rounds lie minutes apart, so that a machine that was busy meanwhile spoils one of them at most."""
    try:
        browser = ground.browser(page.role)
        return median(one_round(lambda: get(browser, page.path), 3))
    except (NoAnswer, StopIteration, ValueError) as problem:
        return str(problem) or "no such account"


def reading(ground: Ground, page: Page, rounds: list[float | str]) -> Reading | str:
    refused = [each for each in rounds if isinstance(each, str)]
    if refused:
        return refused[0]
    browser = ground.browser(page.role)
    with Statements(ground.engine).watched() as asked_of:
        answer = get(browser, page.path)
    return Reading([each for each in rounds if isinstance(each, float)], answer.size, asked_of.count)


def over_http(ground: Ground, server: Any, page: Page) -> float | None:
    """None where the test client was refused already."""
    try:
        browser = signed_in(server, ground, page.role)
        return median([median(one_round(lambda: browser.get(page.path), 3)) for _round in range(WALKED_BY_HTTP)])
    except (NoAnswer, StopIteration, ValueError):
        return None


def row(page: Page, read: Reading | str, http: float | None) -> Row:
    if isinstance(read, str):
        return Row(page.name, [], read)
    cells = [milliseconds(read.seconds, page.at_most), whole(read.statements or 0, "SQL", STATEMENTS)]
    reached = milliseconds(http) if http is not None else "refused"
    return Row(page.name, [*cells, whole(read.size / 1000), reached])
