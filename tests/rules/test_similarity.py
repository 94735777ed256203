import pytest

from rules.similarity import Crowd, Said, clusters, common_path, links, shared_words

LAMPS = ("三组路灯不亮", "石桥三组村口的路灯坏了一个星期，晚上看不见路")
WATER = ("自来水发黄", "早上放出来的自来水是黄的，有一股味道")
NOISE = [
    ("公交站牌", "希望在学校门口增加一个公交站牌"),
    ("垃圾清运", "楼下垃圾三天没有清运，气味很大"),
    ("噪音扰民", "广场舞音响晚上十点还在放"),
    ("小区停车", "车位太少，消防通道被占"),
]


@pytest.fixture
def crowd():
    found = Crowd()
    for key, (title, text) in enumerate([LAMPS, WATER, *NOISE], 1):
        found.add(key, Said.of(title, text))
    return found


def test_the_same_matter_in_other_words_is_found(crowd):
    found = crowd.like(Said.of("路灯坏了", "村口三组的路灯坏了好几天，晚上看不见"))
    assert [key for key, _score in found] == [1]
    assert 0.3 < found[0][1] < 1


def test_the_same_text_is_found_whatever_its_white_space_and_punctuation(crowd):
    assert crowd.like(Said.of("别的标题", " 早上放出来的\n自来水是黄的 ,有一股　味道。"))[0] == (2, 1.0)


def test_another_matter_is_not_found(crowd):
    assert crowd.like(Said.of("申请低保", "家里困难，想问低保怎么申请")) == []


def test_what_is_too_short_finds_only_the_same_text(crowd):
    crowd.add(9, Said.of("路灯", "灯"))
    assert crowd.like(Said.of("", "灯")) == [(9, 1.0)]
    assert crowd.like(Said.of("", "")) == []


def test_what_was_dropped_is_not_found(crowd):
    crowd.drop(1)
    assert crowd.like(Said.of(*LAMPS)) == []
    assert len(crowd) == 5


def test_a_cluster_lies_around_the_one_that_all_others_are_like():
    around = {1: {2: 0.5, 3: 0.9}, 2: {1: 0.5}, 3: {1: 0.9, 4: 0.4}, 4: {3: 0.4}, 5: {}}
    assert clusters(around, 2) == [[1, 3, 2]]
    assert clusters(around, 4) == []


def test_those_that_do_not_belong_together_are_not_linked(crowd):
    crowd.add(7, Said.of(*LAMPS))
    assert links(crowd, lambda one, other: True)[1] == {7: 1.0}
    assert links(crowd, lambda one, other: False)[1] == {}


def test_words_they_share_are_the_longest_run():
    assert shared_words(["村口的路灯坏了", "三组村口的路灯不亮"]) == "村口的路灯"
    assert shared_words(["路灯", "水管"]) == ""


def test_the_place_in_common_is_the_lowest_above_all():
    assert common_path(["/33/01/001/", "/33/01/002/"]) == "/33/01/"
    assert common_path(["/33/01/001/", "/33/01/001/"]) == "/33/01/001/"
    assert common_path(["/33/01/", "/33/02/001/"]) == "/33/"
