"""What is like a request that is being typed, as far as the account sees it."""

from datetime import timedelta

import pytest

from models.acting import acting_as, scope_for
from models.categories import Category
from models.similar import repeats, similar
from tests.factories import unit
from tests.stage import at

NOON = at("2026-09-18 12:00")
TYPED = ("路灯坏了", "村口的路灯三天没亮了，晚上看不见路")


@pytest.fixture
def ask(way):
    def found(title=TYPED[0], text=TYPED[1], place=None, category=None, when=NOON):
        way.session.flush()
        return similar(way.session, title, text, place or way.district.village, category, when)

    return found


def numbers(found):
    return [each.ticket.number for each in found]


def test_open_requests_that_say_the_same_are_proposed_with_the_reason(way, ask):
    lamp = way.submitted()
    way.submitted(title="水管漏水", text="三组水管接头漏水，请来修")
    [found] = ask()
    assert found.ticket is lamp
    assert (found.why.same_unit, found.why.same_text, found.why.shared) == (True, False, "村口的路灯三天没亮了")


def test_those_of_the_same_place_come_first_then_those_of_the_same_town(way, ask):
    far, twin, near = (
        way.submitted(unit=place) for place in (way.district.far_village, way.district.twin, way.district.village)
    )
    assert numbers(ask()) == [near.number, twin.number, far.number]


def test_the_same_kind_of_matter_comes_first(way, ask):
    category = way.session.query(Category).first()
    of_the_kind = way.submitted(category=category)
    other = way.submitted()
    assert numbers(ask(category=category)) == [of_the_kind.number, other.number]
    assert numbers(ask()) == [other.number, of_the_kind.number]


def test_what_is_over_is_not_proposed(way, ask):
    way.settled()
    assert ask() == []


def test_what_came_in_too_long_ago_is_not_proposed(way, ask):
    way.submitted(NOON - timedelta(days=30, minutes=1))
    recent = way.submitted(NOON - timedelta(days=29))
    assert numbers(ask()) == [recent.number]


def test_what_has_been_settled_or_has_come_in_since_the_last_question_is_known(way, ask):
    first = way.with_result()
    assert numbers(ask()) == [first.number]
    first.settle(way.leader, NOON, mode="coordinated")
    second = way.submitted()
    assert numbers(ask()) == [second.number]


def test_nothing_beyond_the_scope_is_proposed(way, ask):
    way.submitted(unit=way.district.far_village)
    with acting_as(way.handler, NOON, scope_for(way.handler)):
        assert ask() == []


def test_another_district_is_never_looked_at(way, ask):
    outside = unit(way.session, None, "339902000000", "外县", "district")
    way.submitted(unit=unit(way.session, outside, "339902001000", "外镇", "town"))
    assert ask() == []


def test_a_few_characters_ask_for_nothing(way, ask):
    way.submitted(title="路灯", text="路灯")
    assert ask(title="路", text="") == []


def test_repeats_are_grouped_by_place_or_kind_or_by_the_very_text(way):
    here = [way.submitted(text="村口的路灯三天没亮了"), way.settled(text="村口的路灯有三天没亮了")]
    far = way.submitted(unit=way.district.far_village, text="村 口 的 路 灯 三 天 没 亮 了")
    apart = way.submitted(unit=way.district.far_town, title="村口路灯", text="村口路灯三天没亮了吗")
    way.submitted(title="水管漏水", text="三组水管接头漏水，请来修")
    way.session.flush()
    [group] = [each for each in repeats(way.session, at("2026-09-01 00:00")) if here[0].id in each.tickets]
    assert set(group.tickets) >= {here[0].id, here[1].id, far.id}
    assert apart.id not in group.tickets
    assert repeats(way.session, at("2026-09-18 09:01")) == []
