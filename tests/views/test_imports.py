"""Spreadsheets in the browser, from upload over preview to commit."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
import sqlalchemy as sa

from imports import originals
from imports.run import KINDS
from jobs.importing import work_all
from models import db
from models.changes import Change
from models.imports import BatchState, ImportBatch
from models.people import Person
from models.ratings import Reporter
from models.terms import Term
from models.tickets import Ticket
from models.units import Unit
from tests.factories import make_person
from tests.imports.books import compound, sparse, with_part, xlsx
from tests.imports.test_people import ID, roster, wang
from tests.imports.test_tickets import ledger, row
from tests.views.browsing import file, send, token
from views.kit.context import now

UNITS = xlsx([["代码", "名称", "上级代码", "层级"], ["339901001003", "新桥村", "339901001000", "村"]])
BROKEN = roster(wang(), wang(工号="A002", 身份证号码="", 姓名="李四", 手机号码="12"))
BOMB = with_part(xlsx([["工号", "姓名"]]), "xl/media/swell.bin", b"\0" * (3 << 20))
MACROS = with_part(xlsx([["工号", "姓名"]]), "xl/vbaProject.bin", b"x")


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def upload(client, kind, data, name="名册.xlsx", **options):
    return send(client, "/imports/new", {"kind": kind, "file": file(name, data), **options})


def staged(client, kind, data, **options):
    """The address a browser is led to once the file is read."""
    answer = upload(client, kind, data, **options)
    assert answer.status_code == 302, answer.text
    work(client)
    found = client.get(answer.location.replace("show", "progress"))
    return found.headers.get("HX-Redirect", answer.location)


def work(client):
    """As the worker beside the web server would."""
    with client.application.app_context():
        work_all(db.session(), now)


def press(client, page, what, **kwargs):
    """A button of the preview, and what a worker then does."""
    answer = send(client, page.replace("show", what), {}, page=page, **kwargs)
    work(client)
    return client.get(page) if kwargs.get("follow_redirects") else answer


def the_batch(session):
    session.expire_all()
    return session.scalars(sa.select(ImportBatch)).one()


def counted(session):
    batch = the_batch(session)
    return batch.new, batch.changed, batch.same, batch.error


def test_units_go_from_the_file_over_the_preview_into_the_tree(session, office, district):
    page = staged(office, "units", UNITS, name="村社名单.xlsx")
    shown = office.get(page).text
    assert "339901001003" in shown
    assert "新桥村" in shown
    assert "青石镇" in shown
    assert session.query(Unit).filter_by(code="339901001003").count() == 0
    assert "1" in press(office, page, "commit", follow_redirects=True).text
    unit = session.scalars(sa.select(Unit).where(Unit.code == "339901001003")).one()
    assert (unit.name, unit.path) == ("新桥村", "/339901000000/339901001000/339901001003/")
    batch = the_batch(session)
    assert (batch.state, batch.filename, batch.kind) == ("committed", "村社名单.xlsx", "units")
    assert counted(session) == (1, 0, 0, 0)


def test_people_are_previewed_masked_and_committed_with_the_name_of_the_importer(session, office, district):
    page = staged(office, "people", roster(wang()))
    shown = office.get(page).text
    assert "110***********002X" in shown
    assert "138****8000" in shown
    assert ID not in shown
    assert "13800138000" not in shown
    press(office, page, "commit")
    person = session.scalars(sa.select(Person).where(Person.staff_no == "A001")).one()
    change = session.scalars(sa.select(Change).where(Change.batch_id == the_batch(session).id)).one()
    assert (person.mobile, change.subject_id, change.person_id) == ("13800138000", person.id, office.person_id)


def test_a_ledger_takes_source_and_place_from_the_form(session, client_as, district):
    town = client_as("dispatcher", district.town)
    book = ledger(row(来源="", 街乡镇="", 村社区="", 主办单位="青石镇"))
    page = staged(town, "tickets", book, new_source="问政", unit=str(district.village.id))
    shown = town.get(page).text
    assert "路灯不亮" in shown
    assert "138****8000" in shown
    assert "13800138000" not in shown
    press(town, page, "commit")
    ticket = session.scalars(sa.select(Ticket)).one()
    assert (ticket.source, ticket.external_id, ticket.path) == ("问政", "H-1", district.village.path)
    assert session.scalar(sa.select(Term.label).where(Term.code == "问政")) == "问政"
    assert session.scalars(sa.select(Reporter)).one().ticket_id == ticket.id


def test_the_place_of_a_ledger_is_ones_own_unit_unless_another_is_chosen(session, client_as, district):
    town = client_as("dispatcher", district.town)
    form = town.get("/imports/new").text
    assert f'<option value="{district.town.id}" selected>青石镇</option>' in form
    assert "/options/Unit" in form


def test_the_same_file_again_would_write_nothing_and_says_that_it_is_known(session, office, district):
    data = roster(wang())
    first = staged(office, "people", data)
    press(office, first, "commit")
    again = staged(office, "people", data)
    shown = office.get(again).text
    assert f'href="{first}"' in shown
    assert f'action="{again.replace("show", "commit")}"' not in shown
    last = session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()
    assert (last.new, last.changed, last.same, last.error) == (0, 0, 1, 0)


def test_a_change_shows_old_and_new_masked(session, office, district):
    press(office, staged(office, "people", roster(wang())), "commit")
    shown = office.get(staged(office, "people", roster(wang(手机号码="13900139000", 职务="主任")))).text
    assert "<del>138****8000</del>" in shown
    assert "<ins>139****9000</ins>" in shown
    assert "<del>书记</del>" in shown
    assert "<ins>主任</ins>" in shown
    assert "13800138000" not in shown
    assert "13900139000" not in shown


def test_columns_are_named_as_matched_ignored_or_suggested(office, district):
    book = xlsx([["工号", "姓名", "所在单位", "联络方式号", "血型"], ["A1", "甲", "石桥村", "", "O"]])
    shown = office.get(staged(office, "people", book)).text
    assert "所在单位</span> → <strong>单位</strong>" in shown
    assert "工号</span> → <strong>工号</strong>" in shown
    assert "血型" in shown


def test_while_errors_stand_nothing_is_committed_unless_the_good_rows_alone_are_chosen(session, office, district):
    page = staged(office, "people", BROKEN)
    shown = office.get(page).text
    assert "F4" in shown
    assert "btn-barred" in shown
    assert f'action="{page.replace("show", "commit-good")}"' in shown
    press(office, page, "commit")
    assert (the_batch(session).state, session.query(Person).filter_by(name="王小明").count()) == ("previewed", 0)
    press(office, page, "commit-good")
    assert the_batch(session).state == "committed"
    assert [session.query(Person).filter_by(name=name).count() for name in ("王小明", "李四")] == [1, 0]
    assert "F4" in office.get(page).text


def test_committed_twice_it_is_written_once_and_the_second_is_told(session, office, district):
    office.get("/lang/en")
    page = staged(office, "people", roster(wang()))
    press(office, page, "commit")
    again = office.post(page.replace("show", "commit"), data={"csrf_token": token(office, "/imports/new")})
    assert again.status_code == 302
    assert "This import is already done or discarded" in office.get(page).text
    assert session.query(Person).filter_by(name="王小明").count() == 1
    assert session.query(Change).filter_by(action="added", subject="person", name=the_batch(session).name).count() == 1


def test_two_who_commit_at_once_write_once(session, client_as, district):
    first, second = (client_as("office", district.root) for _ in range(2))
    page = staged(first, "people", roster(*(wang(工号=f"A{n}", 身份证号码="", 手机号码="") for n in range(40))))
    tokens = [(client, token(client, page)) for client in (first, second)]
    session.rollback()

    def commit(pair):
        return pair[0].post(page.replace("show", "commit"), data={"csrf_token": pair[1]}).status_code

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(commit, tokens)) == [302, 302]
    work(first)
    assert session.query(Person).filter_by(name="王小明").count() == 40
    refused = [client for client in (first, second) if "banner-danger" in client.get(page).text]
    assert len(refused) == 1


def test_a_row_changed_meanwhile_is_not_overwritten_and_can_be_compared_again(session, office, district):
    person = make_person(session, district.village, "王小明", post="书记")
    person.staff_no = "A001"
    session.commit()
    page = staged(office, "people", roster(wang(职务="主任")))
    person.post = "村长"
    session.commit()
    shown = press(office, page, "commit", follow_redirects=True).text
    assert "banner-warning" in shown
    session.expire_all()
    assert (person.post, the_batch(session).state) == ("村长", BatchState.PREVIEWED)
    assert "<del>村长</del>" in shown
    press(office, page, "commit")
    session.expire_all()
    assert person.post == "主任"


def test_a_discarded_import_writes_nothing_and_cannot_be_taken_up_again(session, office, district):
    page = staged(office, "people", roster(wang()))
    csrf = token(office, page)
    press(office, page, "discard")
    office.post(page.replace("show", "commit"), data={"csrf_token": csrf})
    assert (the_batch(session).state, session.query(Person).filter_by(name="王小明").count()) == ("discarded", 0)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "空.xlsx"),
        (b"%PDF-1.7\n1 0 obj", "名册.xlsx"),
        (b"\x00\x01\x02\x03" * 100, "名册.csv"),
        (xlsx([["工号", "姓名"]])[:700], "断.xlsx"),
        (compound("EncryptedPackage"), "加密.xlsx"),
        (MACROS, "宏.xlsx"),
        (BOMB, "炸弹.xlsx"),
        (sparse({"A1": "工号", "XFD1048576": "x"}), "远.xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so_with_a_sentence(session, office, backend, data, name):
    shown = office.get(staged(office, "people", data, name=name)).text
    assert "banner-danger" in shown
    assert "%(" not in shown
    assert the_batch(session).state == "failed"
    assert session.query(Person).filter_by(name="甲").count() == 0
    assert originals.path_of(backend.settings.files_dir, sha256(data).hexdigest()).exists()


def test_a_missing_column_is_named_with_its_sheet(office, district):
    text = office.get(staged(office, "people", xlsx([["工号", "单位"], ["A1", "石桥村"]]))).text
    assert "Sheet1" in text
    assert "姓名" in text


def test_an_unknown_or_ambiguous_unit_is_an_error_with_cell_and_candidates(session, office, district):
    book = roster(wang(所在单位="无此村"), wang(工号="A2", 身份证号码="", 手机号码="", 所在单位="蒋湾村"))
    shown = office.get(staged(office, "people", book)).text
    assert "G3" in shown
    assert "无此村" in shown
    assert "G4" in shown
    assert "青石镇蒋湾村（339901001002）" in shown
    assert "白沙乡蒋湾村（339901002002）" in shown


def test_a_row_outside_the_importers_units_is_an_error(session, client_as, district):
    town = client_as("dispatcher", district.town)
    page = staged(town, "tickets", ledger(row(街乡镇="白沙乡", 村社区="沙口村", 主办单位="沙口村")))
    assert counted(session) == (0, 0, 0, 1)
    press(town, page, "commit-good")
    assert session.query(Ticket).count() == 0


def test_a_place_outside_ones_units_cannot_be_chosen(session, client_as, district):
    town = client_as("dispatcher", district.town)
    answer = upload(town, "tickets", ledger(row()), unit=str(district.far_village.id))
    assert answer.status_code == 200
    assert session.query(ImportBatch).count() == 0


def test_rosters_are_for_the_office_alone(session, client_as, district):
    town = client_as("dispatcher", district.town)
    form = town.get("/imports/new").text
    assert 'value="tickets"' in form
    assert 'value="people"' not in form
    assert upload(town, "people", roster(wang())).status_code == 200
    assert session.query(ImportBatch).count() == 0
    assert town.get("/imports/sample/people").status_code == 404


@pytest.mark.parametrize("role", ["handler", "unit_leader", "manager", "supervisor", "evaluator", "sys_admin"])
def test_other_roles_import_nothing(client_as, district, role):
    browser = client_as(role, district.town)
    for page in ("/imports/new", "/imports/list/"):
        assert browser.get(page).status_code in (302, 403)
        assert 'name="file"' not in browser.get(page, follow_redirects=True).text


READ = ("show", "original", "progress")
PARTS = (*READ, "commit", "commit-good", "compare", "discard", "cancel", "undo")


@pytest.mark.parametrize("part", PARTS)
def test_an_import_of_another_town_is_as_if_it_did_not_exist(session, client_as, district, part):
    near, far = client_as("dispatcher", district.town), client_as("dispatcher", district.far_town)
    page = staged(far, "tickets", ledger(row(街乡镇="白沙乡", 村社区="沙口村", 主办单位="沙口村")))
    here, csrf = page.replace("show", part), {"csrf_token": token(near, "/imports/new")}
    answer = near.get(here) if part in READ else near.post(here, data=csrf)
    assert answer.status_code == 404
    assert "名册.xlsx" not in near.get("/imports/list/").text
    assert (the_batch(session).state, session.query(Ticket).count()) == ("previewed", 0)


@pytest.mark.parametrize("part", PARTS)
def test_a_roster_is_hidden_from_a_dispatcher_even_of_the_whole_district(session, client_as, office, district, part):
    page = staged(office, "people", roster(wang()))
    dispatcher = client_as("dispatcher", district.root)
    here, csrf = page.replace("show", part), {"csrf_token": token(dispatcher, "/imports/new")}
    answer = dispatcher.get(here) if part in READ else dispatcher.post(here, data=csrf)
    assert answer.status_code == 404
    assert "名册.xlsx" not in dispatcher.get("/imports/list/").text


@pytest.mark.parametrize("key", ["0", "-1", "99999999999999999999", "x"])
def test_an_import_that_does_not_exist_is_not_found(office, key):
    assert [office.get(f"/imports/{part}/{key}").status_code for part in ("show", "original")] == [404, 404]


def test_without_its_token_nothing_is_taken_in_or_committed(app, session, office, district, monkeypatch):
    page = staged(office, "people", roster(wang()))
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    fresh = {"kind": "people", "file": file("a.xlsx", roster(wang()))}
    assert office.post("/imports/new", data=fresh).status_code == 400
    assert [office.post(page.replace("show", part)).status_code for part in PARTS[3:]] == [400] * 6
    assert (the_batch(session).state, session.query(Person).filter_by(name="王小明").count()) == ("previewed", 0)


def test_the_original_comes_back_byte_by_byte_under_its_chinese_name(office, district):
    data = roster(wang())
    answer = office.get(staged(office, "people", data).replace("show", "original"))
    assert answer.data == data
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "%E5%90%8D%E5%86%8C.xlsx" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_cannot_leave_the_folder_or_break_the_page(session, office, district):
    page = staged(office, "people", roster(wang()), name='../../etc/<script>alert(1)</script>\x07".xlsx')
    assert "<script>alert(1)" not in office.get(page).text
    assert office.get(page.replace("show", "original")).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_of_a_kind_goes_through_the_pipeline_without_an_error(office, district, kind):
    sample = office.get(f"/imports/sample/{kind}")
    assert sample.data.startswith(b"PK")
    assert f'/imports/sample/{kind}"' in office.get("/imports/new").text


def test_the_rows_of_a_tab_come_by_the_page(office, district):
    people = [wang(工号=f"A{n:03d}", 身份证号码="", 手机号码="", 姓名=f"测试{n:03d}") for n in range(120)]
    page = staged(office, "people", roster(*people))
    last = office.get(f"{page}?tab=new&page_Rows=2").text
    assert "测试100" in last
    assert "测试119" in last
    assert "测试099" not in last
    assert "测试049" in office.get(page).text
    assert "测试050" not in office.get(page).text


@pytest.mark.parametrize("asked", ["tab=nothing", "tab=new&page_Rows=x", "tab=error&page_Rows=99999", "psize_Rows=0"])
def test_an_address_that_makes_no_sense_still_shows_the_import(office, district, asked):
    page = staged(office, "people", roster(wang()))
    assert office.get(f"{page}?{asked}").status_code == 200


def test_a_body_too_large_to_be_read_is_told_so(app, office, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
    answer = office.post("/imports/new", data={"kind": "people", "file": file("a.xlsx", b"x" * 20_000)})
    assert answer.status_code == 413
    assert "<h1>" in answer.text


def test_a_file_over_the_limit_is_refused_with_a_sentence(session, office, monkeypatch):
    monkeypatch.setattr("views.import_files.MAX_BYTES", 100)
    monkeypatch.setattr("imports.guard.MAX_BYTES", 100)
    answer = upload(office, "people", roster(wang()))
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert session.query(ImportBatch).count() == 0


@pytest.mark.parametrize("kind", ["", "weather", "../people"])
def test_a_kind_we_do_not_have_is_refused(session, office, kind):
    assert upload(office, kind, roster(wang())).status_code == 200
    assert session.query(ImportBatch).count() == 0


def test_a_source_with_too_long_a_name_is_refused_at_its_field(session, office, district):
    assert upload(office, "tickets", ledger(row(来源="")), new_source="问" * 33).status_code == 200
    assert session.query(ImportBatch).count() == 0
