"""Walks every address of the console, as every role, with rows that are not theirs. Addresses are read off the app."""

import pytest
import sqlalchemy as sa
from flask_appbuilder import Model

from models.applications import Application
from models.evaluations import Evaluation
from models.scope import SCOPED
from models.units import Unit
from rules.roles import WHOLE_DISTRICT, Role
from tests.factories import unit
from tests.views.foreign import Planted, plant
from views.doors import DOORS
from views.options import OPTIONS

NOT_WALKED = {
    "static": "files of ours, the same for everybody",
    "appbuilder.static": "files of FAB's, the same for everybody",
    "assets.asset": "files of ours, the same for everybody",
    "SignInView.logout": "ends the walk's own session",
}
PUBLIC = {"PortalView.places": "names of living villages, of which every resident chooses one"}
IN_THE_DISTRICT = {
    "MeetingView.options": "names of its living units, any of which may sit at a table",
    "TicketView.move": "names of its living units, any of which may be asked to help",
}
KNOWN_VALUES = {"fmt": ["csv"], "locale": ["zh"], "noun": list(OPTIONS), "key": ["sign"]}
KNOWN_VALUES |= {"move": [move.value for move in DOORS]}
NAMED_FOR = {"evaluation_id": Evaluation, "unit_id": Unit, "application": Application}
READABLE = ("Unit", "Person", "Household", "Organisation", "Ticket", "Visit", "Topic", "Task")
FAR, NEAR = "外县机密", "邻镇机密"
BODY = {"POST", "PUT", "PATCH", "DELETE"}


class Walk:
    def __init__(self, app, own, strangers):
        self.app, self.own, self.strangers = app, own, strangers
        self.views = {view.endpoint: view for view in app.appbuilder.baseviews if hasattr(view, "datamodel")}
        self.rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in NOT_WALKED]
        self.exercised: set[str] = set()

    def model(self, rule):
        view = self.views.get(rule.endpoint.split(".")[0])
        return view.datamodel.obj if view else None

    def keys(self, rule, planted: Planted) -> list[str]:
        """Of the rule's own noun where it has one; else everything that could be meant."""
        model = self.model(rule)
        if model in planted.rows:
            return [str(key) for key in planted.ids(model)]
        return planted.keys() if model is None else ["1"]

    def actions(self, rule) -> list[str]:
        return list(self.views[rule.endpoint.split(".")[0]].actions) or ["none"]

    def addresses(self, rule, planted: Planted):
        choices = [{}]
        for name in sorted(rule.arguments):
            if name == "name" and rule.endpoint == "TicketView.move":
                values = KNOWN_VALUES["move"]
            elif name == "name" and self.model(rule):
                values = self.actions(rule)
            elif name in NAMED_FOR:
                values = [str(key) for key in planted.ids(NAMED_FOR[name])]
            else:
                values = KNOWN_VALUES.get(name) or self.keys(rule, planted)
            choices = [{**choice, name: value} for choice in choices for value in values]
        with self.app.test_request_context():
            bound = self.app.url_map.bind("localhost")
            for choice in choices:
                typed = {name: self.typed(rule, name, value) for name, value in choice.items()}
                if None not in typed.values():
                    self.exercised.add(rule.endpoint)
                    yield bound.build(rule.endpoint, typed)

    @staticmethod
    def typed(rule, name, value):
        converter = rule._converters[name]
        if type(converter).__name__ != "IntegerConverter":
            return value
        return int(value) if value.isdigit() else None

    def searches(self, rule, planted: Planted):
        """A list narrowed by each related row of somebody else's."""
        view = self.views.get(rule.endpoint.split(".")[0])
        for column in view.search_columns if view and rule.endpoint.endswith((".list", ".export", ".get_list")) else []:
            if view.datamodel.is_relation(column):
                for key in planted.ids(view.datamodel.get_related_model(column)):
                    yield f"?_flt_0_{column}={key}"
                    yield f"?q=(filters:!((col:{column},opr:rel_o_m,value:{key})))"

    def body(self, rule, planted: Planted) -> dict[str, object]:
        """Every name that any form or column gives to a related row, with that row of somebody else's."""
        given: dict[str, object] = {"rowid": planted.ids(self.model(rule)), "name": "改", "title": "改", "text": "改"}
        for mapper in Model.registry.mappers:
            for relation in mapper.relationships:
                ids = planted.ids(relation.mapper.class_)
                if ids and relation.direction.name == "MANYTOONE":
                    given[relation.key] = given[f"{relation.key}_id"] = ids[0]
        return given | {"to": planted.ids(Unit)[0], "place": planted.rows[Unit][0].code}


@pytest.fixture
def planted(session, district):
    outside = unit(session, None, "339902000000", "外县", "district")
    far = plant(session, outside, unit(session, outside, "339902-BM", "外县部门", "department"), FAR)
    near = plant(session, district.root, unit(session, district.far_town, "339901002009", "邻镇村", "village"), NEAR)
    own = plant(session, district.town, district.village, "本村")
    session.commit()
    return own, far, near


@pytest.fixture
def walk(app, planted):
    return Walk(app, planted[0], planted[1:])


def home(district, role):
    if role in WHOLE_DISTRICT or role in (Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDIT_ADMIN):
        return district.root
    return district.town if role == Role.MANAGER else district.village


def strangers_to(role, planted) -> list[Planted]:
    _own, far, near = planted
    return [far] if role in WHOLE_DISTRICT or role == Role.AUDIT_ADMIN else [far, near]


def told(answer, rule=None, who=None) -> str:
    assert answer.status_code != 500, answer.request.url
    text = answer.get_data().decode("utf-8", "replace") + str(answer.get_json(silent=True))
    public = who and (rule.endpoint in PUBLIC or (who.mark == NEAR and rule.endpoint in IN_THE_DISTRICT))
    return text.replace(f"{who.mark}村", "") if public else text


def untouched(role, planted) -> list[Planted]:
    """A neighbour's row may be changed by whoever acts for the whole district."""
    return strangers_to(role, planted) if role in WHOLE_DISTRICT else list(planted[1:])


def snapshot(session, strangers) -> dict[str, object]:
    """Their rows as they are, and how many rows of each table refer to them."""
    seen: dict[str, object] = {}
    for who in strangers:
        for model, rows in who.rows.items():
            ids = [row.id for row in rows]
            table = model.__table__
            seen[f"{who.mark} {table.name}"] = session.execute(
                sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
            ).all()
            for other in Model.metadata.sorted_tables:
                for key in [key for key in other.foreign_keys if key.column.table is table]:
                    count = sa.select(sa.func.count()).select_from(other).where(key.parent.in_(ids))
                    seen[f"{who.mark} {key.parent}"] = session.scalar(count)
    return seen


def test_every_noun_that_belongs_to_somebody_is_planted(planted):
    for each in planted:
        assert set(SCOPED) <= set(each.rows)
        assert all(each.rows.values())


def closed(answer) -> bool:
    return answer.status_code in (401, 403) or "/login/" in answer.headers.get("Location", "")


def look(browser, walk, rule, who):
    """Every way of reading. A screen of a noun asks for the right before any row: closed once, it is closed."""
    addresses = list(walk.addresses(rule, who))
    for address in [*addresses, *(addresses[0] + asked for asked in walk.searches(rule, who) if addresses)]:
        answer = browser.get(address)
        yield address, told(answer, rule, who)
        if walk.model(rule) and closed(answer):
            return


def meddle(browser, walk, rule, who, mine):
    """Every way of changing a row of theirs, and a row of one's own so that it refers to theirs."""
    body, addresses = walk.body(rule, who), list(walk.addresses(rule, who))
    if rule.arguments:
        addresses += walk.addresses(rule, mine)
    actions = walk.actions(rule) if rule.endpoint.endswith(".action_post") else [""]
    for method in sorted(BODY & rule.methods):
        for address in addresses:
            for name in actions:
                sent = {"json": body} if "/api/" in address else {"data": body | {"action": name}}
                answer = browser.open(address, method=method, **sent)
                yield f"{method} {address}", told(answer, rule, who)
            if walk.model(rule) and closed(answer) and not rule.endpoint.endswith(".action"):
                return


@pytest.mark.parametrize("role", [*Role, None])
def test_no_address_shows_or_changes_a_row_of_somebody_else(session, client_as, client, district, planted, walk, role):
    browser = client_as(role, home(district, role)) if role else client
    session.commit()
    kept, leaks = untouched(role, planted), []
    before = snapshot(session, kept)
    for who in strangers_to(role, planted):
        for rule in walk.rules:
            if "GET" in rule.methods:
                leaks += [address for address, text in look(browser, walk, rule, who) if who.mark in text]
        for rule in walk.rules:
            leaks += [way for way, text in meddle(browser, walk, rule, who, planted[0]) if who.mark in text]
    assert role is None or browser.get("/me/").status_code == 200, "the walk lost its session on the way"
    assert leaks == []
    session.expire_all()
    assert snapshot(session, kept) == before
    assert {rule.endpoint for rule in walk.rules if rule.arguments} <= walk.exercised


def test_the_same_walk_with_ones_own_rows_finds_them(client_as, district, planted, walk):
    """Or the walk above would prove nothing."""
    browser, found = client_as("office", district.root), set()
    for rule in walk.rules:
        if "GET" in rule.methods:
            for address in walk.addresses(rule, planted[0]):
                if "本村" in told(browser.get(address)):
                    found.add(rule.endpoint)
    own = [view for view in walk.views.values() if view.datamodel.obj in SCOPED]
    readable = {view.endpoint for view in own if view.class_permission_name in READABLE}
    expected = {
        rule.endpoint
        for rule in walk.rules
        if rule.endpoint.split(".")[0] in readable
        and rule.endpoint.split(".")[1] in ("list", "show", "edit", "export", "get", "get_list")
    }
    assert expected <= found
    assert "OptionsView.options" in found


def test_a_hole_in_both_layers_would_be_found(session, client_as, district, planted, walk, monkeypatch):
    monkeypatch.setattr("views.kit.interface.criterion", lambda model, scope: None)
    monkeypatch.setattr("models.scope.SCOPED", [])
    browser = client_as("handler", district.village)
    shown = next(rule for rule in walk.rules if rule.endpoint == "PersonView.show")
    assert any(FAR in told(browser.get(address)) for address in walk.addresses(shown, planted[1]))


@pytest.mark.parametrize("layer", ["interface", "net"])
def test_either_layer_alone_holds(session, client_as, district, planted, walk, monkeypatch, layer):
    if layer == "interface":
        monkeypatch.setattr("views.kit.interface.criterion", lambda model, scope: None)
    else:
        monkeypatch.setattr("models.scope.SCOPED", [])
    browser = client_as("handler", district.village)
    for endpoint in ("PersonView.show", "PersonView.list", "UnitView.list", "PersonView.export", "PersonApi.get"):
        rule = next(rule for rule in walk.rules if rule.endpoint == endpoint)
        for address in walk.addresses(rule, planted[1]):
            assert FAR not in told(browser.get(address))
