import re
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from jobs.reminders import remind
from jobs.sender import send_notices
from models.acting import RESIDENT, SYSTEM
from models.attachments import Attachment
from models.events import TicketEvent
from models.policies import set_policy
from models.ratings import Opinion, Reporter, Resolved
from models.tickets import Ticket
from models.uploads import Prepared, keep
from rules.lifecycle import Move
from tests.stage import at
from tests.views.browsing import file, send, token
from tests.way import PDF
from views.portal import promised

ASKED = {
    "client_id": "5f0f7b3e-4f43-4c43-9a53-0d7f0d6e3a11",
    "title": "路灯不亮",
    "text": "村口三盏路灯不亮。",
    "town": "339901001000",
    "village": "339901001001",
    "name": "何阿姨",
    "mobile": "138 0000 1234",
}


def asked(client, **changes):
    return send(client, "/portal/ask", {**ASKED, **changes}, content_type="multipart/form-data")


def tickets(session) -> list[Ticket]:
    session.expire_all()
    return list(session.scalars(sa.select(Ticket).order_by(Ticket.id)))


def follow(client, ticket: Ticket, tail: str = "1234"):
    return send(client, "/portal/follow", {"code": ticket.tracking_code, "tail": tail})


@pytest.fixture
def with_limits(app):
    app.appbuilder.sm.limiter.enabled = True
    app.appbuilder.sm.limiter.reset()
    yield
    app.appbuilder.sm.limiter.enabled = False


@pytest.fixture
def with_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def settled(way):
    ticket = way.settled(datetime.now(UTC))
    way.session.commit()
    return ticket


def test_the_front_door_of_residents_is_the_portal(client):
    assert client.get("/").location == "/portal/"
    assert "/portal/ask" in client.get("/portal/").text


def test_what_the_portal_promises_is_what_the_office_has_set(client, session):
    for key, value in (("sign_within_hours", "6"), ("rating_window_days", "10"), ("upload_megabytes", "15")):
        set_policy(session, key, value, SYSTEM, datetime.now(UTC))
    session.commit()
    home = client.get("/portal/").text
    assert "6 小时内响应" in home
    assert "办结后 10 天内，可从“非常满意”到“很不满意”作出评价" in home
    assert "每个不超过 15 MB" in client.get("/portal/ask").text


def test_a_request_arrives_and_the_receipt_names_its_code(client, session, district):
    response = asked(client, files=[file("路灯.pdf", PDF)])
    assert response.location == "/portal/receipt"
    (ticket,) = tickets(session)
    assert (ticket.title, ticket.unit.name, ticket.source) == ("路灯不亮", "石桥村", "portal")
    assert [each.name for each in ticket.attachments] == ["路灯.pdf"]
    reporter = ticket.reporters[0]
    assert (reporter.sealed_name, reporter.sealed_mobile) == ("何阿姨", "13800001234")
    assert ticket.tracking_code in client.get("/portal/receipt").text


def test_sending_it_again_makes_no_second_request(client, session, district):
    asked(client, files=[file("路灯.pdf", PDF)])
    assert asked(client, files=[file("路灯.pdf", PDF)]).location == "/portal/receipt"
    assert len(tickets(session)) == 1
    assert session.scalar(sa.select(sa.func.count(Attachment.id))) == 1


def test_sending_it_twice_at_the_same_moment_makes_one_request(app, session, district):
    clients = [app.test_client() for _ in range(2)]
    tokens = [token(client, "/portal/ask") for client in clients]
    meet, answers = threading.Barrier(2), []

    def press(client, csrf):
        meet.wait()
        answers.append(client.post("/portal/ask", data={**ASKED, "csrf_token": csrf}).location)

    threads = [threading.Thread(target=press, args=pair) for pair in zip(clients, tokens, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == ["/portal/receipt", "/portal/receipt"]
    assert len(tickets(session)) == 1


def test_an_id_that_no_browser_made_is_replaced(client, app, session, district):
    assert asked(client, client_id="1").location == "/portal/receipt"
    assert asked(app.test_client(), client_id="1").location == "/portal/receipt"
    assert len(tickets(session)) == 2


def test_the_whole_town_will_do_for_a_place(client, session, district):
    asked(client, village="")
    assert tickets(session)[0].unit.name == "青石镇"


def test_a_village_of_another_town_is_no_choice(client, session, district):
    assert asked(client, village="339901002001").status_code == 200
    assert tickets(session) == []


def test_what_was_typed_is_still_there_beside_what_is_wrong(client, session, district):
    page = asked(client, mobile="123", address="村口小卖部旁").text
    assert "村口小卖部旁" in page
    assert "村口三盏路灯不亮。" in page
    assert 'aria-describedby="mobile-error"' in page
    assert tickets(session) == []


def test_a_file_that_cannot_be_taken_saves_nothing_and_is_named(client, session, district):
    page = asked(client, files=[file("木马.exe", b"MZ" + b"\0" * 99)]).text
    assert "木马.exe" in page
    assert tickets(session) == []


def test_without_a_number_the_receipt_says_what_is_lost(client, session, district):
    asked(client, mobile="")
    page = client.get("/portal/receipt").text
    assert "/portal/follow" not in page.split("data-handed-in")[1]


def test_a_request_without_the_token_of_the_page_is_refused(with_tokens, client, session, district):
    assert client.post("/portal/ask", data=ASKED).status_code == 400
    assert tickets(session) == []


def test_places_are_codes_and_names_of_living_villages_and_nothing_else(client, session, district):
    assert client.get("/portal/places/339901001000").json == [
        {"code": "339901001001", "name": "石桥村"},
        {"code": "339901001002", "name": "蒋湾村"},
    ]
    assert client.get("/portal/places/000").status_code == 404
    assert client.get("/portal/places/339901001001").status_code == 404


def test_a_village_that_merged_away_is_no_longer_offered(client, session, district, moment):
    district.twin.valid_to = moment("2020-01-01 00:00").date()
    session.commit()
    assert [each["name"] for each in client.get("/portal/places/339901001000").json] == ["石桥村"]


def test_code_and_tail_open_the_timeline_of_public_steps_alone(client, way):
    ticket = way.with_result()
    ticket.send_back(way.leader, ticket.submitted_at, reason="内部意见不外传")
    way.session.commit()
    assert follow(client, ticket).location == "/portal/mine"
    page = client.get("/portal/mine").text
    assert ticket.number in page
    assert page.count('class="timeline-event') == 4
    assert "内部意见不外传" not in page
    assert "换了灯泡" not in page
    assert "李经办" not in page
    assert "已电话告知" not in page


def test_once_settled_the_answer_is_shown_with_its_evidence(client, settled):
    follow(client, settled)
    page = client.get("/portal/mine").text
    assert "已电话告知" in page
    assert "现场.pdf" in page
    assert "换了灯泡" not in page
    assert client.get(f"/portal/file/{settled.attachments[0].id}").data == PDF


def test_beside_the_rating_stands_until_when_it_is_open(client, way, settled):
    settled.rate_until = at("2099-12-04 06:26")
    way.session.commit()
    follow(client, settled)
    assert "截止 2099-12-04 06:26" in client.get("/portal/mine").text


def test_a_reminder_stands_on_its_own_reporters_page_with_the_day_it_was_sent(client, way):
    ticket = way.with_result(at("2026-09-18 09:00"))
    ticket.reporters.append(Reporter.named("李大爷", "13900005678"))
    way.session.flush()
    ticket.settle(way.leader, at("2026-09-18 09:30"), mode="coordinated")
    way.session.commit()
    follow(client, ticket)
    assert "给您的提醒" not in client.get("/portal/mine").text
    assert send_notices(way.session, at("2026-09-18 09:31"))["please_rate"] == 2
    remind(way.session, at("2026-09-21 09:30"))
    assert send_notices(way.session, at("2026-09-21 09:31"))["please_rate"] == 2
    said = messages(client.get("/portal/mine").text)
    assert re.findall("<time>(.*?)</time>", said) == ["2026-09-21 09:31", "2026-09-18 09:31"]
    assert said.count(f"工单 {ticket.number} 已办结，请您评价") == 2


def messages(page: str) -> str:
    return page.split("data-messages")[1].split("</section>")[0]


def test_evidence_of_an_answer_not_yet_approved_is_not_handed_out(client, way):
    ticket = way.with_result()
    way.session.commit()
    follow(client, ticket)
    assert client.get(f"/portal/file/{ticket.attachments[0].id}").status_code == 404


def test_files_of_another_request_are_not_handed_out(client, way, settled):
    other = way.settled()
    way.session.commit()
    follow(client, settled)
    assert client.get(f"/portal/file/{other.attachments[0].id}").status_code == 404


def test_nothing_is_shown_before_the_key_was_given(client, settled):
    for page in ("/portal/mine", "/portal/rate", f"/portal/file/{settled.attachments[0].id}"):
        assert client.get(page).location == "/portal/follow"


def test_a_wrong_tail_opens_nothing_and_does_not_say_which_half_was_wrong(client, settled):
    wrong_tail, wrong_code = (
        follow(client, settled, "4321"),
        send(client, "/portal/follow", {"code": "AAAAAAAAAA", "tail": "1234"}),
    )
    assert (wrong_tail.status_code, wrong_code.status_code) == (422, 422)
    assert client.get("/portal/mine").location == "/portal/follow"


def test_guessing_at_one_request_ends_after_ten_and_shuts_out_nobody_else(with_limits, client, app, way, settled):
    other = way.settled()
    way.session.commit()
    guesses = [follow(client, settled, f"{tail:04d}").status_code for tail in range(11)]
    assert guesses == [422] * 10 + [429]
    assert follow(client, settled).status_code == 429
    assert follow(app.test_client(), other).location == "/portal/mine"


def test_another_spelling_of_the_code_gives_no_further_guesses(with_limits, client, settled):
    for tail in range(10):
        follow(client, settled, f"{tail:04d}")
    spaced = " ".join(settled.tracking_code)
    assert send(client, "/portal/follow", {"code": spaced, "tail": "0011"}).status_code == 429


def test_requests_are_limited_by_address_and_the_page_says_so(with_limits, client, session, district):
    answers = [client.post("/portal/ask", data={}) for _ in range(101)]
    assert [each.status_code for each in answers] == [200] * 100 + [429]
    assert "请稍等一分钟，返回后重新提交" in answers[100].text
    assert client.get("/portal/ask").status_code == 200


def test_whoever_guessed_too_often_is_told_to_wait_an_hour(with_limits, client, settled):
    assert "一小时后再试" in [follow(client, settled, f"{tail:04d}") for tail in range(11)][10].text


def test_a_resident_rates_once_with_stars_tags_and_words(client, session, settled):
    follow(client, settled)
    rated = {"stars": "4", "resolved": "yes", "tags": ["fast", "polite"], "comment": "谢谢"}
    assert send(client, "/portal/rate", rated).location == "/portal/mine"
    (ticket,) = tickets(session)
    rating = ticket.ratings[0]
    assert (ticket.state, rating.stars, rating.resolved) == ("rated", 4, "yes")
    assert (rating.tags, rating.comment) == (["fast", "polite"], "谢谢")
    assert "办得快" in client.get("/portal/mine").text
    assert send(client, "/portal/rate", {**rated, "stars": "1"}).status_code == 200
    assert len(tickets(session)[0].ratings) == 1


@pytest.mark.parametrize("given", [{"stars": "6", "resolved": "yes"}, {"stars": "", "resolved": "yes"}, {"stars": "5"}])
def test_a_rating_without_stars_or_outcome_is_not_taken(client, session, settled, given):
    follow(client, settled)
    assert send(client, "/portal/rate", given).status_code == 200
    assert tickets(session)[0].ratings == []


def test_staff_who_are_signed_in_are_told_that_they_cannot_rate(client_as, district, session, settled):
    client = client_as("handler", district.village)
    follow(client, settled)
    assert 'name="stars"' not in client.get("/portal/rate").text
    response = client.post(
        "/portal/rate", data={"csrf_token": token(client, "/portal/follow"), "stars": "5", "resolved": "yes"}
    )
    assert response.status_code == 200
    assert tickets(session)[0].ratings == []


def test_what_staff_hand_in_at_the_portal_is_a_residents_request(client_as, district, session):
    client = client_as("handler", district.village)
    asked(client)
    assert tickets(session)[0].submitted_by_id is None
    event = session.scalars(sa.select(TicketEvent).where(TicketEvent.action == Move.SUBMIT)).one()
    assert event.name == "群众"


def test_a_rated_request_shows_the_stars_given(client, way, settled):
    settled.rate(settled.reporters[0], Opinion(3, Resolved.PARTLY, ["slow"]), RESIDENT, settled.submitted_at)
    way.session.commit()
    follow(client, settled)
    page = client.get("/portal/mine").text
    assert page.count("fa-star faint") == 2
    assert "办得慢" in page


def test_a_re_opened_request_says_so_keeps_its_answer_and_is_rated_again(client, way, settled):
    settled.rate(settled.reporters[0], Opinion(1, Resolved.NO, comment="灯还是不亮"), RESIDENT, settled.submitted_at)
    way.session.commit()
    follow(client, settled)
    page = client.get("/portal/mine").text
    assert "您不满意，由石桥村重新办理" in page
    assert "已电话告知" in page
    assert "/portal/rate" not in page
    settled.sign(way.handler, settled.submitted_at)
    keep(
        way.session,
        settled,
        Prepared("再办.pdf", "application/pdf", PDF),
        way.handler,
        settled.submitted_at,
        leg=settled.lead,
    )
    settled.submit_result(way.handler, settled.submitted_at, result="重接线", feedback="灯已亮，请查看")
    settled.settle(way.leader, settled.submitted_at, mode="coordinated")
    way.session.commit()
    page = client.get("/portal/mine").text
    assert "灯已亮，请查看" in page
    assert "再办.pdf" in page
    assert "/portal/rate" in page
    send(client, "/portal/rate", {"stars": "5", "resolved": "yes", "comment": "这次好了"})
    page = client.get("/portal/mine").text
    assert page.index("这次好了") < page.index("灯还是不亮")
    assert "/portal/rate" not in page


def test_what_a_re_opened_request_waits_for_is_its_new_settlement(client, session, way, moment):
    ticket = way.settled(moment("2026-09-18 09:00"))
    ticket.rate(ticket.reporters[0], Opinion(1, Resolved.NO), RESIDENT, moment("2026-09-20 10:00"))
    assert promised(ticket) == moment("2026-09-24 00:00")
