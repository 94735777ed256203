"""Which role may do what in a new installation: one table."""

from rules.refusals import N_
from rules.roles import Role

READ, WRITE = "can_read", "can_write"
EVERYBODY = frozenset(Role)
STAFF = EVERYBODY - {Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDIT_ADMIN}
LOOKING_ON = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.EVALUATOR})
HANDLING = frozenset({Role.DISPATCHER, Role.HANDLER, Role.UNIT_LEADER})

GRANTS: dict[tuple[str, str], frozenset[Role]] = {
    (READ, "Unit"): STAFF,
    (WRITE, "Unit"): frozenset({Role.OFFICE}),
    (READ, "Person"): STAFF - {Role.MEMBER, Role.GROUP_LEADER},
    (WRITE, "Person"): frozenset({Role.OFFICE}),
    (READ, "Household"): STAFF - {Role.MEMBER, Role.GROUP_LEADER},
    (WRITE, "Household"): frozenset({Role.OFFICE, Role.DISPATCHER}),
    (READ, "Organisation"): STAFF,
    (WRITE, "Organisation"): frozenset({Role.OFFICE, Role.DISPATCHER}),
    (READ, "Term"): frozenset({Role.OFFICE, Role.SYS_ADMIN}),
    (WRITE, "Term"): frozenset({Role.OFFICE, Role.SYS_ADMIN}),
    (READ, "PolicyRow"): STAFF | {Role.SYS_ADMIN},
    (WRITE, "PolicyRow"): frozenset({Role.OFFICE, Role.SYS_ADMIN}),
    (READ, "CalendarDay"): STAFF | {Role.SYS_ADMIN},
    (WRITE, "CalendarDay"): frozenset({Role.OFFICE, Role.SYS_ADMIN}),
    (READ, "CalendarYear"): STAFF | {Role.SYS_ADMIN},
    (WRITE, "CalendarYear"): frozenset({Role.OFFICE, Role.SYS_ADMIN}),
    (READ, "Category"): STAFF,
    (WRITE, "Category"): frozenset({Role.OFFICE}),
    (READ, "Duty"): STAFF,
    (WRITE, "Duty"): frozenset({Role.OFFICE}),
    (READ, "Account"): frozenset({Role.SEC_ADMIN}),
    (WRITE, "Account"): frozenset({Role.SEC_ADMIN}),
    ("unlock", "Account"): frozenset({Role.SEC_ADMIN}),
    ("sign_out", "Account"): frozenset({Role.SEC_ADMIN}),
    ("close", "Account"): frozenset({Role.SEC_ADMIN}),
    (READ, "Role"): frozenset({Role.SEC_ADMIN}),
    (WRITE, "Role"): frozenset({Role.SEC_ADMIN}),
    (READ, "Change"): frozenset({Role.AUDIT_ADMIN}),
    (READ, "Notice"): STAFF | {Role.SEC_ADMIN},
    ("read", "Notice"): STAFF | {Role.SEC_ADMIN},
    (READ, "Ticket"): STAFF,
    (WRITE, "Ticket"): HANDLING | {Role.OFFICE},
    ("sign", "Ticket"): frozenset({Role.HANDLER}),
    ("accept", "Ticket"): frozenset({Role.DISPATCHER}),
    (READ, "Visit"): STAFF,
    (WRITE, "Visit"): frozenset({Role.OFFICE, Role.MEMBER, Role.GROUP_LEADER}),
    (READ, "Topic"): STAFF,
    (WRITE, "Topic"): frozenset({Role.OFFICE}),
    (READ, "Task"): STAFF,
    (WRITE, "Task"): frozenset({Role.OFFICE}),
    (READ, "ImportBatch"): frozenset({Role.OFFICE, Role.DISPATCHER}),
    (WRITE, "ImportBatch"): frozenset({Role.OFFICE, Role.DISPATCHER}),
    (READ, "Evaluation"): LOOKING_ON | {Role.OFFICE, Role.UNIT_LEADER},
    (WRITE, "Evaluation"): frozenset({Role.EVALUATOR, Role.MANAGER}),
    (READ, "Scheme"): LOOKING_ON | {Role.OFFICE},
    (WRITE, "Scheme"): frozenset({Role.EVALUATOR}),
}

NOUN_LABELS = {
    "Unit": N_("Units"),
    "Person": N_("People"),
    "Household": N_("Resident households"),
    "Organisation": N_("Organisations"),
    "Term": N_("Dictionaries"),
    "PolicyRow": N_("Policies"),
    "CalendarDay": N_("Days"),
    "CalendarYear": N_("Calendar"),
    "Category": N_("Categories"),
    "Duty": N_("Duty catalogue"),
    "Account": N_("Accounts"),
    "Role": N_("Roles"),
    "Change": N_("Audit log"),
    "Notice": N_("My notices"),
    "Ticket": N_("Requests"),
    "Visit": N_("Visits"),
    "Topic": N_("Topics"),
    "Task": N_("Tasks"),
    "ImportBatch": N_("Imports"),
    "Evaluation": N_("Evaluation sheets"),
    "Scheme": N_("Evaluation schemes"),
}
RIGHT_LABELS = {
    READ: N_("look at"),
    WRITE: N_("change"),
    "read": N_("mark as read"),
    "sign": N_("sign for several at once"),
    "accept": N_("accept several at once"),
    "unlock": N_("unlock"),
    "sign_out": N_("sign out everywhere"),
    "close": N_("take out of use"),
}
