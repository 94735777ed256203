import pytest

from jobs.reminders import remind
from jobs.sweeps import Done, sweep
from models.applying import Ask, ask, grant
from rules.applications import ApplicationKind
from tests.stage import at


def asked(scene, kind, until: str):
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    ticket.contact(scene.handler, at("2026-11-16 10:30"), note="已联系")
    wish = Ask(kind, "season", "雨季不能施工", until=at(until), owner="村里电工")
    application = ask(ticket, wish, scene.handler, at("2026-11-16 11:00"))
    grant(ticket, application, scene.dispatcher, at("2026-11-16 12:00"))
    scene.session.commit()
    return ticket


@pytest.mark.parametrize(
    ("moment", "state", "due"),
    [("2026-11-25 08:59", "suspended", None), ("2026-11-25 09:00", "handling", "2026-11-28 21:00")],
)
def test_what_is_suspended_goes_on_at_its_review_date_with_the_time_that_was_left(scene, session, moment, state, due):
    ticket = asked(scene, ApplicationKind.SUSPENSION, "2026-11-25 09:00")
    done = sweep(session, at(moment))
    assert (ticket.state, done.resumed) == (state, int(state == "handling"))
    assert due is None or ticket.lead.settle_due_at == ticket.next_due_at == at(due)
    assert f"resumed={done.resumed} " in str(done)
    assert sweep(session, at(moment)) == Done()


def test_owners_and_dispatcher_hear_of_a_review_three_days_before_and_when_it_goes_on(scene, session):
    asked(scene, ApplicationKind.SUSPENSION, "2026-11-25 09:00")
    people = [each.person_id for each in (scene.handler, scene.leader, scene.dispatcher)]
    sweep(session, at("2026-11-22 08:59"))
    assert scene.heard("suspension") == []
    sweep(session, at("2026-11-22 09:00"))
    assert scene.heard("suspension") == [(person, "soon") for person in people]
    sweep(session, at("2026-11-25 09:00"))
    assert scene.heard("resumed") == [(person, "new") for person in people]
    assert scene.heard("settle_due") == []


def test_nothing_is_said_of_the_limits_of_what_is_suspended(scene, session):
    asked(scene, ApplicationKind.SUSPENSION, "2026-12-10 09:00")
    for day in range(17, 30):
        remind(session, at(f"2026-11-{day} 10:00"))
    assert scene.heard("settle_due") + scene.heard("settle_overdue") + scene.heard("no_first_contact") == []


def test_a_promise_is_brought_up_three_days_before_and_at_its_date(scene, session):
    asked(scene, ApplicationKind.PROMISE, "2026-11-25 09:00")
    people = [each.person_id for each in (scene.handler, scene.leader, scene.dispatcher)]
    remind(session, at("2026-11-22 08:59"))
    assert scene.heard("promise") == []
    remind(session, at("2026-11-22 09:00"))
    assert scene.heard("promise") == [(person, "soon") for person in people]
    remind(session, at("2026-11-25 08:59"))
    assert len(scene.heard("promise")) == 3
    remind(session, at("2026-11-25 09:00"))
    assert scene.heard("promise")[3:] == [(scene.dispatcher.person_id, "due")]
    assert (scene.handler.person_id, "due") in scene.heard("settle_overdue")
