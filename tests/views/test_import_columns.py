"""The screen of the columns: what is shown, what is chosen, who may."""

import pytest
import sqlalchemy as sa

from imports import staging
from models.header_choices import HeaderChoice
from models.people import Person
from models.tickets import Ticket
from tests.imports.books import xlsx
from tests.imports.test_choices import NAMELESS, ROWS, STRANGE
from tests.imports.test_hidden import workbook
from tests.imports.test_people import ID, roster, wang
from tests.views.browsing import send, token
from tests.views.test_imports import counted, press, staged, the_batch, work

ALIKE = xlsx([["工号", "姓名", "联系电话号", "证件"], ["A1", "甲", "13800138000", ID]])
VILLAGES = xlsx(("石桥村", ROWS[:2]), ("沙口村", ROWS[:2]), ("说明", [["略"]]))


@pytest.fixture
def office(client_as, district):
    client = client_as("office", district.root)
    client.get("/lang/en")
    return client


def columns(page):
    return page.replace("show", "columns")


def ask(client, page, sent):
    """A button of the screen, what a worker then does, and where whoever watched it is led."""
    answer = send(client, page, sent, page=columns(page).replace("forget", "columns"))
    assert answer.location == f"{page.replace('forget', 'show').replace('columns', 'show')}?then=columns"
    work(client)
    watched = client.get(answer.location.replace("show", "progress"))
    led = client.get(answer.location)
    assert watched.headers["HX-Redirect"] == led.location
    return led


def choose(client, page, **sent):
    """The form as it stands, with what is changed in it."""
    return ask(client, columns(page), {"use-0": "1", "apply": "1", "remember": "1", **sent})


def chosen(client, page):
    """Which options are selected, by the name of the select."""
    text = client.get(columns(page)).text
    return {
        part.split('"')[0]: option.split('"')[0]
        for part in text.split('<select class="form-control" id="')[1:]
        for option in [part.split(" selected>")[0].rsplit('value="', 1)[1]]
        if " selected>" in part.split("</select>")[0]
    }


def test_a_file_whose_columns_are_certain_goes_on_to_the_preview(office, district):
    assert "/imports/show/" in staged(office, "people", roster(wang()))


@pytest.mark.parametrize("data", [STRANGE, NAMELESS, ALIKE])
def test_a_file_whose_columns_are_not_certain_goes_on_to_them(office, data):
    assert "/imports/columns/" in staged(office, "people", data)


def test_it_shows_what_was_matched_why_and_with_which_values_and_what_is_not_used(office, district):
    page = staged(office, "people", ALIKE)
    text = office.get(page).text
    assert chosen(office, page) == {"map-0-staff_no": "1", "map-0-name": "2"}
    assert text.index('for="map-0-name"') < text.index('for="map-0-staff_no"')
    assert "Take “联系电话号”?" in text
    assert "C · 联系电话号" in text
    assert "138****8000" in text
    assert "110***********002X" in text
    assert "13800138000" not in text
    assert ID not in text


def test_chosen_columns_are_read_into_the_same_batch_and_nothing_is_written(session, office, district):
    page = staged(office, "people", NAMELESS).replace("columns", "show")
    assert "the column “姓名” is missing" in office.get(page).text
    assert f'action="{page.replace("show", "commit")}"' not in office.get(page).text
    answer = choose(office, page, **{"map-0-staff_no": "1", "map-0-unit": "2", "map-0-name": "3"})
    assert answer.location == page
    assert counted(session) == (1, 0, 0, 0)
    assert session.query(Person).filter_by(name="王小明").count() == 0
    shown = office.get(page).text
    assert "Read again with these columns; nothing was written yet" in shown
    assert '叫什么</span> → <strong>姓名</strong><span class="tag">by hand</span>' in shown
    press(office, page, "commit")
    assert session.query(Person).filter_by(name="王小明").count() == 1
    assert 'class="tag">by hand' in office.get(page).text


def test_what_was_chosen_serves_the_next_file_until_it_is_forgotten(session, office, district):
    first = staged(office, "people", NAMELESS)
    choose(office, first, **{"map-0-staff_no": "1", "map-0-unit": "2", "map-0-name": "3"})
    again = staged(office, "people", NAMELESS)
    assert "/imports/show/" in again
    text = office.get(columns(again)).text
    assert "for a file with the same headings" in text
    assert '<span class="tag" data-how="by hand">saved</span>' in text
    answer = ask(office, again.replace("show", "forget"), {"sheet": "1"})
    assert answer.location == columns(again)
    assert session.query(HeaderChoice).count() == 0
    assert "the column “姓名” is missing" in office.get(columns(again)).text


def test_without_the_tick_nothing_is_remembered(session, office, district):
    page = staged(office, "people", NAMELESS)
    choose(office, page, remember=None, **{"map-0-name": "3"})
    assert session.query(HeaderChoice).count() == 0
    assert not the_batch(session).stopped


def test_the_row_of_the_headings_is_pressed_and_then_the_columns_are_chosen(session, office, district):
    page = staged(office, "people", STRANGE)
    text = office.get(page).text
    assert 'name="header" value="0:2"' in text
    assert "138****8000" in text
    assert ask(office, page, {"header": "0:2", "rows-0": "1"}).location == page
    assert chosen(office, page) == {}
    sent = {"map-0-name": "1", "map-0-unit": "2", "map-0-mobile": "3"}
    assert "/imports/show/" in choose(office, page, **sent).location
    assert counted(session) == (1, 0, 0, 1)
    assert "“Sheet1”: headings in row 2, by hand" in office.get(page.replace("columns", "show")).text


def test_the_headings_may_take_two_rows(session, office, district):
    page = staged(office, "people", xlsx([["员工", "怎样找到"], ["", "号头"], ["王小明", "13800138000"]]))
    ask(office, page, {"header": "0:1", "rows-0": "2"})
    assert "B · 怎样找到/号头" in office.get(page).text


def test_a_column_chosen_twice_is_refused_and_the_batch_stays(session, office, district):
    page = staged(office, "people", NAMELESS)
    assert choose(office, page, **{"map-0-name": "3", "map-0-post": "3"}).location == page
    assert "is chosen for “姓名” and for “职务”" in office.get(page).text
    assert the_batch(session).stopped


def test_sheets_with_the_same_headings_are_chosen_together_and_can_be_left_out(session, office, district):
    page = staged(office, "people", VILLAGES)
    text = office.get(columns(page)).text
    assert text.count("data-match") == 1
    assert "no table was found in it" in text
    same = {"map-0-staff_no": "1", "map-0-name": "2", "map-0-unit": "0"}
    choose(office, page, **same, **{"use-1": "1"})
    assert the_batch(session).mapping == {sheet: {"工号": "工号", "姓名": "姓名"} for sheet in ("石桥村", "沙口村")}
    text = office.get(columns(page)).text
    assert text.count("its name fills “单位”") == 2
    choose(office, page, **same)
    assert list(the_batch(session).mapping) == ["石桥村"]
    assert counted(session) == (1, 0, 0, 0)


def test_a_sheet_without_headings_that_is_switched_on_asks_for_them(office, district):
    page = staged(office, "people", VILLAGES)
    answer = choose(office, page, **{"map-0-name": "2", "use-1": "1", "use-2": "1"})
    assert answer.location == columns(page)
    assert "“说明”: say in which row the headings stand" in office.get(columns(page)).text


def test_hidden_rows_are_shown_as_such_and_can_be_switched_on(session, office, district):
    page = staged(office, "people", workbook(3, 4, rows=ROWS))
    assert "hidden rows were left out: 2" in office.get(page).text
    assert "read its hidden rows too (2)" in office.get(columns(page)).text
    choose(office, page, **{"map-0-staff_no": "1", "map-0-name": "2", "map-0-unit": "3", "hidden-0": "1"})
    assert counted(session) == (6, 0, 0, 0)
    assert 'name="hidden-0" value="1" checked' in office.get(columns(page)).text
    assert "“花名册”: hidden rows are read too" in office.get(page).text


def test_rows_that_are_no_data_are_listed_with_their_reason(office, district):
    text = office.get(columns(staged(office, "people", roster(wang())))).text
    assert "Rows that are no data in “Sheet1”: 2" in text
    assert "row 1 · above the header</span> <span data-typed>青石镇干部花名册" in text
    assert "row 4 · a total</span> <span data-typed>合计" in text


def test_a_text_is_read_anew_in_the_encoding_that_is_pressed(session, office, district):
    data = "工号,姓名,单位\nA1,甲乙,石桥村一\n".encode().decode("gb18030").encode()
    page = staged(office, "people", data, name="名册.csv")
    assert 'name="encoding" value="utf-8 as gb18030"><span data-typed>工号,姓名,单位</span>' in office.get(page).text
    ask(office, page, {"encoding": "utf-8 as gb18030"})
    assert the_batch(session).mapping == {"名册.csv": {"工号": "工号", "姓名": "姓名", "单位": "单位"}}
    assert "GB18030 → UTF-8" in office.get(page).text
    ask(office, page, {"automatically": "1"})
    assert the_batch(session).stopped


@pytest.mark.parametrize(
    "sent",
    [
        {"header": "7:1"},
        {"header": "0:99"},
        {"header": "x"},
        {"map-0-name": "99", "apply": "1"},
        {"map-0-name": "-1", "apply": "1"},
    ],
)
def test_what_no_screen_sends_is_refused(session, office, district, sent):
    page = staged(office, "people", NAMELESS)
    assert send(office, page, {"use-0": "1", **sent}).status_code == 400
    assert the_batch(session).stopped


def test_once_it_is_done_the_columns_cannot_be_changed(session, office, district):
    page = staged(office, "people", roster(wang()))
    csrf = token(office, columns(page))
    press(office, page, "commit")
    assert office.get(columns(page)).location == page
    sent = {"csrf_token": csrf, "apply": "1", "use-0": "1", "map-0-name": "2"}
    assert office.post(columns(page), data=sent).location == page
    assert the_batch(session).state == "committed"


def test_rows_that_are_gone_can_be_read_again(session, office, district):
    page = staged(office, "people", roster(wang()))
    session.execute(sa.text("DELETE FROM staging.sketch"))
    session.commit()
    assert "The rows that waited here are gone" in office.get(columns(page)).text
    assert ask(office, columns(page), {"automatically": "1"}).location == columns(page)
    assert chosen(office, page)["map-0-staff_no"] == "2"


def test_compared_again_rows_that_are_gone_are_read_from_the_file_as_it_was_chosen(session, office, district):
    page = staged(office, "people", NAMELESS)
    show = choose(office, page, **{"map-0-staff_no": "1", "map-0-unit": "2", "map-0-name": "3"}).location
    for table in staging.metadata.sorted_tables:
        session.execute(table.delete())
    session.commit()
    press(office, show, "compare")
    assert (counted(session), the_batch(session).mapping["Sheet1"]["姓名"]) == ((1, 0, 0, 0), "叫什么")
    press(office, show, "commit")
    assert session.query(Person).filter_by(name="王小明").count() == 1


@pytest.mark.parametrize("part", ["columns", "forget"])
def test_a_roster_s_columns_are_hidden_from_others(session, client_as, office, district, part):
    page = staged(office, "people", roster(wang()))
    stranger = client_as("dispatcher", district.root)
    csrf = {"csrf_token": token(stranger, "/imports/new")}
    assert stranger.post(page.replace("show", part), data=csrf).status_code == 404
    assert part == "forget" or stranger.get(page.replace("show", part)).status_code == 404
    handler = client_as("handler", district.village)
    assert handler.get(columns(page)).status_code in (302, 403)


def test_without_its_token_nothing_is_read_again(app, session, office, district, monkeypatch):
    page = staged(office, "people", NAMELESS)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert office.post(page, data={"apply": "1", "use-0": "1", "map-0-name": "3"}).status_code == 400
    assert office.post(page.replace("columns", "forget"), data={"sheet": "1"}).status_code == 400
    assert the_batch(session).stopped


def test_a_file_in_chinese_leaves_no_english_on_its_screen(client_as, district):
    chinese = client_as("office", district.root)
    text = chinese.get(staged(chinese, "people", NAMELESS)).text
    main = text[text.index("<main") :]
    assert "缺少“姓名”列" in main
    assert "not in this file" not in main


def test_what_no_row_of_a_file_says_is_said_later_for_all_of_them(session, office, district):
    nowhere = xlsx([["工号", "姓名"], ["A1", "甲"], ["A2", "乙"]])
    page = staged(office, "people", nowhere)
    assert counted(session) == (0, 0, 0, 2)
    assert "can be said once for the whole file" in office.get(page).text
    place = {"map-0-staff_no": "1", "map-0-name": "2", "place": str(district.village.id)}
    show = choose(office, page, **place).location
    assert counted(session) == (2, 0, 0, 0)
    assert "can be said once for the whole file" not in office.get(show).text
    assert f'value="{district.village.id}"' in office.get(columns(show)).text
    press(office, show, "commit")
    assert session.query(Person).filter_by(name="甲").one().unit_id == district.village.id


def test_the_source_of_a_ledger_can_be_named_after_it_was_read(session, office, district):
    page = staged(office, "tickets", xlsx([["工单编号", "受理时间", "标题"], ["H-1", "2026-10-08 09:00", "路灯不亮"]]))
    assert counted(session) == (0, 0, 0, 1)
    named = {"map-0-external_id": "1", "map-0-submitted_at": "2", "map-0-title": "3", "new_source": "街道热线"}
    show = choose(office, page, **named, unit=str(district.village.id)).location
    assert counted(session) == (1, 0, 0, 0)
    assert 'value="街道热线"' in office.get(columns(show)).text
    press(office, show, "commit")
    assert session.query(Ticket).filter_by(external_id="H-1").one().source == "街道热线"


def test_a_unit_nobody_has_is_not_taken_for_the_whole_file(session, office):
    page = staged(office, "people", xlsx([["工号", "姓名"], ["A1", "甲"]]))
    sent = {"use-0": "1", "apply": "1", "map-0-staff_no": "1", "map-0-name": "2", "place": "999999"}
    assert send(office, columns(page), sent, page=columns(page)).status_code == 400
    assert counted(session) == (0, 0, 0, 1)
