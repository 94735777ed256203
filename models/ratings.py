"""Reporters of a ticket and what each thought of the answer."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import Scope
from models.legs import Leg
from models.scope import Scoped, district_index, filled_index, of_reached
from models.types import PathText, Sealed, UtcDateTime, keyring, one_of
from rules.identity import clean_digits, mask_mobile, mask_name
from rules.policy import Policy
from rules.refusals import N_, Refusal

if TYPE_CHECKING:
    from models.tickets import Ticket


SHARED = sa.text("shared = 1"), sa.text("shared")


class Verification(StrEnum):
    NONE = "none"
    PHONE = "phone"
    PLATFORM = "platform"


class Resolved(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


RESOLVED_LABELS = {
    Resolved.YES: N_("Resolved"),
    Resolved.PARTLY: N_("Partly resolved"),
    Resolved.NO: N_("Not resolved"),
}


class Reporter(Scoped, Model):
    __tablename__ = "reporter"
    __table_args__: Any = (
        one_of("reporter", "verification", Verification),
        filled_index("ix_reporter_asked_in_id", "asked_in_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    asked_in_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    """The request of their own, where it has been merged into the one that answers them."""
    sealed_name: Mapped[str | None] = mapped_column("name", Sealed("reporter.name"))
    sealed_mobile: Mapped[str | None] = mapped_column("mobile", Sealed("reporter.mobile"))
    mobile_hash: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    mobile_tail_hash: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    employer: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    verification: Mapped[str] = mapped_column(sa.String(12), default=Verification.NONE, server_default="none")

    ticket: Mapped["Ticket"] = relationship(back_populates="reporters", foreign_keys=[ticket_id])
    asked_in: Mapped["Ticket | None"] = relationship(foreign_keys=[asked_in_id])
    ratings: Mapped[list["Rating"]] = relationship(back_populates="reporter", order_by="Rating.id")

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    @classmethod
    def named(cls, name: str, mobile: str, verification: Verification = Verification.NONE) -> "Reporter":
        return cls(
            sealed_name=name or None,
            sealed_mobile=mobile or None,
            mobile_hash=keyring().hash(mobile) if mobile else None,
            mobile_tail_hash=keyring().tail_hash(mobile) if mobile else None,
            verification=verification,
        )

    @property
    def own(self) -> "Ticket":
        """The request they made themselves, whichever answers them."""
        return self.asked_in or self.ticket

    def has_rated(self, leg: Leg) -> bool:
        return any(each.leg is leg for each in self.ratings)

    @property
    def masked_name(self) -> str:
        return mask_name(self.sealed_name or "")

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.sealed_mobile or "")

    def is_tail(self, digits: str) -> bool:
        tail = clean_digits(digits)
        return bool(self.sealed_mobile) and len(tail) == 4 and (self.sealed_mobile or "").endswith(tail)

    def __str__(self) -> str:
        return self.masked_name


def unheard(ticket: "Ticket") -> list[Reporter]:
    """Those who have yet to rate the last settlement."""
    return [each for each in ticket.reporters if not each.has_rated(ticket.lead)] if ticket.legs else []


def asked_from(mobile: str) -> sa.Select[tuple[int]]:
    """Ids of the requests that were handed in with this number, which anonymous reporters keep to themselves."""
    reporter, ticket = (Model.metadata.tables[name].c for name in ("reporter", "ticket"))
    return (
        sa.select(reporter.ticket_id)
        .join(Model.metadata.tables["ticket"], ticket.id == sa.func.coalesce(reporter.asked_in_id, reporter.ticket_id))
        .where(reporter.mobile_hash == keyring().hash(mobile), ticket.anonymous.is_(False))
    )


class Rating(Scoped, Model):
    """What one reporter thinks of one settlement; a re-opened request has several. The stars count for the unit and
    person fixed at that settlement, whoever holds the ticket today."""

    __tablename__ = "rating"
    __table_args__: Any = (
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_rating_stars"),
        sa.UniqueConstraint("leg_id", "reporter_id"),
        district_index("ix_rating_at", "at", "unit_id", "scored", "stars"),
        district_index(
            "ix_rating_shared", "at", "leg_id", "scored", "stars", sqlite_where=SHARED[0], postgresql_where=SHARED[1]
        ),
        one_of("rating", "resolved", Resolved),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[int] = mapped_column(sa.ForeignKey("leg.id", ondelete="CASCADE"))
    """The one whose settlement is rated."""
    reporter_id: Mapped[int] = mapped_column(sa.ForeignKey("reporter.id", ondelete="CASCADE"), index=True)
    stars: Mapped[int]
    resolved: Mapped[str | None] = mapped_column(sa.String(8))
    tags: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    comment: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, default="", server_default="")
    """Of the unit."""
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    scored: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    """False: shown, but left out of satisfaction (an unverified reporter, unless the policy counts them)."""
    shared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Others helped with what is rated: models.credits names them."""

    ticket: Mapped["Ticket"] = relationship(back_populates="ratings")
    leg: Mapped[Leg] = relationship()
    reporter: Mapped[Reporter] = relationship(back_populates="ratings")

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    @classmethod
    def of(cls, leg: Leg, given: "Opinion", at: datetime, *, scored: bool, shared: bool) -> "Rating":
        return cls(
            leg=leg,
            stars=given.stars,
            resolved=given.resolved,
            tags=given.tags,
            comment=given.comment.strip(),
            at=at,
            unit_id=leg.unit_id,
            path=leg.path,
            person_id=leg.handler_id,
            scored=scored,
            shared=shared,
        )

    def __str__(self) -> str:
        return "★" * self.stars


@dataclass(frozen=True)
class Opinion:
    """What a reporter says of the answer. `tags` are codes of the dictionary."""

    stars: int
    resolved: Resolved
    tags: list[str] = field(default_factory=list)
    comment: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.stars <= 5:
            raise Refusal(N_("Choose between one and five stars"))

    def is_bad(self, policy: Policy) -> bool:
        return self.stars <= policy.reopen_up_to_stars or self.resolved is Resolved.NO
