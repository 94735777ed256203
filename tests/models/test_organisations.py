import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models.acting import SYSTEM, Scope, acting_as
from models.organisations import Organisation
from rules.refusals import Refusal
from tests.factories import make_organisation, make_person
from tests.stage import at

CODE = "91350100M000100Y43"


def test_a_credit_code_is_kept_as_it_is_printed_and_belongs_to_one(session, district):
    assert make_organisation(session, district.village, credit_code="91350100 m000100y43").credit_code == CODE
    assert {make_organisation(session, district.village, credit_code="").credit_code for _ in range(2)} == {None}
    with pytest.raises(IntegrityError):
        make_organisation(session, district.far_village, credit_code=CODE)


def test_a_credit_code_with_a_wrong_check_digit_is_refused(session, district):
    with pytest.raises(Refusal, match="The check digit of the credit code is wrong"):
        make_organisation(session, district.village, credit_code="91350100M000100Y42")


@pytest.mark.parametrize("wrong", [{"kind": "state"}, {"staff_count": -1}])
def test_the_database_takes_no_unknown_kind_and_no_less_than_nobody(session, district, wrong):
    with pytest.raises(IntegrityError):
        make_organisation(session, district.village, **wrong)


def test_a_cadre_sees_the_organisations_in_own_care_and_no_others(session, district):
    cadre, other = make_person(session, district.department), make_person(session, district.village)
    make_organisation(session, district.village, "甲厂", liaison=cadre)
    make_organisation(session, district.village, "乙厂", liaison=other)
    make_organisation(session, district.village, "丙厂")
    session.commit()
    seen = {}
    scopes = {
        "cadre": Scope(person_id=cadre.id),
        "nobody": Scope(),
        "department": Scope(paths=(district.department.path,), person_id=cadre.id),
        "town": Scope(paths=(district.town.path,)),
        "district": Scope(paths=(district.root.path,)),
    }
    for who, scope in scopes.items():
        with acting_as(SYSTEM, at("2026-09-18 09:00"), scope):
            seen[who] = "".join(sorted(session.scalars(sa.select(Organisation.name))))
    assert seen == {
        "cadre": "甲厂",
        "nobody": "",
        "department": "甲厂",
        "town": "丙厂乙厂甲厂",
        "district": "丙厂乙厂甲厂",
    }
