"""What the screen says of an import that a worker has, and how it is cancelled and taken back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from imports import batches, progress, run
from models import db
from models.imports import ImportBatch
from models.notices import Notice
from models.people import Person
from tests.factories import make_account, make_person
from tests.imports.test_people import roster, wang
from tests.views.browsing import send
from tests.views.test_imports import press, staged, the_batch, upload, work
from views.import_work import HOLDERS


def clock():
    return datetime.now(UTC)


@pytest.fixture
def office(client_as, district):
    client = client_as("office", district.root)
    client.get("/lang/en")
    return client


@pytest.fixture
def waiting(office):
    """The page of a file no worker has taken up."""
    return upload(office, "people", roster(wang())).location


def taken(session, told):
    """As if a worker were at it."""
    claim = batches.take(session, clock())
    session.commit()
    with db.engine.begin() as connection:
        progress.say(connection, claim.holder, clock(), told)
    return claim


def test_the_upload_answers_before_anything_is_read(session, office, waiting):
    shown = office.get(waiting).text
    assert "Waiting for a worker" in shown
    assert f'hx-get="{waiting.replace("show", "progress")}"' in shown
    assert "Look again" in shown
    assert the_batch(session).state == "waiting"


def test_the_bar_tells_how_far_it_is_and_gives_way_to_the_preview(session, office, waiting):
    told = progress.Progress()
    told.enter("Rows are being checked", 40_000)
    told.done = 12_000
    taken(session, told)
    piece = office.get(waiting.replace("show", "progress"))
    assert "Rows are being checked 12,000 of about 40,000" in piece.text
    assert 'value="30"' in piece.text
    assert "<html" not in piece.text
    session.execute(sa.update(ImportBatch).values(state="waiting", taken_by=None))
    session.commit()
    work(office)
    over = office.get(waiting.replace("show", "progress"))
    assert (over.status_code, over.headers["HX-Redirect"]) == (204, waiting)
    assert "import-working" not in office.get(waiting).text


def test_nobody_taking_it_up_is_said_with_what_to_do(session, office, waiting):
    session.execute(sa.update(ImportBatch).values(asked_at=clock() - timedelta(minutes=1)))
    session.commit()
    assert "flask jobs work" in office.get(waiting).text


def test_a_file_nobody_has_taken_up_is_cancelled_at_once(session, office, waiting):
    press(office, waiting, "cancel")
    assert the_batch(session).state == "cancelled"
    shown = office.get(waiting).text
    assert ('value="Cancel"' in shown, 'class="steps"' in shown) == (False, False)
    assert "Import cancelled" in office.get("/imports/list/").text


def test_a_worker_is_asked_to_stop_and_the_page_says_by_whom(session, office, waiting):
    taken(session, progress.Progress())
    send(office, waiting.replace("show", "cancel"), {}, page=waiting)
    assert f"It is being cancelled; {the_batch(session).name} asked for it" in office.get(waiting).text
    assert the_batch(session).state == "reading"


@pytest.fixture
def read_again(office, district):
    """The page of a roster whose columns were chosen anew, before a worker has taken it up."""
    page = staged(office, "people", roster(wang()))
    columns = page.replace("show", "columns")
    answer = send(office, columns, {"use-0": "1", "apply": "1", "map-0-name": "3", "map-0-unit": "7"})
    assert answer.location == f"{page}?then=columns"
    return page


def test_what_is_read_again_shows_its_bar_and_can_be_cancelled(session, office, read_again):
    shown = office.get(f"{read_again}?then=columns").text
    assert "<strong>Being read again</strong> Waiting for a worker" in shown
    assert f'hx-get="{read_again.replace("show", "progress")}?then=columns"' in shown
    assert f'action="{read_again.replace("show", "commit")}"' not in shown
    assert office.get(read_again.replace("show", "columns")).location == read_again
    answer = send(office, f"{read_again.replace('show', 'cancel')}?then=columns", {}, page=read_again)
    assert answer.location == f"{read_again}?then=columns"
    assert (the_batch(session).state, the_batch(session).task) == ("previewed", {})
    assert office.get(answer.location).location == read_again.replace("show", "columns")


def test_what_was_refused_or_cancelled_is_said_where_it_was_asked_for(session, office, read_again):
    taken = the_batch(session)
    taken.options = taken.options | {
        "task": taken.task | {"choices": {"encoding": "", "headings": {"x": "y"}, "sheets": {}}}
    }
    session.commit()
    work(office)
    columns = office.get(f"{read_again}?then=columns").location
    assert columns == read_again.replace("show", "columns")
    assert "There is no column “x” here" in office.get(columns).text


def test_compared_again_the_page_says_so_in_green(session, office, district):
    page = staged(office, "people", roster(wang()))
    make_person(session, district.village, "王小明").staff_no = "A001"
    session.commit()
    shown = press(office, page, "compare", follow_redirects=True).text
    assert the_batch(session).counts == {"new": 0, "changed": 1, "same": 0, "error": 0}
    assert (
        'banner-success" role="status"><i class="fa fa-circle-check" aria-hidden="true"></i><div>Compared with' in shown
    )
    press(office, page, "commit")
    assert "Compared with today" not in office.get(page).text


def test_a_committed_import_is_undone_and_what_went_on_since_is_listed(session, office, district):
    page = staged(office, "people", roster(wang(), wang(工号="A2", 姓名="李四", 身份证号码="", 手机号码="")))
    press(office, page, "commit")
    shown = office.get(page).text
    assert "2 new entries are removed and 0 changed ones get back" in shown
    account = make_account(session, "handler", district.village)
    account.person = session.scalars(sa.select(Person).where(Person.name == "李四")).one()
    session.commit()
    shown = press(office, page, "undo", follow_redirects=True).text
    assert "1 removed, 0 restored. 1 was left alone." in shown
    assert "Others depend on it: Account" in shown
    assert f'<a href="/people/show/{account.person_id}">李四 A2</a>' in shown
    assert (the_batch(session).state, the_batch(session).undone_by) == ("undone", the_batch(session).name)
    again = send(office, page.replace("show", "undo"), {}, page="/imports/new", follow_redirects=True)
    assert "already been undone" in again.text


def test_what_keeps_an_entry_from_being_taken_back_is_named_whatever_holds_it():
    """Everything that refers to what an import may add."""
    unnamed = {
        table.name
        for kind in run.KINDS.values()
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is kind.target and table.name not in {"import_row", *HOLDERS, *parts_of(kind)}
    }
    assert unnamed == set()


def parts_of(kind):
    return kind.byproducts | {part.table.name for part in kind.parts}


def test_an_empty_history_says_what_to_do(office):
    assert "Nothing has been imported yet" in office.get("/imports/list/").text
    assert "Nothing has been imported yet" not in office.get("/imports/list/?_flt_0_state=failed").text


def test_the_history_says_who_undid_it_and_finds_by_kind_and_state(session, office, district):
    page = staged(office, "people", roster(wang()))
    press(office, page, "commit")
    press(office, page, "undo")
    shown = office.get("/imports/list/?_flt_0_state=undone&_flt_0_kind=people").text
    assert "名册.xlsx" in shown
    assert f"Undone by {the_batch(session).undone_by}" in shown
    assert "名册.xlsx" not in office.get("/imports/list/?_flt_0_state=committed").text
    assert "名册.xlsx" not in office.get("/imports/list/?_flt_0_kind=units").text


def test_the_same_file_in_other_hands_is_pointed_to(client_as, office, district):
    data = roster(wang())
    first = staged(office, "people", data)
    other = client_as("office", district.root)
    other.get("/lang/en")
    second = staged(other, "people", data)
    shown = other.get(second).text
    assert "The same file is also being imported here:" in shown
    assert f'href="{first}"' in shown
    for client, page in ((office, first), (other, second)):
        press(client, page, "commit")
    shown = other.get(second).text
    assert "The data changed before this was committed" in shown
    assert "This file was imported before:" in shown
    assert "nothing would change" in shown


def test_a_notice_about_an_import_leads_to_it(session, office, waiting):
    session.execute(sa.update(ImportBatch).values(asked_at=clock() - timedelta(minutes=1)))
    session.commit()
    work(office)
    notice = session.scalars(sa.select(Notice)).one()
    assert office.get(f"/notices/show/{notice.id}").location == waiting


def test_the_history_says_who_when_which_file_and_what_came_of_it(session, office, district):
    press(office, staged(office, "people", roster(wang())), "commit")
    shown = office.get("/imports/list/").text
    batch = the_batch(session)
    assert f'<a class="row-link" href="/imports/show/{batch.id}">名册.xlsx</a>' in shown
    assert batch.sha256[:12] in shown
    assert batch.name in shown
    assert re.search(rf'data-label="Import number" class="num">\s*{batch.id}\s*</td>', shown)
    assert "名册.xlsx" in office.get("/imports/export/csv").text


def test_the_history_is_put_in_the_order_of_the_numbers(session, office, district):
    for kind in ("people", "units"):
        staged(office, kind, roster(wang()), name=f"{kind}.xlsx")
    shown = office.get("/imports/list/?_oc_ImportView=id&_od_ImportView=asc").text
    assert 0 < shown.index("people.xlsx") < shown.index("units.xlsx")
