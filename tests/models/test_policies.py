import pytest
import sqlalchemy as sa

from models.changes import Change
from models.policies import PolicyRow, load_policy, policy_version, set_policy
from models.seeding import seed
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at

NOON = at("2026-09-18 12:00")


def test_a_changed_setting_holds_from_then_on_under_a_new_version(session, district):
    by, before = actor(session, "sys_admin", district.town), policy_version(session)
    set_policy(session, "hard_days", "20", by, NOON)
    session.flush()
    assert load_policy(session).hard_days == 20
    assert policy_version(session) == before + 1


@pytest.mark.parametrize(("key", "value"), [("hard_days", "soon"), ("morning_from", "13:00"), ("warn_at", "23:00")])
def test_a_value_that_is_none_or_contradicts_the_others_changes_nothing(session, district, key, value):
    by, before = actor(session, "sys_admin", district.town), load_policy(session)
    with pytest.raises(Refusal):
        set_policy(session, key, value, by, NOON)
    assert load_policy(session) == before


def test_a_setting_that_a_later_version_brings_joins_the_others_and_theirs_stay(session):
    session.execute(sa.delete(PolicyRow).where(PolicyRow.key == "sign_in_failures"))
    session.execute(sa.update(PolicyRow).where(PolicyRow.key == "locked_minutes").values(value="30", position=0))
    assert seed(session, NOON) is False
    rows = {row.key: (row.value, row.position) for row in session.scalars(sa.select(PolicyRow))}
    assert rows["sign_in_failures"] == ("5", 57)
    assert rows["locked_minutes"] == ("30", 58)


def test_the_screen_tells_what_a_document_prescribes_from_what_the_office_chose(district, client_as):
    rows = client_as("sys_admin", district.root).get("/policies/list/").text.split("<tr")
    (prescribed,) = [row for row in rows if "微事办结时限" in row]
    (chosen,) = [row for row in rows if "难事办结时限" in row]
    assert "文件规定" in prescribed
    assert "系统默认" in chosen


def test_a_changed_setting_stands_in_the_audit_log(session, district, client_as):
    row = session.scalars(sa.select(PolicyRow).where(PolicyRow.key == "clock_mode")).one()
    client_as("sys_admin", district.root).post(f"/policies/edit/{row.id}", data={"value": "workday"})
    change = session.scalars(sa.select(Change).where(Change.subject == "policy", Change.action == "changed")).one()
    assert (change.subject_id, change.details) == (row.id, {"value": ["natural", "workday"]})
    page = client_as("audit_admin", district.root).get("/changes/list/?_flt_0_subject=policy&_flt_0_action=changed")
    assert "工作日" in page.text
    assert "workday" not in page.text
