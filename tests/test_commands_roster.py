import pytest
from sqlalchemy import select

from models.imports import ImportBatch
from models.people import Person
from tests.factories import make_account, make_person
from tests.imports.test_roster import make_leg, make_topic, sheet
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
    number = session.scalars(select(Person.staff_no).where(Person.name == "王调动")).one()
    moved, missing = f"Sheet1 第 2 行 {number} 王调动 单位 沙口村 → 石桥村", "在职而不在表内：赵离开（青石镇石桥村）"
    assert type_in("import", "people", file, "--whole-roster", "--dry-run") == (0, [people, moved, missing, rows])
    assert type_in("import", "people", file, "--whole-roster") == (0, [people, "第 1 号导入", rows])
    assert set(employments(session).values()) == {"active"}


def test_leavers_are_marked_when_that_is_said_and_undone(session, type_in, file):
    status, lines = type_in("import", "people", file, "--whole-roster", "--leavers-left", "--unit", "339901001001")
    assert (status, lines[0]) == (0, "joiners=1 movers=1 leavers=2 left=2")
    assert employments(session) == {"赵离开": "left", "网格员": "left", "王调动": "active", "新来的": "active"}
    batch = session.scalars(select(ImportBatch)).one()
    assert type_in("undo", batch.id) == (0, ["删除 1 条，恢复 3 条。"])
    assert employments(session) == {"赵离开": "active", "网格员": "active", "王调动": "active"}


def test_open_work_has_to_go_to_somebody(session, district, type_in, file, tmp_path):
    leaves, moves = (session.scalars(select(Person).where(Person.name == name)).one() for name in ("赵离开", "王调动"))
    heir = make_person(session, district.village, "李留任")
    topic, leg = make_topic(session, district, moves), make_leg(session, district, leaves)
    moves.join(district.grid)
    topic.led_by(session, district.grid)
    comes = [["N001", "新来的"], [moves.staff_no, "王调动"], [heir.staff_no, "李留任"]]
    file.write_bytes(sheet(*([*each, "石桥村", ""] for each in comes)))
    session.commit()
    told, rows = "joiners=1 movers=1 leavers=1 left=1", "new=1 changed=1 same=1 error=0"
    asked = (
        "2 名调动或离职人员手上有未办结的工作（赵离开、王调动），请用 --heirs 说明由谁接手："
        "--heirs suggested 全部按建议移交；--heirs nobody 留在本单位；"
        "--heirs 文件.csv 按表移交，两列依次是离开的人的工号、接手人的工号（空着为留在本单位）"
    )
    given = ("import", "people", file, "--whole-roster", "--leavers-left")
    status, lines = type_in(*given)
    assert (status, sorted(lines)) == (2, sorted([told, asked]))
    assert set(employments(session).values()) == {"active"}
    assert session.scalars(select(ImportBatch.state)).all() == ["discarded"]
    goes = f"Sheet1 第 3 行 {moves.staff_no} 王调动 单位 石桥第一网格 → 石桥村"
    missing = "在职而不在表内：赵离开（青石镇石桥村）"
    assert type_in(*given, "--dry-run") == (0, [told, asked, goes, missing, rows])
    table = tmp_path / "接手.csv"
    table.write_text(f"离开,接手\n{leaves.staff_no},N001\n", "gb18030")
    assert "1 名调动或离职人员手上有未办结的工作（王调动）" in type_in(*given, "--heirs", table)[1][-1]
    table.write_text(f"离开\t接手\n{leaves.staff_no}\tN001\n{moves.staff_no}\t\n", "utf-16")
    assert type_in(*given, "--heirs", table) == (0, [told, "第 3 号导入", "handed=1 unit=1", rows])
    session.expire_all()
    assert (leg.handler.name, topic.leader_id) == ("新来的", None)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{leaves},{leaves}", "接手人表第 2 行：石桥村留任的在职人员中，没有工号 {leaves}"),
        ("{leaves},X1", "接手人表第 2 行：石桥村留任的在职人员中，没有工号 X1"),
        ("X1,{heir}", "接手人表第 2 行：调动或离职且有未办结工作的人员中，没有工号 X1"),
        ("{heir},{heir}", "接手人表第 2 行：调动或离职且有未办结工作的人员中，没有工号 {heir}"),
    ],
)
def test_a_wrong_row_of_the_heirs_is_named(session, district, type_in, file, tmp_path, row, said):
    leaves = session.scalars(select(Person).where(Person.name == "赵离开")).one()
    heir = make_person(session, district.village, "李留任")
    make_leg(session, district, leaves)
    numbers = {"leaves": leaves.staff_no, "heir": heir.staff_no}
    table = tmp_path / "接手.csv"
    table.write_text(f"离开,接手\n{row.format(**numbers)}\n", "utf-8")
    status, lines = type_in("import", "people", file, "--whole-roster", "--leavers-left", "--heirs", table)
    assert (status, said.format(**numbers) in lines) == (2, True)
    assert employments(session)["赵离开"] == "active"


@pytest.mark.parametrize(("word", "handed"), [("suggested", "handed=1"), ("nobody", "unit=1")])
def test_one_word_is_enough(session, district, type_in, file, word, handed):
    leaves = session.scalars(select(Person).where(Person.name == "赵离开")).one()
    make_person(session, district.village, "李留任")
    make_leg(session, district, leaves)
    _, lines = type_in("import", "people", file, "--whole-roster", "--leavers-left", "--heirs", word)
    assert lines[2] == handed


def test_whoever_imports_is_left_out_with_a_sentence(session, district, type_in, file):
    account = make_account(session, "office", district.village, "韩主任")
    session.commit()
    told = "文件里没有导入人本人，已排除在离职人员之外；确已离职的，请由他人导入。"
    given = ("import", "people", file, "--whole-roster", "--leavers-left", "--as", account.user.username)
    _, lines = type_in(*given)
    assert lines[:2] == ["joiners=1 movers=1 leavers=1 left=1", told]
    assert employments(session)["韩主任"] == "active"


def test_what_makes_no_sense_is_refused(session, district, type_in, file):
    assert type_in("import", "tickets", file, "--whole-roster") == (2, ["只有人员名册才能作为完整名册导入"])
    assert type_in("import", "people", file, "--leavers-left") == (
        2, ["只有完整名册才能判断离职人员，请加 --whole-roster"]
    )  # fmt: skip
    assert type_in("import", "units", file, "--heirs", "nobody") == (2, ["--heirs 只用于导入人员花名册"])
    assert type_in("import", "people", file, "--heirs", "everybody") == (
        2, ["没有文件 everybody：--heirs 后面写 suggested、nobody 或一个 csv 文件"]
    )  # fmt: skip
