"""Attempts are counted by all web processes together."""

import subprocess
import sys
from pathlib import Path

import pytest

from views import attempts
from views.attempts import Attempts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kept(tmp_path) -> Attempts:
    return Attempts(Attempts.address(tmp_path / "民情 50%" / "attempts.db"))


@pytest.fixture(autouse=True)
def folder(kept):
    kept.path.parent.mkdir()


def test_two_processes_count_together(kept):
    program = (
        "import sys; from views.attempts import Attempts\n"
        "for _ in range(40): Attempts(sys.argv[1]).incr('10.0.0.1', 60)"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, Attempts.address(kept.path)], cwd=ROOT) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert kept.get("10.0.0.1") == 80
    assert kept.get("10.0.0.2") == 0


def test_a_count_is_over_when_its_time_is_and_begins_again(kept, monkeypatch):
    monkeypatch.setattr(attempts, "time", lambda: 1_000.0)
    assert [kept.incr("10.0.0.1", 60) for _ in range(2)] == [1, 2]
    assert kept.get_expiry("10.0.0.1") == 1_060.0
    monkeypatch.setattr(attempts, "time", lambda: 1_060.0)
    assert kept.get("10.0.0.1") == 0
    assert kept.incr("10.0.0.1", 60) == 1
