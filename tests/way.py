"""A request brought as far along its way as a test needs it, in the invented district of the factories."""

from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from models.acting import RESIDENT, Actor
from models.intake import Draft, submit
from models.tickets import Ticket
from models.units import Unit
from models.uploads import Prepared, keep
from rules.deadlines import Tier
from tests.factories import District, actor
from tests.stage import at

MORNING = at("2026-09-18 09:00")
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
EVIDENCE = Prepared("现场.pdf", "application/pdf", PDF)


class Way:
    """Arises in the village 石桥村, which handles it; the district dispatches."""

    def __init__(self, session: Session, district: District):
        self.session, self.district = session, district

    @cached_property
    def dispatcher(self) -> Actor:
        return actor(self.session, "dispatcher", self.district.root, "张小派")

    @cached_property
    def town_dispatcher(self) -> Actor:
        return actor(self.session, "dispatcher", self.district.town, "钱街派")

    @cached_property
    def handler(self) -> Actor:
        return actor(self.session, "handler", self.district.village, "李经办")

    @cached_property
    def second_handler(self) -> Actor:
        return actor(self.session, "handler", self.district.village, "周二办")

    @cached_property
    def leader(self) -> Actor:
        return actor(self.session, "unit_leader", self.district.village, "王书记")

    @cached_property
    def far_handler(self) -> Actor:
        return actor(self.session, "handler", self.district.far_village, "孙远办")

    @cached_property
    def far_leader(self) -> Actor:
        return actor(self.session, "unit_leader", self.district.far_village, "吴远书")

    @cached_property
    def office(self) -> Actor:
        return actor(self.session, "office", self.district.root, "冯调研")

    def submitted(self, when: datetime = MORNING, unit: Unit | None = None, **columns: Any) -> Ticket:
        given = {"title": "路灯不亮", "text": "村口的路灯三天没亮了", "source": "portal"}
        given |= {"reporter_name": "何阿姨", "reporter_mobile": "13800001234"}
        draft = Draft(**{"unit": unit or self.district.village, **given, **columns})
        return submit(self.session, draft, RESIDENT, when)[0]

    def accepted(self, when: datetime = MORNING, tier: Tier = Tier.MICRO, **columns: Any) -> Ticket:
        ticket = self.submitted(when, **columns)
        ticket.accept(self.dispatcher, when, tier=tier, category=None)
        return ticket

    def dispatched(self, when: datetime = MORNING, to: Unit | None = None, **columns: Any) -> Ticket:
        ticket = self.accepted(when, **columns)
        ticket.dispatch(to or self.district.village, self.dispatcher, when)
        return ticket

    def signed(self, when: datetime = MORNING, **columns: Any) -> Ticket:
        ticket = self.dispatched(when, **columns)
        ticket.sign(self.handler, when)
        return ticket

    def with_result(self, when: datetime = MORNING, result_at: datetime | None = None, **columns: Any) -> Ticket:
        ticket = self.signed(when, **columns)
        keep(self.session, ticket, EVIDENCE, self.handler, when, leg=ticket.lead)
        ticket.submit_result(self.handler, result_at or when, result="换了灯泡", feedback="已电话告知")
        return ticket

    def settled(self, when: datetime = MORNING, settled_at: datetime | None = None, **columns: Any) -> Ticket:
        ticket = self.with_result(when, **columns)
        ticket.settle(self.leader, settled_at or when, mode="coordinated")
        return ticket
