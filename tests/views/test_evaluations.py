import io
import re
from decimal import Decimal

import openpyxl
import pytest
import sqlalchemy as sa

from models.evaluations import Evaluation, active_scheme, compute
from models.legs import Leg
from models.schemes import SchemeIndicator
from rules.periods import parse_month
from tests.cases import make_leg, make_ticket
from tests.stage import at

LATER = at("2026-11-20 12:00")


@pytest.fixture
def october(session, district):
    """The village signed one of two in time, the far village its one."""
    for unit, late in ((district.village, False), (district.village, True), (district.far_village, False)):
        ticket = make_ticket(session, unit, at("2026-10-08 09:00"), "submitted")
        ticket.title = f"{unit.name}{'迟签' if late else '已签'}"
        signed_at = at("2026-10-08 17:01") if late else at("2026-10-08 10:00")
        make_leg(session, ticket, unit, "signed", sign_due_at=at("2026-10-08 17:00"), signed_at=signed_at)
    evaluation = compute(session, parse_month("2026-10"), district.root, LATER, active_scheme(session))
    session.commit()
    return evaluation


@pytest.fixture
def manager(client_as, district):
    return client_as("manager", district.town)


def names_on(page) -> list[str]:
    return re.findall(r'data-label="(?:Unit|单位)">([^<]+)<', page.text)


def test_a_manager_sees_the_own_units_alone(manager, october):
    page = manager.get(f"/evaluations/show/{october.id}")
    assert names_on(page) == ["青石镇"]
    assert names_on(manager.get(f"/evaluations/show/{october.id}?peers=villages")) == ["石桥村", "蒋湾村"]
    assert "1 / 2" in page.text
    assert "50.00%" in page.text


def test_every_figure_leads_to_its_requests(session, manager, october, district):
    page = manager.get(f"/evaluations/show/{october.id}?peers=villages")
    address = re.search(r'href="(/evaluations/evidence/\d+/\d+/sign)"', page.text)[1]
    assert address == f"/evaluations/evidence/{october.id}/{district.village.id}/sign"
    assert "石桥村已签" in manager.get(address).text
    missed = manager.get(f"{address}?outcome=missed").text
    assert "石桥村迟签" in missed
    assert "石桥村已签" not in missed


def test_a_term_that_ends_with_the_day_is_said_to_end_at_24(session, manager, october, district):
    session.execute(sa.update(Leg).values(sign_due_at=at("2026-10-17 00:00")))
    session.commit()
    page = manager.get(f"/evaluations/evidence/{october.id}/{district.village.id}/sign").text
    assert '<td data-label="时限">2026-10-16 24:00</td>' in page
    assert "<th>提交时间</th>" in page


def test_the_requests_behind_a_figure_can_be_taken_as_a_sheet(manager, october, district):
    address = f"/evaluations/evidence/{october.id}/{district.village.id}/sign"
    sheet = openpyxl.load_workbook(io.BytesIO(manager.get(f"{address}/xlsx?outcome=missed").data)).active
    assert [cell.value for cell in sheet["B"]][1:] == ["石桥村迟签"]
    assert "石桥村已签" in manager.get(f"{address}/csv").text
    assert manager.get(f"{address}/pdf").status_code == 404


def test_figures_of_other_units_do_not_open(manager, october, district):
    for address in (
        f"/evaluations/evidence/{october.id}/{district.far_village.id}/sign",
        f"/evaluations/evidence/{october.id}/{district.far_village.id}/sign/xlsx",
        f"/evaluations/evidence/{october.id}/{district.village.id}/speed",
        f"/evaluations/evidence/999999/{district.village.id}/sign",
        f"/evaluations/evidence/9223372036854775808/{district.village.id}/sign",
        f"/evaluations/evidence/{october.id}/9223372036854775808/sign",
        f"/evaluations/evidence/{october.id}/9223372036854775808/sign/csv",
        "/evaluations/show/999999",
        "/evaluations/sheet/999999",
    ):
        assert manager.get(address).status_code == 404


def test_a_manager_downloads_the_sheet_of_the_own_units(manager, october):
    response = manager.get(f"/evaluations/sheet/{october.id}")
    assert "%E9%9D%92%E7%9F%B3%E9%95%872026-10" in response.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(response.data), data_only=True)["单位考核表"]
    assert sheet["A1"].value == "青石镇2026年10月民情工单办理单位考核表"
    names = [row[1].value for row in sheet.iter_rows(min_row=5) if isinstance(row[0].value, int)]
    assert names == ["青石镇", "石桥村", "蒋湾村"]


def test_a_manager_works_out_a_month_and_sees_the_figures_change(session, manager, october, district):
    ticket = make_ticket(session, district.village, at("2026-10-08 09:00"), "submitted")
    make_leg(session, ticket, district.village, "dispatched", sign_due_at=at("2026-10-09 17:00"))
    session.commit()
    assert manager.post("/evaluations/add", data={"period": "2026-10"}).status_code == 302
    assert "1 / 3" in manager.get(f"/evaluations/show/{october.id}").text


def test_the_list_offers_to_work_out_a_month_to_those_who_may(manager, client_as, district):
    assert re.search("Compute a month|计算月度考核", manager.get("/evaluations/list/").text)
    office = client_as("office", district.root).get("/evaluations/list/")
    assert office.status_code == 200
    assert not re.search("Compute a month|计算月度考核", office.text)


def test_a_month_that_is_none_is_refused_in_words_and_nothing_is_kept(session, manager):
    page = manager.post("/evaluations/add", data={"period": "2026-13"})
    assert page.status_code == 200
    assert "2026-13" in page.text
    assert session.query(Evaluation).count() == 0


def test_a_handler_has_no_evaluation_sheets(client_as, district, october):
    handler = client_as("handler", district.village)
    for address in (f"show/{october.id}", f"sheet/{october.id}", f"evidence/{october.id}/{district.village.id}/sign"):
        assert handler.get(f"/evaluations/{address}").status_code in (302, 403)


def test_editing_an_indicator_makes_a_new_version_of_the_scheme(session, client_as, district):
    evaluator = client_as("evaluator", district.root)
    indicator = session.query(SchemeIndicator).filter_by(key="sign").one()
    form = {
        "name": "按时签收率",
        "numerator": "按时签收",
        "denominator": "应签收",
        "direction": "more",
        "target": "0.955",
        "full": "20",
        "k": "1.5",
        "floor": "0",
        "min_sample": "0",
    }
    version = indicator.scheme.version
    assert "0.98" in evaluator.get(f"/indicators/edit/{indicator.id}").text
    evaluator.post(f"/indicators/edit/{indicator.id}", data=form)
    session.expire_all()
    assert (indicator.target, indicator.k, indicator.scheme.version) == (Decimal("0.955"), Decimal("1.5"), version + 1)
    page = evaluator.post(f"/indicators/edit/{indicator.id}", data=form | {"floor": "21"})
    session.expire_all()
    assert page.status_code == 200
    assert indicator.floor == 0


def test_a_manager_reads_the_scheme_and_changes_nothing(session, manager):
    indicator = session.query(SchemeIndicator).filter_by(key="sign").one()
    assert "按时签收率" in manager.get(f"/schemes/show/{indicator.scheme_id}").text
    assert manager.post(f"/indicators/edit/{indicator.id}", data={"target": "0"}).status_code in (302, 403)
    session.expire_all()
    assert indicator.target == Decimal("0.98")
