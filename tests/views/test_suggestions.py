"""Suggestions beside the forms, and the screen of what they come from."""

import pytest
from sqlalchemy import select

from jobs.teaching import learn
from models.category_models import CategoryModel, CategorySuggestion
from models.policies import load_policy
from models.tickets import Ticket
from tests.lessons import NOW, lesson_of
from tests.views.browsing import send


@pytest.fixture
def taught(way):
    made = learn(lesson_of(way).session, way.district.root.path, NOW)
    way.session.commit()
    return made


@pytest.fixture
def dispatcher(client_as, district):
    return client_as("dispatcher", district.town)


def uses(session):
    session.expire_all()
    return [
        (use.suggested_id == use.chosen_id, use.confidence > 50) for use in session.scalars(select(CategorySuggestion))
    ]


def test_the_form_to_accept_suggests_with_its_confidence_and_fills_nothing_in(taught, way, dispatcher):
    ticket = way.submitted()
    way.session.commit()
    page = dispatcher.get(f"/requests/move/{ticket.id}/accept").text
    assert "系统建议：" in page
    assert "<strong>基础设施 / 路灯照明</strong>" in page
    assert "置信度" in page
    assert 'data-take="3002"' in page
    assert '<option value="3002" selected' not in page
    assert '<option selected value="3002"' not in page


def test_whether_a_suggestion_was_followed_is_counted(taught, way, dispatcher):
    for category, suggested in (("3002", "3002"), ("4001", "3002"), ("3002", ""), ("3002", "4001")):
        ticket = way.submitted()
        way.session.commit()
        typed = {"tier": "micro", "category": category, "suggested": suggested}
        assert send(dispatcher, f"/requests/move/{ticket.id}/accept", typed).status_code == 302
    assert uses(way.session) == [(True, True), (False, True)]


def test_the_desk_is_told_while_it_types_and_its_choice_is_counted(taught, way, dispatcher):
    typed = {"title": "路灯不亮", "text": "村口的路灯不亮了"}
    fragment = dispatcher.post("/suggestions/of-text", data=typed).text
    assert 'data-take="3002"' in fragment
    assert dispatcher.post("/suggestions/of-text", data={"text": "路"}).text.strip() == ""
    entry = typed | {"kind": "demand", "source": "phone", "unit": way.district.village.id, "category": "3002"}
    assert send(dispatcher, "/requests/add", entry | {"suggested": "3002"}).status_code == 302
    assert uses(way.session) == [(True, True)]
    assert way.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first().category.code == "3002"


def test_nothing_is_suggested_where_nothing_was_learnt(way, dispatcher):
    ticket = way.submitted()
    way.session.commit()
    assert "系统建议" not in dispatcher.get(f"/requests/move/{ticket.id}/accept").text
    assert dispatcher.post("/suggestions/of-text", data={"text": "村口的路灯不亮了"}).text.strip() == ""


@pytest.mark.parametrize("role", ["office", "sys_admin"])
def test_the_screen_says_how_good_it_is_and_switches_it_off(taught, session, district, client_as, role):
    browser = client_as(role, district.root)
    assert "100.0 %" not in browser.get("/category-models/list/").text
    page = browser.get(f"/category-models/show/{taught.id}").text
    assert "正在建议分类" in page
    assert page.count("100.0 %") == 2
    assert "清溪区" in page
    assert (
        send(browser, f"/category-models/switch/{taught.id}", {}, f"/category-models/show/{taught.id}").status_code
        == 302
    )
    session.expire_all()
    assert load_policy(session).suggest_categories is False
    assert "已关闭" in browser.get(f"/category-models/show/{taught.id}").text


def test_what_was_confused_stands_by_name(taught, session, district, client_as):
    session.get(CategoryModel, taught.id).confused = [["3002", "4001", 7]]
    session.commit()
    page = client_as("office", district.root).get(f"/category-models/show/{taught.id}").text
    assert "基础设施 / 路灯照明" in page
    assert "环境卫生 / 垃圾清运" in page


def test_others_do_not_see_the_screen(taught, district, client_as):
    for role in ("dispatcher", "manager", "sec_admin"):
        assert client_as(role, district.root).get("/category-models/list/").status_code in (302, 403)
