"""Who sat down with whom about a dispute, and whether it is before a court."""

from dataclasses import replace
from datetime import date

import pytest

from models.mediations import Mediated, Sitting, litigate, mediate
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at

NOON = at("2026-09-18 12:00")
SITTING = Sitting(
    date(2026, 9, 18), "村调解员", "东西两户", Mediated.AGREED, " 各退一尺 ", "村委会", keep_by=date(2026, 10, 1)
)


@pytest.fixture
def dispute(way):
    return way.signed(kind="dispute")


def test_a_sitting_is_kept_as_it_was_and_stands_in_the_record(way, dispute):
    made = mediate(dispute, SITTING, way.handler, NOON)
    way.session.flush()
    assert (made.outcome, made.agreement, made.place, made.keep_by, made.name) == (
        "agreed", "各退一尺", "村委会", date(2026, 10, 1), "李经办",
    )  # fmt: skip
    line = dispute.events[-1]
    assert (line.action, line.note, line.data, line.public) == ("mediate", "各退一尺", {"outcome": "agreed"}, False)
    assert dispute.state == "signed"


def test_there_may_be_several_until_they_agree(way, dispute):
    mediate(dispute, replace(SITTING, outcome=Mediated.FAILED, agreement=""), way.handler, NOON)
    mediate(dispute, SITTING, way.handler, NOON)
    assert [each.outcome for each in dispute.mediations] == ["failed", "agreed"]


def test_only_a_dispute_is_mediated(way):
    with pytest.raises(Refusal, match="Only a dispute"):
        mediate(way.signed(), SITTING, way.handler, NOON)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"mediators": " "}, "Say who mediated"),
        ({"parties": ""}, "Say who mediated"),
        ({"agreement": " "}, "Write down what was agreed"),
        ({"outcome": Mediated.PARTLY, "agreement": ""}, "Write down what was agreed"),
        ({"held_on": date(2026, 9, 19)}, "lies in the future"),
        ({"keep_by": date(2026, 9, 17)}, "after the mediation"),
    ],
)
def test_what_a_sitting_has_to_say(way, dispute, said, problem):
    with pytest.raises(Refusal, match=problem):
        mediate(dispute, replace(SITTING, **said), way.handler, NOON)
    assert dispute.mediations == []


def test_a_unit_that_does_not_hold_it_mediates_nothing(way, dispute):
    with pytest.raises(Refusal, match="Only 石桥村"):
        mediate(dispute, SITTING, actor(way.session, "handler", way.district.town), NOON)


def test_a_lawsuit_is_noted_and_noted_to_be_over(way, dispute):
    litigate(dispute, way.handler, NOON, note="清溪区法院（2026）民初12号")
    assert (dispute.in_litigation, dispute.events[-1].note) == (True, "清溪区法院（2026）民初12号")
    with pytest.raises(Refusal, match="says so already"):
        litigate(dispute, way.handler, NOON, note="又一次")
    litigate(dispute, way.leader, at("2026-09-20 12:00"), note="调解结案", over=True)
    assert (dispute.in_litigation, dispute.events[-1].data) == (False, {"over": True})
    with pytest.raises(Refusal, match="says so already"):
        litigate(dispute, way.leader, at("2026-09-20 12:00"), note="又结案", over=True)


def test_which_court_and_which_case_is_written_down(way, dispute):
    with pytest.raises(Refusal, match="which court"):
        litigate(dispute, way.handler, NOON, note=" ")
    assert dispute.in_litigation is False
