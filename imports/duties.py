"""The duty catalogue 权力清单 from sheets: a row names whoever leads in a category, and whom to involve beside."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

import sqlalchemy as sa

from imports import convert, staging
from imports.categories import known, named_categories
from imports.columns import Column
from imports.journal import Journal
from imports.kind import Kind, Pair, Spot
from imports.lines import Line
from imports.places import Place
from imports.seen import Seen
from imports.ticket_co import BETWEEN
from models.categories import Duty
from rules.deadlines import TIER_LABELS, Tier
from rules.refusals import N_
from rules.routing import CO, LEAD, ROLE_LABELS

AT_MOST = 100
"""Co-handling units of a row."""
TIERS = {
    "微事": Tier.MICRO, "小事": Tier.MINOR, "难事": Tier.HARD, "紧急": Tier.EMERGENCY,
    "急事": Tier.EMERGENCY, "突发": Tier.EMERGENCY, "应急": Tier.EMERGENCY,
}  # fmt: skip
ROLES = {"主办": LEAD, "牵头": LEAD, "协办": CO, "配合": CO}

stage = staging.stage_table(
    "duty_line",
    sa.Column("category_id", sa.Integer),
    sa.Column("tier", sa.String(12)),
    sa.Column("unit_id", sa.Integer),
    sa.Column("role", sa.String(8)),
    sa.Column("place_id", sa.Integer),
    sa.Column("basis", sa.String(200)),
)
duty = Duty.__table__
s, d = stage.c, duty.c
UNIT = Spot((s.unit_id, d.unit_id), ("unit",))
PLACE = Spot((s.place_id, d.place_id), ("place",))


class Duties(Kind):
    name = "duties"
    title = N_("Duty catalogue")
    columns = (
        Column(
            "category",
            "事项分类",
            convert.text,
            ("事项", "事项名称", "分类", "问题分类", "权力事项", "职责事项", "三级分类", "二级分类"),
            required=True,
        ),
        Column("tier", "事项等级", convert.text, ("等级", "层级", "办理层级"), words=tuple(TIERS)[:4]),
        Column(
            "unit",
            "责任单位",
            convert.text,
            ("主办单位", "牵头单位", "承办单位", "责任部门", "牵头部门", "单位"),
            clearable=True,
        ),
        Column("role", "分工", convert.text, ("角色", "职责分工"), words=("主办", "协办")),
        Column("co", "协办单位", convert.text, ("配合单位", "协办部门", "配合部门", "联办单位")),
        Column("place", "适用范围", convert.text, ("适用区域", "适用镇街", "所属镇街", "镇街")),
        Column("basis", "依据", convert.text, ("职责依据", "法律依据", "备注"), longest=200, clearable=True),
    )
    sheet_fills = "place"
    face = ("category", "tier", "unit", "role", "place", "basis")
    labels: ClassVar = {"tier": TIER_LABELS, "role": ROLE_LABELS}
    stage = stage
    target = duty
    pairs = (
        Pair(s.category_id, d.category_id, field="category", compared=False),
        Pair(s.tier, d.tier, Tier.MINOR.value),
        Pair(s.unit_id, d.unit_id, field="unit"),
        Pair(s.role, d.role, LEAD, compared=False),
        Pair(s.place_id, d.place_id, field="place", compared=False),
        Pair(s.basis, d.basis, ""),
    )
    spots = (UNIT, PLACE)
    resembled_by = ("category_id",)

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        categories, seen, default = named_categories(self.connection), Seen(), self.default_place()
        for line in lines:
            values = line.values
            values["category_id"] = line.attempt("category", known, categories, values.pop("category", ""))
            values["tier"] = self._worded(line, "tier", TIERS)
            values["role"] = self._worded(line, "role", ROLES) or LEAD
            place = self._place(line, "place") or default
            if place is not None:
                self.put(line, PLACE, "place", place)
            helpers = list(filter(None, BETWEEN.split(values.pop("co", None) or "")))
            lead = self._place(line, "unit")
            if lead is not None:
                self.put(line, UNIT, "unit", lead)
            for each in [line, *self._helping(line, helpers)]:
                self._once(each, seen)
                yield each

    def _helping(self, line: Line, names: list[str]) -> Iterator[Line]:
        """A line for each of the co-handling units, beside that of the row."""
        found = [line.attempt("co", self.places.find, name) for name in names[:AT_MOST]]
        first, line.seq = line.seq * (AT_MOST + 1), line.seq * (AT_MOST + 1)
        for number, place in enumerate(found, 1):
            if line.errors or place is None:
                return
            kept = {name: line.values.get(name) for name in ("category_id", "tier", "place_id", "basis")}
            other = replace(line, seq=first + number, values=kept | {"role": CO}, cleared=set(), errors=[])
            self.put(other, UNIT, "co", place)
            yield other

    def _place(self, line: Line, column: str) -> Place | None:
        text = line.values.pop(column, None)
        return line.attempt(column, self.places.meant, text) if text else None

    @staticmethod
    def _worded(line: Line, name: str, words: dict[str, Tier] | dict[str, str]) -> str | None:
        word = line.values.pop(name, None)
        if word is None or word in words:
            return str(words[word]) if word else None
        known_words = "、".join(words)
        line.wrong(
            name, "word", N_("“%(word)s” is unknown here; write one of: %(known)s"), word=word, known=known_words
        )
        return None

    @staticmethod
    def _once(line: Line, seen: Seen) -> None:
        values = line.values
        unit = values.get("unit_id") if values["role"] == CO else None
        if values["role"] == CO and unit is None and not line.errors:
            line.wrong("unit", "required", N_("Name the unit that helps"))
        seen.check(line, [("category", (values.get("category_id"), values.get("place_id"), values["role"], unit))])

    def place(self) -> sa.ColumnElement[str]:
        return sa.literal("")

    def match(self) -> None:
        here = (d.category_id == s.category_id, d.role == s.role, d.place_id.is_not_distinct_from(s.place_id))
        self.find(*here, s.role == LEAD)
        self.find(*here, s.role == CO, d.unit_id == s.unit_id)

    def check(self) -> None:
        self.refuse_lines(self.found_before(), "twice", N_("An earlier row is about the same entry"))

    def write(self, batch_id: int) -> None:
        journal = Journal(self, batch_id)
        journal.changed()
        self.insert(self.pairs, version=sa.literal(1))
        self.update(self.pairs)
        self.match()
        journal.added()
