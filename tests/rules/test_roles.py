import pytest

from rules.refusals import Refusal
from rules.roles import ROLE_LABELS, Role, check_together


def test_every_role_has_a_label():
    assert set(ROLE_LABELS) == set(Role)


def test_the_three_administrators_exclude_each_other():
    with pytest.raises(Refusal, match="three different people"):
        check_together(frozenset({Role.SYS_ADMIN, Role.AUDIT_ADMIN}))


def test_an_administrator_does_no_business():
    with pytest.raises(Refusal, match="touches requests or people"):
        check_together(frozenset({Role.SEC_ADMIN, Role.DISPATCHER}))


def test_business_roles_may_be_held_together():
    together = frozenset({Role.HANDLER, Role.MEMBER, Role.GROUP_LEADER})
    assert refused(together) is None
    assert refused(together | {Role.SYS_ADMIN}) == (
        "An administrator holds no role that touches requests or people, under whatever user name"
    )
    assert refused(frozenset({Role.SYS_ADMIN})) is None


def refused(roles):
    try:
        check_together(roles)
    except Refusal as refusal:
        return str(refusal)
