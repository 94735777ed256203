"""On input written by others, where it is at hand: MINQING_TEST_DATA names its folder."""

import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.legs import Leg
from models.tickets import Ticket
from models.units import Unit
from tests.imports.conftest import counted
from tests.stage import at

FOLDER = Path(os.environ.get("MINQING_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real files are not at hand")


def file(name):
    return (FOLDER / name).read_bytes()


@pytest.fixture
def fuyang(load):
    assert load("units", file("fuyang_towns_24.csv")) == counted(new=24)
    return load


def test_the_villages_of_a_district_hang_under_its_towns(session, fuyang):
    assert fuyang("units", file("fuyang_villages_350.csv")) == counted(new=350)
    assert fuyang("units", file("fuyang_villages_350.csv")) == counted(same=350)
    assert fuyang("units", file("fuyang_towns_24.csv")) == counted(same=24)
    twins = session.scalars(select(Unit).where(Unit.name == "蒋家村委会").order_by(Unit.code)).all()
    assert [twin.parent.name for twin in twins] == ["鹿山街道", "大源镇"]


def test_answered_messages_come_in_settled_with_their_times(session, fuyang):
    given = {"source": "问政", "unit": "330111000000"}
    assert fuyang("tickets", file("messages_with_replies_2816.xlsx"), **given) == counted(new=2816)
    assert session.scalar(select(func.count(Leg.id))) == 2816
    ticket = session.scalars(select(Ticket).where(Ticket.external_id == "2549")).one()
    assert (ticket.state, ticket.submitted_at, ticket.settled_at) == (
        "settled", at("2019-04-25 09:32").replace(second=9), at("2019-05-10 14:56").replace(second=53))  # fmt: skip
    assert not ticket.text.startswith(("\t", "\n"))
    assert fuyang("tickets", file("messages_with_replies_2816.xlsx"), **given) == counted(same=2816)


def test_messages_without_an_answer_come_in_open(session, fuyang):
    assert fuyang("tickets", file("messages_4326.xlsx"), source="问政", unit="330111000000") == counted(new=4326)
    assert set(session.scalars(select(Ticket.state).distinct())) == {"submitted"}
    assert session.scalar(select(func.count(Ticket.id)).where(Ticket.remind_at.is_not(None))) == 0
    assert fuyang.notes == ["Columns that are not known here were ignored: 反对数、点赞数"]
