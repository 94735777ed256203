"""What a file leaves out of what it is about."""

import pytest

from imports import preview, run
from models.acting import EVERYTHING, SYSTEM, Scope
from models.households import Household
from models.imports import ImportBatch
from tests.factories import make_household, make_organisation
from tests.imports.books import xlsx
from tests.imports.desk import LATER
from tests.imports.test_organisations import register
from tests.imports.test_organisations import row as entry
from tests.imports.test_tasks import task, tasks
from tests.imports.test_topics import chen, topic, topics
from tests.imports.test_visits import log
from tests.imports.test_visits import row as visit
from tests.stage import at

__all__ = ["chen"]

THREE = (["1", "甲", "一号", "石桥村"], ["2", "乙", "二号", "石桥第一网格"], ["3", "丙", "三号", "沙口村"])


@pytest.fixture
def missing(session, load):
    """What is shown of each record that the preview lists, and as many as it counts."""

    def missing(scope=EVERYTHING):
        batch = session.get(ImportBatch, load.batch.id)
        kind = run.of_batch(session, batch, run.order_of(batch, SYSTEM, scope, batch.created_at))
        rows = preview.missing_page(kind, limit=50, offset=0)
        assert batch.missing == len(rows)
        return [[cell.text for cell in row.face] for row in rows]

    return missing


def houses(*rows):
    return xlsx([["户号", "户主", "现住址", "所属网格"], *rows])


def heads(found):
    return [head for _, head, *_ in found]


def test_households_of_the_units_of_a_file_and_of_those_below_are_listed_and_stay(session, load, district, missing):
    load("households", houses(*THREE))
    load.preview("households", houses(["9", "戊", "九号", "石桥村"]))
    assert missing()[1] == ["2", "乙", "", "二号", "", "", "石桥第一网格", ""]
    assert heads(missing()) == ["甲", "乙"]
    load.preview("households", houses(["9", "戊", "九号", "石桥第一网格"]))
    assert heads(missing()) == ["乙"]
    load("households", houses(THREE[0]))
    assert session.query(Household).count() == 3


def test_a_file_without_units_is_about_those_of_its_rows(session, load, district, missing):
    load("households", houses(*THREE, ["4", "丁", "四号", "沙口村"]))
    load.preview("households", houses(["3", "丙", "三号", ""]))
    assert heads(missing()) == ["丁"]
    load.preview("households", houses(*THREE))
    assert heads(missing()) == ["丁"]


def test_nothing_outside_ones_own_units_is_listed(session, load, district, office, missing):
    load("households", houses(*THREE))
    book = houses(["9", "戊", "九号", "石桥村"], ["8", "己", "八号", "沙口村"])
    load.preview("households", book, by=office, scope=Scope(paths=(district.far_town.path,)))
    assert heads(missing(Scope(paths=(district.far_town.path,)))) == ["丙"]


def test_a_wrong_row_may_be_any_that_it_resembles(session, load, district, missing):
    load("households", houses(*THREE))
    head = ["户号", "户主", "现住址", "所属网格", "联系电话"]
    load.preview("households", xlsx([head, ["1", "甲", "一号", "石桥村", "12"]]))
    assert heads(missing()) == ["乙"]


def test_the_count_follows_the_data_when_it_is_compared_again(session, load, district, missing):
    load("households", houses(*THREE))
    order, _ = load.preview("households", houses(THREE[0]))
    make_household(session, district.village, "庚")
    session.commit()
    run.compare_again(session, load.batch, run.order_of(load.batch, SYSTEM, order.scope, at(LATER)))
    session.commit()
    assert heads(missing()) == ["乙", "庚"]


def test_a_register_of_enterprises_leaves_out_no_institution(session, load, district, missing):
    make_organisation(session, district.village, "石桥竹编厂")
    make_organisation(session, district.village, "石桥小学", kind="institution")
    session.commit()
    load.preview("organisations", register(entry(包联干部="")))
    assert [name for name, *_ in missing()] == ["石桥竹编厂"]


def test_living_units_beside_those_of_a_list_are_missing_from_it_level_by_level(load, district, missing):
    head = ["代码", "名称", "上级代码", "层级"]
    load.preview("units", xlsx([head, ["339901001001", "石桥村", "339901001000", "村"]]))
    assert [found[:4] for found in missing()] == [["339901001002", "蒋湾村", "Village or community", "青石镇"]]
    load("units", xlsx([[*head, "是否撤销"], ["339901001002", "蒋湾村", "339901001000", "村", "是"]]), now=LATER)
    load.preview("units", xlsx([head, ["339901001001", "石桥村", "339901001000", "村"]]), now="2026-11-23 09:00")
    assert missing() == []


def test_tasks_and_topics_are_missing_from_lists_of_their_year_and_unit(load, district, chen, missing):
    past, other = task(民生实事="修桥", 整改期限="2025年底"), task(民生实事="修渠", 责任单位="沙口村")
    load("tasks", tasks(task(), task(民生实事="修路"), past, other))
    load.preview("tasks", tasks(task()))
    assert [title for _, _, title, *_ in missing()] == ["修路"]
    load(
        "topics", topics(topic(), topic(调研题目="治水"), topic(年度="2025年"), topic(牵头单位="石桥", 调研题目="竹编"))
    )
    load.preview("topics", topics(topic()))
    assert [title for _, title, *_ in missing()] == ["治水"]


def test_no_log_of_visits_is_whole(session, load, district):
    load.preview("visits", log(visit()))
    assert load.batch.missing is None
