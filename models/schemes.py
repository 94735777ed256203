"""The evaluation scheme as data: the evaluator edits it, a computed sheet keeps the version it used."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from models.changes import Tracked


class Scheme(Tracked, Model):
    __tablename__ = "scheme"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    indicators: Mapped[list["SchemeIndicator"]] = relationship(
        back_populates="scheme", order_by="SchemeIndicator.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name

    def revised(self) -> None:
        """An indicator was edited: the scheme has a new version."""
        flag_modified(self, "name")


class SchemeIndicator(Tracked, Model):
    __tablename__ = "scheme_indicator"
    __table_args__: Any = (
        sa.UniqueConstraint("scheme_id", "key"),
        sa.CheckConstraint('"full" >= "floor"', name="ck_indicator_full"),
        sa.CheckConstraint("target >= 0 AND target <= 1", name="ck_indicator_target"),
        sa.CheckConstraint("direction IN ('more', 'less')", name="ck_indicator_direction"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(sa.ForeignKey("scheme.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(sa.String(32))
    """One of the computed figures in models.evaluations."""
    name: Mapped[str] = mapped_column(sa.String(60))
    numerator: Mapped[str] = mapped_column(sa.String(200))
    denominator: Mapped[str] = mapped_column(sa.String(200))
    """Both in words, as the method sheet prints them."""
    direction: Mapped[str] = mapped_column(sa.String(8), default="more", server_default="more")
    target: Mapped[Decimal] = mapped_column(sa.Numeric(6, 4))
    full: Mapped[Decimal] = mapped_column(sa.Numeric(6, 2))
    k: Mapped[Decimal] = mapped_column(sa.Numeric(6, 2))
    """Marks lost per percentage point below the target."""
    floor: Mapped[Decimal] = mapped_column(sa.Numeric(6, 2), default=Decimal(0), server_default="0")
    min_sample: Mapped[int] = mapped_column(default=0, server_default="0")
    position: Mapped[int] = mapped_column(default=0, server_default="0")

    scheme: Mapped[Scheme] = relationship(back_populates="indicators")

    def __str__(self) -> str:
        return self.name


SEED: list[dict[str, Any]] = [
    {
        "key": "sign",
        "name": "按时签收率",
        "numerator": "按时签收的环节数",
        "denominator": "统计时段内应签收的环节数（未签收视为超时；旧台账签收时间不详的不计，另列）",
        "target": Decimal("0.98"),
        "full": Decimal(20),
        "k": Decimal(1),
    },
    {
        "key": "on_time",
        "name": "按时办结率",
        "numerator": "在有效时限内办结的主办环节数",
        "denominator": "统计时段内到期的主办环节数",
        "target": Decimal("0.98"),
        "full": Decimal(25),
        "k": Decimal(1),
    },
    {
        "key": "settle",
        "name": "办结率",
        "numerator": "截至统计时点已办结的工单数",
        "denominator": "统计时段内受理的工单数",
        "target": Decimal("0.98"),
        "full": Decimal(30),
        "k": Decimal(1),
    },
    {
        "key": "satisfaction",
        "name": "满意率",
        "numerator": "四星及以上的有效评价数",
        "denominator": "统计时段内收到的有效评价数",
        "target": Decimal("0.98"),
        "full": Decimal(25),
        "k": Decimal(1),
    },
]
NAME = "单位日常考核（默认方案）"
NOTE = (
    "本方案为系统自带的默认方案，非上级文件规定；满分 100 分，由签收、按时办结、办结、满意四项构成，"
    "组织部门可在“考核方案”中修改指标、目标值、满分和扣分系数。"
)


def seed_scheme(session: Session) -> None:
    indicators = [SchemeIndicator(position=position, **row) for position, row in enumerate(SEED)]
    session.add(Scheme(name=NAME, note=NOTE, indicators=indicators))
