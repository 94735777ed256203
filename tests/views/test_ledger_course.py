"""What the record and the portal tell of a request that came with a ledger."""

import re

import sqlalchemy as sa

from models.tickets import Ticket
from tests.imports.test_tickets import ledger, row
from tests.views.browsing import send
from tests.views.test_imports import press, staged


def steps(page: str) -> list[str]:
    """Title, marks and doer of each, the newest first, without its time."""
    told = page.split('<ol class="timeline">')[1].split("</ol>")[0]
    return [" ".join(re.sub(r"<time>.*?</time>|<[^>]+>", " ", step).split()) for step in told.split("</li>")[:-1]]


def test_the_record_and_the_portal_name_the_unit_that_handled_it_and_not_whoever_imported_it(
    client_as, session, district
):
    office = client_as("office", district.root)
    for title in ("路灯不亮", "路灯又不亮"):
        press(office, staged(office, "tickets", ledger(row(标题=title, 主办单位="沙口村", 满意度=""))), "commit")
    ticket = session.scalars(sa.select(Ticket)).one()
    updated, *course = steps(office.get(f"/requests/show/{ticket.id}").text)
    assert updated.startswith("更新台账数据 据导入台账 ")
    assert course == [
        "办结 群众可见 据导入台账 沙口村 已换灯泡。",
        "签收 群众可见 据导入台账 沙口村",
        "派单 → 沙口村 群众可见 据导入台账",
        "受理 群众可见 据导入台账",
        "提交 群众可见 据导入台账 群众",
    ]
    resident = client_as("member", district.far_village)
    send(resident, "/portal/follow", {"code": ticket.tracking_code, "tail": "8000"})
    assert steps(resident.get("/portal/mine").text) == [
        "诉求已办结 沙口村 已换灯泡。",
        "沙口村已签收 沙口村",
        "诉求已派给沙口村",
        "诉求已受理",
        "您提交了诉求",
    ]
