"""What a request is about, and the duty catalogue 权力清单 that says whose business it is."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.changes import Tracked
from models.types import PathText, one_of
from models.units import Unit
from rules.deadlines import Tier
from rules.refusals import N_, Refusal
from rules.routing import CO, LEAD
from rules.units import check_code


class Category(Tracked, Model):
    __tablename__ = "category"
    __table_args__: Any = (sa.CheckConstraint("code NOT LIKE '%/%'", name="ck_category_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("category.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, unique=True)
    """`/parent code/own code/`"""
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    parent: Mapped["Category | None"] = relationship(remote_side=[id])

    __mapper_args__: Any = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> "list[Category]":
        """From the top of the tree down to it."""
        return [*(self.parent.line if self.parent else []), self]

    def hang_under(self, parent: "Category | None") -> None:
        """Gives a new category its place in the tree."""
        check_code(self.code)
        self.path = f"{parent.path if parent else '/'}{self.code}/"


class Duty(Tracked, Model):
    """One line of the duty catalogue: whose business a category is, and at which tier."""

    __tablename__ = "duty"
    __table_args__: Any = (
        one_of("duty", "tier", Tier),
        sa.CheckConstraint("role IN ('lead', 'co')", name="ck_duty_role"),
        sa.UniqueConstraint("category_id", "place_id", "unit_id", "role", name="uq_duty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("category.id"), index=True)
    tier: Mapped[str] = mapped_column(sa.String(12))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    """Empty: the village of the place for `micro`, its town for `minor`."""
    role: Mapped[str] = mapped_column(sa.String(8), default="lead", server_default="lead")
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    """Where the line holds: there and below. Empty: everywhere."""
    basis: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    category: Mapped[Category] = relationship()
    unit: Mapped[Unit | None] = relationship(foreign_keys=[unit_id])
    place_unit: Mapped[Unit | None] = relationship(foreign_keys=[place_id])

    __mapper_args__: Any = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.category} → {self.unit or self.tier}"

    def enter(self, session: Session) -> None:
        """One leads for a category and a place, and whoever helps is named, once. The journal knows rows by their ids
        alone, which follow from what was chosen."""
        role = self.role or LEAD
        with session.no_autoflush:
            self.category_id = self.category.id
            self.unit_id = self.unit.id if self.unit else None
            self.place_id = self.place_unit.id if self.place_unit else None
        if role == CO and self.unit_id is None:
            raise Refusal(N_("Name the unit that helps"))
        same = [Duty.category_id == self.category_id, Duty.role == role]
        same.append(Duty.place_id.is_not_distinct_from(self.place_id))
        if role == CO:
            same.append(Duty.unit_id == self.unit_id)
        there = sa.select(Duty.id).where(*same, Duty.id.is_distinct_from(self.id)).limit(1)
        if session.scalar(there) is not None:
            raise Refusal(
                N_("There is such a line for “%(category)s” already: change that one"), category=self.category.name
            )


SEED: dict[tuple[str, str, str], list[tuple[str, str, str, Tier]]] = {  # s1, s3, s4
    ("10", "家政服务", "Household services"): [
        ("1001", "家政维修", "Repairs at home", Tier.MICRO),
        ("1002", "养老照料", "Care of the old", Tier.MICRO),
        ("1003", "日托托幼", "Day care", Tier.MINOR),
    ],
    ("20", "社区服务", "Community services"): [
        ("2001", "物业管理", "Property management", Tier.MICRO),
        ("2002", "邻里纠纷", "Neighbour disputes", Tier.MICRO),
        ("2003", "停车管理", "Parking", Tier.MICRO),
        ("2004", "文体健身", "Sports and culture", Tier.MINOR),
        ("2005", "婚丧场所", "Wedding and funeral halls", Tier.MINOR),
    ],
    ("30", "基础设施", "Infrastructure"): [
        ("3001", "道路交通", "Roads and traffic", Tier.MINOR),
        ("3002", "路灯照明", "Street lights", Tier.MINOR),
        ("3003", "饮水供水", "Drinking water", Tier.MINOR),
        ("3004", "供电通信", "Power and telecoms", Tier.MINOR),
        ("3005", "公交出行", "Buses", Tier.MINOR),
    ],
    ("40", "环境卫生", "Environment"): [
        ("4001", "垃圾清运", "Rubbish", Tier.MICRO),
        ("4002", "污水污染", "Sewage and pollution", Tier.MINOR),
        ("4003", "噪声扰民", "Noise", Tier.MINOR),
        ("4004", "绿化园林", "Greenery", Tier.MICRO),
    ],
    ("50", "民生保障", "Livelihood"): [
        ("5001", "医疗医保", "Health and medical insurance", Tier.MINOR),
        ("5002", "劳动社保", "Work and social insurance", Tier.MINOR),
        ("5003", "教育入学", "Schools", Tier.MINOR),
        ("5004", "救助帮扶", "Relief", Tier.MICRO),
    ],
    ("60", "农村建设", "Village building"): [
        ("6001", "宅基地建房", "Homesteads", Tier.MINOR),
        ("6002", "农田水利", "Irrigation", Tier.MINOR),
        ("6003", "土地征收", "Land taking", Tier.HARD),
    ],
    ("70", "信访矛盾", "Petitions and disputes"): [
        ("7001", "矛盾纠纷", "Disputes", Tier.MINOR),
        ("7002", "历史遗留", "Old unsettled matters", Tier.HARD),
    ],
    ("80", "公共安全", "Public safety"): [
        ("8001", "险情求助", "Danger, call for help", Tier.EMERGENCY),
        ("8002", "消防隐患", "Fire hazards", Tier.MINOR),
    ],
    ("90", "企业服务", "Services for enterprises"): [
        ("9001", "用工招聘", "Recruiting", Tier.MINOR),
        ("9002", "政策融资", "Policies and finance", Tier.MINOR),
        ("9003", "其他事项", "Other matters", Tier.MINOR),
    ],
}


def seed_categories(session: Session) -> None:
    """The default tree and, for each leaf, its tier; which department answers is for the office to enter."""
    for (code, name, name_en), leaves in SEED.items():
        top = Category(code=code, name=name, name_en=name_en, path=f"/{code}/")
        session.add(top)
        for leaf_code, leaf_name, leaf_en, tier in leaves:
            leaf = Category(code=leaf_code, name=leaf_name, name_en=leaf_en, parent=top, path=f"{top.path}{leaf_code}/")
            session.add(Duty(category=leaf, tier=tier))
