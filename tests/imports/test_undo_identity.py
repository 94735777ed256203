"""Importing and undoing leaves the database as it was, whatever the file held and whatever was there before."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imports import batches, committing, loading, run
from imports.kind import Order
from imports.progress import Progress
from imports.tickets import Tickets
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM
from models.imports import BatchState
from rules.refusals import Refusal
from tests.imports.books import xlsx
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_tickets import HEAD as LEDGER_HEAD
from tests.imports.test_tickets import OPEN
from tests.imports.test_tickets import row as answered
from tests.stage import at

ROUNDS = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
VILLAGES = ["石桥村", "沙口村", "青石镇蒋湾村", "石桥第一网格", "区交通局"]
TEXTS = st.sampled_from(["", "清空", "主任", "网格员", "𠮷田", "“引号”", "a,b;c'd"])
PEOPLE_HEAD = ["工号", "姓名", "性别", "身份证号码", "手机号码", "所在单位", "职务", "人员类别", "入党时间", "联系村社"]
PERSON = st.tuples(
    st.sampled_from([f"A{n}" for n in range(8)]),
    st.sampled_from(["王小明", "李四", "𠮷田一", "欧阳·海"]),
    st.sampled_from(["男", "女", ""]),
    st.sampled_from(["", "清空"]),
    st.sampled_from(["", "清空", "13800138000", "13900139000"]),
    st.sampled_from(VILLAGES),
    TEXTS,
    TEXTS,
    st.sampled_from(["", "清空", "2001.7.1"]),
    st.sampled_from(["", "清空", "沙口村"]),
)
UNIT = st.tuples(
    st.sampled_from([f"3399010010{n:02d}" for n in (1, 2, 3)] + ["339901003000", "339901003001", "339901001001-01"]),
    st.sampled_from(["石桥村", "新村", "东村", "改名村"]),
    st.sampled_from(["339901001000", "339901002000", "339901003000", "339901001001", "339901000000", ""]),
    st.sampled_from(["村", "镇", "网格", ""]),
    st.sampled_from(["", "甲", "甲、乙", "石桥"]),
    st.sampled_from(["", "清空", "李四"]),
    st.sampled_from(["", "", "是", "否"]),
    st.sampled_from(["", "", "339901001002", "339901001003", "沙口村", "白沙乡蒋湾村", "339901002000"]),
    st.sampled_from(["", "", "2026-11-01", "2026-12-20"]),
)
UNITS_HEAD = ["代码", "名称", "上级代码", "层级", "别名", "负责人", "是否撤销", "并入", "撤并日期"]
NOT_YET = {"办结时间": "", "办理结果": "", "满意度": "", "状态": "办理中"}
TICKET = st.builds(
    lambda number, shape, more: answered(工单编号=number, **(shape | more)),
    st.sampled_from([f"H-{n}" for n in range(6)]),
    st.sampled_from([{}, OPEN, NOT_YET, {"满意度": ""}]),
    st.fixed_dictionaries(
        {
            "标题": st.sampled_from(["路灯不亮", "井盖松动", "𠮷田路灯"]),
            "来源": st.sampled_from(["热线", "问政", "新来源"]),
            "反映人": st.sampled_from(["张三", "李四", ""]),
            "联系电话": st.sampled_from([13800138000.0, 13900139000.0, ""]),
            "村社区": st.sampled_from(["石桥村", "蒋湾村"]),
        }
    ),
)


def rows_of(row):
    """No two about the same thing: those would be errors."""
    return st.lists(row, max_size=8, unique_by=lambda cells: cells[0])


def committed(session, kind, book, hour, told=None):
    order = Order(SYSTEM, EVERYTHING, at(f"2026-11-20 {hour:02d}:00"))
    batch = run.record(session, run.stage(session, kind, book, "a.xlsx", order))
    if told:
        batches.ask(session, batch, order, BatchState.COMMITTING, None)
    session.commit()
    try:
        committing.commit(session, batch, order, skip_errors=True, told=told)
    except Refusal:
        session.rollback()
    session.commit()
    return batch


def there_and_back(session, kind, before, file, told=None):
    """Brings in a first file to stand on, then another, which is taken back. A list of units that contradicts itself
    may be refused as a whole."""
    committed(session, kind, before, 9)
    lay = snapshot(session)
    batch = committed(session, kind, file, 10, told)
    if batch.state == BatchState.COMMITTED:
        order = Order(SYSTEM, EVERYTHING, at("2026-11-20 11:00"))
        if told:
            batches.ask(session, batch, order, BatchState.UNDOING, None)
        done = undo(session, batch, order, told)
        session.commit()
        assert done == {"removed": batch.new, "restored": batch.changed, "left": 0}
    assert differences(lay, snapshot(session)) == {}


@ROUNDS
@given(before=rows_of(PERSON), file=rows_of(PERSON))
def test_of_people(session, district, before, file):
    there_and_back(session, "people", xlsx([PEOPLE_HEAD, *before]), xlsx([PEOPLE_HEAD, *file]))


@ROUNDS
@given(before=rows_of(UNIT), file=rows_of(UNIT))
def test_of_units(session, district, before, file):
    there_and_back(session, "units", xlsx([UNITS_HEAD, *before]), xlsx([UNITS_HEAD, *file]))


@ROUNDS
@given(before=rows_of(TICKET), file=rows_of(TICKET))
def test_of_requests(session, district, before, file):
    there_and_back(session, "tickets", xlsx([LEDGER_HEAD, *before]), xlsx([LEDGER_HEAD, *file]))


@ROUNDS
@given(before=rows_of(TICKET), file=rows_of(TICKET))
def test_of_requests_that_are_written_and_taken_back_in_slices(session, district, before, file):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tickets, "slice_of", 2)
        patch.setattr(loading, "PAUSE_SECONDS", 0)
        told = Progress(gives_way=True)
        there_and_back(session, "tickets", xlsx([LEDGER_HEAD, *before]), xlsx([LEDGER_HEAD, *file]), told)
