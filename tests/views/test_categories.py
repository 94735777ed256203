"""Categories of three levels in forms, and the duty catalogue as it is edited."""

from sqlalchemy import select

from models.categories import Category, Duty
from models.changes import Change
from models.co_handling import invite
from models.routing import proposed_co_units
from rules.workdays import local_date
from tests.stage import at
from tests.views.browsing import send


def of(session, code: str) -> Category:
    return session.scalars(select(Category).where(Category.code == code)).one()


def test_leaves_of_any_level_are_offered_under_all_that_stands_above_them(session, district, client_as):
    street = of(session, "3002")
    lamp = Category(code="300201", name="灯杆", parent=street)
    lamp.hang_under(street)
    session.add(lamp)
    session.commit()
    page = client_as("dispatcher", district.town).get("/requests/add").text
    assert '<optgroup label="基础设施 / 路灯照明"><option value="300201">灯杆</option></optgroup>' in page
    assert '<option value="3002">' not in page
    assert '<option value="3001">道路交通</option>' in page


def test_the_office_says_who_leads_where_and_the_dispatcher_reads_who_said_so(session, district, client_as, way):
    office, town = client_as("office", district.root), district.town
    line = {"category": of(session, "3002").id, "tier": "minor", "unit": district.station.id, "role": "lead"}
    assert send(office, "/duties/add", line | {"place_unit": town.id, "basis": "会议纪要"}).status_code == 302
    made = session.scalars(select(Duty).where(Duty.place_id == town.id)).one()
    assert (made.unit_id, made.basis) == (district.station.id, "会议纪要")
    entered = session.scalars(select(Change).where(Change.subject == "duty", Change.subject_id == made.id)).one()
    ticket = way.submitted(category=of(session, "3002"))
    session.commit()
    page = client_as("dispatcher", town).get(f"/requests/move/{ticket.id}/accept").text
    assert f"小事：权力清单为“路灯照明”指定了该单位，由{entered.name}于 " in page
    assert entered.person_id == office.person_id
    assert f"{local_date(entered.at)} 登记" in page
    assert "→ 城管青石中队" in page


def test_another_unit_for_a_line_stands_in_its_history(session, district, client_as):
    made = session.scalars(select(Duty).where(Duty.category_id == of(session, "3002").id)).one()
    line = {"category": made.category_id, "tier": "minor", "unit": district.department.id, "role": "lead", "version": 1}
    assert send(client_as("office", district.root), f"/duties/edit/{made.id}", line).status_code == 302
    session.expire_all()
    change = session.scalars(select(Change).where(Change.subject == "duty", Change.action == "changed")).one()
    assert change.details == {"unit_id": [None, district.department.id]}


def test_a_second_leader_for_a_category_and_place_is_refused(session, district, client_as):
    office = client_as("office", district.root)
    line = {"category": of(session, "3002").id, "tier": "minor", "unit": district.station.id, "role": "lead"}
    assert "已有这样一条" in send(office, "/duties/add", line).text
    assert "请写明协办单位" in send(office, "/duties/add", line | {"role": "co", "unit": ""}).text
    assert send(office, "/duties/add", line | {"role": "co"}).status_code == 302


def test_units_that_the_catalogue_would_involve_are_proposed_once_the_lead_has_signed(session, district, way):
    lights = of(session, "3002")
    for unit in (district.station, district.department, district.village):
        session.add(Duty(category=lights, tier="minor", unit=unit, role="co"))
    ticket = way.dispatched(category=lights)
    ticket.category = lights
    session.flush()
    assert proposed_co_units(session, ticket) == []
    ticket.sign(way.handler, at("2026-09-18 09:30"))
    assert proposed_co_units(session, ticket) == [district.station, district.department]
    invite(ticket, district.station, way.handler, at("2026-09-18 09:40"), task="看现场")
    session.flush()
    assert proposed_co_units(session, ticket) == [district.department]
