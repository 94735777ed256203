"""The page of a ledger whose commit was cancelled half-way, while it is taken back and after."""

import pytest

from models.accounts import Account
from tests.jobs.test_importing import asked, handed_in
from tests.jobs.test_slices import LEDGER, before_the_third_slice, edit, threes  # noqa: F401
from tests.jobs.test_stayed import break_off, cancel
from tests.test_commands import type_in
from tests.views.test_imports import press, work

__all__ = ["type_in"]

NOTHING = ("nothing was written", "没有写入")


@pytest.fixture
def office(client_as, district):
    client = client_as("office", district.root)
    client.get("/lang/en")
    return client


@pytest.fixture
def broken_off(session, office, monkeypatch):
    """Its page, while it waits to be taken back."""
    account = session.get_one(Account, office.account_id)
    batch, order = handed_in(session, LEDGER, "tickets", account)
    work(office)
    session.expire_all()
    asked(session, batch, order)
    break_off(session, batch, monkeypatch)
    return f"/imports/show/{batch.id}"


def in_both(client, page):
    for language in ("en", "zh"):
        client.get(f"/lang/{language}")
        yield client.get(page).text


def test_while_it_is_taken_back_the_page_says_so_and_offers_nothing_to_stop_it(office, broken_off):
    english, chinese = in_both(office, broken_off)
    for shown in (english, chinese):
        assert not any(claim in shown for claim in NOTHING)
        assert "/imports/cancel/" not in shown
    assert all(words in english for words in ("<strong>Being taken back</strong>", "Cancelled by 李主任"))
    assert all(words in chinese for words in ("<strong>正在撤回</strong>", "已由李主任取消"))


def test_after_it_what_stays_is_listed_with_links_in_both_languages(session, office, broken_off):
    work(office)
    english, chinese = in_both(office, broken_off)
    assert not any(claim in shown for claim in NOTHING for shown in (english, chinese))
    assert "but for 2 records that have been worked on since: they stay." in english
    assert "其中 2 条后来又有办理或变动，予以保留。" in chinese
    for shown in (english, chinese):
        assert shown.count('<a href="/requests/show/') == 2
        assert "改过了</a>" in shown
    assert "It was changed in the meantime" in english
    office.get("/lang/en")
    assert "new 8, changed 2, left alone 2" in office.get("/imports/list/").text


def test_discarding_it_says_what_stays(office, broken_off):
    work(office)
    office.get("/lang/en")
    shown = press(office, broken_off, "discard", follow_redirects=True).text
    assert "This import was discarded; what stays of it is listed below." in shown
    assert not any(claim in shown for claim in NOTHING)
    assert shown.count('<a href="/requests/show/') == 2


def test_typed_in_the_records_that_stay_are_printed(app, session, district, type_in, tmp_path, monkeypatch):
    book = tmp_path / "台账.xlsx"
    book.write_bytes(LEDGER)

    class First:
        id = 1

    cancel(First, monkeypatch, lambda: [edit("H-1"), edit("H-4")])
    status, lines = type_in("import", "tickets", book)
    assert status == 2
    assert [line.split()[-1] for line in lines if "改过了" in line] == ["导入之后又被修改过"] * 2
    assert "已写入的部分已撤回，其中 2 条后来又有办理或变动，予以保留。" in lines
    assert "已由李主任取消" in lines
    assert not any(claim in line for claim in NOTHING for line in lines)
