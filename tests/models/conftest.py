import pytest

from tests.district import District, build


@pytest.fixture
def district(session) -> District:
    return build(session)
