"""Units: a typed tree kept by path. A unit that merged away keeps its place, its dates and its successor."""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Scope, current_scope
from models.changes import Tracked
from models.scope import Scoped, district_index, in_a_district, under
from models.texts import contains
from models.types import PathText, one_of
from rules.refusals import N_, Refusal
from rules.units import NUMBERED, PARENT_KINDS, UnitKind, check_code


class Unit(Scoped, Tracked, Model):
    __tablename__ = "unit"
    __table_args__: Any = (
        one_of("unit", "kind", UnitKind),
        sa.CheckConstraint("path LIKE '/%/'", name="ck_unit_path"),
        sa.CheckConstraint("code NOT LIKE '%/%'", name="ck_unit_code"),
        sa.CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="ck_unit_dates"),
        sa.Index("ix_unit_kind_code", "kind", "code", "name", "valid_to"),
        district_index("ix_unit_district", "id"),
        district_index("ix_unit_code", "code", "id", "name", "leader_name", "valid_to"),
        district_index("ix_unit_name", "name", "id"),
        district_index("ix_unit_kind", "kind", "id", "code", "valid_to"),
        district_index("ix_unit_valid_to", "valid_to", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(16))
    category: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    """村, 社区, 街道, 镇, 乡 …: the office's word within the kind."""
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, unique=True)
    """`/district code/town code/…/own code/`"""
    leader_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", use_alter=True, name="fk_unit_leader"), index=True
    )
    leader_name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    extent: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    households: Mapped[int | None]
    population: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    """Last day of validity; empty while none is set."""
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    parent: Mapped["Unit | None"] = relationship(remote_side=[id], foreign_keys=[parent_id])
    successor: Mapped["Unit | None"] = relationship(remote_side=[id], foreign_keys=[successor_id])
    leader = relationship("Person", foreign_keys=[leader_id])
    aliases: Mapped[list["UnitAlias"]] = relationship(back_populates="unit", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return in_a_district(cls.path, scope, cls.within(scope))

    @classmethod
    def all_of(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return cls.within(scope)

    @hybrid_method
    def lives_on(self, day: date) -> bool:
        return self.valid_to is None or self.valid_to >= day

    @lives_on.inplace.expression  # type: ignore[attr-defined]  # mypy takes it for the method of an instance
    @classmethod
    def _lives_on(cls, day: date) -> sa.ColumnElement[bool]:
        return sa.or_(cls.valid_to.is_(None), cls.valid_to >= day)

    @property
    def place(self) -> str:
        return self.path

    @property
    def level(self) -> int:
        """0 for a district."""
        return self.path.count("/") - 2

    @property
    def full_name(self) -> str:
        """第一网格 is in every village."""
        upper = self.parent if UnitKind(self.kind) in NUMBERED else None
        return self.name if upper is None or self.name.startswith(upper.name) else f"{upper.name}{self.name}"

    @property
    def alias_names(self) -> str:
        return "、".join(alias.alias for alias in self.aliases)

    @alias_names.setter
    def alias_names(self, text: str) -> None:
        wanted = [name.strip() for name in re.split(r"[、,，;；\n]", text) if name.strip()]
        kept = {alias.alias: alias for alias in self.aliases}
        self.aliases = [kept.get(name) or UnitAlias(alias=name) for name in dict.fromkeys(wanted)]

    def hang_under(self, parent: "Unit | None") -> None:
        """Its place in the tree. Raises Refusal where code or kinds do not fit, and outside one's own units."""
        check_code(self.code)
        self.path = path_below(parent, self.code, UnitKind(self.kind))
        if not current_scope().covers(self.path):
            raise Refusal(N_("%(code)s would lie outside your units: choose a parent unit among them"), code=self.code)
        self.parent = parent


class UnitAlias(Model):
    __tablename__ = "unit_alias"
    __table_args__: Any = (sa.UniqueConstraint("unit_id", "alias"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id", ondelete="CASCADE"), index=True)
    alias: Mapped[str] = mapped_column(sa.String(120), index=True)
    unit: Mapped[Unit] = relationship(back_populates="aliases")

    def __str__(self) -> str:
        return self.alias


def path_below(parent: Unit | None, code: str, kind: UnitKind) -> str:
    if parent is None:
        if kind is not UnitKind.DISTRICT:
            raise Refusal(N_("%(code)s needs a parent unit; only a district stands at the top"), code=code)
        return f"/{code}/"
    if UnitKind(parent.kind) not in PARENT_KINDS[kind]:
        raise Refusal(
            N_("%(code)s cannot be placed under %(parent)s: their levels do not match"), code=code, parent=parent.name
        )
    return f"{parent.path}{code}/"


def move(session: Session, unit: Unit, parent: Unit) -> None:
    """Re-hangs a subtree and everything in it, open or past: a misplaced unit was never where it stood."""
    if parent.path.startswith(unit.path):
        raise Refusal(N_("A unit cannot be its own parent"))
    old, new = unit.path, path_below(parent, unit.code, UnitKind(unit.kind))
    session.flush()
    carry(session, old, new)
    unit.parent_id = parent.id
    session.flush()
    session.expire_all()


def carry(session: Session, old: str, new: str) -> None:
    """All that lies under one path comes to lie under another."""
    for model in placed_models():
        session.execute(
            sa.update(model)
            .where(under(model.path, old))
            .values(path=sa.literal(new) + sa.func.substr(model.path, len(old) + 1)),
            execution_options={"synchronize_session": False},
        )


def placed_models() -> list[Any]:
    """Every noun that stores the path of its unit."""
    return [m.class_ for m in Model.registry.mappers if "path" in m.columns and m.class_.__tablename__ != "category"]


def find_unit(session: Session, code: str) -> Unit:
    unit = session.scalar(sa.select(Unit).where(Unit.code == code))
    if unit is None:
        raise Refusal(N_("Unit %(code)s does not exist"), code=code)
    return unit


def heirs(today: date) -> sa.Subquery:
    """`old_id` of each unit that is gone, and `id` of the living one that has taken over from it at last."""
    gone, step, heir = (Unit.__table__.alias(name) for name in ("gone", "step", "heir"))
    ended = [sa.and_(each.c.valid_to < today, each.c.successor_id.is_not(None)) for each in (gone, step)]
    first = sa.select(gone.c.id.label("old_id"), gone.c.successor_id.label("id")).where(ended[0])
    way = first.cte("way_of_heirs", recursive=True)
    onward = sa.select(way.c.old_id, step.c.successor_id).select_from(way.join(step, step.c.id == way.c.id))
    way = way.union(onward.where(ended[1]))
    lives = sa.or_(heir.c.valid_to.is_(None), heir.c.valid_to >= today)
    return sa.select(way.c.old_id, way.c.id).select_from(way.join(heir, heir.c.id == way.c.id)).where(lives).subquery()


def called_like(typed: str) -> sa.ColumnElement[bool]:
    """By a part of its name or of another name it goes by, or by how its code begins."""
    alias = sa.select(UnitAlias.unit_id).where(contains(UnitAlias.alias, typed))
    return sa.or_(contains(Unit.name, typed), Unit.code.startswith(typed, autoescape=True), Unit.id.in_(alias))


def towns(session: Session, today: date) -> list[tuple[str, str]]:
    """Code and name of those that live, by code."""
    return _named(session, today, Unit.kind == UnitKind.TOWN)


def villages(session: Session, town: str, today: date) -> list[tuple[str, str]] | None:
    """Code and name of those that live, by code. None if no living town has the code `town`."""
    path = session.scalar(
        sa.select(Unit.path).where(Unit.code == town, Unit.kind == UnitKind.TOWN, Unit.lives_on(today))
    )
    return None if path is None else _named(session, today, Unit.kind == UnitKind.VILLAGE, under(Unit.path, path))


def _named(session: Session, today: date, *asked: sa.ColumnElement[bool]) -> list[tuple[str, str]]:
    named = sa.select(Unit.code, Unit.name).where(*asked, Unit.lives_on(today))
    return [(code, name) for code, name in session.execute(named.order_by(Unit.code))]
