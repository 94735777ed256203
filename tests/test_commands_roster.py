import pytest
from sqlalchemy import select

from models.imports import ImportBatch
from models.people import Person
from tests.factories import make_person
from tests.imports.test_roster import sheet
from tests.test_commands import type_in

__all__ = ["type_in"]


@pytest.fixture
def file(session, district, tmp_path):
    """石桥村 without 赵离开, with one who comes from 蒋湾村 and one who is new."""
    make_person(session, district.village, "赵离开")
    make_person(session, district.grid, "网格员")
    moves = make_person(session, district.far_village, "王调动")
    session.commit()
    path = tmp_path / "名册.xlsx"
    path.write_bytes(sheet([moves.staff_no, "王调动", "石桥村", ""], ["N001", "新来的", "石桥村", ""]))
    return path


def employments(session):
    session.rollback()
    return dict(session.execute(select(Person.name, Person.employment)).all())


def test_a_whole_roster_is_counted_and_nobody_marked(session, type_in, file):
    people, rows = "joiners=1 movers=1 leavers=1 left=0", "new=1 changed=1 same=0 error=0"
    assert type_in("import", "people", file, "--whole-roster", "--dry-run") == (0, [people, rows])
    assert type_in("import", "people", file, "--whole-roster") == (0, [people, "第 1 号导入", rows])
    assert set(employments(session).values()) == {"active"}


def test_leavers_are_marked_when_that_is_said_and_undone(session, type_in, file):
    status, lines = type_in("import", "people", file, "--whole-roster", "--leavers-left", "--unit", "339901001001")
    assert (status, lines[0]) == (0, "joiners=1 movers=1 leavers=2 left=2")
    assert employments(session) == {"赵离开": "left", "网格员": "left", "王调动": "active", "新来的": "active"}
    batch = session.scalars(select(ImportBatch)).one()
    assert type_in("undo", batch.id) == (0, ["删除 1 条，恢复 3 条。"])
    assert employments(session) == {"赵离开": "active", "网格员": "active", "王调动": "active"}


def test_what_makes_no_sense_is_refused(session, district, type_in, file):
    assert type_in("import", "tickets", file, "--whole-roster") == (2, ["只有人员名册才能作为完整名册导入"])
    assert type_in("import", "people", file, "--leavers-left") == (
        2, ["只有完整名册才能判断离职人员，请加 --whole-roster"]
    )  # fmt: skip
