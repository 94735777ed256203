"""Every night: requests of the last days that say the same become a common issue for people to look at."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import SYSTEM, acting_as
from models.common_issues import OPEN_ISSUES, CommonIssue, issues_of, propose
from models.locks import ISSUES, hold
from models.notices import inform, nearest_with, role_holders
from models.policies import load_policy
from models.similar import repeats
from models.tickets import Ticket
from models.worklists import OPEN_STATES
from rules.common_issues import IssueState, is_news
from rules.lifecycle import State
from rules.reminders import Event
from rules.roles import Role
from rules.workdays import local_date


def find_common_issues(session: Session, now: datetime) -> int:
    """Twice is harmless. Returns how many are new."""
    with acting_as(SYSTEM, now):
        policy = load_policy(session)
        found = repeats(session, now - timedelta(days=policy.cluster_days))
        session.commit()
        hold(session.connection(), ISSUES)
        new = [issue for each in found if (issue := look_at(session, each.tickets, policy.cluster_from, now))]
        tell_dispatchers(session, new, now)
        session.commit()
        return len(new)


def look_at(session: Session, keys: list[int], least: int, now: datetime) -> CommonIssue | None:
    """What belongs to an issue that is known joins it; a new one is proposed of what is many and still waits."""
    known = issues_of(session, keys)
    open_issue = next((issue for issue in known if issue.state in OPEN_ISSUES), None)
    elsewhere = {key for issue, members in known.items() if issue.state in OPEN_ISSUES for key in members}
    if open_issue is not None:
        joining = [key for key in keys if key not in elsewhere]
        if joining:
            open_issue.take_in(in_order(session, joining), now)
        return None
    dismissed = [members for issue, members in known.items() if issue.state == IssueState.DISMISSED]
    if len(keys) < least or not is_news(keys, dismissed):
        return None
    tickets = in_order(session, keys)
    if all(State(ticket.state) not in OPEN_STATES for ticket in tickets):
        return None
    return propose(session, tickets, now)


def in_order(session: Session, keys: list[int]) -> list[Ticket]:
    rows = {ticket.id: ticket for ticket in session.scalars(sa.select(Ticket).where(Ticket.id.in_(keys)))}
    return [rows[key] for key in keys]


def tell_dispatchers(session: Session, issues: Iterable[CommonIssue], now: datetime) -> None:
    """Those who answer for the place, once a night, with the number of issues they are to look at."""
    told: Counter[int] = Counter()
    for issue in issues:
        unit_id = nearest_with(session, Role.DISPATCHER, issue.path)
        told.update(role_holders(session, unit_id, Role.DISPATCHER) if unit_id is not None else [])
    day = local_date(now)
    values = {person: {"count": count} for person, count in told.items()}
    inform(session, Event.COMMON_ISSUES, "common-issues", values, now, day.isoformat())
