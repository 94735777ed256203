from rules.refusals import Refusal


def test_a_refusal_reads_as_its_sentence_and_keeps_msgid_and_values_apart():
    refusal = Refusal("Unit %(code)s does not exist", code="330111")
    assert str(refusal) == "Unit 330111 does not exist"
    assert refusal.message == "Unit %(code)s does not exist"
    assert refusal.values == {"code": "330111"}


def test_a_refusal_without_values_may_contain_a_percent_sign():
    assert str(Refusal("Less than 50 % covered")) == "Less than 50 % covered"
