"""What of the past stays with the old tree, and lists that describe the tree itself."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from imports import committing
from models import db
from models.locks import UNITS, hold
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.units import Unit, move
from models.visits import Visit
from tests.factories import make_person
from tests.imports import test_tasks as tasks
from tests.imports import test_topics as topics
from tests.imports import test_visits as visits
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.meanwhile import FOLLOWED, commit, fresh, taken_back
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_people import roster, wang
from tests.imports.test_tickets import ledger
from tests.imports.test_tickets import row as request

PAST = {
    "tickets": (ledger(request()), ledger(request(标题="路灯全灭")), Ticket, "title", "路灯全灭"),
    "visits": (visits.log(visits.row()), visits.log(visits.row(地址="新街")), Visit, "address", "新街"),
    "topics": (
        topics.topics(topics.topic(牵头单位="石桥", 进展="已结题")),
        topics.topics(topics.topic(牵头单位="石桥", 进展="已结题", 备注="归档")),
        Topic, "note", "归档",
    ),
    "tasks": (
        tasks.tasks(tasks.task(是否销号="是")), tasks.tasks(tasks.task(是否销号="是", 备注="归档")),
        Task, "note", "归档",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", PAST)
def test_the_past_stays_where_it_lay_whenever_its_file_is_read(session, load, district, merging, kind):
    first, better, model, column, value = PAST[kind]
    load(kind, first)
    order, counts = load.preview(kind, better)
    assert counts == counted(changed=1)
    merging()
    lay = snapshot(session)
    commit(session, load, order)
    made = fresh(session, model)
    assert (getattr(made, column), made.unit_id, made.path) == (value, district.village.id, district.village.path)
    if kind == "tickets":
        [leg] = made.legs
        assert (leg.unit, leg.unit_name, leg.path) == (district.village, "石桥村", district.village.path)
    assert FOLLOWED not in load.notes
    committed = load.batch
    assert load.preview(kind, better)[1] == counted(same=1)
    load.batch = committed
    assert taken_back(session, load) == {"removed": 0, "restored": 1, "left": 0}
    assert differences(lay, snapshot(session)).keys() <= {"visitor"}


def test_a_ledger_that_names_nobody_or_the_heir_leaves_the_past_with_the_old_grid(session, load, district, merging):
    load("tickets", ledger(request(村社区="石桥第一网格", 主办单位="石桥第一网格")))
    merging()
    for place in ("石桥第一网格", ""):
        again = ledger(request(街乡镇="", 村社区=place, 主办单位=place))
        assert load.preview("tickets", again)[1] == counted(same=1), place
    assert fresh(session, Ticket).unit == district.grid


def test_what_a_line_moves_elsewhere_goes_there(session, load, district, merging):
    load("tickets", ledger(request()))
    merging()
    assert load("tickets", ledger(request(街乡镇="白沙乡", 村社区="沙口村"))) == counted(changed=1)
    assert fresh(session, Ticket).unit == district.far_village


def test_two_villages_of_a_merger_may_have_done_the_same_and_only_one_of_them_may_plan_it(
    session, load, district, merging
):
    def both(**given):
        return tasks.tasks(tasks.task(**given), tasks.task(序号=2, 责任单位="339901001002", **given))

    load("tasks", both(是否销号="是"))
    order, counts = load.preview("tasks", both(是否销号="是", 备注="归档"))
    assert counts == counted(changed=2)
    merging()
    commit(session, load, order)
    assert sorted(session.execute(select(Task.unit_id, Task.note)).all()) == sorted(
        [(district.village.id, "归档"), (district.twin.id, "归档")]
    )
    planned = {"民生实事": "村道硬化"}
    assert load.preview("tasks", tasks.tasks(tasks.task(责任单位="339901001001", **planned),
                                             tasks.task(序号=2, 责任单位="339901001002", **planned)))[1] == counted(
        new=1, error=1
    )  # fmt: skip
    assert load.errors == [("5", "", "twice")]


GRIDS = [["代码", "名称", "上级代码", "户数"], ["339901001001-02", "石桥第二网格", "339901001001", "98"],
         ["339901001001-01", "石桥第一网格", "339901001001", "70"]]  # fmt: skip


@pytest.mark.parametrize("how", ["merge", "move"])
def test_a_list_of_units_has_to_be_read_again_once_the_tree_is_another(session, load, district, merging, how):
    order, counts = load.preview("units", xlsx(GRIDS))
    assert counts == counted(new=1, changed=1)
    if how == "merge":
        merging()
    else:
        move(session, district.village, district.far_town)
        session.commit()
    with pytest.raises(committing.Overtaken):
        committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()
    assert load("units", xlsx(GRIDS)) == counted(new=1, changed=1)
    found = session.scalars(select(Unit).where(Unit.code.in_(["339901001001-01", "339901001001-02"]))).all()
    above = district.twin if how == "merge" else district.village
    assert {(grid.parent, grid.path == f"{above.path}{grid.code}/") for grid in found} == {(above, True)}


def test_while_rows_are_laid_on_units_nobody_moves_these(session, load, district, backend):
    if backend.kind != "postgresql":
        pytest.skip("SQLite has but one writer")
    order, _ = load.preview("people", roster(wang()))
    committing.commit(session, load.batch, order, skip_errors=False)
    with db.engine.connect() as other:
        taken = text("SELECT pg_try_advisory_xact_lock(hashtext('units'))")
        assert other.scalar(taken) is False
        session.commit()
        assert other.scalar(taken) is True
    with db.engine.connect() as other:
        hold(other, UNITS)
        order, _ = load.preview("people", roster(wang(职务="主任")))
        session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(OperationalError):
            committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()


def test_people_are_looked_for_where_the_unit_is_today(session, load, district, merging):
    """Names tell people apart by the unit of the row."""
    make_person(session, district.village, "林海")
    make_person(session, district.far_village, "林海")
    session.commit()
    merging()
    assert load("tasks", tasks.tasks(tasks.task(责任单位="339901001001"))) == counted(new=1)
    assert fresh(session, Task).responsible.unit == district.twin
