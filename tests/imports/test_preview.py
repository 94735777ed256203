import pytest
from sqlalchemy import update

from imports import committing, preview, run
from imports.preview import Cell
from models.acting import SYSTEM, Scope
from models.people import Person
from models.units import Unit
from rules.refusals import Refusal
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.test_people import person, roster, wang
from tests.imports.test_tickets import ledger, row


def shown(session, load, op, *, limit=50, offset=0):
    order = run.order_of(load.batch, SYSTEM, Scope(everything=True), load.batch.created_at)
    return preview.page(run.of_batch(session, load.batch, order), op, limit=limit, offset=offset)


def texts(cells):
    return {cell.title: cell.text for cell in cells}


def test_a_new_person_is_shown_by_the_words_of_the_sheet_and_masked(session, load, district):
    load.preview("people", roster(wang()))
    [line] = shown(session, load, "new")
    assert (line.sheet, line.row, line.changes) == ("Sheet1", 3, [])
    assert texts(line.face) == {
        "工号": "A001",
        "姓名": "王小明",
        "身份证号": "110***********002X",
        "手机": "138****8000",
        "单位": "石桥村",
        "职务": "书记",
        "人员类别": "村社党员",
    }


def test_a_changed_person_shows_old_and_new_of_each_cell_that_moves(session, load, district):
    load("people", roster(wang()))
    load.preview("people", roster(wang(手机号码="13900139000", 所在单位="沙口村", 职务="主任", 性别="女")))
    [line] = shown(session, load, "changed")
    assert line.changes == [
        Cell("性别", "Female", "Male"),
        Cell("手机", "139****9000", "138****8000"),
        Cell("单位", "沙口村", "石桥村"),
        Cell("职务", "主任", "书记"),
    ]


def test_a_cleared_cell_shows_what_is_lost(session, load, district):
    load("people", roster(wang()))
    load.preview("people", roster(wang(手机号码="清空", 入党时间="清空")))
    [line] = shown(session, load, "changed")
    assert line.changes == [Cell("手机", "", "138****8000"), Cell("入党时间", "", "2001-07-01")]


def test_a_changed_unit_shows_its_new_parent_names_and_end(session, load, district):
    head = ["代码", "名称", "上级代码", "别名", "是否撤销"]
    load.preview("units", xlsx([head, ["339901001001", "石桥村", "339901002000", "老石桥", "是"]]))
    [line] = shown(session, load, "changed")
    assert line.changes == [
        Cell("上级", "白沙乡", "青石镇"),
        Cell("是否撤销", "Yes", "No"),
        Cell("别名", "石桥、老石桥", "石桥"),
    ]


def test_a_request_shows_its_place_times_and_state_and_not_its_reporter(session, load, district):
    load.preview("tickets", ledger(row()), source="问政")
    [line] = shown(session, load, "new")
    assert "13800138000" not in str(line)
    assert texts(line.face)["联系电话"] == "138****8000"


def test_pages_follow_each_other(session, load, district):
    load.preview("people", roster(*(wang(工号=f"A{n}", 身份证号码="", 手机号码="") for n in range(5))))
    pages = [[line.row for line in shown(session, load, "new", limit=2, offset=at)] for at in (0, 2, 4, 6)]
    assert pages == [[3, 4], [5, 6], [7], []]


def test_a_wrong_number_is_masked_even_as_an_error(session, load, district):
    wrong = [wang(身份证号码="110105194912310021"), wang(工号="A2", 身份证号码="", 手机号码="138001380001")]
    load.preview("people", roster(*wrong))
    assert load.errors == [("E3", "110***********0021", "id_number"), ("F4", "138*****0001", "mobile")]
    assert run.count_errors(session, load.batch) == 2


def test_a_row_that_somebody_changed_after_the_preview_is_not_overwritten(session, load, district):
    load("people", roster(wang()))
    order, _ = load.preview("people", roster(wang(职务="主任")))
    session.execute(update(Person).values(post="村长", version=Person.version + 1))
    session.commit()
    with pytest.raises(Refusal, match="compare again"):
        committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()
    assert person(session).post == "村长"


def test_compared_again_it_may_be_committed(session, load, district):
    load("people", roster(wang()))
    order, _ = load.preview("people", roster(wang(职务="主任")))
    session.execute(update(Person).values(post="主任", version=Person.version + 1))
    session.commit()
    run.compare_again(session, load.batch, order)
    session.commit()
    assert (load.batch.changed, load.batch.same) == (0, 1)
    assert committing.commit(session, load.batch, order, skip_errors=False) == counted(same=1)


def test_an_import_that_is_done_is_not_compared_again(session, load, district):
    order, _ = load.preview("people", roster(wang()))
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    with pytest.raises(Refusal, match="already done"):
        run.compare_again(session, load.batch, order)


def test_the_errors_of_skipped_rows_can_be_read_after_the_commit(session, load, district):
    load("people", roster(wang(), wang(工号="A2", 身份证号码="", 手机号码="12")), skip_errors=True)
    assert [error[0] for error in load.errors] == ["F4"]


def test_somebody_whose_units_became_fewer_does_not_commit_what_was_prepared_for_more(session, load, district):
    order, _ = load.preview("people", roster(wang()), scope=Scope(paths=(district.root.path,)))
    fewer = run.order_of(load.batch, SYSTEM, Scope(paths=(district.town.path,)), order.at)
    with pytest.raises(Refusal, match="not all yours"):
        committing.commit(session, load.batch, fewer, skip_errors=False)
    assert session.query(Unit).count() == 10
