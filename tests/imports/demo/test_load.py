"""What a load leaves behind, whoever writes it and however often, and when it is cut off."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from imports.demo.load import Loading
from jobs.reminders import remind
from models import db
from models.acting import SYSTEM
from models.intake import Draft, submit
from models.legs import Leg
from models.tickets import Ticket
from models.units import Unit
from rules.refusals import Refusal
from tests.imports.demo.conftest import HAMLET, load
from tests.stage import at

ROOT = Path(__file__).parents[3]
TABLES = (
    *("unit", "unit_alias", "person", "household", "organisation"),
    *("ticket", "leg", "ticket_event", "reporter", "rating", "attachment", "notice"),
    *("visit", "visitor", "topic", "task"),
)
SEALED = {
    "person": ("id_number", "mobile"),
    "household": ("telephone",),
    "organisation": ("telephone",),
    "reporter": ("name", "mobile"),
}


def dump(session) -> dict[str, list[tuple]]:
    found = {}
    for name in (*TABLES, "ticket_counter", "account"):
        table = db.metadata.tables[name]
        columns = [column for column in table.columns if column.name not in SEALED.get(name, ())]
        order = "day" if name == "ticket_counter" else "id"
        found[name] = [tuple(row) for row in session.execute(sa.select(*columns).order_by(table.c[order]))]
    return found


def definitions(session) -> list[tuple]:
    if session.get_bind().dialect.name == "sqlite":
        query = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2"
        return session.execute(sa.text(query)).all()
    parts = (
        "SELECT indexdef, '' FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass || conname, pg_get_constraintdef(oid) || convalidated FROM pg_constraint",
        "SELECT tgrelid::regclass || tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
    )
    return [tuple(row) for part in parts for row in sorted(session.execute(sa.text(part)))]


def test_one_seed_makes_the_same_rows_whoever_writes_them_and_another_makes_others(backend):
    with backend.fresh().app_context():
        load(backend.app, HAMLET)
        first = dump(db.session)
    with backend.fresh().app_context():
        load(backend.app, HAMLET, processes=2)
        assert dump(db.session) == first
    with backend.fresh().app_context():
        load(backend.app, HAMLET, seed=2)
        other = dump(db.session)
    text = list(db.metadata.tables["ticket"].columns.keys()).index("text")
    assert not {row[text] for row in other["ticket"]} & {row[text] for row in first["ticket"]}


def test_a_city_is_several_districts_side_by_side_whose_numbers_run_on(app, session):
    load(app, replace(HAMLET, districts=2))
    roots = session.execute(sa.select(Unit.code, Unit.name).where(Unit.parent_id.is_(None)).order_by(Unit.code)).all()
    assert [tuple(root) for root in roots] == [("339901000000", "清溪区"), ("339902000000", "云浦区")]
    day = session.execute(
        sa.select(Ticket.number, sa.func.substr(Ticket.path, 2, 6))
        .where(Ticket.number.startswith("20261012-"))
        .order_by(Ticket.number)
    ).all()
    assert [number[9:] for number, _ in day] == [f"{place:05d}" for place in range(1, len(day) + 1)]
    assert [district for _, district in day] == sorted(district for _, district in day)
    assert {district for _, district in day} == {"339901", "339902"}
    assert session.scalar(sa.text("SELECT last FROM ticket_counter WHERE day = '2026-10-12'")) == len(day)
    assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1200


def test_every_index_trigger_and_constraint_is_as_it_was_and_a_new_request_finds_its_place(app, session):
    before = definitions(session)
    told = load(app, HAMLET)
    assert definitions(session) == before
    assert [line.split()[0] for line in told if line[0] != " "] == [
        "units",
        "field",
        "requests",
        "indexes",
        "accounts",
        "statistics",
    ]
    village = session.scalars(sa.select(Unit).where(Unit.kind == "village")).first()
    draft = Draft("路灯不亮", "村口的路灯不亮", village, "portal")
    ticket, _made = submit(session, draft, SYSTEM, at("2026-11-20 09:00"))
    session.commit()
    assert (ticket.id, ticket.number) == (601, "20261120-00001")
    if session.get_bind().dialect.name == "sqlite":
        pragmas = [session.execute(sa.text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")]
        assert pragmas == ["wal", 1]
        assert session.execute(sa.text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'ticket'")).scalar() > 0
    else:
        assert session.execute(sa.text("SELECT reltuples FROM pg_class WHERE relname = 'ticket'")).scalar() == 600


def test_the_sweep_itself_would_have_noted_the_same_next_moments(app, session):
    load(app, HAMLET)
    end = at("2026-11-20 00:00")
    assert remind(session, end) == 0
    noted = moments(session)
    assert len(noted) > 10
    for model in (Ticket, Leg):
        session.execute(sa.update(model).where(model.remind_at.is_not(None)).values(remind_at=end))
    session.commit()
    assert remind(session, end) == len(noted)
    assert moments(session) == noted


def moments(session) -> dict[tuple[str, int], object]:
    return {
        (model.__tablename__, row.id): row.remind_at
        for model in (Ticket, Leg)
        for row in session.execute(sa.select(model.id, model.remind_at).where(model.remind_at.is_not(None)))
    }


def test_a_load_that_fails_leaves_the_database_as_it_was(app, session, monkeypatch):
    before = definitions(session)

    def fail(*_: object) -> None:
        raise RuntimeError("cut off")

    monkeypatch.setattr(Loading, "count_numbers", fail)
    with pytest.raises(RuntimeError, match="cut off"):
        load(app, HAMLET)
    session.rollback()
    session.remove()
    db.engine.dispose()
    assert session.scalar(sa.select(sa.func.count()).select_from(Unit)) == 0
    assert definitions(session) == before


def test_nothing_is_loaded_beside_others_who_use_the_file(backend):
    if backend.kind != "sqlite":
        pytest.skip("PostgreSQL serves many")
    with backend.fresh().app_context(), closing(sqlite3.connect(backend.folder / "minqing.db")) as other:
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM unit").fetchone() == (0,)
        with pytest.raises(Refusal, match="in use"):
            load(backend.app, HAMLET)
        db.session.rollback()


def test_a_process_that_is_killed_leaves_an_empty_database(tmp_path):
    environment = {**os.environ, "MINQING_DATA_DIR": str(tmp_path), "FLASK_APP": "app", "PYTHONUNBUFFERED": "1"}
    environment.pop("MINQING_DATABASE_URL", None)
    words = [sys.executable, "-m", "flask", "demo", "--size", "town", "--until", "2026-11-20"]
    running = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert "units and people" in running.stdout.readline()
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=30)
    with closing(sqlite3.connect(tmp_path / "minqing.db")) as connection:
        assert connection.execute("SELECT count(*) FROM unit").fetchone() == (0,)
        assert connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'ix_ticket_state_due'"
        ).fetchone() == (1,)
    assert not (tmp_path / "sign_ins.txt").exists()
