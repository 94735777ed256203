"""Kinds of organisations that are visited (domain § 4), and what a credit code says of its bearer's kind."""

from enum import StrEnum

from rules.refusals import N_


class OrganisationKind(StrEnum):
    ENTERPRISE = "enterprise"
    SOLE_TRADER = "sole_trader"
    INSTITUTION = "institution"
    SOCIAL = "social"
    PROJECT = "project"


ORGANISATION_KIND_LABELS = {
    OrganisationKind.ENTERPRISE: N_("Enterprise"),
    OrganisationKind.SOLE_TRADER: N_("Sole trader"),
    OrganisationKind.INSTITUTION: N_("Institution"),
    OrganisationKind.SOCIAL: N_("Social organisation"),
    OrganisationKind.PROJECT: N_("Project"),
}

BY_CODE = {
    "1": OrganisationKind.INSTITUTION,
    "5": OrganisationKind.SOCIAL,
    "54": OrganisationKind.INSTITUTION,
    "91": OrganisationKind.ENTERPRISE,
    "92": OrganisationKind.SOLE_TRADER,
    "93": OrganisationKind.ENTERPRISE,
}
"""By who registered it (GB 32100: 1 offices of establishment, 5 civil affairs, 9 markets) and as what: a committee of
villagers is 54, a cooperative of farmers 93."""


def kind_of_code(code: str) -> OrganisationKind | None:
    return BY_CODE.get(code[:2]) or BY_CODE.get(code[:1])
