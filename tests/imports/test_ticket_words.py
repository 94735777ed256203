"""Words of other ledgers."""

import pytest

from tests.imports.conftest import counted
from tests.imports.test_tickets import NOT_YET, ledger, row, the_ticket


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("已转办", "dispatched"),
        ("未回复", "handling"),
        ("重办中", "handling"),
        ("已回访", "settled"),
        ("已关闭", "settled"),
    ],
)
def test_words_of_other_ledgers_stand_for_our_states(session, load, district, word, state):
    given = {} if state == "settled" else NOT_YET
    assert load("tickets", ledger(row(**given | {"状态": word, "满意度": ""}))) == counted(new=1)
    assert the_ticket(session).state == state
