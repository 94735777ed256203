from datetime import datetime

import pytest
from sqlalchemy import func, select

from imports.kind import Order
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM, Scope
from models.categories import Category, Duty
from models.changes import Change
from models.tickets import Ticket
from tests.factories import actor
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_real_files import FOLDER
from tests.stage import at

HEAD = ["分类代码", "一级分类", "二级分类", "三级分类", "英文名称", "是否启用"]
LATER = at("2026-11-21 09:00")


def tree(*rows):
    return xlsx([HEAD, *([*row, *[""] * (len(HEAD) - len(row))] for row in rows)])


def taken_back(session, load, when: datetime = LATER):
    done = undo(session, load.batch, Order(SYSTEM, EVERYTHING, when))
    session.commit()
    return done


def called(session, name) -> Category:
    session.expire_all()
    return session.scalars(select(Category).where(Category.name == name)).one()


def line(session, name):
    return [each.name for each in called(session, name).line]


def test_three_levels_come_in_and_what_stands_above_is_made_with_them(session, load, district):
    rows = tree(("", "城乡建设", "市政管理", "井盖"), ("", "城乡建设", "市政管理", "桥梁"), ("", "城乡建设", "供暖"))
    assert load("categories", rows) == counted(new=3)
    assert line(session, "井盖") == ["城乡建设", "市政管理", "井盖"]
    assert line(session, "供暖") == ["城乡建设", "供暖"]
    top, manhole = called(session, "城乡建设"), called(session, "井盖")
    assert (top.code, manhole.code, manhole.path) == ("01", "010101", "/01/0101/010101/")
    assert (called(session, "桥梁").code, manhole.active, manhole.version) == ("010102", True, 1)
    assert load("categories", rows) == counted(same=3)


def test_a_row_joins_the_tree_that_is_there(session, load, district):
    assert load("categories", tree(("", "基础设施", "井盖"), ("", "基础设施", "路灯照明"))) == counted(new=1, same=1)
    assert (called(session, "井盖").parent.code, called(session, "井盖").code) == ("30", "3006")


def test_a_code_is_kept_and_a_row_that_bears_it_renames(session, load, district):
    assert load("categories", tree(("CS-1", "城市管理"), ("CS-11", "城市管理", "占道"))) == counted(new=2)
    assert called(session, "占道").path == "/CS-1/CS-11/"
    assert load("categories", tree(("CS-11", "城市管理", "占道经营", "", "Stalls", "否"))) == counted(changed=1)
    renamed = called(session, "占道经营")
    assert (renamed.code, renamed.name_en, renamed.active) == ("CS-11", "Stalls", False)
    change = session.scalars(select(Change).where(Change.subject == "category", Change.action == "changed")).one()
    assert change.details == {"name": ["占道", "占道经营"], "name_en": ["", "Stalls"], "active": [True, False]}
    assert change.path == ""


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (("", "城乡建设", "", "井盖"), "level", "A lower level stands here without the one above it"),
        (("9999", "基础设施", "路灯照明"), "taken", "“路灯照明” stands here under the code 3002"),
        (("3002", "社区服务", "灯"), "taken", "The code belongs to “路灯照明”, which stands elsewhere"),
        (("A/B", "城乡建设"), "code", "A code is made of letters"),
    ],
)
def test_what_does_not_fit_the_tree_is_an_error_at_its_cell(load, district, row, code, said):
    assert load("categories", tree(row)) == counted(error=1)
    assert load.errors[0][2] == code
    assert load.said[0].startswith(said)


def test_the_same_category_twice_is_an_error(load, district):
    assert load("categories", tree(("", "城乡建设", "井盖"), ("", "城乡建设", "井盖"))) == counted(new=1, error=1)


def test_undoing_is_the_identity_and_what_is_in_use_stays(session, load, district):
    before = snapshot(session)
    load("categories", tree(("", "城乡建设", "市政管理", "井盖"), ("3002", "基础设施", "照明")))
    assert differences(before, snapshot(session)) != {}
    assert taken_back(session, load) == {"removed": 3, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)) == {}
    load("categories", tree(("", "城乡建设", "市政管理", "井盖"), ("", "城乡建设", "市政管理", "桥梁")))
    session.add(Duty(category=called(session, "井盖"), tier="minor"))
    session.commit()
    assert taken_back(session, load)["removed"] == 1
    assert line(session, "井盖") == ["城乡建设", "市政管理", "井盖"]


def test_a_ledger_takes_a_category_by_names_strung_together_and_leaves_open_what_several_are_called(
    session, load, district
):
    load("categories", tree(("", "城乡建设", "其他"), ("", "农村农业", "其他")))
    head = ["工单编号", "来源", "问题分类", "标题", "反映时间", "村社区"]
    rows = [("1", "农村农业/其他"), ("2", "其他"), ("3", "路灯照明")]
    ledger = [[number, "电话", word, "路灯不亮", "2026-11-01 09:00", "石桥村"] for number, word in rows]
    assert load("tickets", xlsx([head, *ledger])) == counted(new=3)
    taken = session.scalars(select(Ticket).order_by(Ticket.external_id)).all()
    assert [ticket.category and ticket.category.line[0].name for ticket in taken] == ["农村农业", None, "基础设施"]


def test_the_office_imports_categories_and_nobody_else(session, load, district):
    office = actor(session, "office", district.root)
    scope = Scope(paths=(district.root.path,))
    session.commit()
    assert load("categories", tree(("", "城乡建设")), by=office, scope=scope) == counted(new=1)


@pytest.mark.skipif(not (FOLDER / "category_labels_517.xlsx").is_file(), reason="the real files are not at hand")
def test_a_real_system_of_labels_comes_in_whole_once_and_goes_again(session, load, district):
    data = (FOLDER / "category_labels_517.xlsx").read_bytes()
    seeded, before = session.scalar(select(func.count(Category.id))), snapshot(session)
    assert load("categories", data) == counted(new=517)
    depths = [path.count("/") - 1 for path in session.scalars(select(Category.path).order_by(Category.id))][seeded:]
    assert {depth: depths.count(depth) for depth in (1, 2, 3)} == {1: 15, 2: 118, 3: 517}
    assert line(session, "冬季采暖") == ["城乡建设", "城市建设和市政管理", "冬季采暖"]
    assert load("categories", data) == counted(same=517)
    assert session.scalar(select(func.count(Category.id))) == seeded + 650
    written = load.batch.id - 1
    load.batch = session.get(type(load.batch), written)
    assert taken_back(session, load) == {"removed": 650, "restored": 0, "left": 0}
    assert differences(before, snapshot(session)).keys() == {"import_mark"}, "the second import left its own"
