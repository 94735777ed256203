import pytest
import sqlalchemy as sa


def test_postgresql_plans_each_statement_for_its_own_values_and_compiles_none(session):
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("a matter of PostgreSQL")
    shown = [session.scalar(sa.text(f"SHOW {name}")) for name in ("jit", "plan_cache_mode")]
    assert shown == ["off", "force_custom_plan"]
