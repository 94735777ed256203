"""Who uses the console (domain § 1)."""

from enum import StrEnum

from rules.refusals import N_, Refusal


class Role(StrEnum):
    OFFICE = "office"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    UNIT_LEADER = "unit_leader"
    MEMBER = "member"
    GROUP_LEADER = "group_leader"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    EVALUATOR = "evaluator"
    SYS_ADMIN = "sys_admin"
    SEC_ADMIN = "sec_admin"
    AUDIT_ADMIN = "audit_admin"


ROLE_LABELS = {
    Role.OFFICE: N_("Research office"),
    Role.DISPATCHER: N_("Dispatcher"),
    Role.HANDLER: N_("Handler"),
    Role.UNIT_LEADER: N_("Unit leader"),
    Role.MEMBER: N_("Cadre or party member"),
    Role.GROUP_LEADER: N_("Group leader"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.MANAGER: N_("Manager"),
    Role.EVALUATOR: N_("Evaluator"),
    Role.SYS_ADMIN: N_("System administrator"),
    Role.SEC_ADMIN: N_("Security administrator"),
    Role.AUDIT_ADMIN: N_("Audit administrator"),
}

NO_BUSINESS = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDIT_ADMIN})
WHOLE_DISTRICT = frozenset({Role.OFFICE, Role.SUPERVISOR, Role.EVALUATOR})
MASKED = frozenset({Role.SUPERVISOR, Role.MANAGER})


def check_together(roles: frozenset[Role]) -> None:
    """Of one person's roles: the three admins exclude each other and every business role."""
    if len(roles & NO_BUSINESS) > 1:
        raise Refusal(N_("The system, security and audit administrators must be three different people"))
    if roles & NO_BUSINESS and roles - NO_BUSINESS:
        raise Refusal(N_("An administrator holds no role that touches requests or people, under whatever user name"))
