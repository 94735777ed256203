import pytest

from rules.organisations import kind_of_code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("91350100M000100Y43", "enterprise"),
        ("92339901MA1000007C", "sole_trader"),
        ("93330111MA00000000", "enterprise"),
        ("12330111MA00000000", "institution"),
        ("54330111MA00000000", "institution"),
        ("52339901MA10000311", "social"),
        ("Y1330111MA00000000", None),
    ],
)
def test_a_credit_code_says_who_registered_it_and_as_what(code, kind):
    assert kind_of_code(code) == kind
