import pytest

from rules.refusals import Refusal
from rules.replies import check_places, fill


def test_what_differs_is_filled_in():
    given = {"编号": "20260918-00001", "标题": "路灯不亮", "单位": "石桥村", "日期": "2026年9月18日"}
    assert (
        fill("“{标题}”（{编号}）由{单位}于{日期}办好", given)
        == "“路灯不亮”（20260918-00001）由石桥村于2026年9月18日办好"
    )


def test_a_place_that_nothing_fills_is_refused():
    check_places("{编号}{标题}{单位}{日期}，没有括号")
    with pytest.raises(Refusal, match="姓名"):
        check_places("{姓名}您好")
