"""Households from rosters, known by their number, else by village, head and one of their addresses."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import sqlalchemy as sa

from imports import convert, staging
from imports.columns import Column
from imports.kind import Pair
from imports.lines import Line
from imports.placed import PlacedKind, placed_columns, spot_of
from imports.places import Place
from imports.terms import Words
from imports.where import PLACE_COLUMNS, last_named
from models.households import Household
from models.terms import TermKind
from models.types import Codes
from rules.refusals import N_
from rules.units import LIVED_IN, UnitKind

stage = staging.stage_table(
    "household_line",
    sa.Column("number", sa.String(32)),
    sa.Column("head", sa.String(60)),
    sa.Column("registered_address", sa.String(200)),
    sa.Column("present_address", sa.String(200)),
    sa.Column("estate", sa.String(60)),
    sa.Column("building", sa.String(32)),
    sa.Column("entrance", sa.String(32)),
    sa.Column("room", sa.String(32)),
    sa.Column("door", sa.String(32)),
    sa.Column("labels", Codes(200)),
    *placed_columns("household"),
)
household = Household.__table__
s, h = stage.c, household.c

BETWEEN_WORDS = re.compile(r"[、,，;；/\s]+")
LONGEST_WORD, LONGEST_LIST = 32, 200
DOOR = ("estate", "building", "entrance", "room", "door")
ADDRESSES = ("present_address", "registered_address")
BY_DOOR = sa.func.coalesce(s.room, s.door, s.building).is_not(None)
WHOLE_DOOR = tuple(sa.func.coalesce(s[name], "") for name in DOOR)


class Households(PlacedKind):
    name = "households"
    title = N_("Resident households")
    columns = (
        Column("number", "户号", convert.code, ("户编号", "家庭编号", "户籍号", "户口簿号"), longest=32),
        Column("head", "户主", convert.text, ("户主姓名", "户主名", "户主名称"), required=True, longest=60),
        Column(
            "telephone",
            "联系电话",
            convert.phone,
            ("手机", "手机号码", "手机号", "移动电话", "联系方式", "电话", "户主电话"),
            clearable=True,
            secret=True,
        ),
        Column("registered_address", "户籍地址", convert.text, ("户籍地", "户口所在地"), longest=200, clearable=True),
        Column(
            "present_address",
            "现住址",
            convert.text,
            ("现居住地", "常住地址", "现居住地址", "居住地址", "家庭住址", "家庭地址", "住址", "地址"),
            longest=200,
            clearable=True,
        ),
        Column("estate", "小区", convert.text, ("小区名称", "所在小区"), longest=60, clearable=True),
        Column(
            "building", "楼栋", convert.text, ("楼幢", "幢号", "楼号", "栋号", "幢", "栋"), longest=32, clearable=True
        ),
        Column("entrance", "单元", convert.text, ("单元号",), longest=32, clearable=True),
        Column("room", "室号", convert.text, ("房号", "户室号", "室"), longest=32, clearable=True),
        Column("door", "门牌号", convert.text, ("门牌", "门牌号码"), longest=32, clearable=True),
        *PLACE_COLUMNS,
        Column(
            "labels",
            "特殊群体",
            convert.text,
            ("标签", "特殊人群", "群体标签", "困难类型", "户别标签"),
            longest=200,
            clearable=True,
        ),
        Column("note", "备注", convert.long_text, ("说明",), clearable=True),
    )
    face = ("number", "head", "telephone", "present_address", "building", "room", "unit", "labels")
    terms: ClassVar = {"labels": TermKind.HOUSEHOLD_LABEL}
    stage = stage
    target = household
    pairs = (
        Pair(s.number, h.number),
        Pair(s.head, h.head),
        Pair(s.telephone, h.telephone, compared=False),
        Pair(s.telephone_hash, h.telephone_hash, field="telephone"),
        Pair(s.unit_id, h.unit_id, field="unit"),
        Pair(s.path, h.path, compared=False),
        Pair(s.registered_address, h.registered_address, ""),
        Pair(s.present_address, h.present_address, ""),
        *(Pair(s[name], h[name], "") for name in DOOR),
        Pair(s.labels, h.labels, []),
        Pair(s.note, h.note, ""),
    )
    spots = (spot_of(stage, household),)
    resembled_by = ("number", "head")
    told_apart = (
        *((s.home, s.head, sa.case((s.number.is_(None), s[name]))) for name in ADDRESSES),
        (s.home, s.head, sa.case((sa.and_(s.number.is_(None), BY_DOOR), sa.true())), *WHOLE_DOOR),
    )

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.words = Words(self.connection, TermKind.HOUSEHOLD_LABEL)

    def complete(self, line: Line, place: Place | None) -> None:
        if place is not None and UnitKind(place.kind) not in LIVED_IN:
            line.wrong(
                last_named(line),
                "unit_kind",
                N_("A household lies in a village, a grid or an estate: %(unit)s is none"),
                unit=place.name,
            )
        if text := line.values.pop("labels", None):
            words = [word for word in BETWEEN_WORDS.split(text) if word]
            codes = sorted({self.words.code(word) or word for word in words})
            if any(len(code) > LONGEST_WORD for code in codes) or len(",".join(codes)) > LONGEST_LIST - 2:
                line.wrong("labels", "too_long", N_("Separate the groups by commas, each of at most 32 characters"))
            line.values["labels"] = codes

    def marks(self, line: Line) -> Iterator[tuple[str, str]]:
        get = line.values.get
        if number := get("number"):
            yield "number", f"{get('district')} {number}"
            return
        for name in ADDRESSES:
            if address := get(name):
                yield name, f"{get('home')} {get('head')} {address}"
        if get("building") or get("room") or get("door"):
            name = next(name for name in ("room", "door", "building") if get(name))
            yield name, f"{get('home')} {get('head')} {[get(part) for part in DOOR]}"

    def no_mark(self, line: Line) -> None:
        line.wrong(
            "head", "no_key", N_("A household number, or an address beside the head, is needed to know this household")
        )

    def match(self) -> None:
        """A number decides; an address finds a row only where the numbers do not speak against it."""
        self.find(self.in_district, h.number == s.number)
        for address in self.addresses():
            self.find(*self.alike(address), sa.or_(s.number.is_(None), h.number.is_(None)))

    def alike(self, address: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[bool], ...]:
        return self.in_district, h.head == s.head, self.at_home, address

    @staticmethod
    def addresses() -> list[sa.ColumnElement[bool]]:
        door = [h[name] == written for name, written in zip(DOOR, WHOLE_DOOR, strict=True)]
        return [*(h[name] == s[name] for name in ADDRESSES), sa.and_(BY_DOOR, *door)]

    def check(self) -> None:
        elsewhere = sa.exists().where(
            h.id == s.target_id, h.number == s.number, h.head != s.head, sa.not_(self.at_home)
        )
        self.refuse_lines(
            elsewhere,
            "taken",
            N_(
                "The number belongs to another household in another village. Numbers are unique in the district: "
                "leave the column out where each village counts from 1"
            ),
        )
        for address in self.addresses():
            self.refuse_lines(
                sa.and_(s.number.is_(None), self.several(*self.alike(address))),
                "ambiguous",
                N_("Several households of the village have this head and address: add the household number"),
            )
        super().check()

    def learn(self) -> None:
        used = sa.select(s.labels).where(self.of_load(staging.NEW, staging.CHANGED), s.labels.is_not(None))
        self.words.learn([code for codes in self.connection.scalars(used.distinct()) for code in codes])
