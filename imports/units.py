"""Units from sheets: division lists, grid lists, departments. Parents may stand in the same file, in any order."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import sqlalchemy as sa

from imports import convert, staging, undone, unit_mergers
from imports.columns import Column
from imports.journal import Journal
from imports.kind import Kind, Pair, Part
from imports.lines import Line
from imports.trace import r, was
from imports.unit_successors import Successors
from imports.unit_tree import KINDS_OFFERED, UnitTree
from models.imports import ImportBatch
from models.units import Unit, UnitAlias, carry, move
from rules.refusals import N_
from rules.units import UNIT_KIND_LABELS
from rules.workdays import local_date

stage = staging.stage_table(
    "unit_line",
    sa.Column("code", sa.String(32)),
    sa.Column("name", sa.String(120)),
    sa.Column("kind", sa.String(16)),
    sa.Column("category", sa.String(16)),
    sa.Column("parent_code", sa.String(32)),
    sa.Column("path", sa.String(160)),
    sa.Column("leader", sa.String(60)),
    sa.Column("phone", sa.String(40)),
    sa.Column("extent", sa.Text),
    sa.Column("households", sa.Integer),
    sa.Column("population", sa.Integer),
    sa.Column("closed", sa.Boolean),
    sa.Column("aliases", sa.Text),
    sa.Column("into_code", sa.String(32)),
    sa.Column("merged_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("merges", sa.Boolean),
)
"""`ends_on`: the last day of a unit that closes; `merges`: the unit is yet to merge into that of `into_code`."""
unit = Unit.__table__
s, u = stage.c, unit.c


class Units(Kind):
    name = "units"
    changes_units = True
    title = N_("Units")
    columns = (
        Column(
            "code",
            "代码",
            convert.code,
            (
                "village_code",
                "street_code",
                "area_code",
                "统计用区划代码",
                "行政区划代码",
                "区划代码",
                "单位代码",
                "网格编号",
                "网格编码",
                "编号",
                "编码",
            ),
            longest=32,
        ),
        Column(
            "name",
            "名称",
            convert.text,
            (
                "village_name",
                "street_name",
                "area_name",
                "单位名称",
                "村社名称",
                "微网格名称",
                "网格名称",
                "小区名称",
                "部门名称",
            ),
            required=True,
            longest=120,
        ),
        Column("kind", "层级", convert.text, ("级别", "类型", "单位类型", "类别"), words=KINDS_OFFERED),
        Column("category", "村社类型", convert.text, ("category", "镇街类型"), longest=16, clearable=True),
        Column("parent_code", "上级代码", convert.code, ("street_code", "area_code", "上级编号"), longest=32),
        Column(
            "parent",
            "上级",
            convert.text,
            (
                "上级单位",
                "street_name",
                "所属微网格",
                "所属网格",
                "所属村社",
                "所属村",
                "所属镇街",
                "所属乡镇",
                "乡镇街道",
                "主管单位",
                "area_name",
            ),
        ),
        Column("town", "所属镇街", convert.text, ("所属乡镇", "乡镇街道", "street_name")),
        Column("district_code", "区县代码", convert.code, ("area_code",)),
        Column("district_name", "区县名称", convert.text, ("area_name",)),
        Column("aliases", "别名", convert.text, ("简称", "曾用名")),
        Column(
            "leader",
            "负责人",
            convert.text,
            ("微网格长", "网格长", "主要负责人", "村社书记"),
            longest=60,
            clearable=True,
        ),
        Column("phone", "联系电话", convert.phone, ("电话", "手机", "联系方式"), longest=40, clearable=True),
        Column("extent", "范围", convert.long_text, ("四至", "网格范围", "四至范围"), clearable=True),
        Column("households", "户数", convert.households, ("总户数",), clearable=True),
        Column("population", "人口数", convert.heads, ("人口", "总人口", "户籍人口"), clearable=True),
        Column("closed", "是否撤销", convert.flag, ("已撤销",)),
        Column("into", "并入", convert.text, ("撤并至", "并入单位", "合并至", "撤并到")),
        Column("merged_on", "撤并日期", convert.day, ("并入日期", "撤销日期", "生效日期")),
    )
    stage = stage
    target = unit
    parts = (Part(UnitAlias.__table__, "unit_id"),)
    resembled_by = ("code", "name")
    called = ("name", "code")
    face = ("code", "name", "kind", "path", "leader", "households", "population")
    labels: ClassVar = {"kind": UNIT_KIND_LABELS}
    pairs = (
        Pair(s.name, u.name),
        Pair(s.kind, u.kind),
        Pair(s.category, u.category, ""),
        Pair(s.path, u.path),
        Pair(s.leader, u.leader_name, ""),
        Pair(s.phone, u.phone, ""),
        Pair(s.extent, u.extent, ""),
        Pair(s.households, u.households),
        Pair(s.population, u.population),
    )
    written: ClassVar[tuple[Pair, ...]] = tuple(pair for pair in pairs if pair.target is not u.path)

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        """Parents come before their children, whatever the order of the sheet."""
        found = list(lines)
        tree = UnitTree(self, found)
        for line in found:
            tree.hang(line)
        Successors(tree).name(found)
        return [*tree.implied, *found]

    def basis(self) -> str:
        alias = UnitAlias.__table__.c
        tree = sa.select(u.id, u.code, u.name, u.kind, u.path, u.valid_to, u.successor_id).order_by(u.id)
        named = sa.select(alias.unit_id, alias.alias).order_by(alias.unit_id, alias.alias)
        found = [[tuple(row) for row in self.connection.execute(rows)] for rows in (tree, named)]
        return hashlib.sha256(repr(found).encode()).hexdigest()[:32]

    def match(self) -> None:
        known = sa.select(u.id).where(u.code == s.code).scalar_subquery()
        self.connection.execute(
            sa.update(stage).where(self.of_load(), s.op.is_distinct_from(staging.ERROR)).values(target_id=known)
        )

    def check(self) -> None:
        unit_mergers.judge(self)

    def differs(self) -> sa.ColumnElement[bool]:
        closing = sa.and_(s.closed.is_not(None), s.closed != u.valid_to.is_not(None))
        return sa.or_(super().differs(), closing, s.aliases.is_not(None), s.merges.is_(True))

    def about(self) -> sa.ColumnElement[bool]:
        """Living units of the levels that the file lists, beside them under the same parent unit."""
        parent = unit.alias()
        named = sa.select(s.parent_code, s.kind).where(self.of_load(), s.seq > 0, s.parent_code.is_not(None))
        lists = sa.exists().where(parent.c.id == u.parent_id, sa.tuple_(parent.c.code, u.kind).in_(named))
        return sa.and_(sa.or_(u.valid_to.is_(None), u.valid_to >= self._today), lists)

    def beside(self) -> dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
        closed, none = u.valid_to.is_not(None), sa.null()
        from_date = sa.func.coalesce(s.merged_on, self._today)
        heir, other = unit.alias(), stage.alias()
        old = sa.select(heir.c.name).where(heir.c.id == u.successor_id).scalar_subquery()
        renamed = sa.select(other.c.name).where(other.c.load == s.load, other.c.code == s.into_code)
        named = sa.select(heir.c.name).where(heir.c.code == s.into_code)
        into = sa.func.coalesce(renamed.scalar_subquery(), named.scalar_subquery())
        return {
            "closed": (closed, sa.func.coalesce(s.closed, closed)),
            "aliases": self._aliases(),
            "into": (old, sa.case((s.merges.is_(True), into), else_=old)),
            "merged_on": (none, sa.case((s.merges.is_(True), from_date), else_=none)),
        }

    @property
    def _today(self) -> sa.ColumnElement[Any]:
        return sa.literal(local_date(self.order.at), sa.Date)

    def noted(self) -> dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
        return {"valid_to": (u.valid_to, self._valid_to()), "alias_names": self._aliases()}

    def _aliases(self) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
        """The line has those that are not known yet."""
        alias = UnitAlias.__table__.c
        known = sa.select(alias.alias).where(alias.unit_id == u.id).order_by(alias.id).correlate(unit).subquery()
        old = sa.select(sa.func.aggregate_strings(known.c.alias, "、")).scalar_subquery()
        return old, sa.func.coalesce(old + "、" + s.aliases, s.aliases, old)

    def write(self, batch_id: int) -> None:
        journal = Journal(self, batch_id)
        journal.changed()
        self._add()
        heir = sa.case((s.closed.is_(False), sa.null()), else_=u.successor_id)
        self.update(self.written, valid_to=self._valid_to(), successor_id=heir)
        self._rehang()
        journal.added()
        self._name()
        unit_mergers.carry_out(self, batch_id)

    def before_undoing(self, batch: ImportBatch) -> None:
        unit_mergers.take_back(self, batch)

    def taken_back(self, batch_id: int) -> None:
        """From above, as they were moved, and under their parent as it lies now."""
        parent_id = was(u.parent_id, self.connection.dialect.name)
        moved = self.connection.execute(
            sa.select(u.id, parent_id)
            .where(u.id == r.row_id, undone.undone(self, batch_id, added=False), parent_id != u.parent_id)
            .order_by(sa.func.length(was(u.path, self.connection.dialect.name)))
        ).all()
        for unit_id, above in moved:
            old, code = self.connection.execute(sa.select(u.path, u.code).where(u.id == unit_id)).one()
            path = self.connection.scalar(sa.select(u.path).where(u.id == above))
            carry(self.session, old, f"{path}{code}/")
            self.connection.execute(sa.update(unit).where(u.id == unit_id).values(parent_id=above))

    def _valid_to(self) -> sa.ColumnElement[object]:
        closing = sa.func.coalesce(u.valid_to, s.ends_on, self._today)
        return sa.case((s.closed.is_(None), u.valid_to), (s.closed.is_(True), closing), else_=sa.null())

    def _add(self) -> None:
        closing = sa.func.coalesce(s.ends_on, self._today)
        self.insert(
            (Pair(s.code, u.code), *self.pairs),
            valid_to=sa.case((s.closed.is_(True), closing), else_=sa.null()),
            version=sa.literal(1),
        )
        self.match()
        parent = unit.alias()
        found = (
            sa.select(parent.c.id)
            .join(stage, s.parent_code == parent.c.code)
            .where(self.of_load(staging.NEW), s.target_id == u.id)
        )
        new = sa.select(s.target_id).where(self.of_load(staging.NEW))
        self.connection.execute(sa.update(unit).where(u.id.in_(new)).values(parent_id=found.scalar_subquery()))

    def _rehang(self) -> None:
        """One by one and from above: a moved unit takes its subtree and what lies in it along."""
        moved = self.connection.execute(
            sa.select(u.id, s.parent_code)
            .join(stage, s.target_id == u.id)
            .where(self.of_load(staging.CHANGED), s.path != u.path)
            .order_by(sa.func.length(s.path))
        ).all()
        for unit_id, code in moved:
            self.session.expire_all()
            parent = self.session.scalars(sa.select(Unit).where(Unit.code == code)).one()
            move(self.session, self.session.get_one(Unit, unit_id), parent)

    def _name(self) -> None:
        rows = self.connection.execute(
            sa.select(s.target_id, s.aliases).where(self.of_load(staging.NEW, staging.CHANGED), s.aliases.is_not(None))
        )
        named = [{"unit_id": unit_id, "alias": alias} for unit_id, aliases in rows for alias in aliases.split("、")]
        if named:
            self.connection.execute(UnitAlias.__table__.insert(), named)
