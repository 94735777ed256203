"""What becomes of each file made to hurt: a sentence, and nothing written."""

import resource

import pytest
import sqlalchemy as sa

from imports import staging
from models.imports import ImportBatch
from models.people import Person
from rules.refusals import Refusal
from tests.imports.hostile import files
from tests.imports.hostile.files import compound, xls

pytestmark = pytest.mark.usefixtures("started_readers")
CHILD_MB = 1_250
SAID = {
    "swelling": "the part xl/media/image1.emf of the workbook is more than 100 times as large",
    "blanks_of_a_gigabyte_and_a_half": "Unpacked, the workbook is larger than 800 MB",
    "lying_directory": "its part xl/worksheets/sheet1.xml is not what its table of contents says",
    "one_part_under_many_names": "is not what its table of contents says",
    "parts_without_end": "2001 parts, more than any office program writes",
    "entity_bomb": "declares a document type, which no spreadsheet does",
    "entity_bomb_in_a_sheet": "declares a document type, which no spreadsheet does",
    "entity_bomb_of_2003": "declares a document type, which no spreadsheet does",
    "corner_to_corner": "reaches to cell XFD1048576: columns beyond ZZ cannot be read",
    "sparse": "almost empty but very large: copy the table alone into a new workbook",
    "huge_shared_string": "Cell A2 holds 2796202 characters; a cell may hold 32767",
    "repeated_without_end": "damaged or was cut off",
    "truncated": "damaged or was cut off",
    "in_a_circle": "damaged or was cut off",
    "directory_in_a_circle": "damaged or was cut off",
    "locked": "protected by a password: remove the password and send it again",
    "with_macros": "holds macros: save it as .xlsx without macros",
    "declared_with_macros": "holds macros: save it as .xlsx without macros",
    "with_macros_of_before_2007": "holds macros: save it as .xlsx without macros",
    "ten_thousand_columns": "reaches to cell AAA1: columns beyond ZZ cannot be read",
    "ten_thousand_columns_of_text": "reaches beyond column ZZ",
    "sheets_without_end": "more than 1000 sheets",
    "broken_text": "can be read neither as UTF-8, UTF-16 nor GB18030",
    "control_characters": "not a spreadsheet",
}
"""Maker → what is said of its file."""
OFFERED_ANOTHER_WAY = {"broken_text"}
"""Waits to be told how its text is encoded."""


@pytest.mark.parametrize("name", SAID)
def test_a_file_made_to_hurt_is_refused_in_a_sentence_and_leaves_nothing(session, load, district, name):
    with pytest.raises(Refusal) as refused:
        load("people", getattr(files, name)())
    session.rollback()
    assert SAID[name] in refused.value.message % refused.value.values
    assert left_behind(session) == [0, int(name in OFFERED_ANOTHER_WAY), 0]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < CHILD_MB << 10


def left_behind(session):
    tables = (Person.__table__, ImportBatch.__table__, staging.metadata.tables["staging.person_line"])
    return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]


def names(session):
    return session.scalars(sa.select(Person.name).order_by(Person.staff_no)).all()


def test_a_cell_as_far_away_as_columns_are_read_is_no_reason_to_refuse_the_table(session, load, district):
    assert load("people", files.corner_to_corner_within())["error"] == 1
    assert load.notes[0] == "The sheet is too sparse for the quick reader and was read the slow way"


def test_a_million_styled_blank_rows_below_the_table_are_passed_over(session, load, district):
    assert load("people", files.styled_blanks()) == {"new": 1, "changed": 0, "same": 0, "error": 0}


def test_links_to_other_workbooks_are_followed_by_nobody(session, load, district):
    assert load("people", files.with_links())["new"] == 1
    assert names(session) == ["甲"]


def test_a_formula_that_reaches_for_a_program_is_an_error_at_its_cell(session, load, district):
    assert load("people", files.with_commands())["error"] == 4
    assert load.errors == [
        ("B2", "=cmd|'/C calc'!A0", "error_cell"),
        ("B3", "=cmd|'/C calc'!A0", "formula"),
        ("B4", "@SUM(1+1)*cmd|'/C calc'!A0", "formula"),
        ("B5", '=HYPERLINK("http://x","y")', "formula"),
    ]


def test_a_number_kept_as_text_by_a_formula_of_its_own_is_that_number(session, load, district):
    text = '工号,姓名,手机,单位\n="0017",="甲","=""13800001234""",石桥\n'
    load("people", text.encode())
    one = session.scalars(sa.select(Person)).one()
    assert (one.staff_no, one.name, one.mobile) == ("0017", "甲", "13800001234")


RARE = ["𠀀𪚥", "㛃䶮", "王𬱖", "阿卜杜拉·买买提", "李𰻝"]


def test_rare_characters_of_names_arrive_as_they_are(session, load, district):
    rows = [[f"R{number}", name, "石桥"] for number, name in enumerate(RARE)]
    assert load("people", files.book_of(rows))["new"] == 5
    assert names(session) == RARE
    text = "".join(f"S{number},{name},石桥\n" for number, name in enumerate(RARE))
    for encoding in ("utf-8", "utf-16", "gb18030"):
        load("people", f"工号,姓名,单位\n{text}".encode(encoding))
        assert load.batch.counts["error"] == 0
    assert names(session) == RARE * 2


def test_a_name_in_two_escaped_halves_is_whole_and_a_single_half_is_refused_at_its_cell(session, load, district):
    rows = [["R1", "王_xD842__xDFB7_", "石桥"], ["R2", "王_xD842_", "石桥"], ["R3", "_xDC00__xD800_", "石桥"]]
    counts = load("people", files.book_of(rows), skip_errors=True)
    assert counts == {"new": 1, "changed": 0, "same": 0, "error": 2}
    assert load.errors == [("B3", "王_xD842_", "surrogate"), ("B4", "_xDC00__xD800_", "surrogate")]
    assert names(session) == ["王𠮷"]


def test_halves_of_characters_in_the_bytes_themselves_are_damage(session, load, district):
    with pytest.raises(Refusal, match="damaged"):
        load("people", files.with_half_a_character())


def test_control_characters_that_a_workbook_spells_out_are_left_out_of_names(session, load, district):
    load("people", files.book_of([["R1", "甲_x0000__x0007_乙_x000D_", "石桥"]]))
    assert names(session) == ["甲乙"]


def test_a_character_of_no_width_at_all_reaches_no_database(session, load, district):
    head = ["工号", "姓名\0", "单位", "性别", "别的\0"]
    load("people", compound({"Workbook": xls([head, ["H1", "甲\0乙", "石桥", "\0妖", "x"]])}))
    assert load.errors == [("D2", "妖", "word")]
    assert load.notes == ["Columns that are not known here were ignored: 别的"]


def test_a_note_longer_than_any_cell_is_an_error_at_its_cell(session, load, district):
    text = f"工号,姓名,单位,备注\nH1,甲,石桥,{'长' * 32_768}\n"
    assert load("people", text.encode())["error"] == 1
    assert [(cell, code) for cell, _value, code in load.errors] == [("D2", "too_long")]
