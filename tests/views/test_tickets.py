import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models.categories import Category, Duty
from models.events import TicketEvent
from models.tickets import Ticket
from models.units import Unit
from tests.views.browsing import file, send
from tests.way import PDF

NOW = datetime.now(UTC)


@pytest.fixture
def staff(client_as, district):
    """One signed-in browser for each part in the journey."""
    return {
        "dispatcher": client_as("dispatcher", district.town),
        "handler": client_as("handler", district.village),
        "colleague": client_as("handler", district.village),
        "leader": client_as("unit_leader", district.village),
        "stranger": client_as("handler", district.far_village),
        "manager": client_as("manager", district.root),
        "office": client_as("office", district.root),
    }


def step(client, ticket, move: str, **typed):
    return send(client, f"/requests/move/{ticket.id}/{move}", typed, content_type="multipart/form-data")


def state_of(session, ticket) -> str:
    session.expire_all()
    return session.scalar(sa.select(Ticket.state).where(Ticket.id == ticket.id))


def queue(client, key: str) -> str:
    return client.get(f"/requests/list/?queue={key}").text


def test_a_request_goes_the_whole_way_by_the_hands_of_four_people(staff, client, session, way):
    ticket = way.submitted(NOW)
    session.commit()
    here = f"/requests/show/{ticket.id}"
    assert ticket.number in queue(staff["dispatcher"], "to_accept")
    assert step(staff["dispatcher"], ticket, "accept", tier="micro", category="3002").location == here
    assert step(staff["dispatcher"], ticket, "dispatch", unit=way.district.village.id, note="请尽快").location == here
    assert ticket.number in queue(staff["handler"], "to_sign")
    assert step(staff["handler"], ticket, "sign").location == here
    assert step(staff["handler"], ticket, "contact", note="已电话联系").location == here
    evidence = [file("换好的灯.pdf", PDF)]
    done = {"result": "换了灯泡", "feedback": "路灯已修好", "files": evidence}
    assert step(staff["handler"], ticket, "submit_result", **done).location == here
    assert ticket.number in queue(staff["leader"], "to_review")
    assert step(staff["leader"], ticket, "settle", mode="coordinated").location == here
    assert ticket.number in queue(staff["manager"], "settled")
    send(client, "/portal/follow", {"code": ticket.tracking_code, "tail": "1234"})
    send(client, "/portal/rate", {"stars": "5", "resolved": "yes"})
    assert state_of(session, ticket) == "rated"
    assert session.get(Ticket, ticket.id).category.name == "路灯照明"
    assert "路灯已修好" in staff["manager"].get(here).text


def test_every_step_is_refused_to_the_wrong_role_in_words_and_changes_nothing(staff, session, way):
    ticket = way.submitted(NOW)
    session.commit()
    staff["handler"].get("/lang/en")
    page = step(staff["handler"], ticket, "accept", tier="micro").text
    assert "“Accept” is not among the duties of your role" in page
    assert state_of(session, ticket) == "submitted"


def test_those_who_only_look_on_take_no_step_of_those_who_handle(staff, session, way):
    ticket = way.submitted(NOW)
    session.commit()
    staff["manager"].get("/lang/en")
    page = step(staff["manager"], ticket, "accept", tier="micro").text
    assert "“Accept” is not among the duties of your role" in page
    assert staff["manager"].get("/requests/add").status_code in (302, 403)
    assert state_of(session, ticket) == "submitted"


def test_what_was_typed_stays_when_the_step_is_refused(staff, session, way):
    ticket = way.dispatched(NOW)
    ticket.sign(way.handler, NOW)
    session.commit()
    page = step(staff["handler"], ticket, "submit_result", result="换了三只灯泡", feedback="路灯已修好").text
    assert "换了三只灯泡" in page
    assert "路灯已修好" in page
    assert state_of(session, ticket) == "signed"


def test_a_refused_result_keeps_no_file(staff, session, way, app):
    ticket = way.dispatched(NOW)
    session.commit()
    kept = list(app.extensions["minqing.settings"].files_dir.rglob("*"))
    step(staff["handler"], ticket, "submit_result", result="换了", feedback="好了", files=[file("灯.pdf", PDF)])
    assert state_of(session, ticket) == "dispatched"
    assert list(app.extensions["minqing.settings"].files_dir.rglob("*")) == kept


def test_buttons_that_cannot_be_pressed_say_why(staff, session, way):
    ticket = way.dispatched(NOW)
    session.commit()
    page = staff["handler"].get(f"/requests/show/{ticket.id}").text
    assert f'action="/requests/move/{ticket.id}/sign"' in page
    straight_way = page[page.index("<h3>办理主线</h3>") :].partition("</section>")[0]
    assert straight_way.count('class="barred"') == 2


def test_a_result_in_review_is_first_offered_to_be_settled_then_to_be_sent_back(staff, session, way):
    ticket = way.with_result()
    session.commit()
    page = staff["leader"].get(f"/requests/show/{ticket.id}").text
    assert f'class="btn btn-primary" href="/requests/move/{ticket.id}/settle"' in page
    assert f'class="btn btn-default" href="/requests/move/{ticket.id}/send_back"' in page


def test_a_step_is_marked_as_shown_to_the_resident_unless_its_note_is_not(staff, session, way):
    plain, noted = way.dispatched(NOW), way.accepted(NOW)
    noted.dispatch(way.district.village, way.dispatcher, NOW, note="请尽快")
    session.commit()
    marked = '派单 → 石桥村<span class="tag">群众可见</span>'
    assert marked in staff["handler"].get(f"/requests/show/{plain.id}").text
    page = staff["handler"].get(f"/requests/show/{noted.id}").text
    assert "请尽快" in page
    assert marked not in page


def test_a_far_date_at_the_head_of_a_record_says_what_it_is(staff, session, way):
    ticket = way.signed(datetime(2026, 9, 18, 1, tzinfo=UTC) + timedelta(days=36500))
    session.commit()
    page = staff["handler"].get(f"/requests/show/{ticket.id}").text
    assert re.search(r"</strong> · 时限 \d{4}-\d\d-\d\d 24:00", page)


def test_two_handlers_sign_at_once_one_wins_and_the_other_is_told(staff, session, way):
    address = f"/requests/move/{way.dispatched(NOW).id}/sign"
    session.commit()
    meet, answers = threading.Barrier(2), []

    def press(client):
        meet.wait()
        response = client.post(address)
        answers.append((response.status_code, response.text))

    threads = [threading.Thread(target=press, args=(staff[name],)) for name in ("handler", "colleague")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(status for status, _page in answers) == [200, 302]
    told = next(page for status, page in answers if status == 200)
    assert 'role="alert"' in told
    signed = sa.select(sa.func.count(TicketEvent.id)).where(TicketEvent.action == "sign")
    assert session.scalar(signed) == 1


def test_a_row_of_another_unit_is_not_there(staff, session, way):
    ticket = way.submitted(NOW)
    session.commit()
    for page in (f"/requests/show/{ticket.id}", f"/requests/move/{ticket.id}/sign", f"/requests/propose/{ticket.id}"):
        assert staff["stranger"].get(page).status_code == 404
    assert staff["stranger"].post(f"/requests/number/{ticket.id}").status_code == 404
    assert ticket.number not in staff["stranger"].get("/requests/list/").text
    assert staff["stranger"].get(f"/api/v1/requests/{ticket.id}").status_code == 404


def test_a_step_that_does_not_exist_is_not_found(staff, session, way):
    ticket = way.submitted(NOW)
    session.commit()
    for name in ("rate", "archive", "nonsense"):
        assert staff["dispatcher"].get(f"/requests/move/{ticket.id}/{name}").status_code == 404


def test_looking_at_a_step_does_not_take_it(staff, session, way):
    ticket = way.dispatched(NOW)
    session.commit()
    assert staff["handler"].get(f"/requests/move/{ticket.id}/sign").status_code == 200
    assert state_of(session, ticket) == "dispatched"


def test_the_reporter_is_masked_until_asked_for_and_the_asking_is_recorded(staff, session, way):
    ticket = way.dispatched(NOW)
    session.commit()
    page = staff["handler"].get(f"/requests/show/{ticket.id}").text
    told = [each in page for each in ("138****1234", "13800001234", ticket.tracking_code)]
    assert told == [True, False, False]
    shown = staff["handler"].post(f"/requests/number/{ticket.id}")
    assert "13800001234" in shown.text
    assert ticket.tracking_code not in shown.text, "who handles a request could rate it"
    assert ticket.tracking_code in staff["dispatcher"].post(f"/requests/number/{ticket.id}").text
    assert shown.headers["Cache-Control"] == "no-store"
    read = session.scalars(sa.select(TicketEvent).where(TicketEvent.action == "shown").order_by(TicketEvent.id)).all()
    readers = [staff[role].person_id for role in ("handler", "dispatcher")]
    assert [(each.person_id, each.public) for each in read] == [(reader, False) for reader in readers]


@pytest.mark.parametrize("role", ["manager", "supervisor", "evaluator"])
def test_those_who_see_masked_data_never_see_the_number(client_as, session, way, role):
    ticket = way.dispatched(NOW)
    session.commit()
    response = client_as(role, way.district.root).post(f"/requests/number/{ticket.id}")
    assert response.status_code == 403
    assert "13800001234" not in response.text
    assert ticket.tracking_code not in response.text
    assert session.scalar(sa.select(sa.func.count(TicketEvent.id)).where(TicketEvent.action == "shown")) == 0


def test_whoever_asked_to_be_kept_confidential_is_known_to_the_dispatcher_alone(staff, session, way):
    ticket = way.dispatched(NOW, anonymous=True)
    session.commit()
    assert "13800001234" not in staff["handler"].post(f"/requests/number/{ticket.id}").text
    assert "13800001234" in staff["dispatcher"].post(f"/requests/number/{ticket.id}").text


def test_a_town_is_offered_its_villages_and_stations_and_no_other_towns(staff, session, district):
    texts = {each["text"].split()[0] for each in staff["dispatcher"].get("/requests/options").json["results"]}
    assert {"石桥村", "区交通局"} <= texts
    assert "沙口村" not in texts


def test_what_is_offered_can_be_searched_by_alias(staff, district):
    found = staff["dispatcher"].get("/requests/options?q=石桥").json["results"]
    assert [each["id"] for each in found] == [district.village.id]


def test_a_unit_beyond_the_offer_is_refused_with_a_sentence(staff, session, way):
    ticket = way.accepted(NOW)
    session.commit()
    step(staff["dispatcher"], ticket, "dispatch", unit=way.district.far_village.id)
    assert state_of(session, ticket) == "accepted"


def test_the_tier_is_proposed_from_the_duty_catalogue(staff, session, way):
    ticket = way.submitted(NOW, category=session.scalars(sa.select(Category).where(Category.code == "2003")).one())
    session.commit()
    page = staff["dispatcher"].get(f"/requests/move/{ticket.id}/accept").text
    assert 'value="micro" checked' in page
    assert 'value="minor" checked' in staff["dispatcher"].get(f"/requests/propose/{ticket.id}?category=3002").text


def test_a_queue_shows_and_exports_its_own_requests_alone(staff, session, way):
    waiting, other = way.dispatched(NOW), way.signed(NOW)
    session.commit()
    page = queue(staff["handler"], "to_sign")
    assert waiting.number in page
    assert other.number not in page
    sheet = staff["handler"].get("/requests/export/csv?queue=to_sign").text
    assert waiting.number in sheet
    assert other.number not in sheet


def test_a_queue_of_another_role_counts_as_not_asked(staff, session, way):
    ticket = way.submitted(NOW)
    session.commit()
    assert ticket.number in queue(staff["handler"], "to_accept")


def test_the_search_box_finds_numbers_titles_and_words_of_the_text(staff, session, way):
    found, other = way.submitted(NOW, text="井盖松动"), way.submitted(NOW, text="路灯不亮")
    session.commit()
    page = staff["handler"].get("/requests/list/?q=井盖").text
    assert found.number in page
    assert other.number not in page
    assert other.number in staff["handler"].get(f"/requests/list/?q={other.number}").text
    assert other.number not in staff["handler"].get("/requests/list/?q=%25").text


def test_a_resident_who_calls_is_found_by_the_whole_telephone_number(staff, session, way):
    found, other = way.submitted(NOW), way.submitted(NOW, reporter_mobile="13900000000")
    hidden = way.submitted(NOW, anonymous=True)
    session.commit()
    page = staff["dispatcher"].get("/requests/list/?q=138 0000 1234").text
    assert [each.number in page for each in (found, other, hidden)] == [True, False, False]
    assert found.number not in staff["dispatcher"].get("/requests/list/?q=1380000").text
    assert found.number not in staff["manager"].get("/requests/list/?q=13800001234").text


def test_a_request_is_taken_down_at_the_desk(staff, session, district):
    typed = {"source": "phone", "title": "水管漏水", "text": "门前水管漏水", "mobile": "13900005678", "name": "老李"}
    response = send(
        staff["dispatcher"],
        "/requests/add",
        {**typed, "unit": district.village.id, "files": [file("漏水.pdf", PDF)]},
        content_type="multipart/form-data",
    )
    ticket = session.scalars(sa.select(Ticket)).one()
    assert response.location == f"/requests/show/{ticket.id}"
    assert (ticket.source, ticket.channel, ticket.submitted_by_id) == (
        "phone",
        "offline",
        staff["dispatcher"].person_id,
    )
    assert [each.name for each in ticket.attachments] == ["漏水.pdf"]
    told = f"工单 {ticket.number} 已登记，查询码 {ticket.tracking_code}"
    assert told in staff["dispatcher"].get(response.location).text


def test_a_place_out_of_scope_is_no_place_at_the_desk(staff, session, district):
    typed = {"source": "phone", "title": "水管漏水", "text": "门前水管漏水", "unit": district.far_village.id}
    assert send(staff["dispatcher"], "/requests/add", typed).status_code == 200
    assert session.scalars(sa.select(Ticket)).all() == []


def test_the_program_interface_reads_and_writes_nothing_and_knows_no_reporter(staff, session, way):
    ticket = way.dispatched(NOW)
    session.commit()
    answer = staff["handler"].get(f"/api/v1/requests/{ticket.id}")
    assert answer.json["result"]["number"] == ticket.number
    assert "13800001234" not in answer.text
    assert "何阿姨" not in answer.text
    assert staff["handler"].put(f"/api/v1/requests/{ticket.id}", json={"title": "x"}).status_code in (404, 405)


def test_files_of_a_request_are_handed_to_those_who_see_it_and_to_nobody_else(staff, client, session, way):
    ticket = way.with_result(NOW)
    session.commit()
    address = f"/attachments/{ticket.attachments[0].id}"
    response = staff["handler"].get(address)
    assert response.data == PDF
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert staff["stranger"].get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_the_dispatcher_reads_whom_the_duty_catalogue_would_involve(staff, session, way):
    lands, district = session.scalars(sa.select(Category).where(Category.code == "6003")).one(), way.district
    session.scalars(sa.select(Duty).where(Duty.category_id == lands.id)).one().unit = district.department
    for unit in (district.station, district.far_town):
        session.add(Duty(category=lands, tier="hard", unit=unit, role="co"))
    ticket = way.submitted(category=lands)
    session.commit()
    line = "→ 区交通局；协办：城管青石中队、白沙乡"
    assert line in staff["dispatcher"].get(f"/requests/move/{ticket.id}/accept").text
    assert line in staff["dispatcher"].get(f"/requests/propose/{ticket.id}?category=6003").text
    step(staff["dispatcher"], ticket, "accept", tier="hard", category="6003")
    assert line in staff["dispatcher"].get(f"/requests/move/{ticket.id}/dispatch").text
    assert "协办" not in staff["dispatcher"].get(f"/requests/propose/{ticket.id}?category=3002").text


def test_an_old_unit_is_no_longer_offered(staff, session, district, moment):
    session.execute(
        sa.update(Unit).where(Unit.id == district.twin.id).values(valid_to=moment("2020-01-01 00:00").date())
    )
    session.commit()
    texts = {each["text"].split()[0] for each in staff["dispatcher"].get("/requests/options").json["results"]}
    assert "蒋湾村" not in texts


def test_a_unit_that_closes_next_month_is_offered_and_taken_everywhere_until_then(staff, session, way):
    accepted, village = way.accepted(NOW), way.district.village
    village.valid_to = NOW.date() + timedelta(days=30)
    session.commit()
    for offered in ("/requests/options", "/options/Unit"):
        found = staff["dispatcher"].get(offered).json["results"]
        assert village.id in [each["id"] for each in found], offered
    asked = {"source": "phone", "title": "路灯不亮", "text": "不亮", "unit": village.id, "mobile": "13800001234"}
    assert step(staff["dispatcher"], accepted, "dispatch", unit=village.id).location == f"/requests/show/{accepted.id}"
    assert staff["dispatcher"].post("/requests/add", data=asked).status_code == 302


def test_a_key_no_column_holds_is_nobodys(staff, session, way):
    accepted = way.accepted()
    session.commit()
    page = staff["dispatcher"].post(f"/requests/move/{accepted.id}/dispatch", data={"unit": "9" * 20})
    assert page.status_code == 200
    assert state_of(session, accepted) == "accepted"
    assert staff["dispatcher"].post("/requests/add", data={"unit": "9" * 20}).status_code == 200
    assert staff["handler"].get("/attachments/" + "9" * 20).status_code == 404
