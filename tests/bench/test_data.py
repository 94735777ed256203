import os

import pytest

from tests.bench import data


@pytest.fixture
def made(monkeypatch, tmp_path):
    """The folders for which `flask demo` was asked, in a cache of the test's own."""
    asked = []
    monkeypatch.setattr(data, "ROOT", tmp_path)
    monkeypatch.setattr(data, "CACHE", tmp_path / "var" / "bench")
    monkeypatch.setattr(data, "key", lambda: "0a1b")
    monkeypatch.setattr(data, "flask", lambda settings, *words: asked.append((settings.data_dir.name, words)))
    return asked


def test_a_database_of_ours_stands_beside_the_one_that_was_given():
    assert data.named("postgresql://who:word@host:5433/minqing", "work") == (
        "postgresql+psycopg://who:word@host:5433/minqing_bench_work"
    )


def test_what_was_made_is_kept(made):
    assert data.made("town", None) == data.made("town", None)
    assert made == [("town-sqlite-0a1b", ("demo", "--size", "town", "--seed", "1"))]


def test_what_was_not_finished_is_made_again(made):
    (data.made("town", None) / "made").unlink()
    data.made("town", None)
    assert len(made) == 2


def test_what_is_older_than_a_week_is_made_again(made):
    eight_days_ago = (data.made("town", None) / "made").stat().st_mtime - 8 * 86_400
    os.utime(data.CACHE / "town-sqlite-0a1b" / "made", (eight_days_ago, eight_days_ago))
    data.made("town", None)
    assert len(made) == 2


def test_a_run_changes_a_copy_that_is_gone_afterwards(made):
    with data.working_copy("town", None, None) as settings:
        kept = data.CACHE / "town-sqlite-0a1b"
        assert settings.data_dir != kept
        assert settings.secret_key == (kept / "secret_key").read_text()
        (settings.data_dir / "minqing.db").write_text("changed")
    assert not settings.data_dir.exists()
    assert not (kept / "minqing.db").exists()
