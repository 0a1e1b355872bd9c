"""A sentence of a model is borne out by the passages it names, or not shown."""

import pytest
from llm_passages import OTHER, TEXT, passages

from rag.llm.draft import drafted
from rag.llm.support import Support


def quoted(text, *texts):
    """The quotes of the one sentence that `text` is."""
    [sentence] = drafted(f"答案：略\n{text}").sentences
    return [one.quote for one in Support.by(passages(*texts)).of(sentence).evidence]


EXACT = "2024年，武汉服务外包执行额达568.3亿元，同比增长近一半。"


@pytest.mark.parametrize(
    "text",
    [
        "2024年武汉服务外包执行额为568.3亿元[1]。",
        "武汉2024年的服务外包执行额达到568.3亿元，比上年增长近一半[1]。",
        "武汉服务外包执行额2024年达５６８.３亿元[1]。",
        "2024年武汉服务外包执行额达五百六十八点三亿元[1]。",
    ],
)
def test_a_paraphrase_with_the_right_figures_is_quoted(text):
    assert quoted(text) == [EXACT]


@pytest.mark.parametrize(
    "text",
    [
        "2024年武汉服务外包执行额为586.3亿元[1]。",
        "2024年武汉服务外包执行额为568.3万元[1]。",
        "2024年武汉服务外包执行额为568.3亿美元[1]。",
        "2022年武汉服务外包执行额为568.3亿元[1]。",
        "2024年南京服务外包执行额为568.3亿元[1]。",
        "2024年武汉服务外包执行额达568.3亿元，同比下降近一半[1]。",
        "平台负责人王建国介绍，平台深度服务企业超1500家[1]。",
        "平台深度服务企业不到1500家[1]。",
    ],
)
def test_a_wrong_figure_unit_year_place_direction_or_name_has_no_quote(text):
    assert quoted(text) == []


def test_a_relative_date_is_the_one_its_document_means():
    assert quoted("平台于2024年9月上线[1]。") != []
    assert quoted("平台于2025年9月上线[1]。") == []


def test_a_handle_nobody_gave_vanishes_and_the_sentence_is_looked_for_elsewhere():
    assert quoted("2024年，武汉服务外包执行额达568.3亿元[9]。") == [EXACT]
    assert quoted("武汉前景看好[9]。") == []


def test_a_sentence_without_a_handle_needs_most_of_its_words_in_a_passage():
    assert quoted("2024年，武汉服务外包执行额达568.3亿元。") == [EXACT]
    assert quoted("这说明政策取得了明显成效。") == []


def test_a_passage_about_something_else_bears_nothing_out():
    assert quoted("各项工作有序推进，成绩喜人[1]。") == []


def test_two_passages_bear_out_one_sentence_together():
    text = "2023年武汉服务外包执行额为386.3亿元[2]，2024年达568.3亿元[1]。"
    assert quoted(text) == ["2023年，武汉服务外包执行额为386.3亿元。", EXACT]


def test_figures_of_two_claims_cannot_change_places():
    assert quoted("2023年武汉服务外包执行额为568.3亿元[2]，2024年为386.3亿元[1]。") == []


def test_a_formula_is_worked_out_again():
    made = "568.3亿元[1] − 386.3亿元[2] = {}"
    assert len(quoted(made.format("182亿元"))) == 2
    assert quoted(made.format("183亿元")) == []
    assert len(quoted("127.5亿元[1] ÷ 568.3亿元[1] = 22.4%")) == 2
    assert quoted("127.5亿元[1] ÷ 999亿元[1] = 12.8%") == []


def test_every_quote_stands_in_its_passage():
    [sentence] = drafted("答案：略\n全国共有37个服务外包示范城市[2]。").sentences
    for one in Support.by(passages()).of(sentence).evidence:
        assert one.quote in OTHER
        assert OTHER[one.start : one.end] == one.quote
    assert TEXT


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("全省粮食产量约1.4万亿斤[1]。", "2024年，全省粮食产量达14015亿斤。"),
        ("近九成订单来自海外[1]。", "海外订单占全部订单的88.5%。"),
        ("甲类产品产值96.5亿元[1]。", "甲类、乙类产品产值分别为96.5亿、50.9亿元。"),
        ("世卫组织发布了报告[1]。", "世界卫生组织发布了报告，分析疫情。"),
        ("到2024年，产量比2023年增长近一半[1]。", "到2024年，产量比前一年增长了近一半。"),
        ("港口、机场、车站三类设施都已建成[1]。", "港口已建成，机场、车站设施也已建成。"),
    ],
)
def test_what_is_rounded_shortened_or_counted_is_borne_out(text, source):
    assert quoted(text, source) != []


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("全省粮食产量约1.5万亿斤[1]。", "2024年，全省粮食产量达14015亿斤。"),
        ("全省粮食产量为1.4万亿斤[1]。", "2024年，全省粮食产量达14015亿斤。"),
        ("近八成订单来自海外[1]。", "海外订单占全部订单的88.5%。"),
        ("超3200亿美元来自海外[1]。", "3138亿美元来自海外。"),
        ("甲类产品产值96.5亿美元[1]。", "甲类、乙类产品产值分别为96.5亿、50.9亿元。"),
        ("中国银行发布了报告[1]。", "中国农业银行发布了报告，分析形势。"),
        ("到2024年，产量比2022年增长近一半[1]。", "到2024年，产量比前一年增长了近一半。"),
        ("港口、机场、车站四类设施都已建成[1]。", "港口已建成，机场、车站设施也已建成。"),
    ],
)
def test_what_is_rounded_shortened_or_counted_wrongly_is_not(text, source):
    assert quoted(text, source) == []
