import sqlalchemy as sa

from models.categories import Category
from models.changes import Change
from tests.factories import make_person


def test_a_change_lies_where_its_subject_lies_and_that_of_a_category_nowhere(session, district):
    person = make_person(session, district.village)
    district.town.name = "青石街道"
    person.post = "网格员"
    session.scalars(sa.select(Category).where(Category.code == "2001")).one().name = "物业服务"
    session.commit()
    changed = sa.select(Change.subject, Change.path).where(Change.action == "changed")
    assert dict(session.execute(changed).all()) == {
        "unit": "/339901000000/339901001000/",
        "person": "/339901000000/339901001000/339901001001/",
        "category": "",
    }


def test_whoever_audits_reads_what_changed_in_the_categories(client_as, session, district):
    session.scalars(sa.select(Category).where(Category.code == "2001")).one().name = "物业服务"
    session.commit()
    page = client_as("audit_admin", district.root).get("/changes/list/?_flt_0_subject=category&_flt_0_action=changed")
    assert "物业服务" in page.text
