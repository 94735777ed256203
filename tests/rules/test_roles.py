import pytest

from rules.refusals import Refusal
from rules.roles import ROLE_LABELS, Role, check_together


def test_every_role_has_a_label():
    assert set(ROLE_LABELS) == set(Role)


def test_the_three_administrators_exclude_each_other():
    with pytest.raises(Refusal, match="three different accounts"):
        check_together(frozenset({Role.SYS_ADMIN, Role.AUDIT_ADMIN}))


def test_an_administrator_does_no_business():
    with pytest.raises(Refusal, match="touches requests or people"):
        check_together(frozenset({Role.SEC_ADMIN, Role.DISPATCHER}))


def test_business_roles_may_be_held_together():
    check_together(frozenset({Role.HANDLER, Role.MEMBER, Role.GROUP_LEADER}))
    check_together(frozenset({Role.SYS_ADMIN}))
