"""共性问题: several requests that have one cause. The console proposes them, people say whether they are one."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from rules.refusals import N_


class IssueState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


ISSUE_STATE_LABELS = {
    IssueState.PROPOSED: N_("Proposed"),
    IssueState.CONFIRMED: N_("Common issue"),
    IssueState.DISMISSED: N_("Dismissed"),
}


def is_news(members: Collection[int], dismissed: Iterable[Collection[int]]) -> bool:
    """What somebody has looked at and dismissed is not proposed again without anything new in it."""
    return not any(set(members) <= set(each) for each in dismissed)
