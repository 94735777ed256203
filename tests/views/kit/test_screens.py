"""What the ground makes of bad input, errors, races and long lists."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import create_app
from models import db
from models.calendar import CalendarDay, CalendarYear
from models.terms import Term
from models.units import Unit
from tests.asked import Asked
from tests.factories import make_person, unit
from views.people import PersonView
from views.units import UnitView


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def names(page) -> list[str]:
    return re.findall(r"测试村\d\d", page.text)


def test_four_people_searching_at_once_each_see_their_own_search(app, session, district, client_as):
    for n in range(4):
        unit(session, district.town, f"33990100190{n}", f"测试村0{n}", "village")
    session.commit()
    browsers = [client_as("office", district.root) for _ in range(4)]

    def search(n):
        return [set(names(browsers[n].get(f"/units/list/?_flt_2_name=测试村0{n}"))) for _ in range(40)]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(search, range(4)))
    assert found == [[{f"测试村0{n}"}] * 40 for n in range(4)]


@pytest.mark.parametrize(
    "asked",
    [
        "page_UnitView=x", "page_UnitView=-1", "page_UnitView=99999999999999999999", "psize_UnitView=x",
        "psize_UnitView=0", "_oc_UnitView=nothing&_od_UnitView=asc", "_oc_UnitView=code&_od_UnitView=up",
        "_flt_9_name=x", "_flt_0_nothing=x", "_flt_0_parent=x", "_flt_0_parent=99999999999999999999",
        "_flt_0_kind=nothing", "_flt_=x",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_no_error(office, asked):
    assert office.get(f"/units/list/?{asked}").status_code == 200


def test_a_list_is_narrowed_by_twenty_values_and_no_more(session, office, district):
    for n in range(21):
        unit(session, district.town, f"3399010019{n:02d}", f"测试村{n:02d}甲" if n else "测试村00", "village")
    session.commit()
    asked = [f"_flt_0_name={value}" for value in ["测", "试", "村"] * 6 + ["0", "测", "甲"]]
    with Asked(db.engine) as listening:
        found = names(office.get(f"/units/list/?{'&'.join(asked * 15)}"))
    assert "测试村00" in found
    assert "测试村10" in found
    assert "测试村11" not in found
    assert max(statement.count("LIKE") for statement, _ in listening.made) == 20


def test_a_text_with_a_nul_in_it_is_refused(office, client):
    assert office.get("/units/list/?_flt_0_name=%00").status_code == 400
    assert office.get("/options/Unit?q=a%00").status_code == 400
    assert client.post("/login/", data={"username": "a\0", "password": "b"}).status_code == 400


@pytest.mark.parametrize("key", ["x", "0", "-1", "99999999999999999999", "1 or 1=1"])
def test_a_key_that_makes_no_sense_is_not_found(office, key):
    assert office.get(f"/units/show/{key}").status_code == 404


@pytest.mark.parametrize("year", ["-1", "2003", "2100", "10000", "99999999999"])
def test_a_year_beyond_the_calendar_is_refused(session, office, year):
    page = office.post("/calendar/add", data={"year": year, "official": "y"})
    assert "日历只收 2004 至 2099 年" in page.text
    assert max(session.scalars(sa.select(CalendarYear.year))) == 2027
    assert min(session.scalars(sa.select(CalendarYear.year))) == 2004


def test_so_is_a_day_beyond_it(office):
    day = {"name": "元旦", "working": "y"}
    assert "日历只收 2004 至 2099 年" in office.post("/calendar-days/add", data=day | {"day": "2100-01-01"}).text
    assert office.post("/calendar-days/add", data=day | {"day": "2099-12-31"}).status_code == 302


def test_a_day_entered_twice_is_refused_in_words(office):
    day = {"day": "2027-02-08", "name": "春节"}
    assert office.post("/calendar-days/add", data=day).status_code == 302
    assert "该日期已录入" in office.post("/calendar-days/add", data=day).text


def test_a_day_off_is_one_whose_box_is_not_ticked(session, office):
    assert office.post("/calendar-days/add", data={"day": "2027-02-08", "name": "春节"}).status_code == 302
    made = session.scalars(sa.select(CalendarDay).where(CalendarDay.day == date(2027, 2, 8))).one()
    assert made.working is False


def test_bad_dates_and_numbers_in_a_search_find_nothing(client_as, district):
    auditor = client_as("audit_admin", district.root)
    for asked in ("_flt_0_at=yesterday", "_flt_0_subject_id=x", "_flt_0_subject_id=9999999999"):
        assert auditor.get(f"/changes/list/?{asked}").status_code == 200


def test_a_list_is_ordered_by_its_own_columns_only(session, office, district):
    for number, mobile in enumerate(["13900000000", "13800000000", "13700000000"]):
        make_person(session, district.village, f"测试村0{number}", mobile=mobile)
    session.commit()
    plain = names(office.get("/people/list/"))
    assert names(office.get("/people/list/?_oc_PersonView=mobile_hash&_od_PersonView=asc")) == plain
    assert names(office.get("/people/list/?_oc_PersonView=mobile_hash&_od_PersonView=desc")) == plain
    assert names(office.get("/people/list/?_oc_PersonView=name&_od_PersonView=desc")) != plain


def test_a_page_has_at_most_a_hundred_rows(office):
    page = office.get("/calendar-days/list/?psize_CalendarDayView=100000")
    assert page.text.count("<tr data-href=") == 100


def test_a_count_stops_at_its_cap(app, session, district, monkeypatch):
    monkeypatch.setattr("views.kit.interface.COUNTED_TO", 4)
    count, rows = UnitView.datamodel.query(page=0, page_size=3)
    assert (count, len(rows)) == (5, 3)


def test_a_refusal_is_told_in_words_and_what_was_typed_stays(session, office, district):
    fields = {"code": "339901001009", "name": "错位镇", "kind": "town", "parent": district.village.id}
    page = office.post("/units/add", data=fields)
    assert "错位镇" in page.text
    assert "339901001009" in page.text
    assert session.scalar(sa.select(Unit).where(Unit.code == "339901001009")) is None


def test_an_exception_before_saving_is_not_swallowed_and_nothing_is_saved(app, session, office, district, monkeypatch):
    person = make_person(session, district.village, "石小桥")
    session.commit()

    def break_off(self, person):
        raise RuntimeError("broken")

    monkeypatch.setattr(PersonView, "pre_update", break_off)
    monkeypatch.setattr(PersonView, "pre_add", break_off)
    assert office.post(f"/people/edit/{person.id}", data=edited(person, name="改名")).status_code == 500
    assert office.post("/people/add", data={"name": "改名", "unit": district.village.id}).status_code == 500
    session.expire_all()
    assert person.name == "石小桥"
    assert len(session.scalars(sa.select(Unit.id).where(Unit.name == "改名")).all()) == 0


def edited(person, **changes):
    return {"name": person.name, "unit": person.unit_id, "version": person.version, "employment": "active"} | changes


def test_a_refused_row_is_not_saved_by_a_later_commit_of_the_same_request(app, session, office, district, monkeypatch):
    def refuse(self, person):
        from rules.refusals import Refusal

        raise Refusal("No")

    def commit_later(self, **kwargs):
        db.session.commit()
        return render(self, **kwargs)

    render = PersonView._get_edit_widget
    person = make_person(session, district.village, "石小桥")
    session.commit()
    monkeypatch.setattr(PersonView, "pre_update", refuse)
    monkeypatch.setattr(PersonView, "_get_edit_widget", commit_later)
    office.post(f"/people/edit/{person.id}", data=edited(person, name="改名"))
    session.expire_all()
    assert person.name == "石小桥"


def test_an_edit_saves_and_a_second_one_from_the_same_page_is_told_of_the_first(session, office, district):
    person = make_person(session, district.village, "石小桥")
    session.commit()
    first, second = edited(person, name="石大桥"), edited(person, name="石中桥")
    assert office.post(f"/people/edit/{person.id}", data=first).status_code == 302
    page = office.post(f"/people/edit/{person.id}", data=second)
    session.expire_all()
    assert person.name == "石大桥"
    assert "石中桥" in page.text


def test_a_database_error_is_told_without_its_sql(session, office):
    term = session.scalars(sa.select(Term).where(Term.kind == "source")).first()
    fields = {"kind": "source", "code": term.code, "label": "重复", "position": "1", "active": "y"}
    page = office.post("/terms/add", data=fields)
    assert "重复" in page.text
    for leak in ("INSERT", "IntegrityError", "UNIQUE", "psycopg", "sqlite"):
        assert leak not in page.text
    assert session.scalar(sa.select(sa.func.count()).where(Term.code == term.code, Term.kind == "source")) == 1


def test_any_other_database_error_is_told_without_its_sql(session, office, district, monkeypatch):
    def fail():
        raise OperationalError("UPDATE person SET secret", {}, Exception("disk"))

    person = make_person(session, district.village, "石小桥")
    session.commit()
    monkeypatch.setattr("views.saving.db.session.commit", fail)
    page = office.post(f"/people/edit/{person.id}", data=edited(person, name="改名"))
    assert "secret" not in page.text
    assert "disk" not in page.text
    session.expire_all()
    assert person.name == "石小桥"


def test_the_log_of_a_database_error_names_no_value(app, office, caplog):
    fields = {"kind": "source", "code": "portal", "label": "某人的秘密", "position": "1", "active": "y"}
    office.post("/terms/add", data=fields)
    assert "refused by the database" in caplog.text
    assert "某人的秘密" not in caplog.text
    with app.app_context():
        assert db.engine.hide_parameters


def test_nothing_is_deleted_by_following_a_link(session, client_as, district):
    office = client_as("office", district.root)
    assert office.get("/duties/delete/1").status_code == 405
    assert "1" in office.get("/duties/list/").text
    assert office.post("/duties/delete/1").status_code == 302
    assert office.get("/duties/show/1").status_code == 404


def test_an_api_that_takes_the_consoles_cookie_asks_for_its_token_too(app, session, office, district):
    person = make_person(session, district.village, "石小桥")
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = office.put(f"/api/v1/people/{person.id}", json={"name": "改名"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    session.expire_all()
    assert answer.status_code == 400
    assert person.name == "石小桥"


def test_no_view_hands_out_files_by_name(app):
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.endswith(".download")]


def test_a_second_application_has_every_screen_of_the_first(app, backend):
    second = create_app(backend.settings)
    assert {str(rule) for rule in second.url_map.iter_rules()} == {str(rule) for rule in app.url_map.iter_rules()}
    with second.app_context():
        db.engine.dispose()


def test_permissions_are_read_once_a_page(app, office):
    statements = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    office.get("/units/list/")
    asked = [each for each in statements if "ab_permission_view_role" in each]
    assert len(asked) == 1


def test_a_list_asks_the_database_as_often_for_many_rows_as_for_few(app, session, office, district):
    statements = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    office.get("/units/list/?psize_UnitView=2")
    few = len(statements)
    statements.clear()
    office.get("/units/list/?psize_UnitView=100")
    assert len(statements) == few


def test_people_are_shown_masked_and_their_forms_never_filled(session, office, district):
    person = make_person(session, district.village, "石小桥", id_number="339901198001010014", mobile="13800138000")
    session.commit()
    for address in ("/people/list/", f"/people/show/{person.id}", f"/people/edit/{person.id}", "/people/export/csv"):
        page = office.get(address).get_data(as_text=True)
        assert "13800138000" not in page
        assert "339901198001010014" not in page
    assert "138****8000" in office.get(f"/people/show/{person.id}").text


def test_an_empty_number_field_keeps_the_number(session, office, district):
    person = make_person(session, district.village, "石小桥", mobile="13800138000")
    session.commit()
    office.post(f"/people/edit/{person.id}", data=edited(person, post="书记", mobile=""))
    session.expire_all()
    assert (person.post, person.mobile) == ("书记", "13800138000")
    office.post(f"/people/edit/{person.id}", data=edited(person, mobile="１３９ 0013 9000"))
    session.expire_all()
    assert person.mobile == "13900139000"


def test_a_list_exports_what_is_shown_filtered_and_ordered(session, office, district):
    for n in range(3):
        make_person(session, district.village, f"测试村0{n}", post="=1+1")
    make_person(session, district.town, "镇干部")
    session.commit()
    asked = "_flt_1_name=测试村&_oc_PersonView=name&_od_PersonView=desc"
    exported = office.get(f"/people/export/csv?{asked}")
    text = exported.get_data().decode("utf-8-sig")
    assert re.findall(r"测试村\d\d", text) == ["测试村02", "测试村01", "测试村00"]
    assert "镇干部" not in text
    assert "石桥村" in text
    assert "\n=1+1" not in text
    assert ",=1+1" not in text
    sheet = office.get(f"/people/export/xlsx?{asked}")
    assert sheet.data[:2] == b"PK"
    assert office.get("/people/export/exe").status_code == 404


def test_a_day_searched_is_a_day_in_china(session, client_as, office, district):
    from models.changes import Change
    from tests.stage import at

    for moment, name in (("2026-09-17 23:59", "前"), ("2026-09-18 00:00", "当日早"), ("2026-09-18 23:59", "当日晚")):
        row = Change(subject="unit", subject_id=1, action="changed", at=at(moment), name=name, details={})
        session.add(row)
    session.commit()
    auditor = client_as("audit_admin", district.root)
    page = auditor.get("/changes/list/?_flt_0_at=2026-09-18&_flt_1_at=2026-09-18").text
    assert ("当日早" in page, "当日晚" in page, ">前<" in page) == (True, True, False)


def test_a_policy_takes_what_fits_and_becomes_a_new_version(session, office):
    from models.policies import PolicyRow, policy_version

    row = session.scalars(sa.select(PolicyRow).where(PolicyRow.key == "clock_mode")).one()
    before = policy_version(session)
    assert office.post(f"/policies/edit/{row.id}", data={"value": "workday"}).status_code == 302
    assert office.post(f"/policies/edit/{row.id}", data={"value": "lunar"}).status_code == 200
    session.expire_all()
    assert (row.value, policy_version(session)) == ("workday", before + 1)
    hours = session.scalars(sa.select(PolicyRow).where(PolicyRow.key == "morning_from")).one()
    office.post(f"/policies/edit/{hours.id}", data={"value": "09:00"})
    session.expire_all()
    assert hours.value == "09:00"


def test_the_form_of_a_policy_says_which_one_it_is_and_what_it_counts(session, office):
    from models.policies import PolicyRow

    row = session.scalars(sa.select(PolicyRow).where(PolicyRow.key == "hard_days")).one()
    page = office.get(f"/policies/edit/{row.id}").text
    assert page.count("难事办结时限") + page.count("Settle a hard issue within") == 1


def test_every_screen_opens_for_those_who_may_see_it(app, session, district, client_as):
    refused = []
    for role in ("office", "sys_admin", "sec_admin", "audit_admin", "evaluator", "handler", "manager"):
        browser = client_as(role, district.root)
        for rule in app.url_map.iter_rules():
            if "GET" in rule.methods and not rule.arguments and "static" not in rule.endpoint:
                status = browser.get(str(rule)).status_code
                if status not in (200, 302, 403):
                    refused.append((role, str(rule), status))
    assert refused == []


@pytest.mark.parametrize("page", ["http://elsewhere.invalid/x", "http://localhost//elsewhere.invalid/x"])
def test_the_way_back_never_leaves_the_console(client_as, district, page):
    answer = client_as("handler", district.village).get("/lang/en", headers={"Referer": page})
    assert answer.status_code == 302
    assert answer.headers["Location"] in ("/", "/elsewhere.invalid/x")
