"""Ledgers of requests from other systems. What a ledger does not know stays unknown: no clock is invented for it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import convert, staging, ticket_co, ticket_undoing, ticket_words, ticket_writing
from imports.categories import named_categories
from imports.columns import Column
from imports.kind import Kind, Note, Order, Pair, Spot
from imports.lines import Line
from imports.persons import Staff
from imports.places import Place, plain
from imports.seen import Seen
from imports.terms import Words
from imports.ticket_stage import NO_CLOCK, first_reporter, moves_on, own_way, stage
from models.calendar import load_calendar
from models.categories import Duty
from models.imports import ImportBatch
from models.legs import Leg
from models.policies import load_policy
from models.ratings import Reporter
from models.reach import place_of
from models.terms import TermKind
from models.tickets import Ticket
from models.types import keyring
from rules import deadlines
from rules.deadlines import Tier
from rules.dispatching import may_dispatch
from rules.lifecycle import CLOSED_STATES, SETTLED_STATES, STATE_LABELS, State
from rules.refusals import N_
from rules.roles import Role
from rules.units import UnitKind
from rules.workdays import local_date

ticket, leg, reporter = Ticket.__table__, Leg.__table__, Reporter.__table__
s, t, g, r = stage.c, ticket.c, leg.c, reporter.c
WAITING = frozenset({State.SUBMITTED, State.ACCEPTED})
OVER = sorted(CLOSED_STATES)
HOME = Spot(
    (s.unit_id, t.unit_id),
    ("village", "town"),
    (s.path, t.path),
    stays=t.state.in_(OVER),
    is_past=s.state.in_(OVER),
)
LEAD = Spot(
    (s.lead_unit_id, g.unit_id),
    ("lead",),
    (s.lead_path, g.path),
    (s.lead_unit_name, g.unit_name),
    stays=sa.or_(t.state.in_(OVER), g.state.in_([*OVER, State.RETURNED.value])),
    is_past=s.state.in_(OVER),
    beyond=N_("“%(unit)s” is “%(heir)s” today, to which %(from_unit)s cannot dispatch: name a unit to which it can"),
    moved=N_("%(from_unit)s cannot dispatch to %(unit)s"),
)
TITLE_FROM_TEXT = 40
NO_SOURCE = N_("No source is given: fill in the column, or name one for the whole file")
NOWHERE = N_("Nothing says where this request arose: name a unit for the whole file")


class Tickets(Kind):
    name = "tickets"
    slice_of = 1_000
    title = N_("Requests")
    columns = (
        Column(
            "external_id",
            "工单编号",
            convert.code,
            ("编号", "受理编号", "流水号", "留言编号", "工单号", "诉求编号"),
            required=True,
            longest=64,
        ),
        Column("source", "来源", convert.text, ("渠道", "受理方式", "诉求来源", "受理渠道"), longest=32),
        Column(
            "category",
            "问题分类",
            convert.text,
            ("事项分类", "三级分类", "二级分类", "一级分类", "一级标签", "诉求分类", "问题类别"),
            clearable=True,
        ),
        Column("title", "标题", convert.text, ("留言主题", "诉求标题", "主题", "工单标题"), longest=200),
        Column(
            "text", "主要内容", convert.long_text, ("诉求内容", "反映内容", "留言详情", "内容", "反映问题", "诉求描述")
        ),
        Column(
            "reporter_name",
            "反映人",
            convert.text,
            ("来电人", "诉求人", "留言用户", "姓名", "联系人"),
            longest=60,
            secret=True,
        ),
        Column(
            "reporter_mobile",
            "联系电话",
            convert.phone,
            ("来电号码", "手机", "手机号码", "电话", "联系方式"),
            secret=True,
        ),
        Column("village", "村社区", convert.text, ("村社", "所属村社", "村(社区)", "所在村社")),
        Column("town", "街乡镇", convert.text, ("镇街", "乡镇街道", "所属镇街", "所属乡镇", "所在镇街")),
        Column("address", "发生地址", convert.text, ("地址", "诉求地址", "地点"), longest=200, clearable=True),
        Column(
            "submitted_at",
            "反映时间",
            convert.moment,
            ("登记时间", "留言时间", "提交时间", "来电时间", "受理时间"),
            required=True,
        ),
        Column("accepted_at", "受理时间", convert.moment),
        Column("dispatched_at", "派单时间", convert.moment, ("交办时间", "派发时间", "转办时间")),
        Column("signed_at", "签收时间", convert.moment),
        Column("lead", "主办单位", convert.text, ("承办单位", "责任单位", "办理单位", "处置单位")),
        Column("co", "协办单位", convert.long_text, ("协办部门", "协同单位", "配合单位", "会办单位")),
        Column("handler", "经办人", convert.text, ("经办", "承办人", "办理人"), longest=60, clearable=True),
        Column("due", "办理时限", ticket_words.due, ("截止时间", "办结时限", "到期时间")),
        Column("settled_at", "办结时间", convert.moment, ("答复时间", "回复时间", "完成时间")),
        Column("result", "办理结果", convert.long_text, ("答复内容", "答复意见", "回复内容", "处理结果", "办理情况")),
        Column("resolved", "是否解决", ticket_words.resolved, ("解决情况",), words=("是", "部分", "否")),
        Column(
            "stars",
            "满意度",
            ticket_words.stars,
            ("是否满意", "星级", "评价", "满意情况"),
            words=("非常满意", "满意", "基本满意", "不满意", "非常不满意"),
        ),
        Column("rated_at", "评价时间", convert.moment, ("回访时间",)),
        Column("state", "状态", ticket_words.state, ("工单状态", "办理状态", "当前状态"), words=ticket_words.OFFERED),
    )
    sheet_fills = "village"
    places_beside = ("town",)
    face = ("external_id", "title", "village", "lead", "co", "submitted_at", "settled_at", "state", "reporter_mobile")
    labels: ClassVar = {"state": STATE_LABELS}
    terms: ClassVar = {"source": TermKind.SOURCE}
    persons = frozenset({"handler"})
    parts, byproducts, called = ticket_undoing.PARTS, ticket_undoing.BYPRODUCTS, ("number", "title")
    importers = frozenset({Role.OFFICE, Role.DISPATCHER})
    stage = stage
    target = ticket
    pairs = (
        Pair(s.title, t.title),
        Pair(s.text, t.text),
        Pair(s.address, t.address, ""),
        Pair(s.category_id, t.category_id, field="category"),
        Pair(s.tier, t.tier, compared=False),
        Pair(s.unit_id, t.unit_id, field="village"),
        Pair(s.path, t.path, compared=False),
        Pair(s.submitted_at, t.submitted_at),
        Pair(s.accepted_at, t.accepted_at),
        Pair(s.settled_at, t.settled_at),
        Pair(s.state, t.state),
        Pair(s.dispatched_at, g.dispatched_at),
        Pair(s.signed_at, g.signed_at),
        Pair(s.result, g.result, ""),
        Pair(s.lead_unit_id, g.unit_id, field="lead"),
        Pair(s.handler_id, g.handler_id, field="handler"),
        Pair(s.limit_at, g.settle_due_original, field="due"),
        Pair(s.mobile_hash, r.mobile_hash, field="reporter_mobile"),
    )
    spots = (HOME, LEAD)

    def __init__(self, session: Session, order: Order, load: int) -> None:
        super().__init__(session, order, load)
        self.policy = load_policy(session)
        self.calendar = load_calendar(session)
        self.sources = Words(self.connection, TermKind.SOURCE)
        self.categories = _categories(self.connection)
        self.staff = Staff(session, order.scope)

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        default, foreign, seen = self.default_place(), Counter[str](), Seen()
        for line in lines:
            values = line.values
            self._name_source(line)
            self._locate(line, default)
            self._describe(values, foreign)
            self._assign(line)
            self._order_times(line)
            if not line.errors:
                self._set_clocks(line)
            if values.get("external_id"):
                seen.check(line, [("external_id", (values.get("source"), values["external_id"]))])
            yield line
        if foreign:
            listed = "、".join(f"{word}（{count}）" for word, count in foreign.most_common(10))
            self.notes.append(
                Note(N_("Categories that are not in our tree were left empty: %(listed)s"), {"listed": listed})
            )

    def _name_source(self, line: Line) -> None:
        source = line.values.get("source") or self.order.source
        if not source:
            line.wrong("source", "required", NO_SOURCE)
        else:
            line.values["source"] = self.sources.code(source)

    def _locate(self, line: Line, default: Place | None) -> None:
        values = line.values
        town = line.attempt("town", self.places.meant, values["town"]) if values.get("town") else None
        place = town or default
        if values.get("village"):
            within = self.places.today(town).path if town else ""
            place = line.attempt("village", self.places.meant, values["village"], within)
        elif place is None:
            place = self._known(values, t.path)
        if place is not None:
            self.put(line, HOME, "village" if values.get("village") else "town", place)
        elif not line.errors:
            line.wrong("village", "required", NOWHERE)

    def _describe(self, values: dict[str, Any], foreign: Counter[str]) -> None:
        values["text"] = values.get("text") or values.get("title")
        values["title"] = values.get("title") or (values["text"] or "").replace("\n", " ")[:TITLE_FROM_TEXT]
        word = values.pop("category", None)
        if known := word and (self.categories.get(word) or self.categories.get(plain(word))):
            values["category_id"], values["tier"] = known
        elif word:
            foreign[word] += 1
        if values.get("reporter_mobile"):
            values["mobile_hash"] = keyring().hash(values["reporter_mobile"])
            values["mobile_tail_hash"] = keyring().tail_hash(values["reporter_mobile"])

    def _assign(self, line: Line) -> None:
        """The unit that answered, or is known already; for an answer by nobody in particular, the unit of the place."""
        values = line.values
        state = values.get("state") or ticket_words.state_by_times(values)
        if not values["text"]:
            line.wrong("text", "required", N_("A request needs a title or a text"))
        if state in SETTLED_STATES and not values.get("settled_at"):
            line.wrong("settled_at", "required", N_("A settled request needs the time of its settlement"))
        lead = line.attempt("lead", self.places.meant, values["lead"]) if values.get("lead") else None
        if lead is None and state not in WAITING | NO_CLOCK:
            lead = self._known(values, g.path)
            if lead is None and state in SETTLED_STATES:
                lead = self._at(values.get("path"))
            if lead is None and not line.errors:
                line.wrong("lead", "required", N_("A request that was dispatched needs the unit it was dispatched to"))
        if lead is not None:
            if lead.living and not self.reaches(LEAD, lead):
                refused = N_("%(from_unit)s cannot dispatch to %(unit)s")
                line.wrong("lead", "outside", refused, from_unit=self.order.by.unit_name, unit=lead.name)
            values |= self.laid(LEAD, lead)
            if values.get("handler"):
                values["handler_id"] = line.attempt("handler", self.staff.find, values["handler"], lead)
        ticket_co.read(self, line, lead, state)
        if state is State.SETTLED and values.get("stars"):
            state = State.RATED
        values["state"] = state.value
        if state in NO_CLOCK:
            values["settled_at"] = None

    def _known(self, values: dict[str, Any], path: sa.ColumnElement[str]) -> Place | None:
        """Where the request, or its leg, lies if it is already here."""
        this = sa.and_(t.source == values.get("source"), t.external_id == values.get("external_id"))
        first = sa.and_(g.ticket_id == t.id, g.seq == 1)
        return self._at(self.connection.scalar(sa.select(path).select_from(ticket).outerjoin(leg, first).where(this)))

    def _at(self, path: str | None) -> Place | None:
        return self.places.by_code.get(place_of(path or ""))

    def reaches(self, spot: Spot, place: Place) -> bool:
        """Nobody's ledger lays a request on a unit that its importer could not dispatch to."""
        if super().reaches(spot, place):
            return True
        by = self.order.by
        charged = spot is LEAD and by.unit_kind
        return bool(charged) and may_dispatch(UnitKind(by.unit_kind), by.unit_path, UnitKind(place.kind), place.path)

    def keep(self, lines: Iterable[Line]) -> None:
        ticket_co.keep(self, lines, super().keep)

    def _order_times(self, line: Line) -> None:
        """A day without a clock time is not before what happened on the same day."""
        values = line.values
        earlier = values.get("submitted_at")
        for name in ("accepted_at", "dispatched_at", "signed_at", "settled_at", "rated_at"):
            at = values.get(name)
            if at is None or earlier is None:
                continue
            if at < earlier and ticket_words.is_midnight(at) and local_date(at) == local_date(earlier):
                at = values[name] = earlier
            if at < earlier:
                line.wrong(name, "order", N_("The time lies before the step that came before it"))
            earlier = max(at, earlier)
        values["accepted_at"] = values.get("accepted_at") or values.get("dispatched_at")

    def _set_clocks(self, line: Line) -> None:
        """Only a request whose dispatch is known has clocks; an old answer has none to keep."""
        values = line.values
        state, tier = State(values["state"]), Tier(values.get("tier") or Tier.MINOR)
        submitted, dispatched, limit = values["submitted_at"], values.get("dispatched_at"), values.pop("due", None)
        if not values.get("lead_unit_id"):
            values["result"] = None
        if not values.get("lead_unit_id") or state in NO_CLOCK:
            return
        if isinstance(limit, datetime):
            values["settle_due_at"] = values["limit_at"] = limit
        elif dispatched and limit:
            values["settle_due_at"] = deadlines.settle_due(dispatched, limit, self.policy.clock_mode, self.calendar)
        if dispatched:
            values["sign_due_at"] = deadlines.tier_sign_due(tier, submitted, self.policy, self.calendar)
            values["settle_due_at"] = values.get("settle_due_at") or self._counted(state, tier, dispatched)
            values["remind_at"] = dispatched
        if state in SETTLED_STATES:
            values["rate_until"] = values["settled_at"] + timedelta(days=self.policy.rating_window_days)
        due = values["next_due_at"] = self._next_due(state, values)
        if due is None or (state in SETTLED_STATES and due <= self.order.at):
            values["remind_at"] = None

    def _counted(self, state: State, tier: Tier, dispatched: datetime) -> datetime | None:
        """How long the clock of what is suspended has stood still no ledger tells."""
        if state is State.SUSPENDED:
            return None
        return deadlines.tier_settle_due(tier, dispatched, self.policy, self.calendar)

    def _next_due(self, state: State, values: dict[str, Any]) -> datetime | None:
        """The date that the moves of a ticket would have left."""
        kept = timedelta(days=self.policy.archive_after_days)
        found: datetime | None = None
        match state:
            case State.DISPATCHED:
                found = values.get("sign_due_at")
            case State.SIGNED | State.HANDLING:
                found = values.get("settle_due_at")
            case State.SETTLED:
                found = values["rate_until"]
            case State.UNRATED:
                found = values["rate_until"] + kept
            case State.RATED:
                found = (values.get("rated_at") or values["settled_at"]) + kept
        return found

    def match(self) -> None:
        known = sa.select(t.id).where(t.source == s.source, t.external_id == s.external_id).scalar_subquery()
        self.connection.execute(
            sa.update(stage).where(self.of_load(), s.op.is_distinct_from(staging.ERROR)).values(target_id=known)
        )

    def check(self) -> None:
        ticket_co.follow(self)
        self.refuse_outside(N_("The request now lies in a unit outside yours"))

    def current(self) -> sa.FromClause:
        return (
            super().current()
            .outerjoin(leg, sa.and_(g.ticket_id == s.target_id, g.seq == 1))
            .outerjoin(reporter, r.id == first_reporter())
        )  # fmt: skip

    def wanted(self, pair: Pair, cleared: frozenset[str]) -> sa.ColumnElement[Any]:
        if pair.target is t.state:
            return sa.case((moves_on(), s.state), else_=t.state)
        value = super().wanted(pair, cleared)
        if pair.target is g.handler_id:
            elsewhere = sa.and_(s.lead_unit_id != g.unit_id, s.handler_id.is_(None))
            return sa.case((elsewhere, sa.null()), else_=value)
        return value

    def differs(self) -> sa.ColumnElement[bool]:
        return sa.and_(sa.or_(super().differs(), ticket_co.differs()), sa.not_(own_way()))

    def beside(self) -> dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
        return {"co": ticket_co.beside()}

    def write(self, batch_id: int) -> None:
        source = sa.select(s.source).where(self.of_load(staging.NEW)).distinct()
        self.sources.learn(list(self.connection.scalars(source)))
        ticket_writing.write(self, batch_id)

    def steps_by_itself(self) -> sa.ColumnElement[int]:
        return ticket_undoing.steps_by_itself()

    def note_undone(self, batch_id: int) -> None:
        ticket_undoing.note(self, batch_id)

    def taken_back(self, batch_id: int) -> None:
        ticket_undoing.forget_words(self, batch_id)

    def touched_since(self, batch: ImportBatch, ids: list[int], subject: str) -> dict[int, tuple[str, datetime]]:
        return ticket_undoing.touched_since(self, batch, ids)


def _categories(connection: sa.Connection) -> dict[str, tuple[int, str | None]]:
    """What only one category is called → its id and tier."""
    d = Duty.__table__.c
    everywhere = sa.select(d.category_id, d.tier).where(d.role == "lead", d.place_id.is_(None))
    tiers: dict[int, str] = dict(connection.execute(everywhere).all())
    alone = {word: found[0][0] for word, found in named_categories(connection).items() if len(found) == 1}
    return {word: (key, tiers.get(key)) for word, key in alone.items()}
