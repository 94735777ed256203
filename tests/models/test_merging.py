"""Merging keeps the earlier dates and answers every reporter; splitting puts back what merging moved, nothing else."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from models.acting import EVERYTHING, RESIDENT, scope_for
from models.applying import Ask, ask, grant
from models.figures import figures
from models.merging import foresee, merge, split
from models.notices import Notice
from models.policies import load_policy
from models.ratings import Opinion, Resolved
from models.search import Question, mentions
from models.tickets import Ticket
from models.uploads import keep
from models.waiting import moment_at
from models.worklists import counts, lists_for
from rules.applications import ApplicationKind
from rules.deadlines import Tier
from rules.periods import parse_month
from rules.refusals import Refusal
from tests.stage import at
from tests.way import EVIDENCE

SAME = "两件说的是同一处"
NOON = at("2026-09-18 12:00")
MOVED = {
    "respond": [at("2026-09-18 17:00"), at("2026-09-16 17:00")],
    "due": [at("2026-09-26 00:00"), at("2026-09-24 00:00")],
}


@pytest.fixture
def two(way):
    """An older request and a newer one; the newer is asked to take the older up."""
    older = way.signed(at("2026-09-16 09:00"), tier=Tier.MINOR)
    newer = way.signed(
        at("2026-09-18 09:00"), tier=Tier.MINOR, title="三组路灯坏了", reporter_name="贺先生",
        reporter_mobile="13800005678",
    )  # fmt: skip
    return older, newer


def moved(event):
    return {name: [datetime.fromisoformat(each) for each in event.data[name]] for name in ("respond", "due")}


def told(way, ticket):
    """Telephone tails of those who were told that the request goes on in another one."""
    asked = sa.select(Notice).where(Notice.event == "merged", Notice.ticket_id == ticket.id)
    tails = {reporter.id: reporter.masked_mobile[-4:] for reporter in ticket.reporters}
    return sorted(tails[notice.reporter_id] for notice in way.session.scalars(asked))


def test_the_earlier_dates_of_both_are_kept_and_put_back_when_it_is_split_off(way, two):
    older, newer = two
    assert (newer.respond_due_at, newer.lead.settle_due_at) == (at("2026-09-18 17:00"), at("2026-09-26 00:00"))
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    assert newer.respond_due_at == at("2026-09-16 17:00")
    assert (newer.lead.settle_due_at, newer.next_due_at) == (at("2026-09-24 00:00"), at("2026-09-24 00:00"))
    split(older, way.dispatcher, at("2026-09-18 15:00"), reason="另有其事")
    assert newer.respond_due_at == at("2026-09-18 17:00")
    assert (newer.lead.settle_due_at, newer.next_due_at) == (at("2026-09-26 00:00"), at("2026-09-26 00:00"))
    assert (older.state, older.lead.settle_due_at, older.next_due_at) == (
        "signed", at("2026-09-24 00:00"), at("2026-09-24 00:00"),
    )  # fmt: skip


def test_a_later_date_changes_nothing(way, two):
    older, newer = two
    merge(newer, older, way.dispatcher, NOON, reason=SAME)
    assert (older.respond_due_at, older.lead.settle_due_at) == (at("2026-09-16 17:00"), at("2026-09-24 00:00"))


def test_a_date_that_has_come_nearer_is_looked_at_by_the_next_sweep(way, two):
    older, newer = two
    newer.remind_at = newer.lead.remind_at = None
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    assert (newer.remind_at, newer.lead.remind_at) == (NOON, NOON)


def test_an_extension_granted_in_between_stays_after_the_split(way, two):
    older, newer = two
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    asked = ask(newer, Ask(ApplicationKind.EXTENSION, "complex", "要查产权", days=3), way.handler, NOON)
    grant(newer, asked, way.leader, at("2026-09-18 13:00"))
    assert newer.lead.settle_due_at == at("2026-09-27 00:00")
    split(older, way.dispatcher, at("2026-09-18 15:00"), reason="另有其事")
    assert newer.lead.settle_due_at == at("2026-09-27 00:00")
    assert newer.respond_due_at == at("2026-09-18 17:00")


def test_every_reporter_goes_along_is_told_and_rates_for_themselves(way, two):
    older, newer = two
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    assert {(reporter.masked_mobile[-4:], reporter.asked_in) for reporter in newer.reporters} == {
        ("1234", older), ("5678", None),
    }  # fmt: skip
    assert older.reporters == []
    assert told(way, newer) == ["1234", "5678"]
    keep(way.session, newer, EVIDENCE, way.handler, NOON, leg=newer.lead)
    newer.submit_result(way.handler, at("2026-09-19 09:00"), result="都换了", feedback="路灯已换")
    newer.settle(way.leader, at("2026-09-19 10:00"), mode="coordinated")
    for reporter, stars in zip(sorted(newer.reporters, key=lambda each: each.id), (5, 3), strict=True):
        newer.rate(reporter, Opinion(stars, Resolved.YES), RESIDENT, at("2026-09-20 09:00"))
    assert [rating.stars for rating in newer.ratings] == [5, 3]
    with pytest.raises(Refusal, match="answered already; it cannot be split off"):
        split(older, way.dispatcher, at("2026-09-20 10:00"), reason="另有其事")


def test_who_came_along_goes_back_at_the_split(way, two):
    older, newer = two
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    split(older, way.dispatcher, at("2026-09-18 15:00"), reason="另有其事")
    assert [reporter.masked_mobile[-4:] for reporter in older.reporters] == ["1234"]
    assert [reporter.masked_mobile[-4:] for reporter in newer.reporters] == ["5678"]
    assert older.reporters[0].asked_in is None


def test_its_legs_end_its_applications_lapse_and_both_records_say_so(way, two):
    older, newer = two
    asked = ask(older, Ask(ApplicationKind.EXTENSION, "complex", "要查产权", days=2), way.handler, NOON)
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    assert [(leg.state, leg.ended) for leg in older.legs] == [("cancelled", "merged")]
    assert asked.state == "lapsed"
    gone, taken = older.events[-1], newer.events[-1]
    assert (gone.action, gone.state_before, gone.state_after, gone.note, gone.public) == (
        "merge", "signed", "merged", SAME, True,
    )  # fmt: skip
    assert (gone.data["into"], taken.action, taken.data["merged"]) == (newer.number, "merge", older.number)
    assert moved(taken) == MOVED
    split(older, way.dispatcher, at("2026-09-18 15:00"), reason="另有其事")
    assert [(leg.state, leg.ended) for leg in older.legs] == [("signed", None)]
    assert (older.events[-1].action, newer.events[-1].data["split"]) == ("split", older.number)
    assert moved(newer.events[-1]) == {name: dates[::-1] for name, dates in MOVED.items()}


def test_there_are_no_chains(way, two):
    older, newer = two
    third = way.signed(at("2026-09-18 10:00"))
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    with pytest.raises(Refusal, match="Others have been merged into this request"):
        merge(newer, third, way.dispatcher, NOON, reason=SAME)
    with pytest.raises(Refusal, match="is no longer open"):
        merge(third, older, way.dispatcher, NOON, reason=SAME)
    with pytest.raises(Refusal, match="not merged into itself"):
        merge(newer, newer, way.dispatcher, NOON, reason=SAME)


def test_it_is_for_the_dispatcher_of_both_places(way, two):
    older, newer = two
    far = way.submitted(unit=way.district.far_village)
    near = way.submitted()
    with pytest.raises(Refusal, match="lies outside 青石镇"):
        merge(near, far, way.town_dispatcher, NOON, reason=SAME)
    with pytest.raises(Refusal, match="not among the duties"):
        merge(older, newer, way.handler, NOON, reason=SAME)
    with pytest.raises(Refusal, match="Say why it is the same matter"):
        merge(older, newer, way.dispatcher, NOON, reason=" ")


def test_what_is_dispatched_takes_up_what_is_not(way, two):
    _older, newer = two
    waiting = way.submitted(at("2026-09-17 09:00"))
    with pytest.raises(Refusal, match="not dispatched yet; merge it into this one instead"):
        merge(newer, waiting, way.dispatcher, NOON, reason=SAME)
    merge(waiting, newer, way.dispatcher, NOON, reason=SAME)
    assert (waiting.state, newer.respond_due_at, newer.lead.settle_due_at) == (
        "merged", at("2026-09-17 17:00"), at("2026-09-26 00:00"),
    )  # fmt: skip


def test_what_would_happen_is_said_beforehand_and_happens(way, two):
    older, newer = two
    found = foresee(older, newer, way.dispatcher)
    assert (found.ending, found.lapsing, found.moving, found.there) == (["石桥村"], 0, 1, 1)
    assert (found.before["settle"], found.after["settle"]) == (at("2026-09-26 00:00"), at("2026-09-24 00:00"))
    assert (older.state, newer.lead.settle_due_at) == ("signed", at("2026-09-26 00:00"))
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    assert (newer.respond_due_at, newer.lead.settle_due_at) == (found.after["respond"], found.after["settle"])


def test_what_is_merged_waits_in_no_list_and_counts_in_no_figure_but_is_found(way, two):
    older, newer = two
    older.title = "桥头的水表倒转"
    merge(older, newer, way.dispatcher, NOON, reason=SAME)
    way.session.flush()
    later = moment_at(at("2026-10-20 12:00"), load_policy(way.session))
    found = counts(way.session, lists_for(way.handler), way.handler, scope_for(way.handler), later)
    assert {name: count for name, count in found.items() if count} == {
        "to_contact": 1, "in_hand": 1, "overdue": 1, "all": 2,
    }  # fmt: skip
    month = parse_month("2026-09")
    counted = figures(way.session, way.district.root.path, month.start, month.end, at("2026-10-20 12:00"))
    assert {key: count.denominator for key, count in counted[way.district.village.id].items() if count.denominator} == {
        "sign": 2, "on_time": 1, "settle": 1,
    }  # fmt: skip
    said = mentions(way.session, Question("水表倒转", EVERYTHING))
    assert way.session.scalars(sa.select(Ticket).where(said)).all() == [older]
