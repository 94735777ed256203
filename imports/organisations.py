"""Organisations from registers, known by their credit code; those that have none, by name and village."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import sqlalchemy as sa

from imports import convert, missing, staging
from imports.columns import Column
from imports.kind import Pair
from imports.lines import Line
from imports.persons import Districts
from imports.placed import PlacedKind, placed_columns, spot_of
from imports.places import Place
from imports.where import PLACE_COLUMNS
from models.organisations import Organisation
from rules.organisations import ORGANISATION_KIND_LABELS, OrganisationKind, kind_of_code
from rules.refusals import N_

stage = staging.stage_table(
    "organisation_line",
    sa.Column("name", sa.String(120)),
    sa.Column("credit_code", sa.String(18)),
    sa.Column("said_kind", sa.String(16)),
    sa.Column("code_kind", sa.String(16)),
    sa.Column("kind", sa.String(16)),
    sa.Column("legal_person", sa.String(60)),
    sa.Column("contact", sa.String(60)),
    sa.Column("address", sa.String(200)),
    sa.Column("industry", sa.String(60)),
    sa.Column("staff_count", sa.Integer),
    sa.Column("liaison_id", sa.Integer),
    *placed_columns("organisation"),
)
organisation = Organisation.__table__
s, o = stage.c, organisation.c

KIND_WORDS = (
    (re.compile("社会组织|社会团体|社团|民办非企业|社会服务机构|基金会|协会|商会|学会"), OrganisationKind.SOCIAL),
    (re.compile("项目"), OrganisationKind.PROJECT),
    (re.compile("个体"), OrganisationKind.SOLE_TRADER),
    (re.compile("机关|事业|学校|医院|单位|自治组织|机构"), OrganisationKind.INSTITUTION),
    (re.compile("企业|公司|合作社|合伙|工厂|厂"), OrganisationKind.ENTERPRISE),
)
"""What registers call each kind; the first that is found counts: 民办非企业单位 is neither 企业 nor 单位."""
KNOWN_WORDS = "企业、个体工商户、单位、社会组织、项目"


class Organisations(PlacedKind):
    name = "organisations"
    title = N_("Organisations")
    columns = (
        Column(
            "name",
            "名称",
            convert.text,
            ("企业名称", "单位名称", "市场主体名称", "机构名称", "社会组织名称", "组织名称", "项目名称", "主体名称"),
            required=True,
            longest=120,
        ),
        Column(
            "credit_code",
            "统一社会信用代码",
            convert.credit_code,
            ("信用代码", "社会信用代码", "统一信用代码", "统一社会信用代码注册号"),
            clearable=True,
        ),
        Column("kind", "类型", convert.text, ("主体类型", "单位类型", "企业类型", "机构类型", "组织类型", "类别")),
        Column(
            "legal_person",
            "法定代表人",
            convert.text,
            ("法人", "法人代表", "负责人", "经营者"),
            longest=60,
            clearable=True,
        ),
        Column("contact", "联系人", convert.text, ("联系人姓名",), longest=60, clearable=True),
        Column(
            "telephone",
            "联系电话",
            convert.phone,
            ("联系人电话", "手机", "手机号码", "联系方式", "电话"),
            clearable=True,
            secret=True,
        ),
        Column(
            "address",
            "地址",
            convert.text,
            ("经营地址", "注册地址", "住所", "经营场所", "办公地址", "单位地址", "企业地址"),
            longest=200,
            clearable=True,
        ),
        Column("industry", "行业", convert.text, ("所属行业", "行业类别", "行业门类"), longest=60, clearable=True),
        Column(
            "staff_count", "员工数", convert.heads, ("从业人数", "从业人员数", "员工人数", "职工人数"), clearable=True
        ),
        *PLACE_COLUMNS,
        Column("liaison", "联系干部", convert.text, ("包联干部", "联系领导", "服务专员", "挂联干部"), clearable=True),
        Column("note", "备注", convert.long_text, ("说明",), clearable=True),
    )
    face = ("name", "credit_code", "kind", "legal_person", "telephone", "industry", "unit")
    labels: ClassVar = {"kind": ORGANISATION_KIND_LABELS}
    persons = frozenset({"liaison"})
    stage = stage
    target = organisation
    pairs = (
        Pair(s.name, o.name),
        Pair(s.credit_code, o.credit_code),
        Pair(s.kind, o.kind),
        Pair(s.legal_person, o.legal_person, ""),
        Pair(s.contact, o.contact, ""),
        Pair(s.telephone, o.telephone, compared=False),
        Pair(s.telephone_hash, o.telephone_hash, field="telephone"),
        Pair(s.address, o.address, ""),
        Pair(s.industry, o.industry, ""),
        Pair(s.staff_count, o.staff_count),
        Pair(s.unit_id, o.unit_id, field="unit"),
        Pair(s.path, o.path, compared=False),
        Pair(s.liaison_id, o.liaison_id, field="liaison"),
        Pair(s.note, o.note, ""),
    )
    spots = (spot_of(stage, organisation),)
    resembled_by = ("credit_code", "name")
    told_apart = ((s.home, sa.case((s.credit_code.is_(None), s.name))),)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.people = Districts(self.session, self.order.scope)

    def complete(self, line: Line, place: Place | None) -> None:
        values = line.values
        if (word := values.pop("kind", None)) is not None:
            values["said_kind"] = _kind(line, word)
        if code := values.get("credit_code"):
            values["code_kind"] = kind_of_code(code)
        if (values.get("staff_count") or 0) < 0:
            line.wrong("staff_count", "number", N_("This is not a number"))
        liaison = values.pop("liaison", None)
        if liaison and values["district"]:
            values["liaison_id"] = line.attempt("liaison", self.people.find, liaison, values["district"])

    def marks(self, line: Line) -> Iterator[tuple[str, str]]:
        get = line.values.get
        if code := get("credit_code"):
            yield "credit_code", code
        elif get("name"):
            yield "name", f"{get('home')} {get('name')}"

    def no_mark(self, line: Line) -> None:
        """The name is required, and is mark enough."""

    def match(self) -> None:
        """A code decides; a name finds a row only where the codes do not speak against it. A row without a code takes
        that of the first line; others of its name are others."""
        self.find(o.credit_code == s.credit_code)
        self.find(*self.alike(), sa.or_(s.credit_code.is_(None), o.credit_code.is_(None)))
        first = sa.func.first_value(s.credit_code).over(partition_by=s.target_id, order_by=s.seq).label("first")
        coded = (s.load == self.load, s.target_id.is_not(None), s.credit_code.is_not(None))
        named = sa.select(s.seq, s.credit_code, first).where(*coded).subquery()
        others = sa.select(named.c.seq).where(named.c.credit_code != named.c.first)
        self.connection.execute(sa.update(stage).where(self.of_load(), s.seq.in_(others)).values(target_id=None))

    def about(self) -> sa.ColumnElement[bool]:
        """A register of enterprises leaves out no institution."""
        joined, mate = missing.mates(self)
        kinds = sa.select(sa.func.coalesce(s.kind, mate.kind)).select_from(joined).where(self.of_load())
        return sa.and_(super().about(), o.kind.in_(kinds))

    def alike(self) -> tuple[sa.ColumnElement[bool], ...]:
        return self.in_district, o.name == s.name, self.at_home

    def check(self) -> None:
        """What the code says of the kind is for those that are new: an office may have put it right since."""
        said = sa.case((s.target_id.is_(None), sa.func.coalesce(s.said_kind, s.code_kind)), else_=s.said_kind)
        self.connection.execute(sa.update(stage).where(self.of_load()).values(kind=said))
        self.refuse_lines(
            sa.and_(s.target_id.is_(None), s.kind.is_(None)),
            "required",
            N_("Neither the column 类型 nor the credit code says of which kind this is"),
        )
        self.refuse_lines(
            sa.and_(s.credit_code.is_(None), self.several(*self.alike())),
            "ambiguous",
            N_("Several organisations there bear this name: add the credit code"),
        )
        super().check()


def _kind(line: Line, word: str) -> str | None:
    for pattern, kind in KIND_WORDS:
        if pattern.search(word):
            return kind.value
    line.wrong("kind", "word", N_("“%(word)s” is unknown here; write one of: %(known)s"), word=word, known=KNOWN_WORDS)
    return None
