"""Somebody watches until the unit has answered for what it did not do."""

import pytest
import sqlalchemy as sa

from models.acting import RESIDENT, SYSTEM
from models.notices import Notice
from models.policies import set_policy
from models.supervisions import SupervisionCause, answer, close, supervise
from rules.lifecycle import Move
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at

FRIDAY = at("2026-09-18 15:00")


@pytest.fixture
def supervisor(way):
    return actor(way.session, "supervisor", way.district.root, "严督查")


@pytest.fixture
def watched(way, supervisor):
    _ = way.leader
    ticket = way.signed()
    supervise(ticket, SupervisionCause.PERSON, supervisor, FRIDAY, demand="说明为何未联系诉求人")
    return ticket


def test_the_unit_has_two_working_days_to_answer(way, watched):
    (opened,) = watched.supervisions
    assert (opened.answer_due_at, opened.demand, opened.opened_by) == (
        at("2026-09-22 00:00"), "说明为何未联系诉求人", "严督查",
    )  # fmt: skip
    assert (watched.state, watched.events[-1].action) == ("signed", "supervise")
    way.session.flush()
    told = set(way.session.scalars(sa.select(Notice.person_id).where(Notice.event == "supervision")))
    assert told == {way.leader.person_id}


def test_the_office_may_give_it_longer(way, supervisor):
    set_policy(way.session, "supervision_answer_days", "4", way.office, at("2026-09-17 09:00"))
    opened = supervise(way.signed(), SupervisionCause.PERSON, supervisor, FRIDAY, demand="说明")
    assert opened.answer_due_at == at("2026-09-24 00:00")


def test_a_person_says_what_has_to_be_answered_the_rules_need_not(way, supervisor):
    ticket = way.signed()
    with pytest.raises(Refusal, match="Write what the unit has to answer"):
        supervise(ticket, SupervisionCause.PERSON, supervisor, FRIDAY, demand=" ")
    assert supervise(ticket, SupervisionCause.OVERDUE, SYSTEM, FRIDAY).demand == ""


def test_one_at_a_time_by_whomever(way, supervisor, watched):
    with pytest.raises(Refusal, match="supervised already"):
        supervise(watched, SupervisionCause.PERSON, supervisor, FRIDAY, demand="再说明")
    with pytest.raises(Refusal, match="supervised already"):
        supervise(watched, SupervisionCause.STARS, SYSTEM, FRIDAY)


@pytest.mark.parametrize("who", ["handler", "leader", "dispatcher", "office"])
def test_those_who_handle_and_dispatch_open_none(way, who):
    with pytest.raises(Refusal, match="not among the duties"):
        supervise(way.signed(), SupervisionCause.PERSON, getattr(way, who), FRIDAY, demand="说明")


def test_the_leader_of_the_unit_that_leads_answers_once(way, watched):
    for other in (way.handler, way.far_leader):
        with pytest.raises(Refusal, match=r"not among the duties|Only 石桥村"):
            answer(watched, other, FRIDAY, text="已联系")
    with pytest.raises(Refusal, match="Write the answer"):
        answer(watched, way.leader, FRIDAY, text=" ")
    answer(watched, way.leader, at("2026-09-19 10:00"), text=" 已联系，周一完工 ")
    (opened,) = watched.supervisions
    assert (opened.answer, opened.answered_at, opened.answered_by) == (
        "已联系，周一完工", at("2026-09-19 10:00"), "王书记",
    )  # fmt: skip
    with pytest.raises(Refusal, match="has been answered"):
        answer(watched, way.leader, at("2026-09-19 11:00"), text="改个说法")
    assert opened.answer == "已联系，周一完工"


def test_the_supervisor_closes_it_and_may_open_another(way, supervisor, watched):
    answer(watched, way.leader, at("2026-09-19 10:00"), text="已联系")
    close(watched, supervisor, at("2026-09-20 10:00"), note="")
    assert watched.supervisions[0].closed_at == at("2026-09-20 10:00")
    supervise(watched, SupervisionCause.PERSON, supervisor, at("2026-09-21 10:00"), demand="为何还没完工")
    assert [each.closed_at is None for each in watched.supervisions] == [False, True]


def test_without_an_answer_it_is_closed_only_with_a_reason(way, supervisor, watched):
    with pytest.raises(Refusal, match="has not answered"):
        close(watched, supervisor, FRIDAY, note=" ")
    close(watched, supervisor, FRIDAY, note="已现场查看，问题已解决")
    assert watched.supervisions[0].closing == "已现场查看，问题已解决"


@pytest.mark.parametrize(
    "do", [lambda t, by: close(t, by, FRIDAY, note="好"), lambda t, by: answer(t, by, FRIDAY, text="好")]
)
def test_what_is_not_supervised_is_neither_answered_nor_closed(way, supervisor, do):
    both = type(supervisor)(**{**vars(way.leader), "roles": way.leader.roles | supervisor.roles})
    with pytest.raises(Refusal, match="not supervised"):
        do(way.signed(), both)


def test_one_that_the_reporter_withdrew_can_still_be_closed(way, supervisor, watched):
    watched.step(Move.CANCEL, RESIDENT, FRIDAY)
    close(watched, supervisor, at("2026-09-19 10:00"), note="诉求人已撤回")
    assert (watched.state, watched.supervisions[0].closing) == ("cancelled", "诉求人已撤回")
