"""A request on its way in the invented district, with the people who would be reminded of it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.acting import RESIDENT, Actor
from models.attachments import Attachment
from models.intake import Draft, submit
from models.notices import Notice
from models.tickets import Ticket
from rules.deadlines import Tier
from tests.factories import District, actor
from tests.stage import at


@dataclass
class Scene:
    session: Session
    district: District
    dispatcher: Actor
    handler: Actor
    leader: Actor

    def submit(self, when: str, **draft) -> Ticket:
        asked = Draft("路灯不亮", "村口三盏路灯不亮。", self.district.village, "portal", **draft)
        ticket, _made = submit(self.session, asked, RESIDENT, at(when))
        self.session.commit()
        return ticket

    def dispatch(self, ticket: Ticket, when: str, tier: Tier = Tier.MICRO) -> None:
        ticket.accept(self.dispatcher, at(when), tier=tier, category=None)
        ticket.dispatch(self.district.village, self.dispatcher, at(when))
        self.session.commit()

    def sign(self, ticket: Ticket, when: str) -> None:
        ticket.sign(self.handler, at(when))
        self.session.commit()

    def submit_result(self, ticket: Ticket, when: str) -> None:
        ticket.lead.attachments.append(evidence(ticket, when))
        ticket.submit_result(self.handler, at(when), result="已换灯泡。", feedback="已电话告知。")
        self.session.commit()

    def settle(self, ticket: Ticket, when: str) -> None:
        ticket.settle(self.leader, at(when), mode="coordinated")
        self.session.commit()

    def heard(self, event: str) -> list[tuple[int | None, str]]:
        """Who has been told of it so far, and the step of the reminder."""
        rows = self.session.execute(
            select(Notice.person_id, Notice.key).where(Notice.event == event).order_by(Notice.id)
        )
        return [(person, key.split(":")[3].split("/")[0]) for person, key in rows]


def make_scene(session: Session, district: District) -> Scene:
    scene = Scene(
        session,
        district,
        dispatcher=actor(session, "dispatcher", district.town),
        handler=actor(session, "handler", district.village),
        leader=actor(session, "unit_leader", district.village),
    )
    session.commit()
    return scene


def evidence(ticket: Ticket, when: str) -> Attachment:
    return Attachment(
        ticket_id=ticket.id,
        name="照片.jpg",
        key=f"{ticket.number}-{when}",
        media_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        at=at(when),
        by_name="干部",
    )
