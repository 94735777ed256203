"""The deadline receipt on screen, for whoever may see the request."""

import pytest

from models.policies import set_policy
from rules.deadlines import Tier
from tests.stage import at


@pytest.fixture
def ticket(way, session):
    set_policy(session, "clock_mode", "workday", way.office, at("2026-01-01 08:00"))
    made = way.signed(at("2026-02-13 10:00"), tier=Tier.MINOR)
    session.commit()
    return made


def test_every_due_date_is_told_in_words(client_as, district, ticket):
    page = client_as("handler", district.village).get(f"/requests/due/{ticket.id}").text
    assert "期限说明" in page
    assert "2026-02-13 10:00 按“小事”派单" in page
    assert "跳过的休息日：2026-02-15 至 2026-02-23 春节、2026-03-01 周末。" in page
    assert "调休上班，计入工作日：2026-02-14 春节、2026-02-28 春节。" in page
    assert "→ 2026-03-02 24:00" in page
    assert "只在工作时间计时：08:30–12:00、14:00–17:30。" in page
    assert "无法完整说明" not in page


def test_it_reads_in_english_too(client_as, district, ticket):
    client = client_as("handler", district.village)
    client.get("/lang/en")
    page = client.get(f"/requests/due/{ticket.id}").text
    assert "Skipped as days off: 2026-02-15 to 2026-02-23 春节, 2026-03-01 weekend." in page


def test_what_cannot_be_explained_says_so(client_as, session, district, ticket):
    ticket.lead.settle_due_at = at("2026-04-01 12:00")
    session.commit()
    page = client_as("handler", district.village).get(f"/requests/due/{ticket.id}").text
    assert "依现有记录，此期限无法完整说明。" in page
    assert "系统记录的期限为 2026-04-01 12:00，与上述结果不同；其由来未作记录。" in page


def test_it_is_as_far_away_as_the_request(client_as, district, ticket):
    assert client_as("handler", district.far_village).get(f"/requests/due/{ticket.id}").status_code == 404
    assert client_as("sys_admin", district.root).get(f"/requests/due/{ticket.id}").status_code in (302, 403)


def test_a_way_to_it_stands_beside_every_due_date_of_the_record(client_as, district, ticket):
    page = client_as("handler", district.village).get(f"/requests/show/{ticket.id}").text
    assert page.count(f'<a class="why" href="/requests/due/{ticket.id}">') == 4


def test_a_request_that_has_just_come_in_has_two_dates(client_as, session, way, district):
    made = way.submitted(at("2026-09-18 09:00"))
    session.commit()
    page = client_as("dispatcher", district.root).get(f"/requests/due/{made.id}").text
    assert page.count('<p class="due-date">') == 2
    assert "2026-09-18 11:00" in page
    assert "2026-09-18 17:00" in page
