"""The page without a browser: what is rendered, that nothing of a document becomes markup, what is copied, the API."""

import dataclasses
import json
import re
import socket
import urllib.request
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.documents import Document

from rag import ChatBot
from rag.conversation import Conversation, Exchange, as_json, from_messages
from rag.load import from_document
from rag.render import footnotes, heading, panel, thread
from rag.types import Chunk, Citation, Hit, Reply, Turn

OURS = {"ol", "ul", "li", "p", "div", "button", "span", "section", "header", "blockquote", "mark", "strong"} | {
    "h1",
    "h2",
    "h3",
}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**粗体** _斜体_ `码` [链](javascript:alert(1))",
    "</li></ol><mark>",
    '"\' onclick="alert(1)',
    "&lt;b&gt; {{7*7}} ${7*7} $$x^2$$",
)
REPEATED = "港口吞吐量为3530万标箱。天气很好。港口吞吐量为3530万标箱。记者报道。"


class Page(HTMLParser):
    """The elements, attributes and text of some HTML, as a browser reads them."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.marked, self._inside = [], "", "", 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._inside += tag == "mark"

    def handle_endtag(self, tag):
        self._inside -= tag == "mark"

    def handle_data(self, data):
        self.text += data
        self.marked += data if self._inside else ""

    def with_class(self, name):
        return [attributes for _, attributes in self.elements if name in attributes.get("class", "").split()]


def source_of(text, **metadata):
    return from_document(Document(text, metadata={"source": "a.txt", "title": "标题", **metadata}))


def reply_of(source, quote, at=0, **fields):
    """A reply that cites the occurrence of `quote` at or after `at`, in a chunk that is the whole source."""
    position = source.text.index(quote, at)
    chunk = Chunk("c1", source.source, source.title, source.published, (), source.text, 0, len(source.text))
    raw = source.offsets.raw_span(position, position + len(quote))
    citation = Citation(1, source.source, source.title, source.published, quote, *raw, chunk)
    values = {"answered": True, "short": "3530万标箱", "text": f"{quote}[1]", "citations": (citation,), "reason": ""}
    values |= {"standalone_question": "吞吐量是多少", "hits": (Hit(chunk, 1.0, 1),)} | fields
    return Reply("吞吐量是多少", **values)


def conversation_of(*exchanges, number=0):
    return Conversation(tuple(exchanges), chosen=len(exchanges) - 1, number=number)


@pytest.fixture
def source():
    return source_of(REPEATED, published="2024-05-01", publisher="港口报")


class TestNothingOfADocumentBecomesMarkup:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_shown_as_it_is(self, text):
        self.check(text)

    @given(st.text(min_size=1, max_size=80))
    @example("[1]")
    def test_any_text_is_shown_as_it_is(self, text):
        self.check(text)

    @staticmethod
    def check(text):
        source = dataclasses.replace(source_of("文。"), title=text, publisher=text, source=text)
        quote = f"<i>{text}<i>"
        chunk = Chunk("c", text, text, None, (f"{text}节",), text, 0, len(text))
        citation = Citation(2, text, text, None, quote, 0, 1, chunk)
        sources = {text: source}
        answered = Reply(text, text + "全", True, text, f"{text}。{text}", (citation,), (Hit(chunk, 1.0, 1),))
        refused = Reply(text, text, False, "", text, (), (Hit(chunk, 1.0, 1),), reason=text)
        nearest = dataclasses.replace(refused, citations=(citation,))
        replies = [Exchange(text, reply) for reply in (answered, refused, nearest)]
        talk = conversation_of(*replies, Exchange(text, error=text))
        shown = [thread(talk, sources), heading(sources), thread(Conversation(), sources, [text])]
        shown += [panel(dataclasses.replace(talk, chosen=turn), sources) for turn in range(4)]
        for html in shown:
            page = Page(html)
            assert {tag for tag, _ in page.elements} <= OURS
            assert not [name for _, names in page.elements for name in names if name.startswith("on")]
        # Carriage returns are what an HTML parser may change: the browser shows a line break for both.
        assert text.split("\r")[0] in Page(shown[0]).text
        assert text.split("\r")[0] in Page(shown[3]).text


class TestSources:
    def test_the_cited_sentence_is_marked_in_its_passage(self, source):
        quote = "天气很好。"
        page = Page(panel(conversation_of(Exchange("问", reply_of(source, quote))), {"a.txt": source}))
        assert page.marked == quote
        assert REPEATED in page.text

    @pytest.mark.parametrize("at", [0, 5])
    def test_of_two_equal_sentences_the_cited_one_is_marked(self, source, at):
        quote = "港口吞吐量为3530万标箱。"
        html = panel(conversation_of(Exchange("问", reply_of(source, quote, at=at))), {"a.txt": source})
        before = re.sub("<[^>]+>", "", html[html.index("<blockquote") : html.index("<mark>")])
        assert before == REPEATED[: REPEATED.index(quote, at)]

    def test_a_quote_that_reaches_out_of_its_chunk_is_shown_whole(self, source):
        reply = reply_of(source, "天气很好。")
        chunk = dataclasses.replace(reply.citations[0].chunk, text=source.text[:8], start=0, end=8)
        citation = dataclasses.replace(reply.citations[0], chunk=chunk)
        reply = dataclasses.replace(reply, citations=(citation,))
        assert Page(panel(conversation_of(Exchange("问", reply)), {"a.txt": source})).marked == "天气很好。"

    def test_a_source_no_longer_indexed_still_shows_its_quote(self, source):
        page = Page(panel(conversation_of(Exchange("问", reply_of(source, "天气很好。"))), {}))
        assert page.marked == "天气很好。"

    def test_title_publisher_date_file_and_place_are_shown(self, source):
        text = Page(panel(conversation_of(Exchange("问", reply_of(source, "天气很好。"))), {"a.txt": source})).text
        place = REPEATED.index("天气很好。")
        for part in ("标题", "港口报 · 2024年5月1日", f"a.txt · 字符 {place}–{place + 5}"):
            assert part in text

    def test_the_short_answer_stands_out_in_the_quote(self, source):
        html = panel(conversation_of(Exchange("问", reply_of(source, REPEATED[:15]))), {"a.txt": source})
        assert "<strong>3530万标箱</strong>" in html

    def test_the_picked_source_is_the_active_one(self, source):
        reply = reply_of(source, "天气很好。")
        second = dataclasses.replace(reply.citations[0], number=2)
        reply = dataclasses.replace(reply, citations=(*reply.citations, second))
        page = Page(panel(conversation_of(Exchange("问", reply), number=2), {"a.txt": source}))
        assert [attributes["data-number"] for attributes in page.with_class("wj-active")] == ["2"]

    def test_a_refusal_without_citations_shows_what_was_found(self, source):
        reply = reply_of(source, "天气很好。", answered=False, short="", text="没有。", citations=(), reason="没有。")
        page = Page(panel(conversation_of(Exchange("问", reply)), {"a.txt": source}))
        assert "未引用" in page.text
        assert REPEATED in page.text
        assert page.marked == ""

    def test_before_the_first_question_the_panel_says_what_it_is_for(self):
        assert "提问后" in panel(Conversation(), {})


class TestAnswers:
    def test_only_numbers_of_citations_are_buttons(self, source):
        reply = reply_of(source, "天气很好。", text="天气很好。[1]见文献[7]。")
        page = Page(thread(conversation_of(Exchange("问", reply)), {"a.txt": source}))
        assert [attributes["data-number"] for attributes in page.with_class("wj-ref")] == ["1"]
        assert "见文献[7]。" in page.text

    def test_the_standalone_question_is_shown_where_it_differs(self, source):
        reply = reply_of(source, "天气很好。")
        shown = thread(conversation_of(Exchange("那2025年呢？", reply)), {"a.txt": source})
        assert "理解为：吞吐量是多少" in shown
        same = thread(conversation_of(Exchange(" 吞吐量 是多少？", reply)), {"a.txt": source})
        assert "理解为" not in same

    def test_a_refusal_says_why_once_and_what_was_nearest(self, source):
        text = "文件中没有2030年的数据。\n最接近的内容：天气很好。[1]"
        reply = reply_of(source, "天气很好。", answered=False, short="", text=text, reason="文件中没有2030年的数据。")
        page = Page(thread(conversation_of(Exchange("问", reply)), {"a.txt": source}))
        assert page.with_class("wj-refusal")
        assert page.text.count("文件中没有2030年的数据。") == 1
        assert "最接近的内容：天气很好。" in page.text
        assert len(page.with_class("wj-ref")) == 1

    def test_an_error_is_shown_as_a_sentence(self):
        page = Page(thread(conversation_of(Exchange("问", error="索引已损坏，请重建。")), {}))
        assert page.with_class("wj-error")
        assert "索引已损坏，请重建。" in page.text

    def test_a_stopped_answer_says_so(self, source):
        assert "已停止" in thread(conversation_of(Exchange("问", stopped=True)), {})
        partial = Exchange("问", reply_of(source, "天气很好。"), stopped=True)
        assert "已停止" in thread(conversation_of(partial), {"a.txt": source})


class TestCopy:
    def test_footnotes_follow_the_answer(self, source):
        place = REPEATED.index("天气很好。")
        assert footnotes(reply_of(source, "天气很好。", short="很好"), {"a.txt": source}) == (
            f"很好\n天气很好。[1]\n\n[1] 《标题》，港口报，2024年5月1日，a.txt，字符 {place}–{place + 5}：“天气很好。”"
        )

    def test_an_answer_that_is_its_short_form_is_copied_once(self, source):
        text = footnotes(reply_of(source, "天气很好。", short="天气很好"), {"a.txt": source})
        assert text.startswith("天气很好。[1]\n\n[1] ")

    def test_a_refusal_is_copied_with_its_reason(self, source):
        reply = reply_of(source, "天气很好。", answered=False, short="", text="没有。", citations=(), reason="没有。")
        assert footnotes(reply, {"a.txt": source}) == "没有。"

    def test_the_copy_button_holds_the_footnotes(self, source):
        reply = reply_of(source, "天气很好。")
        (button,) = Page(thread(conversation_of(Exchange("问", reply)), {"a.txt": source})).with_class("wj-copy")
        assert button["data-copy"] == footnotes(reply, {"a.txt": source})


class TestConversation:
    def test_a_step_leaves_the_earlier_conversation_as_it_was(self):
        first = Conversation().asked("一")
        second = first.asked("二")
        assert [exchange.question for exchange in first.exchanges] == ["一"]
        assert [exchange.question for exchange in second.without_last().exchanges] == ["一"]
        assert second.chosen == 1

    def test_history_holds_questions_as_understood_and_skips_what_failed(self, source):
        reply = reply_of(source, "天气很好。")
        talk = conversation_of(Exchange("那呢？", reply), Exchange("错", error="错误。"))
        assert reply.short
        assert talk.turns() == [Turn("user", "吞吐量是多少"), Turn("assistant", f"{reply.short}。天气很好。[1]")]

    def test_gradio_messages_become_turns(self):
        parts = [
            {"type": "text", "text": "二"},
            {"type": "file", "file": {"path": "x"}},
            {"type": "text", "text": "三"},
        ]
        messages = [{"role": "user", "content": "一"}, {"role": "assistant", "content": parts}]
        messages += [{"role": "system", "content": "忽略"}]
        assert from_messages(messages) == [Turn("user", "一"), Turn("assistant", "二三")]

    def test_a_reply_as_json_holds_its_citations(self, source):
        made = json.loads(json.dumps(as_json(reply_of(source, "天气很好。")), ensure_ascii=False))
        assert made["citations"][0]["quote"] == "天气很好。"
        assert made["citations"][0]["published"] == date(2024, 5, 1).isoformat()


class TestPage:
    """The page over real bots."""

    def test_every_example_is_answered_from_the_file_it_names(self, seeds_bot):
        import ui

        for question, file in ui.EXAMPLES:
            reply = seeds_bot.ask(question)
            assert reply.answered, question
            assert file in {citation.source for citation in reply.citations}, question

    def test_examples_are_offered_for_the_seeds_only(self, seeds_bot):
        import ui

        other = ChatBot.from_documents([Document("天气很好。", metadata={"source": "a.txt"})])
        assert len(ui.Page(seeds_bot).examples) == len(ui.EXAMPLES)
        assert ui.Page(other).examples == []

    def test_programs_get_json_from_the_endpoint(self, seeds_bot, served):
        question, url = "2022年我国离岸服务外包执行额是多少", served(seeds_bot)
        made, expected = call(url, question, None), as_json(seeds_bot.ask(question))
        assert made | {"seconds": {}} == expected | {"seconds": {}}
        history = [{"role": "user", "content": [{"type": "text", "text": question}]}]
        assert "2021" in call(url, "那2021年呢？", history)["standalone_question"]

    def test_a_taken_port_is_a_sentence_and_status_one(self, seeds_index, capsys):
        import ui

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            assert ui.main(["--index", str(seeds_index), "--port", str(port), "--no-browser"]) == 1
        assert f"端口 {port}" in capsys.readouterr().err

    def test_a_missing_corpus_is_a_sentence_and_status_one(self, tmp_path, capsys):
        import ui

        arguments = ["--corpus", str(tmp_path / "none"), "--index", str(tmp_path / "index"), "--no-browser"]
        assert ui.main(arguments) == 1
        error = capsys.readouterr().err
        assert "none" in error
        assert "Traceback" not in error


def call(url, question, history):
    """What the endpoint `chat` answers to a program that knows only HTTP."""
    body = json.dumps({"data": [question, history]}).encode()
    request = urllib.request.Request(  # noqa: S310 http on this machine
        f"{url}gradio_api/call/chat", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{url}gradio_api/call/chat/{event}", timeout=20) as answer:  # noqa: S310
        lines = answer.read().decode().splitlines()
    assert lines[0] == "event: complete", lines
    return json.loads(lines[1].removeprefix("data: "))[0]
