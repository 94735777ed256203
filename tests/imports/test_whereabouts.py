"""Somebody else merges, moves or closes units between the reading of a file and its commit."""

import pytest
from sqlalchemy import select

from imports import committing
from models.acting import scope_for
from models.households import Household
from models.legs import Leg
from models.organisations import Organisation
from models.people import Person
from models.ratings import Rating
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.unit_changes import Part, split
from models.units import Unit, move
from models.visits import Visit
from tests.factories import actor
from tests.imports import test_households as households
from tests.imports import test_organisations as organisations
from tests.imports import test_tasks as tasks
from tests.imports import test_topics as topics
from tests.imports import test_visits as visits
from tests.imports.conftest import counted
from tests.imports.meanwhile import FOLLOWED, NOON, TODAY, close, commit, compared_again, fresh, said, taken_back
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_people import roster, wang
from tests.imports.test_tickets import NOT_YET, ledger
from tests.imports.test_tickets import row as request

BOOKS = {
    "tickets": (Ticket, ledger(request(**NOT_YET))),
    "people": (Person, roster(wang())),
    "households": (Household, households.roster(households.row())),
    "organisations": (Organisation, organisations.register(organisations.row(包联干部=""))),
    "visits": (Visit, visits.log(visits.row())),
    "topics": (Topic, topics.topics(topics.topic(牵头单位="石桥"))),
    "tasks": (Task, tasks.tasks(tasks.task())),
}
ANOTHER = {
    "people": roster(wang(职务="主任")),
    "households": households.roster(households.row(室号="502")),
    "organisations": organisations.register(organisations.row(包联干部="", 从业人数=36)),
    "topics": topics.topics(topics.topic(牵头单位="石桥", 成果形式="建议")),
    "tasks": tasks.tasks(tasks.task(进展情况="已完工")),
}


@pytest.mark.parametrize("kind", BOOKS)
def test_read_before_a_village_merged_a_file_comes_in_where_its_heir_is(session, load, district, merging, kind):
    model, book = BOOKS[kind]
    order, counts = load.preview(kind, book)
    assert counts == counted(new=1)
    merging()
    lay = snapshot(session)
    commit(session, load, order)
    made = fresh(session, model)
    assert (made.unit_id, made.path) == (district.twin.id, district.twin.path)
    assert FOLLOWED in load.notes
    assert taken_back(session, load) == {"removed": 1, "restored": 0, "left": 0}
    assert differences(lay, snapshot(session)) == {}


@pytest.mark.parametrize("kind", BOOKS)
def test_read_before_a_village_moved_a_file_comes_in_where_it_lies_now(session, load, district, kind):
    model, book = BOOKS[kind]
    order, _ = load.preview(kind, book)
    move(session, district.village, district.far_town)
    session.commit()
    lay = snapshot(session)
    commit(session, load, order)
    made = fresh(session, model)
    assert (made.unit_id, made.path) == (district.village.id, "/339901000000/339901002000/339901001001/")
    assert FOLLOWED not in load.notes
    assert taken_back(session, load)["removed"] == 1
    assert differences(lay, snapshot(session)) == {}


@pytest.mark.parametrize("kind", BOOKS)
def test_compared_again_after_a_merger_it_is_what_reading_it_anew_would_come_to(
    session, load, district, merging, kind
):
    model, book = BOOKS[kind]
    order, _ = load.preview(kind, book)
    merging()
    assert compared_again(session, load, order) == counted(new=1)
    commit(session, load, order)
    assert fresh(session, model).path == district.twin.path
    _, counts = load.preview(kind, book)
    assert counts == counted(same=1)


def test_a_request_takes_its_leg_its_credit_and_its_stars_along(session, load, district, merging):
    order, _ = load.preview("tickets", ledger(request(), request(工单编号="H-2", **NOT_YET)))
    merging()
    commit(session, load, order)
    legs = session.execute(select(Leg.unit_id, Leg.unit_name, Leg.path)).all()
    assert legs == [(district.twin.id, "蒋湾村", district.twin.path)] * 2
    held = session.execute(select(Ticket.lead_unit_id, Ticket.credited_unit_id).order_by(Ticket.external_id)).all()
    assert held == [(district.twin.id, district.twin.id), (district.twin.id, None)]
    assert session.scalars(select(Rating.path)).all() == [district.twin.path]


@pytest.mark.parametrize("kind", ["people", "households", "organisations", "topics", "tasks"])
def test_a_row_that_moved_with_its_village_is_looked_at_again_and_stays_with_the_heir(
    session, load, district, merging, kind
):
    model, book = BOOKS[kind]
    load(kind, book)
    made = fresh(session, model)
    order, counts = load.preview(kind, ANOTHER[kind])
    assert counts == counted(changed=1)
    merging()
    with pytest.raises(committing.Overtaken):
        committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()
    assert compared_again(session, load, order) == counted(changed=1)
    lay = snapshot(session)
    commit(session, load, order)
    assert (made.unit_id, made.path) == (district.twin.id, district.twin.path)
    assert taken_back(session, load) == {"removed": 0, "restored": 1, "left": 0}
    assert differences(lay, snapshot(session)) == {}


def test_a_unit_that_split_gives_way_to_its_first_part(session, load, district, office):
    order, _ = load.preview("people", roster(wang()))
    parts = [Part("339901001011", "东桥村"), Part("339901001012", "西桥村")]
    split(session, district.village, parts, TODAY, office, NOON, reason="拆分")
    session.commit()
    commit(session, load, order)
    assert fresh(session, Person).unit.name == "东桥村"


def test_heirs_are_followed_to_the_end(session, load, district, merging):
    order, _ = load.preview("people", roster(wang(所在单位="沙口村", 联系村社="沙口村")))
    merging(district.far_village, district.far_twin)
    merging(district.far_twin, district.twin)
    commit(session, load, order)
    made = fresh(session, Person)
    assert (made.unit, made.liaison_unit) == (district.twin, district.twin)


def test_a_grid_that_goes_on_under_its_code_is_the_one_that_lives(session, load, district, merging):
    book = households.roster(households.row(所属村社="石桥第一网格"))
    order, _ = load.preview("households", book)
    merging()
    commit(session, load, order)
    assert fresh(session, Household).path == f"{district.twin.path}339901001001-01/"
    assert FOLLOWED not in load.notes
    assert load.preview("households", book)[1] == counted(same=1)


def test_a_merger_that_is_taken_back_gives_the_rows_back_too(session, load, district, merging, office):
    change = merging()
    order, _ = load.preview("households", households.roster(households.row(所属村社="石桥第一网格")))
    change.take_back(session, office, NOON)
    session.commit()
    commit(session, load, order)
    assert (fresh(session, Household).unit, district.grid.code) == (district.grid, "339901001001-01")


def test_a_unit_that_was_closed_without_an_heir_takes_nobody_and_its_cell_says_what_to_do(session, load, district):
    order, counts = load.preview("people", roster(wang()))
    assert counts == counted(new=1)
    close(session, district.village)
    assert compared_again(session, load, order) == counted(error=1)
    assert load.errors == [("G3", "石桥村", "unit_ended")]
    assert said(session, load) == [
        "“石桥村” has been closed and no unit has taken over from it: name the unit that this belongs to today"
    ]
    load.preview("people", roster(wang()))
    assert load.errors == [("G3", "石桥村", "unit_ended")]


def test_work_needs_a_unit_that_lives_and_the_past_may_lie_with_one_that_is_closed(session, load, district):
    order, _ = load.preview("tickets", ledger(request(), request(工单编号="H-2", **NOT_YET)))
    close(session, district.village)
    assert compared_again(session, load, order) == counted(new=1, error=1)
    assert load.errors == [("I4", "石桥村", "unit_ended"), ("M4", "石桥村", "unit_ended")]
    commit(session, load, order, skip_errors=True)
    made = fresh(session, Ticket)
    assert (made.external_id, made.unit, made.legs[0].unit) == ("H-1", district.village, district.village)


def test_what_lies_in_a_closed_unit_may_be_put_right_there(session, load, district):
    load("people", roster(wang()))
    close(session, district.village)
    assert load("people", roster(wang(职务="主任"))) == counted(changed=1)
    assert fresh(session, Person).unit == district.village


def test_a_unit_that_is_gone_altogether_is_named(session, load, district):
    made = Unit(code="339901001009", name="新桥村", kind="village")
    made.hang_under(district.town)
    session.add(made)
    session.commit()
    order, _ = load.preview("people", roster(wang(所在单位="新桥村", 联系村社="新桥村")))
    session.delete(made)
    session.commit()
    assert compared_again(session, load, order) == counted(error=1)
    assert said(session, load)[0] == (
        "There is no unit “339901001009” any more: name the unit that this belongs to today"
    )


@pytest.fixture
def town_clerk(session, district):
    made = actor(session, "dispatcher", district.town, "钱街派")
    session.commit()
    return made


def by(clerk):
    return {"by": clerk, "scope": scope_for(clerk)}


def test_an_heir_outside_ones_units_is_for_somebody_else_to_import(session, load, district, merging, town_clerk):
    book = ledger(request(主办单位="", 办结时间="", 状态="", 满意度="", 派单时间="", 签收时间=""))
    order, counts = load.preview("tickets", book, **by(town_clerk))
    assert counts == counted(new=1)
    merging(into=district.far_village)
    assert compared_again(session, load, order) == counted(error=1)
    assert load.errors == [("I3", "石桥村", "unit_ended")]
    assert said(session, load) == [
        "“石桥村” is “沙口村” today, which lies outside your units: name one of yours, or leave the row out"
    ]
    load.preview("tickets", book, **by(town_clerk))
    assert load.errors == [("I3", "石桥村", "unit_ended")]


def test_so_is_a_lead_to_which_one_cannot_dispatch(session, load, district, merging, town_clerk):
    order, counts = load.preview("tickets", ledger(request(村社区="蒋湾村", **NOT_YET)), **by(town_clerk))
    assert counts == counted(new=1)
    merging(into=district.far_village)
    compared_again(session, load, order)
    assert load.errors == [("M3", "石桥村", "unit_ended")]
    assert said(session, load) == [
        "“石桥村” is “沙口村” today, to which 青石镇 cannot dispatch: name a unit to which it can"
    ]


def test_a_village_that_moved_out_of_ones_units_takes_nothing_more(session, load, district, town_clerk):
    order, _ = load.preview("households", households.roster(households.row()), **by(town_clerk))
    move(session, district.village, district.far_town)
    session.commit()
    assert compared_again(session, load, order) == counted(error=1)
    assert said(session, load) == [
        "“石桥村” lies outside your units today: name one of yours, or leave the row out"
    ]
    assert load.errors[0][0] == "J5"
