from rules.deadlines import Tier
from rules.routing import Duty, RequestKind, propose
from rules.units import UnitKind

VILLAGE, TOWN, DISTRICT, WATER, HOUSING = "330111001003", "330111001000", "330111000000", "D-WATER", "D-HOUSING"
PLACE = {UnitKind.VILLAGE: VILLAGE, UnitKind.TOWN: TOWN, UnitKind.DISTRICT: DISTRICT}
DUTIES = [
    Duty("/20/", Tier.MICRO),
    Duty("/20/2004/", Tier.MINOR),
    Duty("/30/3003/", Tier.MINOR, WATER, name="Water"),
    Duty("/60/6003/", Tier.HARD, HOUSING),
    Duty("/60/6003/", Tier.HARD, WATER, lead=False),
    Duty("/80/8001/", Tier.EMERGENCY),
]


def test_a_micro_matter_goes_to_the_village_and_a_minor_one_to_the_town():
    assert (propose("/20/2001/", DUTIES, PLACE).tier, propose("/20/2001/", DUTIES, PLACE).lead) == (Tier.MICRO, VILLAGE)
    assert (propose("/20/2004/", DUTIES, PLACE).tier, propose("/20/2004/", DUTIES, PLACE).lead) == (Tier.MINOR, TOWN)


def test_an_estate_answers_before_its_village():
    place = {**PLACE, UnitKind.ESTATE: "E-7"}
    assert propose("/20/2001/", DUTIES, place).lead == "E-7"


def test_a_unit_the_catalogue_names_goes_before_the_place():
    proposal = propose("/30/3003/", DUTIES, PLACE)
    assert proposal.lead == WATER
    assert proposal.reason % proposal.values == "Minor matter: the duty catalogue names this unit for “Water”"


def test_a_hard_issue_names_its_co_units():
    proposal = propose("/60/6003/", DUTIES, PLACE)
    assert (proposal.tier, proposal.lead, proposal.co_units) == (Tier.HARD, HOUSING, (WATER,))


def test_an_emergency_goes_to_whoever_is_nearest():
    assert (propose("/80/8001/", DUTIES, PLACE).tier, propose("/80/8001/", DUTIES, PLACE).lead) == (
        Tier.EMERGENCY,
        VILLAGE,
    )


def test_what_was_handed_in_as_an_emergency_is_one_whatever_the_category_says():
    for category, lead in ((None, VILLAGE), ("/20/2004/", VILLAGE), ("/30/3003/", WATER)):
        proposal = propose(category, DUTIES, PLACE, RequestKind.EMERGENCY)
        assert (proposal.tier, proposal.lead) == (Tier.EMERGENCY, lead)
        assert proposal.reason % proposal.values == "Emergency: it was handed in as one"


def test_an_unlisted_category_and_none_at_all_are_a_minor_matter_of_the_town_and_say_so():
    for category in ("/99/9901/", None):
        proposal = propose(category, DUTIES, PLACE)
        assert (proposal.tier, proposal.lead, proposal.co_units) == (Tier.MINOR, TOWN, ())
        assert proposal.reason % proposal.values == "Minor matter: the duty catalogue says nothing of this category"


def test_a_place_known_only_to_its_town_proposes_the_town():
    proposal = propose("/20/2001/", DUTIES, {UnitKind.TOWN: TOWN, UnitKind.DISTRICT: DISTRICT})
    assert proposal.lead == TOWN
    assert proposal.reason % proposal.values == "Micro matter: the duty catalogue leaves it to the place's own unit"


def test_a_place_unknown_to_the_tree_proposes_nobody():
    assert propose("/20/2001/", DUTIES, {}).lead is None
