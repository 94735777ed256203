"""What a list of ours was saved as comes in again and changes nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from imports.samples import make
from models.accounts import Account
from models.people import Employment, Person
from models.units import Unit
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.test_people import roster, wang


def exported(client, noun, form):
    answer = client.get(f"/{noun}/export/{form}")
    assert answer.status_code == 200
    return answer.data


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_lists_of_a_whole_district_come_in_as_the_same(session, client_as, load, district, form):
    for name in ("units", "people"):
        load(name, (make.FOLDER / f"{name}.xlsx").read_bytes())
    root = session.scalars(select(Unit).where(Unit.code == "330111000000")).one()
    office = client_as("office", root)
    assert load.preview("units", exported(office, "units", form))[1] == counted(same=515)
    assert load.errors == []
    assert load.preview("people", exported(office, "people", form))[1] == counted(same=301)
    assert load.errors == []


def test_a_masked_number_keeps_what_is_there_and_identifies_nobody(session, load, district):
    load("people", roster(wang()))
    assert load.preview("people", roster(wang(手机号码="138****8000", 身份证号码="110***********002X")))[1] == counted(
        same=1
    )
    assert load("people", roster(wang(工号="", 身份证号码="", 手机号码="138****8000"))) == counted(error=1)
    assert [error[2] for error in load.errors] == ["no_key"]


def test_of_villages_with_one_name_the_one_where_somebody_is_already_is_meant(session, load, district):
    load("people", roster(wang(所在单位="白沙乡蒋湾村")))
    assert load.preview("people", roster(wang(所在单位="蒋湾村")))[1] == counted(same=1)
    assert load.preview("people", roster(wang(工号="A9", 身份证号码="", 手机号码="", 所在单位="蒋湾村")))[1] == counted(
        error=1
    )
    head = ["代码", "名称", "上级", "层级"]
    load("units", xlsx([head, ["339901002002001", "第一网格", "白沙乡蒋湾村", "网格"]]))
    assert load.preview("units", xlsx([head, ["339901002002001", "第一网格", "蒋湾村", "网格"]]))[1] == counted(same=1)


LETTERS = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from('  平=+-@,;"𠀀𪚥王')
TEXTS = st.text(LETTERS, max_size=24).map(lambda text: " ".join(text.split())).map(lambda text: text.lstrip("'"))
NAMES = TEXTS.map(lambda text: f"{text}王")
CODES = st.text("0123456789ABCx-", min_size=1, max_size=12)
ROWS = st.lists(
    st.tuples(CODES, NAMES, TEXTS, st.sampled_from(Employment)), min_size=1, max_size=6, unique_by=lambda t: t[0]
)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_whatever_people_are_called_the_list_of_them_comes_in_as_the_same(
    session, client_as, load, district, form, rows
):
    office = client_as("office", district.root)
    session.execute(delete(Person).where(Person.id.not_in(select(Account.person_id))))
    for staff_no, name, post, employment in rows:
        place = {"unit_id": district.twin.id, "path": district.twin.path}
        session.add(Person(staff_no=f"T{staff_no}", name=name, post=post, employment=employment, **place))
    session.commit()
    there = len(session.scalars(select(Person.id)).all())
    assert load.preview("people", exported(office, "people", form))[1] == counted(same=there), load.errors
