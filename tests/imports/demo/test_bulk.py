from imports.demo.bulk import copied


def test_rows_are_copied_with_what_would_end_a_cell_written_out():
    row = ("甲\t乙\\丙\n丁", None, True, False, b"\x01\xff", -5, '{"due": "24:00"}', "全角　空格")
    assert copied([row, ("",)]) == (
        b"\xe7\x94\xb2\\t\xe4\xb9\x99\\\\\xe4\xb8\x99\\n\xe4\xb8\x81\t\\N\tt\tf\t\\\\x01ff\t-5\t"
        b'{"due": "24:00"}\t\xe5\x85\xa8\xe8\xa7\x92\xe3\x80\x80\xe7\xa9\xba\xe6\xa0\xbc\n\n'
    )
