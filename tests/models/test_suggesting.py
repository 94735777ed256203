"""Categories suggested from texts: learnt on settled requests, measured on newer ones, off until they are good."""

import sys
from datetime import timedelta
from subprocess import run

import numpy as np
import pytest
from sqlalchemy import select

from jobs.teaching import fit, learn, teach
from models.categories import Category
from models.category_models import CategoryModel, CategorySuggestion, followed
from models.policies import set_policy
from models.suggesting import Guesser, Standing, file_of, note_choice, standing_of, suggestions
from rules.policy import Policy
from rules.suggesting import Measured, standing
from tests.lessons import LIGHTS, NOW, RUBBISH, lesson_of, lower, settle
from tests.stage import at


@pytest.fixture
def history(way):
    return lesson_of(way)


@pytest.fixture
def taught(history):
    return learn(history.session, history.district.root.path, NOW)


def guessed(way, text: str) -> list[str]:
    return [each.category.code for each in suggestions(way.session, way.district.village.path, "", text)]


def test_it_is_measured_on_the_newest_fifth_which_it_has_not_seen(history, taught):
    assert (taught.available, taught.learnt, taught.tested, taught.categories) == (30, 24, 6, 3)
    assert (taught.hit_first, taught.hit_third) == (6, 6)
    assert taught.confused == []


def test_a_text_that_it_never_saw_gets_the_category_that_its_words_belong_to(history, taught):
    assert guessed(history, "我家门前的路灯又不亮了")[0] == "3002"
    assert guessed(history, "垃圾没有人来清运")[0] == "4001"
    assert guessed(history, "施工噪声很大")[0] == "4003"
    first, *others = suggestions(history.session, history.district.village.path, "", "路灯不亮")
    assert 50 < first.confidence <= 99
    assert all(1 <= each.confidence < 50 for each in others)


def test_what_it_takes_for_each_other_is_counted(history):
    when = at("2026-09-20 09:00")
    for _ in range(7):
        settle(history, "4003", "路灯不亮", when)
    made = learn(history.session, history.district.root.path, NOW)
    assert (made.tested, made.confused) == (7, [["4003", "3002", 7]])
    assert (made.hit_first, standing_of(history.session, made)) == (0, Standing.INACCURATE)
    assert guessed(history, "路灯不亮") == []


def test_it_is_off_until_there_are_enough_requests(history):
    lower(history, from_requests=31, from_each=10)
    made = learn(history.session, history.district.root.path, NOW)
    assert (made.available, made.learnt, made.digest) == (30, 0, "")
    assert standing_of(history.session, made) is Standing.TOO_FEW
    assert guessed(history, "路灯不亮") == []


def test_a_category_with_too_few_requests_is_left_out(history):
    settle(history, "2001", "物业不管事", at("2026-09-30 09:00"))
    made = learn(history.session, history.district.root.path, NOW)
    assert (made.available, made.learnt + made.tested, made.categories) == (31, 30, 3)


def test_the_office_switches_it_off_and_on(history, taught):
    set_policy(history.session, "suggest_categories", "no", history.office, NOW)
    assert (standing_of(history.session, taught), guessed(history, "路灯不亮")) == (Standing.SWITCHED_OFF, [])
    set_policy(history.session, "suggest_categories", "yes", history.office, NOW)
    assert guessed(history, "路灯不亮")[0] == "3002"


def test_a_file_that_was_changed_is_not_used(history, taught):
    data = bytearray(file_of(taught.digest).read_bytes())
    data[-1] ^= 1
    file_of(taught.digest).write_bytes(data)
    assert (standing_of(history.session, taught), guessed(history, "路灯不亮")) == (Standing.DAMAGED, [])
    file_of(taught.digest).unlink()
    assert (standing_of(history.session, taught), guessed(history, "路灯不亮")) == (Standing.DAMAGED, [])


def test_the_file_holds_plain_arrays_and_nothing_that_was_written(history, taught):
    with np.load(file_of(taught.digest), allow_pickle=False) as arrays:
        assert {array.dtype.kind for array in arrays.values()} <= set("fiU")
        assert list(arrays["codes"]) == ["3002", "4001", "4003"]


def test_arrays_that_do_not_fit_each_other_are_refused():
    arrays = fit(LIGHTS + RUBBISH, ["3002"] * 5 + ["4001"] * 5)
    assert Guesser(arrays).guesses("路灯")[0][0] == "3002"
    with pytest.raises(ValueError, match="do not fit"):
        Guesser(arrays | {"codes": np.array(["3002"])})


def test_a_category_out_of_use_is_not_suggested(history, taught):
    history.session.scalars(select(Category).where(Category.code == "3002")).one().active = False
    history.session.flush()
    assert "3002" not in guessed(history, "路灯不亮")


def test_requests_of_another_district_teach_nothing_here(history, taught):
    assert suggestions(history.session, "/330111000000/", "", "路灯不亮") == []


def test_what_became_of_a_suggestion_is_counted(history, taught):
    for chosen in ("3002", "4001"):
        category = history.session.scalars(select(Category).where(Category.code == chosen)).one()
        ticket = history.submitted(category=category)
        (seen, *_) = suggestions(history.session, ticket.path, ticket.title, ticket.text)
        note_choice(history.session, ticket, seen, NOW)
    history.session.flush()
    assert followed(history.session, taught) == (2, 1)
    assert history.session.scalars(select(CategorySuggestion.confidence)).first() == seen.confidence


def test_it_learns_anew_once_a_week_and_keeps_the_newest_file_alone(history):
    teach(history.session, NOW)
    assert teach(history.session, NOW + timedelta(days=5)) == []
    assert len(teach(history.session, NOW + timedelta(days=5), always=True)) == 1
    settle(history, "3002", "路灯坏了", at("2026-10-01 09:00"))
    (last,) = teach(history.session, NOW + timedelta(days=12))
    assert history.session.query(CategoryModel).count() == 3
    assert [file.stem for file in file_of("x").parent.glob("*.npz")] == [last.digest]


@pytest.mark.parametrize(
    ("measured", "intact", "found"),
    [
        (Measured(400, 99, 99, 99), True, Standing.TOO_FEW),
        (Measured(400, 100, 59, 100), True, Standing.INACCURATE),
        (Measured(400, 100, 60, 60), True, Standing.ON),
        (Measured(400, 100, 60, 60), False, Standing.DAMAGED),
        (Measured(0, 0, 0, 0), True, Standing.TOO_FEW),
    ],
)
def test_when_it_may_suggest(measured, intact, found):
    assert standing(measured, Policy(), intact=intact) is found


def test_a_web_process_loads_nothing_of_it_until_a_suggestion_is_asked_for():
    said = "import sys, app; print([name for name in ('scipy', 'sklearn') if name in sys.modules])"
    done = run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
