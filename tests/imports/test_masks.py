import pytest

from imports.masks import masked_digits


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800138000", "138****8000"),
        ("电话 138-0013-8000 转 2", "电话 138****8000 转 2"),
        ("11010519491231002X", "110***********002X"),
        ("青石镇 12 组", "青石镇 12 组"),
        ("2026-03-05 09:51:36", "2026-03-05 09:51:36"),
        ("20260305", "20260305"),
        ("A001", "A001"),
    ],
)
def test_long_numbers_are_shown_in_part_and_days_are_not(text, shown):
    assert masked_digits(text) == shown
