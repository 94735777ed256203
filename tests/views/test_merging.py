"""Merging and splitting on screen, what is similar at the desk, on the portal and at the door."""

import pytest

from models.merging import merge
from views.kit.context import now

TYPED = {"title": "路灯坏了", "text": "村口的路灯三天没亮了，晚上看不见路"}


@pytest.fixture
def lamp(way):
    """Open, and of late."""
    found = way.submitted(now(), text="村口的路灯三天没亮了")
    way.session.commit()
    return found


@pytest.fixture
def other(way, lamp):
    found = way.submitted(now(), title="三组路灯", text="村口的路灯三天没亮了呀", reporter_mobile="13800005678")
    way.session.commit()
    return found


def test_the_door_proposes_what_is_similar_and_says_what_would_happen(client_as, district, lamp, other):
    browser = client_as("dispatcher", district.root)
    page = browser.get(f"/requests/move/{other.id}/merge").text
    assert lamp.number in page
    assert "同一地点" in page
    told = browser.get(f"/similar/merging/{other.id}?picked={lamp.number}").text
    assert "并入 1 人，原有 1 人" in told
    assert "，不变" in told


def test_what_stands_in_the_way_is_said_before_anything_is_written(client_as, district, other):
    browser = client_as("dispatcher", district.root)
    assert "工单不能并入自己" in browser.get(f"/similar/merging/{other.id}?number={other.number}").text
    assert "没有编号 000" in browser.get(f"/similar/merging/{other.id}?number=000").text


def test_a_request_is_merged_by_number_and_split_off_again(session, client_as, district, lamp, other):
    browser = client_as("dispatcher", district.root)
    sent = {"number": lamp.number, "reason": "同一处路灯"}
    answer = browser.post(f"/requests/move/{other.id}/merge", data=sent, follow_redirects=True).text
    session.expire_all()
    assert (other.state, other.merged_into) == ("merged", lamp)
    assert "已并入" in answer
    assert f'href="/requests/show/{lamp.id}"' in answer
    joined = browser.get(f"/requests/show/{lamp.id}").text
    assert "并入的工单" in joined
    assert "1 位反映人" in joined
    browser.post(f"/requests/move/{other.id}/split", data={"reason": "是另一盏灯"})
    session.expire_all()
    assert (other.state, other.merged_into) == ("submitted", None)


def test_an_unknown_number_is_refused_with_what_was_typed(session, client_as, district, other):
    browser = client_as("dispatcher", district.root)
    page = browser.post(f"/requests/move/{other.id}/merge", data={"number": "X1", "reason": "同一处路灯"}).text
    assert "没有编号 X1" in page
    assert "同一处路灯" in page
    session.expire_all()
    assert other.state == "submitted"


def test_a_unit_that_does_not_see_the_other_request_reads_its_number_alone(session, way, client_as, district):
    mine = way.submitted(now())
    far = way.submitted(now(), unit=district.far_village, title="白沙乡的事")
    merge(mine, far, way.dispatcher, now(), reason="同一件事")
    session.commit()
    page = client_as("handler", district.village).get(f"/requests/show/{mine.id}").text
    assert far.number in page
    assert f"/requests/show/{far.id}" not in page
    assert "白沙乡的事" not in page


def test_the_desk_is_shown_what_is_similar_as_far_as_it_may_see(client_as, district, lamp):
    sent = {**TYPED, "unit": district.village.id}
    assert lamp.number in client_as("dispatcher", district.root).post("/similar/typed", data=sent).text
    assert lamp.number not in client_as("dispatcher", district.far_town).post("/similar/typed", data=sent).text
    assert client_as("dispatcher", district.root).post("/similar/typed", data={"unit": "x"}).text.strip() == ""


def test_residents_are_told_place_kind_and_day_and_nothing_that_anybody_wrote(client, district, lamp):
    page = client.post("/portal/similar/", data={**TYPED, "village": district.village.code}).text
    assert "石桥村" in page
    assert "诉求" in page
    assert f"{now():%Y-%m}" in page
    for secret in (lamp.number, lamp.title, lamp.text, lamp.tracking_code, "何"):
        assert secret not in page


@pytest.mark.parametrize("hidden", [{"anonymous": True}, {"kind": "dispute"}, {"kind": "emergency"}])
def test_what_is_confidential_or_a_dispute_is_not_told_to_residents(session, way, client, district, hidden):
    way.submitted(now(), text="村口的路灯三天没亮了", **hidden)
    session.commit()
    assert "石桥村" not in client.post("/portal/similar/", data={**TYPED, "village": district.village.code}).text


def test_without_a_place_or_with_few_words_residents_are_told_nothing(client, district, lamp):
    assert client.post("/portal/similar/", data=TYPED).text.strip() == ""
    assert client.post("/portal/similar/", data={"title": "路", "village": district.village.code}).text.strip() == ""


def test_forms_ask_for_what_is_similar(client, client_as, district):
    assert 'hx-post="/similar/typed"' in client_as("dispatcher", district.root).get("/requests/add").text
    assert 'data-similar="/portal/similar/"' in client.get("/portal/ask").text
