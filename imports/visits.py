"""Logs of visits, known by day, visitor and object. A yes to 转工单 is kept; the request is made by somebody here."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Any, ClassVar

import sqlalchemy as sa

from imports import convert, research_words, staging, undone
from imports.columns import Column
from imports.kind import Pair
from imports.lines import Line
from imports.research import Research, spot_of
from imports.trace import r, was
from models.roster import SEPARATOR, Entry, names_in
from models.visits import Visit, Visitor
from rules.refusals import N_
from rules.research import OBJECT_KIND_LABELS, OUTCOME_LABELS, VISIT_KIND_LABELS, ObjectKind, Outcome

MOST_COMPANIONS, LONGEST_NAME = 400, 60
OBJECTS = {
    "object_name": None,
    "household": ObjectKind.HOUSEHOLD,
    "enterprise": ObjectKind.ENTERPRISE,
    "individual": ObjectKind.INDIVIDUAL,
}
"""Columns that name whom the visit was to, and what they say of its kind."""

stage = staging.stage_table(
    "visit_line",
    sa.Column("visited_on", sa.Date),
    sa.Column("visited_at", sa.Time),
    sa.Column("kind", sa.String(24)),
    sa.Column("visitor_id", sa.Integer),
    sa.Column("visitor_name", sa.String(60)),
    sa.Column("companions", sa.String(400)),
    sa.Column("people", sa.JSON(none_as_null=True)),
    sa.Column("object_kind", sa.String(24)),
    sa.Column("object_name", sa.String(120)),
    sa.Column("address", sa.String(200)),
    sa.Column("unit_id", sa.Integer),
    sa.Column("path", sa.String(160)),
    sa.Column("outcome", sa.String(16)),
    sa.Column("content", sa.Text),
    sa.Column("handling", sa.Text),
    sa.Column("to_ticket", sa.Boolean),
    sa.Column("field_note", sa.Text),
    sa.Column("guessed", sa.Text),
)
visit, visitor = Visit.__table__, Visitor.__table__
s, v, w = stage.c, visit.c, visitor.c


class Visits(Research):
    name = "visits"
    title = N_("Visits")
    columns = (
        Column(
            "visited_on",
            "走访日期",
            convert.wall_clock,
            ("走访时间", "入户时间", "走访日期时间", "下访时间", "日期", "时间"),
            required=True,
        ),
        Column("visited_at", "时间", research_words.clock, ("走访时间", "走访时段", "时段")),
        Column("kind", "走访类别", convert.text, ("走访形式", "走访方式", "走访类型", "形式", "方式", "类别")),
        Column(
            "visitor_name",
            "走访人",
            convert.long_text,
            ("走访干部", "走访人员", "调研人员", "调研人", "走访人姓名", "干部姓名"),
            required=True,
        ),
        Column("companions", "同行人员", convert.long_text, ("同行人", "陪同人员", "参加人员"), clearable=True),
        Column("visitor_unit", "走访人单位", convert.text, ("走访单位", "派出单位", "工作单位", "所在单位", "单位")),
        Column("object_name", "走访对象", convert.text, ("对象", "对象名称", "走访对象名称", "被走访人"), longest=120),
        Column("household", "户主", convert.text, ("户主姓名", "农户", "走访户"), longest=120),
        Column("enterprise", "企业", convert.text, ("企业名称", "走访企业", "市场主体"), longest=120),
        Column("individual", "受访人", convert.text, ("受访对象", "受访者", "被访人"), longest=120),
        Column("object_kind", "对象类型", convert.text, ("对象类别", "走访对象类型", "走访对象类别")),
        Column(
            "unit", "所属村社", convert.text, ("村社", "村社区", "村(社区)", "所在村社", "走访村社", "所属网格", "镇街")
        ),
        Column(
            "address", "地址", convert.text, ("走访地点", "地点", "走访地址", "现住址"), longest=200, clearable=True
        ),
        Column("outcome", "走访结果", convert.text, ("结果", "走访情况")),
        Column(
            "content",
            "反映问题",
            convert.long_text,
            ("走访内容", "意见建议", "反映的问题", "问题建议", "诉求", "主要内容"),
            clearable=True,
        ),
        Column("handling", "办理情况", convert.long_text, ("处理情况", "办理结果", "答复情况"), clearable=True),
        Column("to_ticket", "是否转工单", convert.flag, ("转工单", "是否转为工单", "是否交办")),
        Column("field_note", "手记", convert.long_text, ("走访体会", "走访手记", "体会", "民情日记"), clearable=True),
    )
    sheet_fills = "unit"
    face = ("visited_on", "visited_at", "kind", "visitor_name", "object_name", "unit", "outcome", "to_ticket")
    labels: ClassVar = {"kind": VISIT_KIND_LABELS, "object_kind": OBJECT_KIND_LABELS, "outcome": OUTCOME_LABELS}
    stage = stage
    target = visit
    pairs = (
        Pair(s.visited_on, v.visited_on, compared=False),
        Pair(s.visited_at, v.visited_at),
        Pair(s.kind, v.kind),
        Pair(s.visitor_id, v.visitor_id, field="visitor"),
        Pair(s.visitor_name, v.visitor_name, compared=False),
        Pair(s.companions, v.companions, ""),
        Pair(s.object_kind, v.object_kind),
        Pair(s.object_name, v.object_name, compared=False),
        Pair(s.address, v.address, ""),
        Pair(s.unit_id, v.unit_id, field="unit"),
        Pair(s.path, v.path, compared=False),
        Pair(s.outcome, v.outcome, Outcome.LISTENED.value),
        Pair(s.content, v.content, ""),
        Pair(s.handling, v.handling, ""),
        Pair(s.to_ticket, v.to_ticket, empty=False),
        Pair(s.field_note, v.field_note, ""),
    )
    spots = (spot_of(stage, visit, stays=sa.true(), is_past=sa.true()),)
    byproducts = frozenset({visitor.name})
    guesses: ClassVar = {
        "kind": "kind",
        "object_kind": "object_kind",
        "outcome": "outcome",
        "unit_id": "unit",
        "path": "unit",
    }

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        for line in lines:
            values = line.values
            if values.get("visited_on"):
                values["visited_on"], values["visited_at"] = _apart(values["visited_on"], values.get("visited_at"))
            self._say_whom(line)
            place, home = self.located(line), self.located(line, "visitor_unit")
            place = place or self.default
            self.lies_in(line, place)
            somebody = self._say_who(line, self.near(home or place))
            if place is None:
                self._guess_place(line, somebody)
            self.worded(line, "kind", research_words.VISIT_KINDS)
            self.worded(line, "outcome", research_words.OUTCOMES)
            self.guess(line, "kind", research_words.kind_of_visit(values.get("visited_at")))
            if values.get("to_ticket"):
                self.guess(line, "outcome", Outcome.ISSUE_RAISED)
            who = values.get("visitor_id") or values.get("visitor_name")
            self.once(line, "object_name", values.get("visited_on"), who, values.get("object_name"))
            yield line
        self.tell_of_strangers()

    def _say_whom(self, line: Line) -> None:
        values = line.values
        named = {column: values.pop(column) for column in OBJECTS if values.get(column)}
        self.worded(line, "object_kind", research_words.OBJECT_KINDS)
        if not named:
            line.wrong("object_name", "required", N_("Nothing says to whom the visit was"))
            return
        column, values["object_name"] = next(iter(named.items()))
        told = OBJECTS[column] or next((kind for each in named if (kind := OBJECTS[each])), None)
        self.guess(line, "object_kind", told or research_words.kind_of_object(values["object_name"]))

    def _say_who(self, line: Line, path: str) -> Entry | None:
        """The first name is the visitor's; the others went along."""
        values = line.values
        first, *others = [*names_in(values.get("visitor_name") or ""), *names_in(values.get("companions") or "")] or [
            ""
        ]
        somebody = self.person(line, "visitor_name", first, path) if first else None
        values["visitor_name"] = (somebody.name if somebody else first)[:LONGEST_NAME]
        values["visitor_id"] = somebody.id if somebody else None
        values.pop("companions", None)
        if others:
            found = {name: self.person(line, "companions", name, path) for name in dict.fromkeys(others)}
            people = [(entry.name if entry else name, entry.id if entry else None) for name, entry in found.items()]
            values["people"] = [[name[:LONGEST_NAME], one] for name, one in people]
            values["companions"] = SEPARATOR.join(name for name, _ in people)
            if len(values["companions"]) > MOST_COMPANIONS:
                limit = str(MOST_COMPANIONS)
                line.wrong("companions", "too_long", N_("The text is longer than %(limit)s characters"), limit=limit)
        return somebody

    def _guess_place(self, line: Line, somebody: Entry | None) -> None:
        place = self.unit_of(somebody)
        if place is not None:
            self.guess(line, "unit", place.id)
            line.values.pop("unit")
            self.lies_in(line, place)

    def match(self) -> None:
        unsure = sa.or_(v.visitor_id.is_(None), s.visitor_id.is_(None))
        same = sa.or_(v.visitor_id == s.visitor_id, sa.and_(unsure, v.visitor_name == s.visitor_name))
        self.find(self.same_district(), v.object_name == s.object_name, v.visited_on == s.visited_on, same)

    def list_parts(self) -> None:
        """Whoever went along stays listed where the sheet is silent about them."""
        written = self.of_load(staging.NEW, staging.CHANGED)
        emptied = s.cleared.contains(",companions,", autoescape=True)
        all_of_them = sa.select(s.target_id).where(written, sa.or_(s.people.is_not(None), emptied))
        leaders = sa.select(s.target_id).where(written)
        self.connection.execute(visitor.delete().where(w.visit_id.in_(leaders), w.seq == 1))
        self.connection.execute(visitor.delete().where(w.visit_id.in_(all_of_them)))
        first = (v.id, sa.literal(1), v.visitor_name, v.visitor_id)
        self.connection.execute(
            visitor.insert().from_select(
                ["visit_id", "seq", "name", "person_id"], sa.select(*first).where(v.id.in_(leaders)).order_by(v.id)
            )
        )
        rows = self.connection.execute(sa.select(s.target_id, s.people).where(written, s.people.is_not(None))).all()
        staging.write(self.connection, visitor, _companions(rows))

    def taken_back(self, batch_id: int) -> None:
        """Who took part follows from what the visit says again."""
        dialect = self.connection.dialect.name
        said = (was(column, dialect) for column in (v.visitor_name, v.visitor_id, v.companions))
        restored = sa.and_(v.id == r.row_id, undone.undone(self, batch_id, added=False))
        visits = self.connection.execute(sa.select(v.id, v.path, *said).where(restored)).all()
        of_restored = w.visit_id.in_(sa.select(v.id).where(restored))
        listed = self.connection.execute(sa.select(w.visit_id, w.name, w.person_id).where(of_restored))
        known = {(visit_id, name): person_id for visit_id, name, person_id in listed}
        self.connection.execute(visitor.delete().where(of_restored))
        staging.write(self.connection, visitor, self._as_before(visits, known))

    def _as_before(
        self, visits: Iterable[Any], known: Mapping[tuple[int, str], int | None]
    ) -> Iterator[dict[str, Any]]:
        for visit_id, path, name, person_id, companions in visits:
            yield {"visit_id": visit_id, "seq": 1, "name": name, "person_id": person_id}
            others = [each for each in companions.split(SEPARATOR) if each]
            people = [(each, known.get((visit_id, each)) or self.roster.only(each, path)) for each in others]
            yield from _companions([(visit_id, people)])


def _companions(rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for visit_id, people in rows:
        for seq, (name, person_id) in enumerate(people, 2):
            yield {"visit_id": visit_id, "seq": seq, "name": name, "person_id": person_id}


def _apart(at: datetime, clock: time | None) -> tuple[object, time | None]:
    """Day and time of day, where one is written."""
    return at.date(), clock or (at.time() if at.time() != time() else None)
