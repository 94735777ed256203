"""What is found is what stands there, compared with reading every row."""

import unicodedata

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import search, search_index
from models.acting import EVERYTHING, RESIDENT, Scope
from models.intake import Draft, submit
from models.search import Question, by_time, how_many, mentions
from models.tickets import Ticket
from models.units import move
from rules.deadlines import Tier
from tests.factories import unit
from tests.stage import at

SIMPLIFIED = str.maketrans("門裡車壞", "门里车坏")
ALPHABET = "小区电梯门裡車停水壞𠀀𠠀 Ab3,，!%_\"'-＊Ａ\n\\␞"
"""Of the two beyond the basic plane a number of PostgreSQL's index says no more than that it is one of them."""
TEXTS = st.text(ALPHABET, min_size=1, max_size=30).filter(str.strip)
WORDS = st.text(ALPHABET, min_size=1, max_size=5).filter(str.strip)
ROUNDS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def plain(text: str) -> str:
    """The oracle's own idea of alike: it shares nothing with rules.folding."""
    one_space = "".join(" " if each.isspace() or each == "␞" else each for each in text)
    return unicodedata.normalize("NFKC", one_space).translate(SIMPLIFIED).lower()


def read_through(session, typed: str) -> set[int]:
    rows = session.execute(sa.select(Ticket.id, Ticket.number, Ticket.title, Ticket.text, Ticket.address))
    return {
        key for key, *fields in rows if all(any(plain(w) in plain(f) for f in fields) for w in typed.split())
    }  # fmt: skip


def found(session, typed: str, scope: Scope = EVERYTHING) -> set[int]:
    return set(session.scalars(sa.select(Ticket.id).where(mentions(session, Question(typed, scope)))))


@pytest.fixture
def ask(session, district):
    def ask(title: str, text: str = "详见标题", where=None, address: str = "") -> Ticket:
        draft = Draft(title=title, text=text, unit=where or district.village, source="hotline", address=address)
        ticket, _made = submit(session, draft, RESIDENT, at("2026-09-18 09:00"))
        session.flush()
        return ticket

    return ask


@ROUNDS
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=2, max_size=6), edited=TEXTS, words=st.lists(WORDS, min_size=4))
def test_searching_equals_reading_every_row_after_any_writing_editing_and_deleting(session, ask, texts, edited, words):
    """The rows of earlier rounds stay and are searched too."""
    first, second, *_rest = [ask(title, text) for title, text in texts]
    first.text = edited
    session.flush()
    for row in (second, *second.events, *second.reporters):
        session.expunge(row)
    session.execute(sa.delete(Ticket).where(Ticket.id == second.id))
    for word in [*words, texts[0][0][:4], texts[1][0][-3:], edited[1:9]]:
        if word.strip():
            assert found(session, word) == read_through(session, word), word


@pytest.mark.parametrize("dense", [1, 3, 40_000])
def test_frequent_and_rare_words_are_found_alike(session, ask, monkeypatch, dense):
    """The way the index is used changes with the number of hits, the answer must not."""
    monkeypatch.setattr(search, "DENSE", dense)
    monkeypatch.setattr(search, "RARE", 2)
    lift = [ask("小区电梯坏了").id, ask("小区停水", "楼里的电梯也不动").id, ask("电梯异响").id]
    ask("电动车乱停", "梯子挡路")
    assert found(session, "电梯") == set(lift)
    assert found(session, "区电") == {lift[0]}


def test_words_of_any_length_are_found_and_parts_of_two_fields_are_not_one_word(session, ask):
    ticket = ask("路灯不亮", "村口的路灯三天没亮了", address="桥头")
    for typed in ("灯", "路灯", "三天没", "村口的路灯三天没亮了", "桥头", ticket.number, ticket.number[3:7]):
        assert found(session, typed) == {ticket.id}, typed
    for typed in ("亮村", "了桥", "灯路", "路灯不亮了"):
        assert found(session, typed) == set(), typed


def test_scripts_widths_and_cases_read_alike(session, ask):
    old = ask("電梯壞了", "請派人來修理ＬＥＤ燈，謝謝")
    new = ask("电梯坏了", "充电桩 led 灯也坏了")
    assert found(session, "电梯坏了") == found(session, "電梯壞了") == {old.id, new.id}
    assert found(session, "Led") == found(session, "ｌｅｄ") == {old.id, new.id}
    assert found(session, "灯,谢谢") == {old.id}


def test_each_of_several_words_must_stand_there(session, ask):
    both = ask("小区停电", "昨晚起")
    ask("小区停水", "昨晚起")
    assert found(session, "停电 小区") == {both.id}
    assert found(session, "　停电　昨晚　") == {both.id}


def test_signs_of_the_query_language_are_signs_like_any_other(session, ask):
    ticket = ask('说"好"的事 a*b OR c', "100%_够了\\n")
    for typed in ('"好"', "a*b", "OR", "%_", "\\n", '"'):
        assert found(session, typed) == {ticket.id}, typed
    for typed in ("*", "a b c d", "%%", "_够%", "NEAR(好 的)", "pairs:好的", "'--"):
        assert found(session, typed) == read_through(session, typed), typed


def test_a_request_that_moves_with_its_unit_to_another_district_is_found_there(session, ask, district):
    other = unit(session, None, "330199000000", "溪东区", "district")
    town = unit(session, other, "330199001000", "溪东镇", "town")
    ticket = ask("围墙倒了", where=district.village)
    move(session, district.village, town)
    assert found(session, "围墙", Scope(paths=(other.path,))) == {ticket.id}


def test_whoever_reaches_no_unit_is_not_narrowed_by_units(session, ask):
    """Whose requests are shown is then for the statement to say."""
    own = ask("围墙倒了")
    assert found(session, "围墙", Scope(person_id=1)) == {own.id}


def test_the_index_made_at_once_is_the_index_made_row_by_row(session, ask):
    rows = [ask("小区电梯坏了").id, ask("路灯不亮", "小区门口").id]
    session.execute(sa.text("DELETE FROM ticket_search"))
    assert found(session, "小区") == set()
    search_index.fill(session.connection())
    assert found(session, "小区") == set(rows)
    if session.get_bind().dialect.name == "sqlite":
        assert search.hits(session, Question("小区", EVERYTHING)).number == 2
    session.get_one(Ticket, rows[1]).title, session.get_one(Ticket, rows[1]).text = "井盖松动", "在桥头"
    session.flush()
    assert found(session, "路灯") == set()
    assert found(session, "小区") == {rows[0]}
    assert found(session, "井盖") == {rows[1]}


def test_what_else_is_asked_narrows_and_follows_every_change(session, way):
    first, second = way.submitted(title="小区路灯不亮"), way.dispatched(title="小区电梯坏了")
    session.flush()

    def counted(**among) -> set[int]:
        asked = Question("小区", EVERYTHING, frozenset((name, tuple(values)) for name, values in among.items()))
        return set(session.scalars(sa.select(Ticket.id).where(mentions(session, asked))))

    assert counted(state=["submitted"]) == {first.id}
    assert counted(state=["submitted", "dispatched"]) == {first.id, second.id}
    assert counted(state=["archived"]) == set()
    first.accept(way.town_dispatcher, at("2026-09-18 10:00"), tier=Tier.MINOR, category=None)
    session.flush()
    assert counted(state=["submitted"]) == set()
    assert counted(state=["accepted"], tier=["minor"]) == {first.id}
    assert counted(source=["portal"]) == {first.id, second.id}
    assert counted(category_id=[3]) == set()


def test_a_word_of_the_title_alone_is_not_found_in_the_text(session, ask):
    titled, other = ask("路灯不亮", "桥头"), ask("桥头的事", "路灯也不亮")
    asked = Question("路灯", EVERYTHING, title_alone=True)
    found_there = set(session.scalars(sa.select(Ticket.id).where(mentions(session, asked))))
    assert found_there == {titled.id}
    other.title = "路燈 也不亮"
    session.flush()
    both = Question("灯 也", EVERYTHING, title_alone=True)
    assert set(session.scalars(sa.select(Ticket.id).where(mentions(session, both)))) == {other.id}


@pytest.fixture
def years(session, ask):
    """Names of requests about lamps, the latest last, which were not written down in that order."""
    moments = {
        "second": "2019-05-01 08:00",
        "latest": "2026-09-18 09:00",
        "first": "1969-07-20 20:17",
        "month ago": "2026-08-17 12:00",
        "week ago": "2026-09-12 23:59",
        "same minute": "2026-09-12 23:59",
        "year ago": "2025-09-01 00:00",
    }
    asked = {name: ask("路灯不亮", f"第{place}盏路灯") for place, name in enumerate(moments)}
    ask("井盖松动")
    for name, moment in moments.items():
        asked[name].submitted_at = at(moment)
    session.flush()
    return {ticket.id: name for name, ticket in asked.items()}


ORDER = ["first", "second", "year ago", "month ago", "week ago", "same minute", "latest"]


@pytest.mark.parametrize("dense", [2, 4, 7, 8, 10_001])
@pytest.mark.parametrize("typed", ["路灯", "路灯不亮", "灯", "路灯 盏路"])
def test_hits_are_listed_in_the_order_of_submission_and_counted_however_frequent(
    session, years, monkeypatch, dense, typed
):
    monkeypatch.setattr(search, "DENSE", dense)
    monkeypatch.setattr(search, "NEAR", 0)
    asked = Question(typed, EVERYTHING)
    assert how_many(session, asked, dense) == min(dense, 7)
    for direction, order in (("asc", ORDER), ("desc", ORDER[::-1])):
        assert [years[key] for (key,) in by_time(session, asked, direction)] == order
        page = by_time(session, asked, direction, 3).offset(1).limit(2)
        assert [years[key] for (key,) in page] == order[1:3]


def test_a_request_that_is_submitted_at_another_time_moves_in_the_list_of_hits(session, years):
    latest = next(key for key, name in years.items() if name == "latest")
    session.get_one(Ticket, latest).submitted_at = at("2020-01-01 00:00")
    session.flush()
    hits = by_time(session, Question("路灯", EVERYTHING), "asc")
    assert [years[key] for (key,) in hits][:4] == ["first", "second", "latest", "year ago"]
    session.get_one(Ticket, latest).title, session.get_one(Ticket, latest).text = "井盖", "松动"
    session.flush()
    assert "latest" not in [years[key] for (key,) in by_time(session, Question("路灯", EVERYTHING), "asc")]


def test_what_is_frequent_is_counted_again_a_minute_later(session, ask, monkeypatch):
    monkeypatch.setattr(search, "DENSE", 2)
    clock = [1_000.0]
    monkeypatch.setattr(search, "monotonic", lambda: clock[0])
    asked, engine = Question("路灯", EVERYTHING), session.get_bind().engine
    first = ask("路灯不亮").id
    assert (search.hits(session, asked).number, search.FREQUENT.recall(engine, asked)) == (1, None)
    second = ask("路灯又不亮").id
    assert search.hits(session, asked).number == 2
    assert search.FREQUENT.recall(engine, asked).keys == ""
    session.execute(sa.delete(Ticket).where(Ticket.id == first))
    clock[0] += 59
    assert (search.hits(session, asked).number, found(session, "路灯")) == (2, {second})
    clock[0] += 2
    assert search.hits(session, asked).number == 1
