"""Lists of research topics, known by year, title and leader."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

import sqlalchemy as sa

from imports import convert, missing, research_words, staging
from imports.columns import Column
from imports.kind import Pair
from imports.lines import Line
from imports.places import Place
from imports.research import Research, spot_of
from models.acting import district_of
from models.roster import SEPARATOR, names_in
from models.topics import Topic
from rules.refusals import N_
from rules.research import TOPIC_STAGE_LABELS, TopicStage
from rules.workdays import local_date

stage = staging.stage_table(
    "topic_line",
    sa.Column("year", sa.Integer),
    sa.Column("title", sa.String(200)),
    sa.Column("leader_id", sa.Integer),
    sa.Column("leader_name", sa.String(60)),
    sa.Column("post", sa.String(120)),
    sa.Column("unit_id", sa.Integer),
    sa.Column("path", sa.String(160)),
    sa.Column("supporting", sa.String(400)),
    sa.Column("stage", sa.String(12)),
    sa.Column("due_on", sa.Date),
    sa.Column("progress", sa.Text),
    sa.Column("result_form", sa.String(120)),
    sa.Column("result_use", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("guessed", sa.Text),
)
topic = Topic.__table__
s, t = stage.c, topic.c
RUNNING = [TopicStage.OPENED.value, TopicStage.RESEARCH.value]


class Topics(Research):
    name = "topics"
    title = N_("Topics")
    columns = (
        Column("year", "年度", research_words.year, ("年份", "课题年度")),
        Column(
            "title",
            "课题名称",
            convert.text,
            ("调研课题", "调研题目", "课题", "选题", "题目", "课题题目"),
            required=True,
            longest=200,
        ),
        Column(
            "leader_name",
            "领题领导",
            convert.text,
            ("课题负责人", "认领人", "领题人", "领衔领导", "牵头领导", "负责人"),
            required=True,
            longest=60,
        ),
        Column("post", "职务", convert.text, ("领导职务", "现任职务"), longest=120, clearable=True),
        Column("unit", "牵头单位", convert.text, ("责任单位", "主办单位", "承办单位", "单位")),
        Column("supporting", "配合单位", convert.long_text, ("协办单位", "参与单位"), longest=400, clearable=True),
        Column("stage", "课题阶段", convert.text, ("阶段", "当前阶段", "状态")),
        Column("due_on", "完成时限", research_words.deadline, ("完成时间", "结题时间", "时限"), clearable=True),
        Column("progress", "进展", convert.long_text, ("进展情况", "工作进展", "完成情况"), clearable=True),
        Column("result_form", "成果形式", convert.text, ("成果类型",), longest=120, clearable=True),
        Column("result_use", "成果转化", convert.long_text, ("成果转化情况", "成果运用", "转化情况"), clearable=True),
        Column("note", "备注", convert.long_text, ("说明",), clearable=True),
    )
    sheet_fills = "unit"
    face = ("year", "title", "leader_name", "post", "unit", "stage", "due_on")
    labels: ClassVar = {"stage": TOPIC_STAGE_LABELS}
    stage = stage
    target = topic
    pairs = (
        Pair(s.year, t.year, compared=False),
        Pair(s.title, t.title, compared=False),
        Pair(s.leader_id, t.leader_id, field="leader"),
        Pair(s.leader_name, t.leader_name, compared=False),
        Pair(s.post, t.post, ""),
        Pair(s.unit_id, t.unit_id, field="unit"),
        Pair(s.path, t.path, compared=False),
        Pair(s.supporting, t.supporting, ""),
        Pair(s.stage, t.stage, TopicStage.OPENED.value),
        Pair(s.due_on, t.due_on),
        Pair(s.progress, t.progress, ""),
        Pair(s.result_form, t.result_form, ""),
        Pair(s.result_use, t.result_use, ""),
        Pair(s.note, t.note, ""),
    )
    spots = (spot_of(stage, topic, stays=t.stage.not_in(RUNNING), is_past=s.stage.not_in(RUNNING)),)
    resembled_by = ("title",)
    guesses: ClassVar = {"unit_id": "unit", "path": "unit"}

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        this_year = local_date(self.order.at).year
        for line in lines:
            values = line.values
            values["year"] = values.get("year") or research_words.year_in(line.sheet) or this_year
            place = self.located(line) or self.default
            self.lies_in(line, place)
            if values.get("supporting"):
                values["supporting"] = SEPARATOR.join(names_in(values["supporting"]))
            self._lead(line, place)
            self.worded(line, "stage", research_words.STAGES)
            values["stage"] = values.get("stage") or research_words.code_of(
                values.get("progress") or "", research_words.STAGES
            )
            district = district_of(values["path"]) if values.get("path") else ""
            self.once(line, "title", district, values["year"], values.get("title"), values.get("leader_name"))
            yield line
        self.tell_of_strangers()

    def _lead(self, line: Line, place: Place | None) -> None:
        """Where no unit is named, the topic lies with the leader's own."""
        values = line.values
        if not values.get("leader_name"):
            return
        somebody = self.person(line, "leader_name", values["leader_name"], self.near(place))
        if somebody is None:
            return
        values["leader_name"], values["leader_id"] = somebody.name, somebody.id
        home = self.unit_of(somebody)
        if place is None and home is not None:
            self.guess(line, "unit", home.id)
            values.pop("unit")
            self.lies_in(line, home)

    def about(self) -> sa.ColumnElement[bool]:
        return missing.of_units_and_years_named(self)

    def match(self) -> None:
        """In the district of the row; a name stands for whoever bears it there."""
        self.find(self.same_district(), t.year == s.year, t.title == s.title, t.leader_name == s.leader_name)
