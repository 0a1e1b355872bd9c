"""The gate: nothing that the quotes do not say leaves the library."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.types import RELATED, Answer, Chunk, Evidence, Formula
from rag.verify import strange, unsupported, verified


def evidence(quote: str, published: date | None = date(2025, 7, 24)) -> Evidence:
    chunk = Chunk("1", "a.txt", "", published, (), quote, 0, len(quote))
    return Evidence(chunk, 0, len(quote), quote)


QUOTE = evidence("2024年，全市软件出口额达127.5亿元，同比增长17%，企业1,500家，去年9月平台上线。")


@pytest.mark.parametrize(
    "text",
    [
        "127.5亿元",
        "１２７.５亿元",
        "127.5 亿元",
        "1275000万元",
        "增长17％",
        "百分之十七",
        "1500家",
        "一千五百家",
        "2024年，出口额127.5亿元",
        "2024年9月上线",
    ],
)
def test_what_a_quote_says_in_another_writing_passes(text):
    assert unsupported(text, [QUOTE]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "127.6亿元",
        "127.5亿美元",
        "127.5万元",
        "1275亿元",
        "17个百分点",
        "17倍",
        "1500人",
        "2023年",
        "2025年9月上线",
        "2024年8月",
    ],
)
def test_a_changed_figure_unit_or_date_is_caught(text):
    assert unsupported(text, [QUOTE]) != ()


def test_a_relative_date_needs_the_publication_date():
    assert unsupported("2024年9月", [evidence("去年9月平台上线", published=None)]) == ("2024年9月",)


def test_an_answer_with_an_unsupported_short_is_withheld():
    answer = Answer(True, "128亿元", (("出口额达127.5亿元", (QUOTE,)),))
    assert not verified(answer).answered
    assert verified(answer).reason


def test_an_unsupported_statement_is_dropped_and_the_others_stay():
    answer = Answer(True, "127.5亿元", (("出口额达127.5亿元", (QUOTE,)), ("增长71%", (QUOTE,))))
    assert [text for text, _ in verified(answer).statements] == ["出口额达127.5亿元"]


UNITS = ["亿元", "万元", "亿美元", "%", "家", "万人", "倍", "公里", "吨", "次"]


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 99999), st.sampled_from(UNITS), st.integers(1, 99999), st.sampled_from(UNITS))
def test_no_changed_number_is_smuggled_through(said, unit, claimed, other):
    quote = evidence(f"全市共计{said / 10:.1f}{unit}。")
    if (said, unit) != (claimed, other) and (unit, other) not in {("亿元", "万元"), ("万元", "亿元")}:
        assert unsupported(f"共计{claimed / 10:.1f}{other}", [quote])
    assert unsupported(f"共计{said / 10:.1f}{unit}", [quote]) == ()


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_no_changed_date_is_smuggled_through(said, claimed):
    quote = evidence(f"{said.year}年{said.month}月{said.day}日开幕", published=None)
    missing = unsupported(f"{claimed.year}年{claimed.month}月{claimed.day}日", [quote])
    assert bool(missing) == (said != claimed)


NAMED = evidence(
    "2024年，武汉的传神语联创始人何恩培说，《多语通途》出口额同比下降4.5%，已有20多家客户，近500亿元订单。"
)


@pytest.mark.parametrize(
    "text",
    [
        "传神语联由何恩培创办。",
        "根据资料，2024年武汉的传神语联出口额同比下降4.5%。",
        "何恩培是武汉一位企业创始人，他介绍了《多语通途》的出口情况。",
        "出口额降幅为百分之四点五，客户超过20家。",
    ],
)
def test_a_paraphrase_passes(text):
    assert unsupported(text, [NAMED]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "传神语联由何恩陪创办。",
        "传神语联由王军创办。",
        "传神语文创始人何恩培说",
        "长沙的传神语联",
        "《多语旅途》出口额",
        "DeepL创始人何恩培",
        "星火科技公司创始人何恩培",
        "出口额同比增长4.5%",
        "超过500亿元订单",
    ],
)
def test_a_name_a_direction_or_a_side_that_the_quote_does_not_give_is_caught(text):
    assert unsupported(text, [NAMED]) != ()


def test_words_that_are_not_the_quotes_are_strange_to_an_extract():
    assert strange("出口额同比下降4.5%", [NAMED]) == ()
    assert strange("出口额同比大幅下降4.5%", [NAMED]) == ("出口额同比大幅下降",)
    assert strange("2024年（原文“2024年”，2025-07-24刊）", [NAMED]) == ()
    assert strange("（2025-07-25刊）", [NAMED]) != ()


def test_a_label_may_be_in_words_of_the_question_but_its_names_and_dates_may_not():
    assert strange("出口增速：下降4.5%", [NAMED]) == ()
    assert strange("昆明：下降4.5%", [NAMED]) == ("昆明",)
    assert strange("2023年：下降4.5%", [NAMED]) == ("2023年",)
    assert strange("下降4.5%：出口增速", [NAMED]) != ()


FIRST, SECOND = evidence("2021年产量达4182万吨。"), evidence("2022年产量达4310万吨。")
BOTH = (("2021年产量达4182万吨。", (FIRST,)), ("2022年产量达4310万吨。", (SECOND,)))


def test_each_part_of_a_joined_answer_rests_on_a_statement_of_its_own():
    assert verified(Answer(True, "2021年：4182万吨；2022年：4310万吨", BOTH)).answered
    assert verified(Answer(True, "4182万吨，2022年", BOTH)).answered
    assert not verified(Answer(True, "2021年：4310万吨；2022年：4182万吨", BOTH)).answered
    assert not verified(Answer(True, "2021年：4182万吨；2022年：4311万吨", BOTH)).answered


def test_a_computed_figure_passes_with_operands_that_are_cited():
    operands = (("4310万吨", SECOND), ("4182万吨", FIRST))
    shown = ("4310万吨 − 4182万吨 = 128万吨", (SECOND, FIRST))
    made = Answer(True, "128万吨", (shown, *BOTH), formulas=(Formula("difference", operands, "128万吨"),))
    assert verified(made) == made


@pytest.mark.parametrize(
    ("operands", "result", "cited"),
    [
        ((("4310万吨", SECOND), ("4182万吨", FIRST)), "129万吨", (SECOND, FIRST)),
        ((("4310万吨", SECOND), ("4180万吨", FIRST)), "130万吨", (SECOND, FIRST)),
        ((("4310万吨", SECOND), ("4182万吨", FIRST)), "128万吨", (SECOND,)),
    ],
)
def test_a_wrong_result_operand_or_missing_citation_is_caught(operands, result, cited):
    formulas = (Formula("difference", operands, result),)
    assert not verified(Answer(True, result, ((f"= {result}", cited),), formulas=formulas)).answered


def test_a_paraphrase_leaves_only_where_it_is_asked_for():
    answer = Answer(True, "何恩培", (("传神语联由何恩培创办。", (NAMED,)),))
    assert not verified(answer).answered
    assert verified(answer, verbatim=False) == answer


def test_an_answer_does_not_rest_on_what_is_to_be_looked_at_besides():
    beside = (RELATED, (QUOTE,))
    assert verified(Answer(True, "127.5亿元", (("出口额127.5亿元", (QUOTE,)), beside))).answered
    reply = verified(Answer(True, "127.5亿元", (("出口额127.5亿元，进口额3亿元", (QUOTE,)), beside)))
    assert (reply.answered, reply.short) == (False, "")


@pytest.mark.parametrize("text", ["超过13万人", "不足13万人", "13万人以上"])
def test_a_figure_about_something_is_no_bound(text):
    assert unsupported(text, [evidence("游客约13万人。")])
    assert unsupported(text, [evidence("游客13万人。")])
