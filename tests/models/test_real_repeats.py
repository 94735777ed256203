"""Repeats among real messages, where they are at hand: all equal texts are found; what else is proposed was looked at.

Pairs are rows of the sheets, counted from 0 without the header: a sample of what is proposed beside equal texts, told
apart by hand into one matter and two."""

from collections import defaultdict

import pytest
from python_calamine import CalamineWorkbook

from rules.similarity import ALIKE, ONE_MATTER, Crowd, Look, Said
from tests.imports.test_real_files import FOLDER

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real files are not at hand")

ANSWERED, OPEN = "messages_with_replies_2816.xlsx", "messages_4326.xlsx"
TWO_MATTERS = [
    (3835, 4087), (1575, 2282), (2199, 4087), (486, 3835), (126, 2022), (2368, 3449), (1633, 4317), (3225, 3879),
    (2055, 2199), (272, 3466), (1669, 2041),
]  # fmt: skip
ONE = [
    (1905, 2448), (2166, 4301), (350, 3199), (3198, 3349), (1482, 2829), (875, 1882), (1050, 2808), (302, 2880),
    (1608, 3584), (1084, 1608), (2452, 4058), (3902, 4151), (1376, 2456), (715, 1097), (702, 3522), (1671, 2607),
    (578, 2870), (3618, 4013), (2274, 4084), (301, 3534), (1236, 2350), (486, 1756), (3349, 3583), (1821, 3046),
    (2049, 3744), (3218, 4195), (1602, 3046), (632, 2468), (3531, 4120), (1618, 4274), (161, 4290), (2507, 3214),
    (77, 2350), (771, 1481), (3083, 3571), (1101, 4077), (2132, 4077), (245, 1523), (96, 2343), (119, 851),
    (750, 4284), (1925, 3782), (154, 3192), (570, 1761), (1672, 3599), (1545, 1910), (2253, 2324), (976, 2498),
    (2247, 4235), (2479, 3619), (320, 3360), (297, 331), (737, 3483),
]  # fmt: skip


def messages(name):
    head, *rows = CalamineWorkbook.from_path(FOLDER / name).get_sheet_by_index(0).to_python()
    title, text = head.index("留言主题"), head.index("留言详情")
    return [(str(row[title]), str(row[text])) for row in rows]


@pytest.fixture(scope="module")
def sheets():
    return {name: messages(name) for name in (ANSWERED, OPEN)}


def crowd_of(rows):
    crowd = Crowd()
    for key, (title, text) in enumerate(rows):
        crowd.add(key, Said.of(title, text))
    return crowd


@pytest.fixture(scope="module")
def looks(sheets):
    return {name: Look(crowd_of(rows)) for name, rows in sheets.items()}


@pytest.mark.parametrize(("name", "groups", "again"), [(ANSWERED, 37, 37), (OPEN, 100, 109)])
def test_all_texts_that_are_equal_without_white_space_are_found(sheets, looks, name, groups, again):
    rows = sheets[name]
    same = defaultdict(set)
    for key, (_title, text) in enumerate(rows):
        same["".join(text.split())].add(key)
    repeated = [keys for keys in same.values() if len(keys) > 1]
    assert (len(repeated), sum(map(len, repeated)) - len(repeated)) == (groups, again)
    look = looks[name]
    for keys in repeated:
        for key in keys:
            assert keys <= {found for found, _score in look.like(look.crowd.said[key], ONE_MATTER)}


def test_of_what_else_is_proposed_few_are_false_alarms(looks):
    look = looks[OPEN]
    alike = {key: dict(look.like(look.crowd.said[key])) for pair in ONE + TWO_MATTERS for key in pair}

    def proposed(pairs, least):
        return sum(max(alike[one].get(other, 0), alike[other].get(one, 0)) >= least for one, other in pairs)

    assert (proposed(ONE, ALIKE), proposed(TWO_MATTERS, ALIKE)) == (53, 11)
    assert proposed(ONE, ONE_MATTER) >= 34
    assert proposed(TWO_MATTERS, ONE_MATTER) <= 3
