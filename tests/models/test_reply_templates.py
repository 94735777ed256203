import sqlalchemy as sa

from models.categories import Category
from models.reply_templates import ReplyStep, ReplyTemplate, replies_for


def category(session, code: str) -> Category:
    return session.scalars(sa.select(Category).where(Category.code == code)).one()


def test_those_of_the_category_come_first_then_those_above_it_then_the_general_ones(session):
    session.execute(sa.delete(ReplyTemplate))
    lights, roads, works = (category(session, code) for code in ("3002", "3001", "30"))
    for title, where in (("通用", None), ("设施", works), ("路灯", lights), ("道路", roads)):
        session.add(ReplyTemplate(step="result", category=where, title=title, text="好"))
    session.add(ReplyTemplate(step="contact", title="电话", text="好"))
    session.add(ReplyTemplate(step="result", title="停用", text="好", active=False))
    session.flush()
    assert [each.title for each in replies_for(session, ReplyStep.RESULT, lights)] == ["路灯", "设施", "通用"]
    assert [each.title for each in replies_for(session, ReplyStep.RESULT, None)] == ["通用"]
    assert [each.title for each in replies_for(session, ReplyStep.CONTACT, lights)] == ["电话"]


def test_a_new_installation_has_some_for_each_step(session):
    kept = session.scalars(sa.select(ReplyTemplate)).all()
    assert {each.step for each in kept} == set(ReplyStep)
    for each in kept:
        each.check()
