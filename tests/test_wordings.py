"""A question in the words of its documents."""

import pytest
from langchain_core.documents import Document

from rag.chat import ChatBot
from rag.types import Turn
from rag.wordings import aliases, understood

TEXTS = {
    "fair.txt": "第八届中国西部国际丝绸贸易博览会（以下简称“西丝博会”）6月5日在兰州开幕。西丝博会吸引了40个国家的客商。"
    "西丝博会期间签约项目58个。西丝博会的主题是“共享”。",
    "trade.txt": "去年，全市承接商业流程外包（BPO）业务额为12亿元，增长8%。承接BPO业务的企业有30家。"
    "《南方海洋经济合作协定》（NOCA）于当年生效。",
    "more.txt": "今年承接BPO业务的企业增加到45家。",
    "firm.txt": "兰州河畔智能装备股份有限公司（下称“河畔智能”）创立于2003年。河畔智能的创始人是陆远。",
}


@pytest.fixture(scope="module")
def index():
    return ChatBot.from_documents([Document(text, metadata={"source": name}) for name, text in TEXTS.items()]).index


def test_names_are_told_by_the_documents():
    made = aliases(TEXTS.values())
    assert made["西丝博会"] == ("西部国际丝绸贸易博览会",)
    assert made["商业流程外包"] == ("bpo",)
    assert made["河畔智能"] == ("河畔智能装备股份有限公司",)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("承接知识流程外包（KPO）", {("知识流程外包", "kpo")}),
        ("《南方海洋经济合作协定》（NOCA）生效", {("南方海洋经济合作协定", "noca")}),
        ("河畔智能装备股份有限公司（下称“河畔智能”）成立", {("河畔智能装备股份有限公司", "河畔智能")}),
        ("环境、社会和公司治理（ESG）报告", set()),  # of a coordination only the end would be taken
        ("《关于做好防汛工作的通知》（以下简称《通知》）", set()),  # any notice is called so
        ("他（左二）说", set()),
        ("增长8%（按美元计）", set()),
        ("陆远（河畔智能创始人）说", set()),
    ],
)
def test_pairs_are_taken_only_where_the_text_says_so(text, pairs):
    made = aliases([text])
    assert {(name, other) for name, others in made.items() for other in others} == pairs | {(b, a) for a, b in pairs}


def test_either_form_of_a_name_stands_for_the_other(index):
    assert ("bpo", "商业流程外包") in understood("BPO业务额多少", [], index).synonyms
    assert ("商业流程外包", "bpo") in understood("商业流程外包企业有几家", [], index).synonyms
    assert ("河畔智能装备股份有限公司", "河畔智能") in understood("河畔智能装备股份有限公司在哪", [], index).synonyms


def test_a_form_that_the_documents_use_more_is_searched_too(index):
    assert "bpo" in understood("商业流程外包企业有几家", [], index).query
    assert understood("BPO企业有几家", [], index).query == "BPO企业有几家"


def test_a_part_of_a_word_is_no_name(index):
    assert understood("BPOS是什么", [], index).synonyms == ()


def test_general_words_have_what_the_documents_write(index):
    assert ("创办", "创立") in understood("谁创办了河畔智能", [], index).synonyms
    assert ("创办", "设立") not in understood("谁创办了河畔智能", [], index).synonyms  # nowhere in the documents


def test_a_misspelt_question_shows_what_was_understood(index):
    question = understood("西丝搏会的主题是什么", [], index)
    assert question.typed == "西丝搏会的主题是什么"
    assert question.text == "西丝博会的主题是什么"


def test_a_misspelt_earlier_question_is_understood_too(index):
    history = [Turn("user", "西丝搏会的主题是什么"), Turn("assistant", "“共享”")]
    assert "西丝博会" in understood("签约项目多少个", history, index).text
