import shutil

from sqlalchemy import func, select

from imports import run
from imports.samples import make
from models.legs import Leg
from models.people import Person
from models.ratings import Rating
from models.tickets import Ticket
from models.units import Unit
from rules.identity import id_number_problem
from tests.imports.conftest import counted


def sample(name):
    return (make.FOLDER / f"{name}.xlsx").read_bytes()


def test_the_samples_come_in_without_an_error_and_twice_change_nothing(session, load):
    assert load("units", sample("units")) == counted(new=515)
    assert load("people", sample("people")) == counted(new=300)
    assert load("households", sample("households")) == counted(new=240)
    assert load.notes == []
    assert load("organisations", sample("organisations")) == counted(new=80)
    assert load.notes == []
    assert load("tickets", sample("tickets")) == counted(new=200)
    for kind, count in (("visits", 120), ("topics", 24), ("tasks", 36), ("categories", 13)):
        assert load(kind, sample(kind)) == counted(new=count)
        assert load(kind, sample(kind)) == counted(same=count)
        assert load.notes == []
    assert load("duties", sample("duties")) == counted(new=3, changed=11)
    assert load("duties", sample("duties")) == counted(same=14)
    assert load("units", sample("units")) == counted(same=515)
    assert load("people", sample("people")) == counted(same=300)
    assert load("households", sample("households")) == counted(same=240)
    assert load("organisations", sample("organisations")) == counted(same=80)
    assert load("tickets", sample("tickets")) == counted(same=200)
    kinds = dict(session.execute(select(Unit.kind, func.count()).group_by(Unit.kind)).all())
    assert (kinds["town"], kinds["village"], kinds["grid"]) == (24, 350, 120)
    states = dict(session.execute(select(Ticket.state, func.count()).group_by(Ticket.state)).all())
    assert set(states) >= {
        "submitted",
        "accepted",
        "dispatched",
        "signed",
        "handling",
        "pending_review",
        "settled",
        "rated",
    }
    assert session.scalar(select(func.count(Rating.id)).where(Rating.scored)) > 50
    signed = session.scalars(select(Leg).where(Leg.signed_at.is_not(None))).all()
    assert len(signed) > 100
    assert [leg.id for leg in signed if leg.handler is None or leg.handler.unit_id != leg.unit_id] == []
    assert not [each.name for each in session.scalars(select(Person)) if id_number_problem(each.id_number)]


def test_the_samples_are_made_the_same_again(monkeypatch, tmp_path):
    kept = make.FOLDER
    shutil.copy(kept / "units.xlsx", tmp_path)
    monkeypatch.setattr(make, "FOLDER", tmp_path)
    make.main()
    for name in run.KINDS:
        assert (tmp_path / f"{name}.xlsx").read_bytes() == (kept / f"{name}.xlsx").read_bytes()
