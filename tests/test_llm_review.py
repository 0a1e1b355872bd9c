"""Odd answers, odd settings and odd files: nothing hangs, nothing raises what is no `RagError`, no key is told or lent."""

import json
import time
from threading import Thread

import pytest
from llm_passages import QUESTION, chunk, evidence, hits, passages, source
from llm_server import Script, ScriptedServer

from rag.cite import cite
from rag.config import Settings
from rag.conversation import Conversation, Exchange
from rag.errors import SettingsError
from rag.llm.decide import agree
from rag.llm.draft import drafted
from rag.llm.formula import expressions
from rag.llm.model import Piece, connect
from rag.llm.pack import Passage
from rag.llm.providers import arguments
from rag.llm.rewrite import rewritten
from rag.llm.support import Support
from rag.llm.tape import Tape
from rag.llm.writer import Writer
from rag.render import thread
from rag.types import Answer, Generation, Reply, Turn
from rag.verify import unsupported

MESSAGES = [("system", "只根据资料回答。"), ("user", "多少？")]


class Says:
    """A model that says one thing."""

    name = "says"

    def __init__(self, text):
        self.text = text

    def stream(self, _messages):
        yield Piece(self.text)


def borne_out(text, support=None):
    return [bool((support or Support.by(passages())).of(sentence).evidence) for sentence in drafted(text).sentences]


class TestOddAnswers:
    def test_a_thought_whose_beginning_is_in_the_template_is_left_out(self):
        draft = drafted("先看第一段。应为999亿元[1]。\n</think>\n\n答案：甲\n甲是乙[1]。")
        assert (draft.short, [s.text for s in draft.sentences]) == ("甲", ["甲是乙。"])

    def test_several_thoughts_are_left_out(self):
        assert drafted("<think>一。</think>答案：甲<think>二。</think>").short == "甲"

    @pytest.mark.parametrize("hidden", ["\x1b[31m", "\x00", "\u200b", "\u202e", "\ud83d"])
    def test_what_cannot_be_seen_is_left_out(self, hidden):
        (sentence,) = drafted(f"答案：甲\n执行额为5{hidden}68.3亿元[1]。").sentences
        assert sentence.text.isprintable()
        assert sentence.text.endswith("68.3亿元。")

    def test_a_number_that_no_passage_has_names_none(self):
        (sentence,) = drafted(f"答案：甲\n甲是乙[{'9' * 5000}][2]。").sentences
        assert sentence.claims[0].handles == (2,)

    @pytest.mark.parametrize("again", ["1 - ", "1万+", "1, - ", "10 / ", "1亿美元-"])
    def test_a_model_that_repeats_itself_hangs_nothing(self, again):
        start = time.monotonic()
        assert expressions(again * 300) == []
        assert time.monotonic() - start < 5

    def test_a_long_sum_is_given_up_soon(self):
        start = time.monotonic()
        assert borne_out("答案：甲\n" + " + ".join(["17%"] * 30) + " = 510%[1]。") == [False]
        assert time.monotonic() - start < 5

    def test_three_long_passages_named_together_are_looked_through_soon(self):
        text = "".join(f"{2000 + i}年，全市第{i + 1}季度完成执行额{100 + 3 * i}亿元，发展继续向好。" for i in range(20))
        support = Support.by([Passage(n, chunk(text, f"{n}.txt")) for n in (1, 2, 3)])
        start = time.monotonic()
        assert borne_out("答案：甲\n2003年全市完成执行额999亿元，发展继续向好[1][2][3]。", support) == [False]
        assert time.monotonic() - start < 15

    def test_several_passages_named_together_bear_a_sentence_out(self):
        text = "2024年武汉服务外包执行额达568.3亿元，2023年为386.3亿元[1][2]。"
        assert borne_out(f"答案：甲\n{text}") == [True]


@pytest.mark.parametrize(
    "text",
    [
        "报道称2024年武汉服务外包执行额不低于999亿元，同比增长17%。",
        "文中不仅提到2024年武汉服务外包执行额达999亿元，还说同比增长近一半。",
        "资料没有提到执行额不足999亿元，同比增长17%。",
        "报道不仅提到华为公司，还说同比增长近一半。",
    ],
)
def test_what_sources_are_said_not_to_say_hides_no_figure_and_no_name(text):
    whole = evidence(chunk(), chunk().text)
    assert unsupported(text, [whole])
    assert borne_out(f"答案：甲\n{text[:-1]}[1]。") == [False]


@pytest.mark.parametrize(("name", "told"), [("高恩培", "何恩培"), ("时晓松", "李晓松")])
def test_a_name_that_begins_like_a_word_of_ours_is_held_whole(name, told):
    one = chunk(f"负责人{told}介绍，平台已上线。")
    assert unsupported(f"负责人{name}介绍，平台已上线。", [evidence(one, one.text)])


@pytest.mark.parametrize("text", ["12.", "（12）", "12、", "共有：（12）。", "甲；12)"])
def test_a_number_by_itself_is_no_numbering(text):
    assert "12" in "".join(unsupported(text, [evidence(chunk(), chunk().text)]))


def test_what_sources_do_not_say_may_be_told():
    whole = evidence(chunk(), chunk().text)
    assert unsupported("资料没有给出2019年南京的数字，2024年武汉服务外包执行额达568.3亿元。", [whole]) == ()


@pytest.mark.parametrize(
    ("one", "other"), [("8.3亿元", "568.3亿元"), ("2家", "12家"), ("1月", "11月"), ("12", "12.5"), ("、", "568亿元")]
)
def test_a_part_of_a_number_does_not_agree_with_it(one, other):
    assert not agree(one, other)
    assert not agree(other, one)


def test_a_rewritten_question_takes_no_part_of_a_number_for_it():
    history = [Turn("user", "11月武汉执行额"), Turn("assistant", "568亿元。")]
    typed = "前者呢"
    made = {text: rewritten(Says(text), MESSAGES, typed, history) for text in ("11月武汉执行额呢", "1月武汉执行额呢")}
    assert made == {"11月武汉执行额呢": "11月武汉执行额呢", "1月武汉执行额呢": ""}


def test_the_items_of_a_list_stand_on_lines_of_their_own():
    one = chunk()
    sentences = drafted("答案：两条\n主要有：\n1. 加快升级[1]\n2. 开拓市场[2]\n二者都重要[1]。都要做[1]。").sentences
    told = tuple((sentence.text, (evidence(one, "平台去年9月上线"),)) for sentence in sentences)
    text, _ = cite(Answer(True, "两条", told, prose=True), {one.source: source(one)})
    assert text == "主要有：\n1. 加快升级[1]\n2. 开拓市场[1]\n二者都重要[1]。都要做[1]。"


class TestKeys:
    @pytest.fixture(autouse=True)
    def key(self, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")

    @pytest.mark.parametrize("written", ["", "\n", "sk-a\nsk-b", "密钥"])
    def test_a_file_that_holds_no_key_lends_no_other_one(self, written, tmp_path):
        (tmp_path / "key").write_text(written, encoding="utf-8")
        with pytest.raises(SettingsError, match="密钥文件"):
            connect(Settings(llm="dashscope:qwen", llm_key_file=str(tmp_path / "key")))

    def test_a_file_from_an_editor_that_marks_utf8_is_read(self, tmp_path):
        (tmp_path / "key").write_bytes(b"\xef\xbb\xbfsk-of-file\r\n")
        assert arguments(Settings(llm="openai:x", llm_key_file=str(tmp_path / "key")))["api_key"] == "sk-of-file"

    @pytest.mark.parametrize("written", ["sk-in-the-wrong-place", "sk-\0", "s" * 5000])
    def test_a_key_in_the_place_of_its_file_is_not_told(self, written):
        with pytest.raises(SettingsError) as caught:
            connect(Settings(llm="openai:x", llm_key_file=written))
        assert written not in str(caught.value)
        assert caught.value.__suppress_context__

    @pytest.mark.parametrize(
        "url", ["http://[::1", "http://a:b@host:x/v1", "localhost:8000/v1", "file:///v1", "http://:80"]
    )
    def test_an_address_that_is_none_is_one_sentence_that_does_not_repeat_it(self, url):
        with pytest.raises(SettingsError, match="llm_url") as caught:
            connect(Settings(llm="openai:x", llm_url=url))
        assert url not in str(caught.value)


class TestTape:
    def test_half_a_character_is_kept_as_a_question_mark(self, tmp_path):
        messages = [("user", "多少\ud83d")]
        assert list(Tape(tmp_path, "record", Says("甲\ud83d")).stream(messages)) == [Piece("甲\ud83d")]
        assert list(Tape(tmp_path, "replay").stream(messages)) == [Piece("甲?")]

    @pytest.mark.parametrize("count", [None, "3", 1.5, True])
    def test_a_count_that_is_none_is_named(self, tmp_path, count):
        tape = Tape(tmp_path, "replay")
        tape.file(MESSAGES).write_text(json.dumps({"answer": "甲", "input_tokens": count}), encoding="utf-8")
        with pytest.raises(SettingsError, match="input_tokens"):
            list(tape.stream(MESSAGES))

    def test_two_may_ask_the_same_at_once(self, tmp_path):
        failed = []

        def ask():
            try:
                for _ in range(200):
                    list(Tape(tmp_path, "record", Says("甲" * 2000)).stream(MESSAGES))
            except SettingsError as error:
                failed.append(error)

        threads = [Thread(target=ask) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert failed == []


def footer(generation):
    reply = Reply("问", "问", True, "答", "答[1]。", (), (), seconds={"read": 1.0}, generation=generation)
    return thread(Conversation((Exchange("问", reply),)), {})


def test_the_page_names_a_model_only_where_one_was_asked():
    assert "openai:x" in footer(Generation("openai:x", seconds=1.0))
    assert "openai:x" not in footer(Generation("openai:x"))
    assert "openai:x" not in footer(Generation("openai:x", note="模型服务限流。", seconds=1.0))


@pytest.mark.parametrize("short", ["答案：资料中没有", "资料没有给出2019年的数据。"])
def test_a_model_that_finds_nothing_is_not_shown_answering_meanwhile(short, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    refused, one = Answer(False, "", (), "资料中没有。"), chunk()
    near = "2024年，武汉服务外包执行额达568.3亿元[1]。其中，离岸外包执行额为127.5亿元[1]。同比增长17%[1]。"
    with ScriptedServer([Script(f"{short}\n{near}")]) as server:
        writer = Writer.load(Settings(llm="openai:scripted", llm_url=server.url))
        grown = list(writer.write(QUESTION, refused, hits(one), {one.source: source(one)}))
    assert len(server.requests) == 1
    assert len(grown) > 1
    assert {answer.answered for answer, _ in grown} == {False}
