"""What is said of a file before its rows are read: kept with the batch, remembered for the next file."""

import json
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from imports import committing, remembered, run, sketch
from imports.choices import Choices, SheetChoice, from_kept, from_words
from models.acting import Actor, Scope
from models.header_choices import HeaderChoice
from models.imports import ImportBatch
from models.people import Person
from rules.refusals import Refusal
from rules.roles import Role
from tests.factories import actor
from tests.imports.books import sparse, xlsx
from tests.imports.conftest import counted
from tests.imports.test_hidden import workbook
from tests.imports.test_people import ID

STRANGE = xlsx([["通讯录"], ["员工", "所属", "号头"], ["王小明", "石桥村", "13800138000"], ["李四", "沙口村", ""]])
NAMELESS = xlsx([["工号", "单位", "叫什么"], ["A1", "石桥村", "王小明"]])
BY_HAND = Choices(sheets={"Sheet1": SheetChoice(header=(2, 2), columns={"name": 1, "unit": 2, "mobile": 3})})
SAID = Choices(sheets={"Sheet1": SheetChoice(columns={"staff_no": 1, "unit": 2, "name": 3})}, remember=True)
ROWS = [["工号", "姓名", "单位"], *([f"A{n}", f"甲{n}", "石桥村"] for n in range(2, 8))]


def by(session, district, place="root"):
    unit = getattr(district, place)
    return {"by": actor(session, "office", unit), "scope": Scope(paths=(district.root.path,))}


def sketched(session, load):
    return sketch.load(session.connection(), load.batch.options["load"])


def said(load):
    message, values = load.batch.stopped
    return message % values


def test_choices_come_back_from_the_batch_as_they_were_made():
    choices = Choices("gb18030", {"一": SheetChoice(True, True, (3, 4), {"name": 2})}, {"姓名": "员工"})
    assert from_kept(json.loads(json.dumps(choices.kept()))) == choices
    assert from_kept(None) == Choices()


def test_words_of_the_command_line_name_the_heading_first():
    assert from_words(["员工=姓名", "a = b "]).headings == {"姓名": "员工", "b": "a"}
    with pytest.raises(Refusal, match="then our column"):
        from_words(["姓名"])


def test_a_file_without_known_headings_waits_and_writes_nothing(session, load, district):
    order, counts = load.preview("people", STRANGE)
    assert (counts, load.batch.mapping) == (counted(), {})
    assert said(load).startswith("No header was found in the first 30 rows")
    with pytest.raises(Refusal, match="No header was found"):
        committing.commit(session, load.batch, order, skip_errors=True)
    session.rollback()
    with pytest.raises(Refusal, match="No header was found"):
        run.compare_again(session, load.batch, order)
    session.rollback()
    assert session.query(Person).count() == 0


def test_a_required_column_without_a_match_stops_with_its_sheet_and_row(load, district):
    load.preview("people", NAMELESS)
    assert said(load) == "“Sheet1”, row 1: the column “姓名” is missing"


def test_the_same_batch_goes_on_once_the_columns_are_said(session, load, district):
    order, _ = load.preview("people", STRANGE)
    batch, first = load.batch, load.batch.options["load"]
    staged = run.stage(session, "people", STRANGE, "名册.xlsx", order, BY_HAND)
    session.commit()
    run.read_again(session, batch, staged)
    session.commit()
    assert session.query(ImportBatch).count() == 1
    assert (batch.stopped, batch.counts) == (None, counted(new=1, error=1))
    assert batch.mapping == {"Sheet1": {"姓名": "员工", "单位": "所属", "手机": "号头"}}
    assert batch.options["how"] == {"Sheet1": {"姓名": "by hand", "单位": "by hand", "手机": "by hand"}}
    assert from_kept(batch.options["choices"]) == BY_HAND
    assert sketch.load(session.connection(), first) is None
    run.compare_again(session, batch, order)
    assert committing.commit(session, batch, order, skip_errors=True) == counted(new=1, error=1)
    session.commit()
    with pytest.raises(Refusal, match="already done"):
        run.read_again(session, batch, staged)


def test_a_row_without_text_holds_no_headings(load, district):
    with pytest.raises(Refusal, match="row 9 holds no headings"):
        load.preview("people", STRANGE, choices=Choices(sheets={"Sheet1": SheetChoice(header=(9, 9))}))


def test_headings_over_two_rows_can_be_said(load, district):
    book = xlsx([["员工", "怎样找到", ""], ["", "号头", "所属"], ["王小明", "13800138000", "石桥村"]])
    choice = SheetChoice(header=(1, 2), columns={"name": 1, "mobile": 2, "unit": 3})
    assert load("people", book, choices=Choices(sheets={"Sheet1": choice})) == counted(new=1)
    assert load.batch.mapping["Sheet1"] == {"姓名": "员工", "手机": "怎样找到/号头", "单位": "所属"}


def test_fingerprints_heed_the_order_and_no_ornaments_or_gaps():
    plain = remembered.fingerprint({1: "姓名", 2: "单位"})
    assert remembered.fingerprint({2: "* 姓 名：", 5: "单位"}) == plain
    assert remembered.fingerprint({1: "单位", 2: "姓名"}) != plain
    assert remembered.fingerprint({1: "姓名单位"}) != plain


def test_what_was_said_is_remembered_for_the_district_and_can_be_forgotten(session, load, district):
    load.preview("people", NAMELESS, choices=SAID, **by(session, district))
    kept = session.scalars(sa.select(HeaderChoice)).one()
    assert (kept.kind, kept.path, kept.columns) == ("people", district.root.path, {"staff_no": 1, "unit": 2, "name": 3})
    moved = xlsx([[], ["", "工号", "", "单位", "叫什么"], ["", "A1", "", "石桥村", "王小明"]])
    order, counts = load.preview("people", moved, **by(session, district, "town"))
    assert (counts, load.batch.stopped) == (counted(new=1), None)
    assert load.batch.options["how"]["Sheet1"] == {"工号": "exact", "单位": "exact", "姓名": "saved"}
    assert remembered.forget(session, "people", order, kept.fingerprint) == 1
    load.preview("people", moved, **by(session, district))
    assert said(load) == "“Sheet1”, row 2: the column “姓名” is missing"


def test_another_district_and_another_kind_remember_their_own(session, load, district):
    load.preview("people", NAMELESS, choices=SAID, **by(session, district))
    elsewhere = Actor(None, "外区", frozenset({Role.OFFICE}), unit_path="/330999000000/")
    load.preview("people", NAMELESS, by=elsewhere, scope=Scope(paths=("/330999000000/",)))
    assert load.batch.stopped
    order = load.preview("people", NAMELESS, **by(session, district))[0]
    assert not load.batch.stopped
    assert remembered.recall(session, "tickets", order).saved == {}


def test_headings_that_no_rule_knows_are_found_again_where_they_were_said(session, load, district):
    choices = Choices(BY_HAND.encoding, BY_HAND.sheets, remember=True)
    load.preview("people", STRANGE, choices=choices, **by(session, district))
    later = xlsx([["通讯录"], ["2026年"], ["员工", "所属", "号头"], ["赵五", "石桥村", "13700137000"]])
    load.preview("people", later, **by(session, district))
    assert (load.batch.stopped, load.batch.counts) == (None, counted(new=1))


def test_said_anew_it_is_kept_once_and_what_the_rules_find_is_not_kept(session, load, district):
    load.preview("people", NAMELESS, choices=SAID, **by(session, district))
    other = Choices(sheets={"Sheet1": SheetChoice(columns={"post": 1, "unit": 2, "name": 3})}, remember=True)
    load.preview("people", NAMELESS, choices=other, **by(session, district))
    assert session.scalars(sa.select(HeaderChoice)).one().columns == {"post": 1, "unit": 2, "name": 3}
    known = Choices(sheets={"Sheet1": SheetChoice(columns={"staff_no": 1, "name": 2, "unit": 3})}, remember=True)
    load.preview("people", xlsx(ROWS), choices=known, **by(session, district))
    assert session.query(HeaderChoice).count() == 1


def test_hidden_rows_are_left_out_and_counted_unless_they_are_asked_for(load, district):
    book = workbook(3, 4, rows=ROWS)
    load.preview("people", book)
    assert load.batch.counts == counted(new=4)
    assert load.notes == ["“花名册”: hidden rows were left out: 2"]
    load.preview("people", book, choices=Choices(sheets={"花名册": SheetChoice(hidden_rows=True)}))
    assert (load.batch.counts, load.notes) == (counted(new=6), [])


def test_a_hidden_sheet_is_read_only_when_it_is_switched_on(load, district):
    book = load_workbook(BytesIO(xlsx(("在职", ROWS), ("离职", [ROWS[0], ["B1", "乙", "沙口村"]]), ("附注", [["略"]]))))
    book["离职"].sheet_state = "hidden"
    book.save(out := BytesIO())
    load.preview("people", out.getvalue())
    assert load.batch.counts == counted(new=6)
    assert load.notes == ["Hidden sheets were left out: 1 (离职)", "Sheets without a table were left out: 附注"]
    chosen = {"在职": SheetChoice(used=False), "离职": SheetChoice(used=True)}
    load.preview("people", out.getvalue(), choices=Choices(sheets=chosen))
    assert (load.batch.counts, list(load.batch.mapping)) == (counted(new=1), ["离职"])


def test_a_sheet_switched_on_without_headings_asks_where_they_stand(load, district):
    book = xlsx(("在职", ROWS), ("附注", [["略"]]))
    load.preview("people", book, choices=Choices(sheets={"附注": SheetChoice(used=True)}))
    assert said(load) == "“附注”: say in which row the headings stand"


def test_rows_that_are_no_data_are_counted_by_sort_and_listed(session, load, district):
    head = ["工号", "姓名", "单位"]
    rows = [["干部花名册"], ["填报单位：青石镇"], head, ["A1", "甲", "石桥村"], head, ["A2", "乙", "石桥村"]]
    load.preview("people", xlsx([*rows, ["合计", 2], ["填表人：丙 13800138000"], ["填报单位：青石镇"]]))
    assert load.batch.counts == counted(new=2)
    assert load.batch.options["passed"] == {"Sheet1": {"above": 2, "repeated": 1, "total": 1, "remark": 2}}
    assert sketched(session, load)["sheets"][0]["listed"] == [
        [1, "above", "干部花名册"],
        [2, "above", "填报单位：青石镇"],
        [5, "repeated", "工号　姓名　单位"],
        [7, "total", "合计　2"],
        [8, "remark", "填表人：丙 138****8000"],
        [9, "remark", "填报单位：青石镇"],
    ]


def test_no_more_than_fifty_of_a_sort_are_listed(session, load, district):
    load.preview("people", xlsx([*ROWS, *[["合计", n] for n in range(60)]]))
    assert load.batch.options["passed"] == {"Sheet1": {"total": 60}}
    assert len(sketched(session, load)["sheets"][0]["listed"]) == 50


def test_samples_are_three_values_that_differ_without_anybodys_numbers(session, load, district):
    rows = [
        ["A1", "甲", "石桥村", ID, 13800138000],
        ["A2", "乙", "石桥村", "", 13900139000],
        ["A3", "丙", "沙口村", "", ""],
    ]
    load.preview("people", xlsx([["工号", "姓名", "单位", "证件", "号头"], *rows, ["A4", "丁", "石桥村", "", ""]]))
    assert sketched(session, load)["sheets"][0]["samples"] == {
        "1": ["A1", "A2", "A3"],
        "2": ["甲", "乙", "丙"],
        "3": ["石桥村", "沙口村"],
        "4": ["110***********002X"],
        "5": ["138****8000", "139****9000"],
    }


def test_the_stage_holds_what_is_shown_of_a_file_encrypted(session, load, district):
    load.preview("people", STRANGE)
    [stored] = session.execute(sa.text("SELECT content FROM staging.sketch")).scalars()
    assert "王小明".encode() not in bytes(stored)


def test_a_likeness_is_shown_beside_and_not_taken(session, load, district):
    load.preview(
        "people", xlsx([["工号", "姓名", "联系电话号"], ["A1", "甲", "13800138000"]]), unit=district.village.code
    )
    sheet = sketched(session, load)["sheets"][0]
    assert (sheet["columns"], sheet["alike"]) == ({"staff_no": 1, "name": 2}, {"mobile": "联系电话号"})


def test_a_text_that_reads_badly_is_offered_in_other_encodings_and_read_in_the_one_chosen(session, load, district):
    text = "工号,姓名,单位\nA1,甲乙,石桥村一\n"
    data = text.encode().decode("gb18030").encode()
    load.preview("people", data)
    assert load.batch.stopped
    assert sketched(session, load)["offers"][0] == ["utf-8 as gb18030", "工号,姓名,单位"]
    load.preview("people", data, choices=Choices(encoding="utf-8 as gb18030"))
    assert load.batch.mapping == {"名册.xlsx": {"工号": "工号", "姓名": "姓名", "单位": "单位"}}


def test_a_text_that_cannot_be_read_at_all_waits_with_its_encodings(session, load, district):
    load.preview("people", "工号,姓名,单位\nA1,甲,石桥村\n".encode() + b"\xff\xff")
    assert said(load) == "The text of the file can be read neither as UTF-8, UTF-16 nor GB18030"
    assert sketched(session, load)["offers"][0] == ["utf-8", "工号,姓名,单位"]


def test_words_of_the_command_line_name_sheets_headings_and_what_is_hidden():
    said = from_words([], sheets=["一", "二"], headers=["3", "二=4-5"], hidden=True)
    assert (said.of("一"), said.of("二")) == (SheetChoice(True, True, (3, 3)), SheetChoice(True, True, (4, 5)))
    assert (said.of("三"), said.hidden_sheets) == (SheetChoice(False, True, (3, 3)), True)
    assert from_words([], headers=["2026年=3=7"]).of("2026年=3") == SheetChoice(header=(7, 7))
    assert from_kept(json.loads(json.dumps(said.kept()))) == said


@pytest.mark.parametrize("text", ["", "0", "31", "3-5", "4-3", "一=", "=3", "三", "3-"])
def test_a_row_of_headings_that_is_none_is_refused(text):
    with pytest.raises(Refusal, match="write the row in which the headings stand"):
        from_words([], headers=[text])


BOOK = xlsx(
    ("在职", [["干部名册"], ["共六人"], *ROWS]),
    ("退休", [["干部名册"], ["共一人"], ROWS[0], ["B1", "乙", "沙口村"]]),
    ("附注", [["略"]]),
)


def test_of_named_sheets_the_others_are_left_out(load, district):
    assert load.preview("people", BOOK, choices=from_words([], sheets=["退休"]))[1] == counted(new=1)
    assert list(load.batch.mapping) == ["退休"]
    with pytest.raises(Refusal, match="There is no sheet “离职” in the file; there are: 在职、退休、附注"):
        load.preview("people", BOOK, choices=from_words([], sheets=["离职"]))


def test_the_headings_of_all_sheets_are_not_sought_where_nothing_is_read(load, district):
    book = load_workbook(BytesIO(BOOK))
    book["附注"].sheet_state = "hidden"
    book.save(out := BytesIO())
    assert load.preview("people", out.getvalue(), choices=from_words([], headers=["3"]))[1] == counted(new=7)
    named = from_words([], sheets=["在职"], headers=["3"])
    assert load.preview("people", BOOK, choices=named)[1] == counted(new=6)
    with pytest.raises(Refusal, match="“附注”: row 3 holds no headings"):
        load.preview("people", BOOK, choices=from_words([], headers=["3"]))


def test_what_is_hidden_is_read_when_that_is_said_and_what_explains_a_template_is_not(load, district):
    book = load_workbook(BytesIO(xlsx(("在职", ROWS), ("离职", [ROWS[0], ["B1", "乙", "沙口村"]]), ("选项", ROWS))))
    book["离职"].sheet_state = book["选项"].sheet_state = "hidden"
    book["在职"].row_dimensions[4].hidden = True
    book.save(out := BytesIO())
    assert load.preview("people", out.getvalue())[1] == counted(new=5)
    assert load.preview("people", out.getvalue(), choices=from_words([], hidden=True))[1] == counted(new=7)
    assert load.notes == []
    assert load.preview("people", out.getvalue(), choices=from_words([], sheets=["离职"]))[1] == counted(new=1)


def test_rows_of_nothing_but_failed_formulas_are_told_and_one_with_a_word_is_wrong(load, district):
    cells = {"A1": "工号", "B1": "姓名", "C1": "单位", "A2": "A1", "B2": "王小明", "C2": "石桥村"}
    failed = {f"{column}{row}": "#N/A" for column in "ABC" for row in (3, 5)}
    load.preview("people", sparse(cells | failed | {"A4": "A2", "B4": "#REF!", "C4": "石桥村"}))
    assert (load.batch.new, load.batch.error) == (1, 1)
    assert load.batch.options["passed"] == {"Sheet": {"failed": 2}}
