import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from models.accounts import Account
from models.notices import Notice

NOW = datetime.now(UTC)


def works(page: str) -> dict[str, tuple[str, str]]:
    """Label → count and address of each work list on the page."""
    cards = re.findall(
        r'<a class="work [^"]*" href="([^"]+)">\s*<span[^>]*>([^<]+)</span><span[^>]*>([^<]+)</span>', page
    )
    return {label: (count, unescape(address)) for address, count, label in cards}


def charts(page: str) -> list[dict]:
    return [json.loads(unescape(found)) for found in re.findall(r'data-chart="([^"]*)"', page)]


@pytest.fixture
def english(client_as):
    """Signed in and reading English, so that labels can be typed here."""

    def browser(role, unit):
        client = client_as(role, unit)
        client.get("/lang/en")
        return client

    return browser


def test_signing_in_lands_on_the_workbench_and_strangers_at_the_door(client, client_as, district):
    assert client_as("handler", district.village).get("/").location == "/workbench/"
    assert "/login/" in client.get("/workbench/").location


def test_each_list_says_how_many_wait_and_leads_to_exactly_these(english, session, way):
    way.dispatched(NOW)
    way.dispatched(NOW)
    way.signed(NOW)
    way.dispatched(NOW, unit=way.district.far_village, to=way.district.far_village)
    session.commit()
    client = english("handler", way.district.village)
    lists = works(client.get("/workbench/").text)
    assert lists["To sign for"] == ("2", "/requests/list/?queue=to_sign")
    assert lists["In hand"][0] == "1"
    assert client.get("/requests/list/?queue=to_sign").text.count('name="rowid"') == 2


def test_a_dispatcher_is_shown_what_waits_for_a_dispatcher(english, session, way):
    way.submitted(NOW)
    way.accepted(NOW)
    session.commit()
    lists = works(english("dispatcher", way.district.town).get("/workbench/").text)
    assert (lists["To accept"][0], lists["To dispatch"][0]) == ("1", "1")
    assert "To sign for" not in lists


def test_what_is_past_its_date_is_overdue_for_those_who_hold_it(english, session, way, moment):
    way.dispatched(moment("2026-01-05 09:00"))
    session.commit()
    assert works(english("handler", way.district.village).get("/workbench/").text)["Overdue"][0] == "1"
    assert works(english("handler", way.district.town).get("/workbench/").text)["Overdue"][0] == "0"
    assert works(english("manager", way.district.root).get("/workbench/").text)["Overdue"][0] == "1"


def test_the_four_figures_are_of_this_month_and_of_ones_own_subtree(english, session, way):
    way.settled(NOW)
    way.signed(NOW)
    session.commit()
    client = english("unit_leader", way.district.village)
    assert 'hx-get="/workbench/figures"' in client.get("/workbench/").text
    part = client.get("/workbench/figures").text
    assert part.count('class="figure"') == 4
    assert "50.0%" in part
    assert "1 of 2" in part
    assert "50.0%" not in english("unit_leader", way.district.far_village).get("/workbench/figures").text


def test_beside_each_figure_stands_that_of_the_whole_month_before(english, session, way):
    first = datetime.now(ZoneInfo("Asia/Shanghai")).replace(day=1, hour=9, minute=0, second=0, microsecond=0)
    way.settled(first - timedelta(days=20))
    session.commit()
    client = english("unit_leader", way.district.village)
    assert 'hx-get="/workbench/before"' in client.get("/workbench/figures").text
    part = client.get("/workbench/before").text
    found = re.findall(r'id="before-(\w+)" hx-swap-oob="true">Last period ([^<]+)<', part)
    assert found == [("sign", "100.0%"), ("on_time", "100.0%"), ("settle", "100.0%"), ("satisfaction", "—")]


def test_a_part_gives_nothing_to_those_outside_and_nothing_of_requests_to_administrators(client, english, way):
    for part in ("figures", "before", "charts"):
        assert client.get(f"/workbench/{part}").text == ""
        assert english("audit_admin", way.district.root).get(f"/workbench/{part}").text == ""


def test_the_charts_count_by_day_and_by_kind_what_one_may_see(english, session, way):
    way.settled(NOW)
    way.submitted(NOW, unit=way.district.far_village)
    session.commit()
    time, kind = charts(english("handler", way.district.village).get("/workbench/charts").text)
    assert len(time["xAxis"]["data"]) == 30
    assert [series["data"][-1] for series in time["series"]] == [1, 1]
    assert (kind["yAxis"]["data"], kind["series"][0]["data"]) == (["Not yet classified"], [1])


def test_a_notice_that_was_sent_stands_on_the_workbench(english, session, way):
    client = english("handler", way.district.village)
    ticket = way.dispatched(NOW)
    session.execute(sa.update(Notice).values(sent_at=NOW))
    session.commit()
    assert f"Request {ticket.number} has been dispatched to your unit" in client.get("/workbench/").text


@pytest.mark.parametrize(
    ("role", "label"),
    [("sec_admin", "Locked accounts"), ("sys_admin", "Calendar years not official"), ("audit_admin", "Changes today")],
)
def test_the_three_administrators_see_their_own_business_and_no_request(english, session, way, role, label):
    way.submitted(NOW)
    session.commit()
    page = english(role, way.district.root).get("/workbench/").text
    assert label in works(page)
    assert "/requests/" not in page
    assert 'hx-get="/workbench/' not in page


def test_locked_accounts_lead_to_the_accounts_locked_today_or_longer(client_as, session, way):
    security = client_as("sec_admin", way.district.root)
    client_as("handler", way.district.village)
    locked = session.scalars(sa.select(Account).order_by(Account.id.desc())).first()
    locked.locked_until = datetime.now(UTC) + timedelta(minutes=15)
    session.commit()
    count, address = works(security.get("/workbench/").text)["已锁定账号"]
    page = security.get(address).text
    assert count == "1"
    assert re.findall(r"[\w.]+(?=</a></td>)", page) == [locked.user.username]


def test_a_member_without_a_unit_to_answer_for_has_lists_and_no_figures(english, session, way):
    page = english("member", way.district.village).get("/workbench/").text
    assert "/workbench/figures" not in page
    assert works(page)
