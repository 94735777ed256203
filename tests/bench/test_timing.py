import pytest
import sqlalchemy as sa
from flask import Flask, redirect

from tests.bench.timing import (
    Answer,
    NoAnswer,
    Reading,
    Statements,
    accepted,
    get,
    median,
    one_round,
    percentile,
    timed,
)


def test_the_median_is_the_middle_one_and_of_four_the_mean_of_the_two_in_the_middle():
    assert median([9, 1, 5]) == 5
    assert median([4, 1, 3, 2]) == 2.5


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.95, 10), (0.99, 10), (0.1, 1), (0.9, 9)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share, value):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == value


def test_one_slow_answer_in_a_hundred_is_not_yet_the_ninety_ninth_percentile():
    assert percentile([1] * 99 + [50], 0.99) == 1
    assert percentile([1] * 98 + [50, 50], 0.99) == 50


def test_a_reading_is_the_median_of_its_rounds():
    assert Reading([0.5, 0.2, 0.3]).seconds == 0.3


@pytest.fixture
def pages():
    app = Flask("pages")
    app.add_url_rule("/good", view_func=lambda: "good", endpoint="good")
    app.add_url_rule("/broken", view_func=lambda: ("broken", 500), endpoint="broken")
    app.add_url_rule("/closed", view_func=lambda: redirect("/login/?next=/closed"), endpoint="closed")
    return app.test_client()


def test_a_page_that_answers_is_measured(pages):
    assert get(pages, "/good") == Answer(200, 4)
    assert timed(lambda: get(pages, "/good")) > 0


def test_a_page_that_breaks_is_refused_as_a_measurement(pages):
    with pytest.raises(NoAnswer, match="answered 500 instead of 200"):
        one_round(lambda: get(pages, "/broken"))


@pytest.mark.parametrize("status", [200, 302])
def test_a_page_that_sends_one_to_the_sign_in_is_refused_even_where_a_redirect_is_expected(pages, status):
    with pytest.raises(NoAnswer, match="sign-in"):
        accepted(get(pages, "/closed"), status)


def test_the_first_answer_only_warms_up():
    asked = []
    assert len(one_round(lambda: asked.append(1) or Answer(200, 0), times=3)) == 3
    assert len(asked) == 4


def test_statements_are_counted_while_watched_and_not_after():
    engine = sa.create_engine("sqlite://")
    counter = Statements(engine)
    with engine.connect() as connection:
        with counter.watched() as asked_of:
            connection.execute(sa.text("SELECT 1"))
            connection.execute(sa.text("SELECT 2"))
        connection.execute(sa.text("SELECT 3"))
    assert asked_of.count == 2
