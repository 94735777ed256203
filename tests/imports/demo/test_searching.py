from hypothesis import given
from hypothesis import strategies as st

from imports.demo.searching import codes
from rules.folding import pair_codes, pairs


@given(st.text(min_size=1))
def test_pairs_are_numbered_as_the_search_numbers_them(said):
    assert list(codes(said)) == pair_codes(said)


@given(st.text())
def test_pairs_are_neighbours_with_a_space_between_one_pair_and_the_next(said):
    expected = ""
    for place in range(len(said) - 1):
        expected += (" " if place else "") + said[place] + said[place + 1]
    assert pairs(said) == expected
