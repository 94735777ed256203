"""Lists of livelihood tasks and of what is to be put right, known by year, item and lead unit."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa

from imports import convert, missing, research_words, staging
from imports.columns import Column
from imports.kind import Pair
from imports.lines import Line
from imports.research import Research, spot_of
from imports.terms import Words
from models.tasks import Task
from models.terms import TermKind
from models.units import heirs
from rules.refusals import N_
from rules.workdays import local_date

YUAN = 10_000
SMALLEST = Decimal("0.0001")
DEAREST = Decimal(10) ** 8

stage = staging.stage_table(
    "task_line",
    sa.Column("year", sa.Integer),
    sa.Column("serial", sa.String(16)),
    sa.Column("title", sa.String(200)),
    sa.Column("list_kind", sa.String(32)),
    sa.Column("measures", sa.Text),
    sa.Column("unit_id", sa.Integer),
    sa.Column("path", sa.String(160)),
    sa.Column("responsible_id", sa.Integer),
    sa.Column("responsible_name", sa.String(60)),
    sa.Column("leader_id", sa.Integer),
    sa.Column("leader_name", sa.String(60)),
    sa.Column("due_on", sa.Date),
    sa.Column("households", sa.Integer),
    sa.Column("people", sa.Integer),
    sa.Column("cost", sa.Numeric(12, 4)),
    sa.Column("progress", sa.Text),
    sa.Column("written_off", sa.Boolean),
    sa.Column("written_off_on", sa.Date),
    sa.Column("accepted_by", sa.String(120)),
    sa.Column("note", sa.Text),
    sa.Column("guessed", sa.Text),
)
task = Task.__table__
s, t = stage.c, task.c


class Tasks(Research):
    name = "tasks"
    title = N_("Tasks")
    columns = (
        Column("year", "年度", research_words.year, ("年份",)),
        Column("serial", "序号", convert.code, ("编号", "项目编号"), longest=16),
        Column(
            "title",
            "事项名称",
            convert.text,
            ("民生实事", "实事名称", "问题", "任务", "任务名称", "事项", "项目名称", "问题清单", "任务清单"),
            required=True,
            longest=200,
        ),
        Column(
            "list_kind", "清单类型", convert.text, ("类别", "任务类别", "所属清单", "类型"), longest=32, clearable=True
        ),
        Column(
            "measures",
            "举措",
            convert.long_text,
            ("整改措施", "措施", "工作举措", "具体举措", "主要举措", "工作措施"),
            clearable=True,
        ),
        Column("unit", "责任单位", convert.text, ("牵头单位", "主办单位", "承办单位", "单位")),
        Column(
            "responsible_name",
            "责任人",
            convert.text,
            ("认领党员", "认领人", "具体责任人", "经办人"),
            longest=60,
            clearable=True,
        ),
        Column(
            "leader_name", "责任领导", convert.text, ("分管领导", "包案领导", "牵头领导"), longest=60, clearable=True
        ),
        Column(
            "due_on", "完成时限", research_words.deadline, ("整改期限", "整改时限", "完成时间", "时限"), clearable=True
        ),
        Column("households", "受益户数", convert.households, ("受益户", "惠及户数"), clearable=True),
        Column("people", "受益人数", convert.heads, ("受益人口", "惠及人数", "受益群众"), clearable=True),
        Column("cost_in_yuan", "资金(元)", convert.number, ("投入资金(元)", "经费(元)", "投资(元)")),
        Column(
            "cost",
            "资金(万元)",
            convert.number,
            ("资金", "投入资金", "投资", "经费", "所需资金", "总投资"),
            clearable=True,
        ),
        Column("progress", "进展情况", convert.long_text, ("进展", "工作进展", "落实情况", "整改情况"), clearable=True),
        Column("written_off", "是否销号", research_words.written_off, ("销号", "销号情况", "是否完成")),
        Column("written_off_on", "销号日期", convert.day, ("销号时间",), clearable=True),
        Column("accepted_by", "验收人", convert.text, ("验收单位", "验收人员"), longest=120, clearable=True),
        Column("note", "备注", convert.long_text, ("说明",), clearable=True),
    )
    sheet_fills = "unit"
    face = ("year", "serial", "title", "list_kind", "unit", "responsible_name", "due_on", "written_off")
    terms: ClassVar = {"list_kind": TermKind.TASK_LIST}
    stage = stage
    target = task
    pairs = (
        Pair(s.year, t.year, compared=False),
        Pair(s.serial, t.serial, ""),
        Pair(s.title, t.title, compared=False),
        Pair(s.list_kind, t.list_kind, ""),
        Pair(s.measures, t.measures, ""),
        Pair(s.unit_id, t.unit_id, field="unit", compared=False),
        Pair(s.path, t.path, compared=False),
        Pair(s.responsible_id, t.responsible_id, field="responsible"),
        Pair(s.responsible_name, t.responsible_name, ""),
        Pair(s.leader_id, t.leader_id, field="leader"),
        Pair(s.leader_name, t.leader_name, ""),
        Pair(s.due_on, t.due_on),
        Pair(s.households, t.households),
        Pair(s.people, t.people),
        Pair(s.cost, t.cost),
        Pair(s.progress, t.progress, ""),
        Pair(s.written_off, t.written_off, empty=False),
        Pair(s.written_off_on, t.written_off_on),
        Pair(s.accepted_by, t.accepted_by, ""),
        Pair(s.note, t.note, ""),
    )
    spots = (spot_of(stage, task, stays=t.written_off, is_past=s.written_off),)
    resembled_by = ("title",)
    told_apart = ((s.year, s.title, s.unit_id),)

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        words = Words(self.connection, TermKind.TASK_LIST)
        for line in lines:
            values = line.values
            values["year"] = values.get("year") or self._year(line)
            place = self.located(line) or self.default
            self.lies_in(line, place)
            path = self.near(place)
            for key in ("responsible", "leader"):
                self.named(line, f"{key}_name", key, path)
            values["list_kind"] = words.code(values.get("list_kind"))
            self._count(line)
            self._write_off(line)
            self.once(line, "title", values["year"], values.get("title"), values.get("unit_id"))
            yield line
        self.tell_of_strangers()

    def _year(self, line: Line) -> int:
        due = line.values.get("due_on")
        return research_words.year_in(line.sheet) or (due.year if due else local_date(self.order.at).year)

    @staticmethod
    def _count(line: Line) -> None:
        values = line.values
        yuan = values.pop("cost_in_yuan", None)
        column = "cost" if yuan is None else "cost_in_yuan"
        cost = values.get("cost") if yuan is None else yuan / YUAN
        if cost is not None:
            values["cost"] = cost.quantize(SMALLEST)
            if not 0 <= cost < DEAREST:
                line.wrong(column, "number", N_("This is not a number"))
        for name in ("households", "people"):
            if (values.get(name) or 0) < 0:
                line.wrong(name, "number", N_("This is not a number"))

    @staticmethod
    def _write_off(line: Line) -> None:
        """A day says that it was; that it was not takes the day away."""
        values = line.values
        said = values.get("written_off")
        if isinstance(said, date):
            values["written_off"], values["written_off_on"] = True, values.get("written_off_on") or said
        if said is None and values.get("written_off_on"):
            values["written_off"] = True
        if said is False:
            if values.get("written_off_on"):
                line.wrong("written_off_on", "order", N_("A task that is not written off has no day on which it was"))
            line.cleared.add("written_off_on")

    def about(self) -> sa.ColumnElement[bool]:
        return missing.of_units_and_years_named(self)

    def match(self) -> None:
        """What has been written off stays with a unit that ended."""
        same, gone = (t.year == s.year, t.title == s.title), heirs(local_date(self.order.at))
        self.find(*same, t.unit_id == s.unit_id)
        self.find(*same, t.unit_id.in_(sa.select(gone.c.old_id).where(gone.c.id == s.unit_id).correlate(stage)))

    def learn(self) -> None:
        used = sa.select(s.list_kind).where(self.of_load(staging.NEW, staging.CHANGED), s.list_kind.is_not(None))
        fresh: list[Any] = list(self.connection.scalars(used.distinct()))
        Words(self.connection, TermKind.TASK_LIST).learn(fresh)
