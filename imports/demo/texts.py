"""Writes requests and answers: where it is, what is wrong, who suffers, what was tried, what is wanted."""

from dataclasses import dataclass
from random import Random

from imports.demo import grammar
from imports.demo.grammar import Chance, Phrase, all_compiled, one_of, render
from imports.demo.phrases import TROUBLES, Trouble, talk
from imports.demo.places import Place, firm_name
from imports.demo.words import ALIKE, TRADITIONAL

OLD_STYLE = str.maketrans(ALIKE, TRADITIONAL)
RESULT, CLOCK = map(grammar.SLOTS.index, ("result", "clock"))
SPOTS = (
    *("村口", "文化礼堂门前", "老年食堂旁", "小公园边", "卫生服务站对面", "桥头", "停车场入口"),
    *("幼儿园门口", "菜场后门"),
    *("公交站台后", "小学围墙外", "驿站旁边", "篮球场边", "河埠头", "加油站对面", "银行门口", "药店旁边", "超市门前"),
)  # fmt: skip
FIELDS = (
    *("晒谷场旁", "水渠边", "机耕路", "山脚下", "自留地旁", "水库下游"),
    *("茶园边", "竹林里", "苗圃旁", "排涝站边", "老祠堂后", "溪滩边"),
)  # fmt: skip
WHEN = ("凌晨", "早上", "中午", "下午", "傍晚", "晚上")
DIGITS = "零一两三四五六七八九"


@dataclass(frozen=True)
class Sayings:
    titles: list[Phrase]
    facts: list[Phrase]
    harms: list[Phrase]
    wishes: list[Phrase]
    results: list[Phrase]

    @classmethod
    def of(cls, trouble: Trouble) -> "Sayings":
        parts = (trouble.titles, trouble.facts, trouble.harms, trouble.wishes, trouble.results)
        return cls(*map(all_compiled, parts))


SAYINGS = [Sayings.of(trouble) for trouble in TROUBLES]
GREETINGS, WHO, SINCE, TRIED = map(all_compiled, (talk.GREETINGS, talk.WHO, talk.SINCE, talk.TRIED))
ASIDES, THANKS, COPIED = map(all_compiled, (talk.ASIDES, talk.THANKS, talk.COPIED))
CONTACTS, DISPATCHES, FEEDBACKS = map(all_compiled, (talk.CONTACTS, talk.DISPATCHES, talk.FEEDBACKS))
EXPLAINED, BACKS = map(all_compiled, (talk.EXPLAINED, talk.BACKS))
COMMENTS = {stars: all_compiled(texts) for stars, texts in talk.COMMENTS.items()}


def scene(village: Place, chance: Random) -> list[str]:
    """What the slots stand for, in the order of SLOTS."""
    rnd = chance.random
    road = village.roads[int(rnd() * len(village.roads))]
    estate = village.estates[int(rnd() * len(village.estates))]
    number, hour = 1 + int(rnd() * 380), int(rnd() * 24)
    at_home = rnd() < (0.85 if village.is_urban else 0.25)
    return [
        home(estate, rnd) if at_home else f"{village.name}{1 + int(rnd() * 18)}组{1 + int(rnd() * 90)}号",
        f"{road}{f'{number}号' if rnd() < 0.6 else ''}{SPOTS[int(rnd() * len(SPOTS))]}",
        f"{village.name}{1 + int(rnd() * 18)}组{FIELDS[int(rnd() * len(FIELDS))]}",
        road,
        estate,
        how_long(rnd),
        f"{WHEN[hour // 4]}{hour % 12 or 12}点{('', '', '半', '多', '一刻')[int(rnd() * 5)]}",
        village.name,
        village.parent.name if village.parent else "",
        str(2 + int(rnd() * rnd() * 40)),
        str(20 * (2 + int(rnd() * rnd() * 150))),
        str(62 + int(rnd() * 28)),
        f"{('', '', 'K', 'B', '夜')[int(rnd() * 5)]}{1 + int(rnd() * 96)}",
        str(3 + int(rnd() * 22)),
        f"{1 + int(rnd() * 12)}月{('初', '底', '中旬', f'{1 + int(rnd() * 28)}号')[int(rnd() * 4)]}",
        firm_name(chance),
        "",
    ]


def home(estate: str, rnd: Chance) -> str:
    """`3-2-501` as people write it, or in full."""
    building, unit = 1 + int(rnd() * 32), 1 + int(rnd() * 4)
    room = (1 + int(rnd() * 24)) * 100 + 1 + int(rnd() * 4)
    if rnd() < 0.35:
        return f"{estate}{building}-{unit}-{room}"
    return f"{estate}{building}幢{unit}单元" + (f"{room}室" if rnd() < 0.6 else "")


def how_long(rnd: Chance) -> str:
    number = 2 + int(rnd() * 8)
    return f"{DIGITS[number] if rnd() < 0.5 else number}{('天', '天', '个星期', '个月', '天')[int(rnd() * 5)]}"


def title_of(trouble: int, chance: Chance, slots: list[str]) -> str:
    return one_of(SAYINGS[trouble].titles, chance, slots)[:100]


def text_of(trouble: int, chance: Chance, slots: list[str]) -> str:
    """One in twelve is curt; one in nine goes on and on; a few write the old characters."""
    said: list[str] = []
    style = chance()
    if style < 0.07:
        curtly(said, SAYINGS[trouble], chance, slots)
    else:
        asides = 0 if style < 0.53 else 1 if style < 0.84 else 2 if style < 0.94 else int(3 + chance() * 7)
        at_length(said, SAYINGS[trouble], chance, slots, asides=asides)
    if style > 0.98:
        in_full(said, SAYINGS[trouble], chance, slots)
    text = "".join(said)
    return text.translate(OLD_STYLE) if chance() < 0.004 else text


def curtly(said: list[str], sayings: Sayings, chance: Chance, slots: list[str]) -> None:
    said.append(f"{slots[0]}，" if chance() < 0.5 else f"{slots[1]}，{slots[CLOCK]}：")
    add(said, sayings.facts, chance, slots)


def at_length(said: list[str], sayings: Sayings, chance: Chance, slots: list[str], *, asides: int) -> None:
    maybe(said, GREETINGS, 0.5, chance, slots)
    maybe(said, WHO, 0.6, chance, slots)
    first = int(chance() * len(sayings.facts))
    render(sayings.facts[first], chance, slots, said.append)
    maybe(said, SINCE, 0.55, chance, slots)
    if chance() < 0.4:
        render(sayings.facts[first - 1], chance, slots, said.append)
    maybe(said, sayings.harms, 0.8, chance, slots)
    maybe(said, TRIED, 0.5, chance, slots)
    start = int(chance() * len(ASIDES))
    for turn in range(asides):
        render(ASIDES[start - turn], chance, slots, said.append)
    maybe(said, sayings.wishes, 0.88, chance, slots)
    maybe(said, THANKS, 0.45, chance, slots)


def in_full(said: list[str], sayings: Sayings, chance: Chance, slots: list[str]) -> None:
    for phrase in (*sayings.facts, *sayings.harms, *SINCE[:2], *TRIED[:3], *sayings.wishes):
        render(phrase, chance, slots, said.append)


def add(said: list[str], phrases: list[Phrase], chance: Chance, slots: list[str]) -> None:
    render(phrases[int(chance() * len(phrases))], chance, slots, said.append)


def maybe(said: list[str], phrases: list[Phrase], share: float, chance: Chance, slots: list[str]) -> None:
    if chance() < share:
        render(phrases[int(chance() * len(phrases))], chance, slots, said.append)


def result_of(trouble: int, chance: Chance, slots: list[str], *, explained: bool) -> str:
    return one_of(EXPLAINED if explained else SAYINGS[trouble].results, chance, slots)


def feedback_of(result: str, chance: Chance, slots: list[str]) -> str:
    slots[RESULT] = result
    return one_of(FEEDBACKS, chance, slots)
