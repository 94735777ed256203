from datetime import UTC, datetime

import pytest

from views.words import deadline


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "2026-11-22 24:00"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2026-12-31 24:00"),
        (datetime(2026, 11, 22, 5, 41, tzinfo=UTC), "2026-11-22 13:41"),
        (None, ""),
    ],
)
def test_a_limit_at_midnight_is_the_end_of_the_day_before(limit, shown):
    assert deadline(limit) == shown
