from tests.bench.figures import Figure, Row, Table, milliseconds, whole
from tests.bench.report import page_times, written

MACHINE = "2026-11-23. Some processor."


def pages(milli: float) -> Table:
    return Table("Pages", ["server ms", "SQL"], [Row("list", [Figure(milli, "ms", 60), whole(9, "SQL", 12)])])


def test_a_figure_beyond_its_target_is_a_miss_and_one_at_it_is_not():
    assert milliseconds(0.060, 60).met
    assert not milliseconds(0.0601, 60).met
    assert not Figure(29.9, "×", at_least=30).met


def test_a_missed_figure_is_bold_and_its_row_says_no():
    assert pages(73.14).lines()[2] == "| list | **73.1** | 9 | ≤ 60 ms, ≤ 12 SQL | no |"
    assert pages(12).lines()[2] == "| list | 12.0 | 9 | ≤ 60 ms, ≤ 12 SQL | yes |"


def test_a_page_without_an_answer_is_a_miss_that_says_why():
    table = Table("Pages", ["server ms", "SQL"], [Row("list", [], "answered 500 instead of 200")])
    assert table.lines()[2] == "| list | answered 500 instead of 200 |  |  | no |"
    assert table.misses == table.rows


def test_a_run_replaces_its_own_section_and_leaves_the_others():
    text = written("# Performance\n\nAs it is.\n", "district on PostgreSQL", MACHINE, [pages(20)])
    text = written(text, "district on SQLite", MACHINE, [pages(50)])
    text = written(text, "district on SQLite", MACHINE, [pages(40)])
    assert text.startswith("# Performance\n\nAs it is.\n\n## district on SQLite\n")
    assert text.count("## district on SQLite") == 1
    assert "| list | 40.0 |" in text
    assert "| list | 20.0 |" in text
    assert "| list | 50.0 |" not in text


def test_a_run_of_one_measure_keeps_the_tables_of_the_others():
    text = written("# Performance\n", "district on SQLite", MACHINE, [pages(40)])
    text = written(text, "district on SQLite", MACHINE, [Table("Signing in", ["server ms"], [Row("form", [whole(3)])])])
    assert "| list | 40.0 |" in text
    assert "| form | 3 |" in text


def test_growth_is_written_once_both_sizes_are_known():
    text = written("# Performance\n", "district on SQLite", MACHINE, [pages(20)])
    assert "From district to city" not in text
    text = written(text, "city on SQLite", MACHINE, [pages(34)])
    assert "| list | 20.0 | 34.0 | **1.70** | ≤ 1.5 × | no |" in text


def test_times_are_read_back_with_their_thousands_and_their_bold_print():
    section = written("", "district on SQLite", MACHINE, [pages(12345.6)])
    assert page_times(section) == {"list": 12345.6}
