"""Settled requests of three kinds, to learn from."""

from datetime import datetime, timedelta

from sqlalchemy import select

from models.categories import Category
from models.policies import set_policy
from models.tickets import Ticket
from tests.stage import at
from tests.way import Way

NOW = at("2026-11-20 12:00")
LIGHTS = ["村口的路灯三天没亮了", "路灯不亮晚上很黑", "小区路灯坏了好几盏", "桥头路灯一闪一闪", "巷子里没有路灯"]
RUBBISH = ["垃圾桶满了没人清运", "楼下垃圾堆成山", "垃圾车几天没来", "河边有人倒垃圾", "垃圾分类点太臭了"]
NOISE = ["工地半夜施工噪声扰民", "广场舞音响噪声太大", "夜里装修噪声睡不着", "烧烤店噪声吵到凌晨", "机器噪声整天不停"]
BY_CODE = {"3002": LIGHTS, "4001": RUBBISH, "4003": NOISE}


def settle(way: Way, code: str, text: str, when: datetime) -> Ticket:
    category = way.session.scalars(select(Category).where(Category.code == code)).one()
    ticket = way.settled(when, title=text[:10], text=text, category=category)
    way.session.flush()
    return ticket


def lesson_of(way: Way) -> Way:
    """Thirty settled requests, of which the newest six are none that were there before."""
    when = at("2026-09-01 09:00")
    for turn in range(2):
        for number in range(4):
            for code, texts in BY_CODE.items():
                settle(way, code, f"{texts[number]}{'请处理' * turn}", when)
                when += timedelta(hours=1)
    for code, texts in [*BY_CODE.items()] * 2:
        settle(way, code, texts[4], when)
        when += timedelta(hours=1)
    lower(way, from_requests=30, from_each=10)
    return way


def lower(way: Way, *, from_requests: int, from_each: int) -> None:
    for key, value in (("suggest_from_requests", from_requests), ("suggest_from_each", from_each)):
        set_policy(way.session, key, str(value), way.office, NOW)
