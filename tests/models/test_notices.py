from importlib import import_module

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from models.acting import Acting, Scope, acting_as, scope_for
from models.notices import Notice, nearest_with, post
from rules.roles import Role
from tests.stage import at


def told(way, event: str) -> list[Notice]:
    way.session.flush()
    return list(way.session.scalars(sa.select(Notice).where(Notice.event == event).order_by(Notice.id)))


def test_a_new_leg_is_told_to_every_handler_of_the_unit_and_to_nobody_else(way):
    people = {way.handler.person_id, way.second_handler.person_id}
    _ = way.far_handler, way.leader
    way.dispatched()
    assert {notice.person_id for notice in told(way, "new_leg")} == people


def test_a_result_is_told_to_the_units_leader(way):
    _ = way.leader, way.far_leader
    way.with_result()
    assert [notice.person_id for notice in told(way, "to_review")] == [way.leader.person_id]


def test_what_is_sent_back_is_told_with_its_reason_to_the_one_who_handled_it(way):
    _ = way.second_handler
    ticket = way.with_result()
    ticket.send_back(way.leader, at("2026-09-18 16:00"), reason="照片看不清")
    (notice,) = told(way, "sent_back")
    assert notice.person_id == way.handler.person_id
    assert notice.values == {"number": ticket.number, "title": "路灯不亮", "reason": "照片看不清"}


def test_the_reporter_is_asked_to_rate(way):
    ticket = way.settled()
    (notice,) = told(way, "please_rate")
    assert (notice.person_id, notice.reporter_id) == (None, ticket.reporters[0].id)


def test_a_reporter_without_a_telephone_who_could_not_read_it_is_told_nothing(way):
    way.settled(reporter_mobile="")
    assert told(way, "please_rate") == []


def test_news_at_night_waits_for_the_morning(way):
    _ = way.handler
    way.dispatched(at("2026-09-18 23:30"))
    (notice,) = told(way, "new_leg")
    assert notice.deliver_at == at("2026-09-19 07:00")


def test_the_same_key_is_written_once(way):
    way.dispatched()
    row = {
        "key": "new_leg:leg-1:person-1:x",
        "event": "new_leg",
        "person_id": way.handler.person_id,
        "reporter_id": None,
        "ticket_id": None,
        "message": "x",
        "values": {},
        "created_at": at("2026-09-18 09:00"),
        "deliver_at": at("2026-09-18 09:00"),
    }
    assert [post(way.session, [row]), post(way.session, [row])] == [1, 0]


def test_the_nearest_dispatcher_above_the_place_answers_for_it(way):
    assert nearest_with(way.session, Role.DISPATCHER, way.district.village.path) is None
    assert way.dispatcher.unit_id == nearest_with(way.session, Role.DISPATCHER, way.district.village.path)
    assert way.town_dispatcher.unit_id == nearest_with(way.session, Role.DISPATCHER, way.district.village.path)
    assert way.dispatcher.unit_id == nearest_with(way.session, Role.DISPATCHER, way.district.far_village.path)


def test_people_read_their_own_notices_once_they_are_sent(way):
    _ = way.handler, way.second_handler
    way.dispatched()
    mine = told(way, "new_leg")[0]
    for notice in told(way, "new_leg"):
        notice.sent_at = at("2026-09-18 09:01") if notice is mine else None
    way.session.flush()
    with acting_as(way.handler, at("2026-09-18 10:00"), Scope(person_id=mine.person_id)):
        assert list(way.session.scalars(sa.select(Notice))) == [mine]
    with acting_as(way.second_handler, at("2026-09-18 10:00"), scope_for(way.second_handler)) as acting:
        assert isinstance(acting, Acting)
        assert list(way.session.scalars(sa.select(Notice))) == []


def test_the_residents_notices_belong_to_no_account_without_a_person(way):
    way.settled()
    for notice in told(way, "please_rate"):
        notice.sent_at = at("2026-09-18 09:01")
    way.session.flush()
    with acting_as(way.handler, at("2026-09-18 10:00"), Scope(paths=(way.district.root.path,))):
        assert list(way.session.scalars(sa.select(Notice))) == []


def test_notices_that_promised_an_import_of_the_calendar_are_reworded(way, client_as, district):
    office = client_as("office", district.root)
    notice = Notice(
        key="calendar:2027:person-1:2026-W47",
        event="calendar",
        person_id=office.person_id,
        message="The calendar of %(year)s is not official yet: enter or import its holidays",
        values={"year": 2027},
        created_at=at("2026-11-16 09:00"),
        deliver_at=at("2026-11-16 09:00"),
        sent_at=at("2026-11-16 09:00"),
    )
    way.session.add(notice)
    way.session.commit()
    with Operations.context(MigrationContext.configure(way.session.connection())):
        import_module("models.migrations.versions.0008_calendar_notice").upgrade()
    way.session.commit()
    assert "2027 年的节假日安排尚未录入，请录入放假和调休" in office.get("/notices/list/").text
