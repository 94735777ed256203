"""Whatever people try in whatever order, clocks, states, records, scopes and the one-lead rule hold."""

import os
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from models import db
from models.acting import RESIDENT, Actor
from rules.applications import PROCEDURES
from rules.lifecycle import Move
from rules.refusals import Refusal
from tests.factories import actor, unit
from tests.hands import MOVES, START, Hand, decidable, jobs, permitted, picker
from tests.oracle import Oracle

EXAMPLES = int(os.environ.get("MINQING_TEST_WALKS", "0"))
"""So many other walks instead of the few of every day, the first that fails as it is: `MINQING_TEST_WALKS=2000`."""
WALKS = {"sqlite": 40, "postgresql": 12}
STEPS = 50
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAITS = [MINUTE] * 9 + [HOUR] * 2 + [5 * HOUR, 2 * DAY, 9 * DAY]
PLACES = ("root", "town", "village", "grid", "twin", "department", "station")


@pytest.fixture
def staff(session, district):
    """Everybody there is, by role; several dispatchers and leaders who decide for each other."""
    unit(session, district.root, "339901-ZJJ", "区住建局", "department")
    people = [
        actor(session, role, getattr(district, place))
        for place in PLACES
        for role in ("handler", "unit_leader", "dispatcher")
    ]
    people += [actor(session, "dispatcher", district.root), actor(session, "handler", district.village)]
    people += [actor(session, role, district.root) for role in ("supervisor", "manager", "office", "evaluator")]
    people += [actor(session, "manager", district.town), RESIDENT]
    session.commit()
    return people


class Walk(RuleBasedStateMachine):
    """People at random; mostly those whose move it may be, now and then anybody."""

    staff: list[Actor]
    places: list[int]
    tried: Counter[str]
    done: Counter[str]

    @initialize(data=st.data())
    def begin(self, data):
        self.at, self.tickets = START, []
        self.connection = db.engine.connect()
        self.transaction = self.connection.begin()
        if self.connection.dialect.name == "sqlite":
            self.connection.exec_driver_sql("BEGIN")
        self.session = Session(self.connection, join_transaction_mode="create_savepoint")
        self.oracle = Oracle(self.connection)
        for _ in range(2):
            self.hand(data).submit(None, RESIDENT, self.at)
        self.session.commit()

    def teardown(self):
        if hasattr(self, "session"):
            self.session.close()
            self.transaction.rollback()
            self.connection.close()

    def hand(self, data):
        return Hand(self.session, self.places, self.tickets, picker(data.draw))

    @rule(data=st.data(), wait=st.sampled_from(WAITS))
    def somebody_does_something(self, data, wait):
        self.at += wait
        ticket = data.draw(st.sampled_from(self.tickets))
        sensible = data.draw(st.sampled_from([True] * 5 + [False]))
        able = {name: self.able(name, ticket) for name in MOVES} if sensible else dict.fromkeys(MOVES, self.staff)
        name = data.draw(st.sampled_from([name for name in likely(ticket) if able[name]]))
        by = data.draw(st.sampled_from(able[name]))
        self.tried[name] += 1
        before = self.oracle.everything()
        try:
            getattr(self.hand(data), name)(ticket, by, self.at)
            self.session.commit()
        except Refusal:
            self.session.rollback()
            self.tickets[:] = [each for each in self.tickets if each in self.session]
            assert self.oracle.everything() == before, f"{name} was refused and left something behind"
        else:
            self.done[name] += 1

    def able(self, name, ticket):
        """Those to whom the first look of the regulation leaves it; what else it asks for may yet be missing."""
        if name == "submit":
            return [RESIDENT]
        if name == "grant":
            return [by for by in self.staff if decidable(ticket, by)]
        moves = [each.ask for each in PROCEDURES.values()] if name == "ask" else [Move(name)]
        return [by for by in self.staff if any(permitted(ticket, move, by) for move in moves)]

    @rule(wait=st.sampled_from([timedelta(0), *WAITS]))
    def jobs_sweep(self, wait):
        self.at += wait
        jobs(self.session, self.at)
        before = self.oracle.everything()
        jobs(self.session, self.at)
        assert self.oracle.everything() == before, "a second sweep found something left to do"

    @invariant()
    def all_holds(self):
        if hasattr(self, "oracle"):
            assert self.oracle.faults() == []


LIKELY = {
    "submitted": ["accept"] * 6,
    "accepted": ["dispatch"] * 6,
    "returned": ["dispatch"] * 4,
    "dispatched": ["sign"] * 6 + ["recall"] * 2 + ["ask"] * 2,
    "signed": ["contact", "escalate", "delegate", "invite", "submit_result"] * 2 + ["ask"] * 3,
    "handling": ["submit_result"] * 4 + ["ask"] * 4 + ["invite", "sign", "contact", "escalate", "delegate"],
    "pending_review": ["settle"] * 6 + ["send_back"] * 2,
    "suspended": ["resume"],
    "settled": ["rate"] * 4 + ["follow_up"] * 2,
    "rated": ["rate", "ask", "follow_up", "call_meeting"],
    "merged": ["split"] * 4,
}


def likely(ticket):
    asked = ["grant"] * 6 + ["refuse", "withdraw"] if ticket.asked else []
    called = ["decide"] * 5 if ticket.meeting else []
    helped = ["sign", "contact", "submit_result", "settle", "send_back"] * 2 if ticket.legs and ticket.helping else []
    watched = ["answer_supervision", "close_supervision"] * 2 if ticket.supervisions else []
    return MOVES + LIKELY.get(ticket.state, []) * 8 + asked * 3 + called + helped + watched


def test_thousands_of_random_steps_break_no_rule(session, district, staff, backend):
    Walk.staff = staff
    Walk.places = [getattr(district, place).id for place in PLACES] + [staff[0].unit_id]
    Walk.tried, Walk.done = Counter(), Counter()
    session.rollback()
    quick = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=EXAMPLES or WALKS[backend.kind],
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not EXAMPLES,
            suppress_health_check=quick,
            database=None,
            phases=[Phase.generate] if EXAMPLES else list(Phase)[1:],
        ),
    )
    assert sum(Walk.tried.values()) > 5 * (EXAMPLES or WALKS[backend.kind])
    assert {"accept", "dispatch", "sign"} <= set(Walk.done)
