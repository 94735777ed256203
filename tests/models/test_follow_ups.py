"""Who is called back, by whom, and what comes of it."""

import pytest
import sqlalchemy as sa

from models import db
from models.acting import RESIDENT, Actor, Scope, acting_as
from models.call_queue import Asked, how_many, queue, units_waiting
from models.call_scripts import CallScript, filled, script_for
from models.categories import Category
from models.figures import FIGURES, Count, Window, cases, overall
from models.follow_ups import Answered, Call, FollowUp, follow_up, tries
from models.policies import set_policy
from models.ratings import Opinion, Reporter, Resolved
from rules.follow_up import is_chosen
from rules.refusals import Refusal
from tests import asked as asking
from tests.factories import actor
from tests.models.test_plans import LIKE_A_DISTRICT
from tests.stage import at

NOON = at("2026-09-18 12:00")
DISTRICT = Scope(paths=("/339901000000/",))


@pytest.fixture
def percent(way):
    def choose(share):
        set_policy(way.session, "follow_up_percent", str(share), way.office, at("2026-09-17 09:00"))

    return choose


@pytest.fixture
def due(way, percent):
    """Settled and to be called about."""
    percent(100)
    return way.settled()


def told(way, ticket, outcome, when="2026-09-19 10:00", by=None, **more):
    call = Call(outcome, **more)
    return follow_up(ticket, ticket.reporters[0], call, by or way.office, at(when))


def numbers(way, asked=Asked(), scope=DISTRICT, when=NOON):  # noqa: B008
    way.session.flush()
    return [each.number for each in queue(way.session, asked, scope, when, 50)]


def test_in_the_complete_mode_every_settled_request_is_due_and_with_nothing_none_is(way, percent):
    percent(100)
    assert {way.settled().follow_up for _ in range(8)} == {"due"}
    percent(0)
    assert {way.settled().follow_up for _ in range(8)} == {None}


def test_in_the_sampled_mode_the_number_decides_and_nobody_can_pick(way, percent):
    percent(50)
    settled = [way.settled() for _ in range(30)]
    assert {each.number for each in settled if each.follow_up == "due"} == {
        each.number for each in settled if is_chosen(each.number, 50)
    }
    assert 5 < sum(each.follow_up == "due" for each in settled) < 25


def test_a_fifth_of_many_numbers_is_about_a_fifth():
    chosen = sum(is_chosen(f"20260918-{number:05d}", 20) for number in range(10_000))
    assert 1_800 < chosen < 2_200
    assert is_chosen("20260918-00001", 100)
    assert not is_chosen("20260918-00001", 0)


def test_the_one_that_waits_longest_is_called_first(way, percent):
    percent(100)
    second = way.settled(at("2026-09-18 10:00"))
    first = way.settled(at("2026-09-18 09:00"))
    assert numbers(way) == [first.number, second.number]
    assert way.session.scalar(sa.select(sa.func.count(FollowUp.id))) == 0


def test_the_queue_is_narrowed_by_unit_and_by_mode_and_to_what_arose_there(way, due):
    assert numbers(way, Asked(unit_id=way.district.village.id)) == [due.number]
    assert numbers(way, Asked(unit_id=way.district.twin.id)) == []
    assert numbers(way, Asked(mode="coordinated")) == [due.number]
    assert numbers(way, Asked(mode="assigned")) == []
    assert numbers(way, scope=Scope(paths=(way.district.town.path,))) == [due.number]
    assert numbers(way, scope=Scope(paths=(way.district.far_town.path,))) == []
    assert numbers(way, scope=Scope(person_id=1)) == []
    assert units_waiting(way.session, Asked(), DISTRICT, NOON) == [(way.district.village.id, "石桥村", 1)]


def test_whoever_is_reached_is_asked_no_more(way, due):
    made = told(way, due, Answered.PARTLY, note="还差一盏")
    assert (due.follow_up, due.call_at, due.state) == ("done", None, "settled")
    assert (made.unit_id, made.name, made.unit_name) == (way.district.village.id, "冯调研", "清溪区")
    assert (due.events[-1].action, due.events[-1].note) == ("follow_up", "还差一盏")
    assert not due.events[-1].public
    assert numbers(way, when=at("2026-09-30 09:00")) == []
    with pytest.raises(Refusal, match="has been asked about this settlement already"):
        told(way, due, Answered.RESOLVED)


def test_whoever_is_not_reached_is_called_again_and_after_the_third_time_no_more(way, due):
    told(way, due, Answered.UNREACHED, "2026-09-19 10:00")
    assert (due.follow_up, due.call_at, tries(due)) == ("due", at("2026-09-20 10:00"), 1)
    assert numbers(way, when=at("2026-09-20 09:59")) == []
    assert numbers(way, Asked(later=True), when=at("2026-09-20 09:59")) == [due.number]
    assert numbers(way, when=at("2026-09-20 10:00")) == [due.number]
    told(way, due, Answered.UNREACHED, "2026-09-20 10:00")
    told(way, due, Answered.UNREACHED, "2026-09-21 10:00")
    assert (due.follow_up, due.call_at, tries(due)) == ("done", None, 3)


def test_how_often_and_when_again_the_office_says_and_never_in_quiet_hours(way, due):
    for key, value in (("follow_up_tries", "2"), ("follow_up_again_hours", "3")):
        set_policy(way.session, key, value, way.office, NOON)
    told(way, due, Answered.UNREACHED, "2026-09-19 20:30")
    assert due.call_at == at("2026-09-20 07:00")
    told(way, due, Answered.UNREACHED, "2026-09-20 09:00")
    assert due.follow_up == "done"


def test_stars_by_telephone_are_the_reporters_own_with_their_tags(way, due):
    told(way, due, Answered.RESOLVED, stars=5, tags=["fast"], note="谢谢")
    [rating] = due.ratings
    assert (rating.stars, rating.resolved, rating.tags, rating.comment) == (5, "yes", ["fast"], "谢谢")
    assert rating.reporter is due.reporters[0]
    assert (due.state, due.events[-1].data) == ("rated", {"stars": 5, "noted_by": "冯调研"})


@pytest.mark.parametrize(("outcome", "stars"), [(Answered.NO, None), (Answered.NO, 5), (Answered.PARTLY, 2)])
def test_not_resolved_or_two_stars_begin_it_anew(way, due, outcome, stars):
    told(way, due, outcome, stars=stars)
    assert (due.state, due.lead.seq, due.reopened) == ("dispatched", 2, 1)
    assert (due.follow_up, due.call_at) == (None, None)
    assert numbers(way, when=at("2026-09-30 09:00")) == []


def test_whoever_is_not_reached_gives_no_stars(way, due):
    with pytest.raises(Refusal, match="gave no stars"):
        told(way, due, Answered.UNREACHED, stars=5)


@pytest.mark.parametrize("role", ["office", "dispatcher", "supervisor"])
def test_a_unit_that_handled_it_does_not_ask_and_others_may(way, due, role):
    mine = actor(way.session, role, way.district.village)
    with pytest.raises(Refusal, match="A unit that handled the request does not ask"):
        told(way, due, Answered.RESOLVED, by=mine)
    assert due.follow_ups == []
    told(way, due, Answered.RESOLVED, by=actor(way.session, role, way.district.town))
    assert due.follow_up == "done"


def test_handlers_and_leaders_do_not_call_back(way, due):
    for by in (way.far_handler, way.far_leader):
        with pytest.raises(Refusal, match="not among the duties"):
            told(way, due, Answered.RESOLVED, by=by)


def test_a_reporter_of_another_request_is_not_asked_about_this_one(way, due):
    other = way.settled()
    with pytest.raises(Refusal, match="one of the reporters"):
        follow_up(due, other.reporters[0], Call(Answered.RESOLVED), way.office, NOON)


def test_each_of_several_reporters_may_be_asked(way, due):
    due.reporters.append(Reporter.named("李大爷", "13900005678"))
    told(way, due, Answered.RESOLVED)
    follow_up(due, due.reporters[1], Call(Answered.PARTLY, stars=3), way.office, at("2026-09-19 11:00"))
    assert [each.outcome for each in due.follow_ups] == ["resolved", "partly"]


def test_what_is_archived_is_asked_about_no_more(way, due):
    due.expire_rating(RESIDENT, at("2026-09-25 09:00"))
    assert numbers(way, when=at("2026-09-26 09:00")) == [due.number]
    due.archive(RESIDENT, at("2026-10-25 09:00"))
    assert (due.follow_up, due.call_at) == (None, None)


def test_the_resolve_rate_is_of_those_reached_and_opens_its_requests(way, percent):
    percent(100)
    requests = [way.settled() for _ in range(4)]
    outcomes = (Answered.RESOLVED, Answered.PARTLY, Answered.UNREACHED, Answered.RESOLVED)
    for ticket, outcome in zip(requests, outcomes, strict=True):
        told(way, ticket, outcome)
    told(way, requests[2], Answered.NO, "2026-10-02 10:00")
    way.session.flush()
    september = at("2026-09-01 00:00"), at("2026-10-01 00:00"), at("2026-10-05 00:00")
    assert overall(way.session, DISTRICT.paths[0], *september)["resolve"] == Count(2, 3)
    rows = way.session.execute(cases(FIGURES["resolve"](Window(*september)), way.district.village)).all()
    assert [(row.Ticket.number, row.outcome) for row in rows] == [
        (requests[0].number, "met"),
        (requests[1].number, "missed"),
        (requests[3].number, "met"),
    ]
    own = way.session.execute(cases(FIGURES["resolve"](Window(*september)), way.district.twin)).all()
    assert own == []


def test_the_queue_is_read_from_its_own_index(way, percent):
    percent(100)
    model = way.settled()
    way.session.flush()
    columns = [
        each.name for each in sa.inspect(type(model)).columns if each.name not in ("id", "number", "tracking_code")
    ]
    kept = ", ".join(name for name in columns if name not in ("follow_up", "call_at"))
    numbered = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
    copies = f"SELECT 1000 + i, 'N' || i, 'T' || i, {kept} FROM ticket, n WHERE ticket.id = {model.id}"
    into = f"INSERT INTO ticket (id, number, tracking_code, {kept})"
    sqlite = way.session.get_bind().dialect.name == "sqlite"
    way.session.execute(sa.text(f"{numbered} {into} {copies}" if sqlite else f"{into} {numbered} {copies}"))
    way.session.execute(sa.text("ANALYZE"))
    if not sqlite:
        way.session.execute(sa.text(LIKE_A_DISTRICT), {"tables": list(asking.LARGE)})
    way.session.commit()
    for scope in (DISTRICT, Scope(paths=(way.district.town.path,))):
        with acting_as(Actor(None, "回访员"), NOON, scope), asking.Asked(db.engine) as listening:
            assert len(queue(way.session, Asked(), scope, NOON, 50)) == 1
            assert how_many(way.session, Asked(mode="coordinated"), scope, NOON) == 1
            assert len(units_waiting(way.session, Asked(), scope, NOON)) == 1
        assert listening.scans() == []


def test_what_is_said_is_the_offices_and_the_nearest_to_the_matter(way):
    categories = {each.code: each for each in way.session.scalars(sa.select(Category))}
    assert script_for(way.session, None).startswith("您好，我是{回访人}")
    way.session.add(CallScript(category=categories["30"], text="基础设施"))
    way.session.flush()
    assert script_for(way.session, categories["3002"]) == "基础设施"
    way.session.add(CallScript(category=categories["3002"], text="路灯：{标题}"))
    way.session.flush()
    assert script_for(way.session, categories["3002"]) == "路灯：{标题}"
    assert script_for(way.session, categories["1001"]).startswith("您好")
    values = dict.fromkeys(("回访人", "工单编号", "承办单位", "办结日期"), "") | {"标题": "路灯不亮"}
    assert filled("路灯：{标题}{别的}", values) == "路灯：路灯不亮{别的}"


def test_a_good_rating_at_the_portal_does_not_spare_the_call(way, due):
    due.rate(due.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-18 13:00"))
    assert numbers(way, when=at("2026-09-18 14:00")) == [due.number]
    told(way, due, Answered.NO)
    assert due.state == "dispatched"
