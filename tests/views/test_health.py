import pytest
import sqlalchemy as sa

from models import db
from tests.factories import build_district
from tests.stage import at


def test_the_process_says_it_is_up_and_that_it_can_work(client):
    assert client.get("/healthz").get_data(as_text=True) == "ok\n"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_data(as_text=True)) == (200, "ok\n")


def test_a_database_behind_its_migrations_is_not_ready_and_the_process_is_still_up(app, client):
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'old'"))
    ready = client.get("/readyz")
    assert (ready.status_code, "flask init" in ready.get_data(as_text=True)) == (503, True)
    assert client.get("/healthz").status_code == 200


def test_a_missing_staging_area_is_not_ready(app, backend, client):
    if backend.kind == "sqlite":
        pytest.skip("SQLite attaches it with every connection")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA staging CASCADE"))
    assert client.get("/readyz").status_code == 503


def test_the_figures_are_counts_for_a_collector_on_this_machine_alone(app, session, client):
    from models.acting import RESIDENT
    from models.intake import Draft, submit

    district = build_district(session)
    submit(session, Draft("路灯不亮", "村口路灯不亮。", district.village, "portal"), RESIDENT, at("2026-09-18 09:00"))
    session.commit()
    assert 'minqing_tickets{state="submitted"} 1.0' in client.get("/metrics").get_data(as_text=True)
    elsewhere = {"REMOTE_ADDR": "10.1.2.3"}
    assert client.get("/metrics", environ_base=elsewhere).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 404
