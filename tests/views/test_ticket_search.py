import pytest


@pytest.fixture
def numbered(session, way):
    """Of one village, whose ledger gave them such numbers; the last of another village and another source."""
    near = way.submitted(external_id="H-2026001"), way.submitted(external_id="H-2026001-2")
    far = way.submitted(unit=way.district.far_village, source="phone", external_id="H-2026001")
    session.commit()
    return [*near, far]


def shown(client, numbered, asked, page="list/"):
    text = client.get(f"/requests/{page}", query_string=asked).text
    return [each.number in text for each in numbered]


@pytest.mark.parametrize("typed", ["H-2026001", "h-2026001", "Ｈ-2026001", " H-2026001 "])
def test_a_request_is_found_by_the_number_it_has_in_the_ledger_it_came_from(client_as, district, numbered, typed):
    assert shown(client_as("handler", district.village), numbered, {"q": typed}) == [True, False, False]
    assert shown(client_as("office", district.root), numbered, {"q": typed}) == [True, False, True]


def test_a_part_of_that_number_finds_nothing(client_as, district, numbered):
    for typed in ("2026001", "H-202600", "H-2026001 路灯"):
        assert shown(client_as("office", district.root), numbered, {"q": typed}) == [False, False, False]


def test_what_is_found_so_is_narrowed_counted_and_saved_like_the_rest(client_as, district, numbered):
    office = client_as("office", district.root)
    assert shown(office, numbered, {"q": "H-2026001", "_flt_0_source": "phone"}) == [False, False, True]
    assert shown(office, numbered, {"q": "H-2026001", "queue": "settled"}) == [False, False, False]
    assert shown(office, numbered, {"q": "H-2026001"}, "export/csv") == [True, False, True]
    assert shown(office, numbered, {"q": "H-2026001", "psize_TicketView": 1, "page_TicketView": 1}).count(True) == 1
