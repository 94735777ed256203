"""What a new installation starts from: the office defaults, as rows."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.calendar import FIRST_YEAR, seed_calendar
from models.call_scripts import seed_scripts
from models.categories import seed_categories
from models.policies import PolicyVersion, seed_policies
from models.reply_templates import seed_replies
from models.schemes import seed_scheme
from models.terms import seed_terms
from rules.workdays import local_date


def seed(session: Session, at: datetime) -> bool:
    """Once, but for the policies a later version adds: an office's edits are never seeded over. True if this was the
    first time."""
    seed_policies(session)
    if session.scalar(sa.select(PolicyVersion.id).limit(1)) is not None:
        return False
    session.add(PolicyVersion(key="", old="", new="", at=at, name="系统"))
    seed_terms(session)
    seed_categories(session)
    session.flush()
    seed_replies(session)
    seed_scripts(session)
    seed_calendar(session, FIRST_YEAR, local_date(at).year + 1)
    seed_scheme(session)
    session.flush()
    return True
