import pytest

from jobs.sweeps import Done, sweep
from models.acting import RESIDENT
from models.merging import merge
from models.ratings import Opinion, Resolved
from models.supervisions import SupervisionCause, answer, close, supervise
from tests.factories import actor
from tests.stage import at


@pytest.fixture
def supervisor(scene, session, district):
    made = actor(session, "supervisor", district.root)
    session.commit()
    return made


def overdue(scene):
    """Dispatched on Monday and to be settled by the end of Thursday the 19th."""
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    return ticket


def settled(scene, when: str, ticket=None):
    ticket = ticket or scene.submit("2026-11-16 08:00", reporter_mobile="13800001234")
    if ticket.state == "submitted":
        scene.dispatch(ticket, when)
    scene.sign(ticket, when)
    scene.submit_result(ticket, when)
    scene.settle(ticket, when)
    return ticket


def causes(ticket) -> list[str]:
    return [each.cause for each in ticket.supervisions]


@pytest.mark.parametrize(
    ("moment", "count"), [("2026-11-20 23:59", 0), ("2026-11-21 00:00", 1), ("2026-11-21 00:01", 1)]
)
def test_what_is_overdue_by_a_day_is_supervised_once(scene, session, moment, count):
    ticket = overdue(scene)
    sweep(session, at("2026-11-19 12:00"))
    done = sweep(session, at(moment))
    assert (done.supervised, causes(ticket)) == (count, ["overdue"] * count)
    assert f"supervised={count} " in str(done)
    assert sweep(session, at(moment)) == Done()


def test_what_nothing_was_moved_of_is_not_looked_at_before_its_date(scene, session):
    ticket = overdue(scene)
    sweep(session, at("2026-11-16 10:01"))
    assert ticket.remind_at == at("2026-11-21 00:00")


def test_once_it_has_been_looked_into_the_same_delay_is_not_supervised_again(scene, session, supervisor):
    ticket = overdue(scene)
    sweep(session, at("2026-11-21 10:00"))
    answer(ticket, scene.leader, at("2026-11-23 09:00"), text="周三前办好")
    close(ticket, supervisor, at("2026-11-23 10:00"), note="已说明")
    session.commit()
    assert sweep(session, at("2026-11-30 10:00")).supervised == 0
    assert causes(ticket) == ["overdue"]


def test_while_a_supervision_is_open_no_other_is_opened(scene, session, supervisor):
    ticket = overdue(scene)
    supervise(ticket, SupervisionCause.PERSON, supervisor, at("2026-11-20 09:00"), demand="为何未办结")
    session.commit()
    assert sweep(session, at("2026-11-21 10:00")).supervised == 0
    close(ticket, supervisor, at("2026-11-22 10:00"), note="督办结束")
    session.commit()
    assert sweep(session, at("2026-11-22 10:00")).supervised == 1
    assert causes(ticket) == ["person", "overdue"]


def test_few_stars_bring_supervision_with_the_re_opening(scene, session):
    ticket = settled(scene, "2026-11-16 09:00")
    ticket.rate(ticket.reporters[0], Opinion(2, Resolved.PARTLY), RESIDENT, at("2026-11-17 09:00"))
    session.commit()
    assert sweep(session, at("2026-11-17 08:59")).supervised == 0
    assert sweep(session, at("2026-11-17 09:00")).supervised == 1
    assert causes(ticket) == ["stars"]
    assert sweep(session, at("2026-11-17 09:00")) == Done()


def test_the_second_re_opening_brings_supervision_even_if_the_stars_did_not(scene, session):
    ticket = settled(scene, "2026-11-16 09:00")
    for day in (17, 18):
        ticket.rate(ticket.reporters[0], Opinion(3, Resolved.NO), RESIDENT, at(f"2026-11-{day} 09:00"))
        session.commit()
        assert sweep(session, at(f"2026-11-{day} 09:00")).supervised == int(day == 18)
        settled(scene, f"2026-11-{day} 10:00", ticket) if day == 17 else None
    assert causes(ticket) == ["reopened"]


def test_three_reporters_of_one_matter_bring_supervision(scene, session):
    into, *others = [scene.submit("2026-11-16 08:00") for _ in range(3)]
    merge(others[0], into, scene.dispatcher, at("2026-11-16 09:00"), reason="同一盏灯")
    session.commit()
    assert sweep(session, at("2026-11-16 09:00")).supervised == 0
    merge(others[1], into, scene.dispatcher, at("2026-11-16 09:30"), reason="同一盏灯")
    session.commit()
    assert sweep(session, at("2026-11-16 09:30")).supervised == 1
    assert causes(into) == ["reporters"]
    assert sweep(session, at("2026-11-16 09:30")) == Done()


def test_leader_and_supervisor_hear_of_an_answer_the_working_day_before_it_is_due_and_once_it_is_late(
    scene, session, supervisor
):
    ticket = overdue(scene)
    supervise(ticket, SupervisionCause.PERSON, supervisor, at("2026-11-19 09:00"), demand="为何未办结")
    session.commit()
    assert ticket.supervisions[0].answer_due_at == at("2026-11-24 00:00")
    both = [scene.leader.person_id, supervisor.person_id]
    sweep(session, at("2026-11-20 21:29"))
    assert scene.heard("supervision") == [(scene.leader.person_id, "new")]
    sweep(session, at("2026-11-20 21:30"))
    assert scene.heard("supervision")[1:] == [(person, "soon") for person in both]
    sweep(session, at("2026-11-24 06:59"))
    assert len(scene.heard("supervision")) == 3
    sweep(session, at("2026-11-24 07:00"))
    assert scene.heard("supervision")[3:] == [(person, "due") for person in both]


def test_an_answered_supervision_is_not_called_late(scene, session, supervisor):
    ticket = overdue(scene)
    supervise(ticket, SupervisionCause.PERSON, supervisor, at("2026-11-19 09:00"), demand="为何未办结")
    answer(ticket, scene.leader, at("2026-11-19 10:00"), text="明天办好")
    session.commit()
    sweep(session, at("2026-11-24 08:00"))
    assert scene.heard("supervision") == [(scene.leader.person_id, "new")]
