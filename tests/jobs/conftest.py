import pytest
from sqlalchemy.orm import Session

from tests.factories import District
from tests.jobs.scene import Scene, make_scene


@pytest.fixture
def scene(session: Session, district: District) -> Scene:
    return make_scene(session, district)
