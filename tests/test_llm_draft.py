"""What a model wrote is taken apart as it was meant, however it writes its handles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.draft import drafted


def claims(text):
    return [(claim.text, claim.handles) for sentence in drafted(text).sentences for claim in sentence.claims]


def test_the_first_line_is_the_short_answer_and_the_rest_are_sentences():
    draft = drafted("答案：568.3亿元\n2024年武汉服务外包执行额为568.3亿元[2]。比上年增长近一半[2][3]。")
    assert draft.short == "568.3亿元"
    assert [s.text for s in draft.sentences] == ["2024年武汉服务外包执行额为568.3亿元。", "比上年增长近一半。"]
    assert [c.handles for s in draft.sentences for c in s.claims] == [(2,), (2, 3)]
    assert not draft.declined


@pytest.mark.parametrize(
    ("handle", "numbers"),
    [
        ("[2]", (2,)),
        ("[2,3]", (2, 3)),
        ("【2】", (2,)),
        ("[1-3]", (1, 2, 3)),
        ("[^4]", (4,)),
        (" [2] [5]", (2, 5)),
        ("[2、3]", (2, 3)),
    ],
)
def test_handles_are_read_in_any_writing(handle, numbers):
    assert claims(f"答案：甲\n甲是乙{handle}。") == [("甲是乙。", numbers)]


def test_a_handle_behind_the_full_stop_belongs_to_the_sentence_before_it():
    assert claims("答案：甲\n甲是乙。[2]丙是丁。[3]") == [("甲是乙。", (2,)), ("丙是丁。", (3,))]


def test_each_part_of_a_sentence_has_the_handles_behind_it():
    assert claims("答案：甲\n甲为1亿元[1]，乙为2亿元[2]，合计更多。") == [
        ("甲为1亿元", (1,)), ("，乙为2亿元", (2,)), ("，合计更多。", (1, 2)),
    ]  # fmt: skip


def test_a_colon_before_a_line_break_does_not_end_a_sentence():
    [sentence, other] = drafted("答案：两条\n主要有：\n1. 加快升级[1]\n2. 开拓市场[2]").sentences
    assert sentence.text.startswith("主要有：")
    assert "加快升级" in sentence.text
    assert [(claim.text.strip(), claim.handles) for claim in other.claims] == [("2. 开拓市场", (2,))]


def test_thoughts_fences_and_emphasis_are_left_out():
    draft = drafted("<think>先看[1]。答案：错</think>\n**答案：** 甲\n```\n**甲**是乙[1]。\n```")
    assert draft.short == "甲"
    assert [s.text for s in draft.sentences] == ["甲是乙。"]


def test_a_thought_that_has_not_ended_is_no_answer():
    assert drafted("<think>想到568亿元[1]。还在想", whole=False).sentences == ()


@pytest.mark.parametrize(
    "text",
    [
        "答案：资料中没有\n最接近的是2024年的568.3亿元[1]。",
        "答案：无法确定",
        "资料没有提供2019年的数据。",
        "Answer: not stated in the passages",
    ],
)
def test_a_model_that_finds_nothing_is_understood(text):
    draft = drafted(text)
    assert draft.declined
    assert draft.short == ""


def test_an_answer_with_without_in_it_is_no_refusal():
    assert not drafted("答案：没有编制的人员\n名单包括没有编制的人员[1]。").declined


def test_of_a_growing_text_only_what_is_finished_counts():
    text = "答案：甲\n甲是乙[1]。丙是丁[2]。"
    grown = [len(drafted(text[:end], whole=False).sentences) for end in range(len(text) + 1)]
    assert grown == sorted(grown)
    assert grown[-1] == 1
    assert len(drafted(text).sentences) == 2


@given(st.text(alphabet="甲乙丙1[]【】,，。\n答案：<think>/", max_size=60))
def test_any_text_can_be_taken_apart(text):
    draft = drafted(text)
    for sentence in draft.sentences:
        assert sentence.text.strip()
        assert all(handle >= 0 for claim in sentence.claims for handle in claim.handles)
