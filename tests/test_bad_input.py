"""Odd questions, odd files, odd indexes, end to end: always a clear sentence, never a traceback."""

import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from rag import ChatBot, RagError, Settings, build_index
from rag.cli import main
from rag.errors import CorpusError, IndexDamaged, IndexMissing, IndexOutdated, StoreError

PORT = "2023年，宁波港完成集装箱吞吐量3530万标箱，同比增长5.9%。"
ASKED, ANSWER = "宁波港2023年的集装箱吞吐量是多少", "3530万标箱"
PLAIN = "2024年武汉服务外包执行额是多少"


def is_sentence(text):
    """Whether `text` is one line for a Chinese reader."""
    return "\n" not in text and "Traceback" not in text and any("一" <= character <= "鿿" for character in text)


def folder_of(tmp_path: Path, **files) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / f"{name}.txt").write_bytes(data)
    return folder


@pytest.fixture
def index(corpus, tmp_path):
    build_index(corpus, tmp_path / "index")
    return tmp_path / "index"


class TestQuestions:
    """Every question gets a reply; one that asks nothing is refused with a reason."""

    @pytest.mark.parametrize(
        "question", ["", " ", "　\t\n", "？", "！？……——", "😀", "👩‍👩‍👧", "\u200b", "\x00", "。。。"]
    )
    def test_a_question_without_words_is_refused_with_a_reason(self, seeds_bot, question):
        reply = seeds_bot.ask(question)
        assert not reply.answered
        assert reply.short == ""
        assert is_sentence(reply.reason)
        assert reply.question == question

    @pytest.mark.parametrize("question", ["武", "a", "1", "谁", "的", "[1]", "<b>", "\\"])
    def test_a_question_of_next_to_nothing_gets_a_reply(self, seeds_bot, question):
        reply = seeds_bot.ask(question)
        assert reply.answered or is_sentence(reply.reason)

    @pytest.mark.parametrize(
        "question", ["武" * 10_000, "武汉服务外包" * 2_000, "9" * 10_000, "（" * 10_000, "是多少？" * 2_500]
    )
    def test_a_very_long_question_is_dealt_with_in_time(self, seeds_bot, question):
        start = time.perf_counter()
        reply = seeds_bot.ask(question)
        assert time.perf_counter() - start < 3
        assert reply.answered or is_sentence(reply.reason)

    @pytest.mark.parametrize("question", ["How many people live in Paris?", "What is the tallest mountain in Africa"])
    def test_an_english_question_without_an_answer_is_refused(self, seeds_bot, question):
        reply = seeds_bot.ask(question)
        assert not reply.answered
        assert is_sentence(reply.reason)

    @pytest.mark.parametrize(
        "question",
        [
            "2024年武漢服務外包執行額是多少",
            "２０２４年武汉服务外包执行额是多少？",
            "２０２４ 年 武 汉 服 务 外 包 执 行 额 是 多 少",
            "2024年武汉服务外包执行额是多少😀？？？",
            "请问，2024年武汉服务外包执行额是多少呀",
            "2024年武汉服务外包执行额是多少\n",
        ],
    )
    def test_another_writing_of_a_question_has_the_same_answer(self, seeds_bot, question):
        plain, reply = seeds_bot.ask(PLAIN), seeds_bot.ask(question)
        assert plain.answered
        assert (reply.answered, reply.short) == (True, plain.short)

    def test_markup_in_a_question_is_only_text(self, seeds_bot):
        question = "<script>alert(1)</script>2024年武汉服务外包执行额是多少"
        assert seeds_bot.ask(question).question == question

    def test_every_quote_stands_in_its_file(self, seeds_bot):
        for question in ("2024年武汉服务外包执行额是多少", "2025年武汉服务外包合同执行额", "武"):
            for citation in seeds_bot.ask(question).citations:
                raw = (Path(__file__).parents[1] / "seeds" / citation.source).read_bytes().decode("utf-8")
                found = "".join(raw[citation.start : citation.end].split())
                assert found[0] == citation.quote[0]
                assert found[-1] == citation.quote[-1]

    @pytest.mark.parametrize(
        "history",
        [
            [],
            [{"role": "user", "content": ""}],
            [{"role": "assistant", "content": "好的。"}],
            [{"role": "user", "content": "武汉" * 5_000}] * 3,
        ],
    )
    def test_any_history_is_borne(self, seeds_bot, history):
        assert seeds_bot.ask(PLAIN, history).short == seeds_bot.ask(PLAIN).short


class TestFiles:
    """A file that cannot be read is named; the others are indexed."""

    def test_a_missing_folder_is_named(self, tmp_path):
        with pytest.raises(CorpusError, match="docs"):
            build_index(tmp_path / "docs", tmp_path / "index")
        assert not (tmp_path / "index").exists()

    def test_an_empty_folder_is_named(self, tmp_path):
        with pytest.raises(CorpusError, match="docs") as raised:
            build_index(folder_of(tmp_path), tmp_path / "index")
        assert is_sentence(str(raised.value))

    def test_a_file_in_place_of_a_folder_is_refused(self, tmp_path):
        (tmp_path / "a.txt").write_text(PORT, encoding="utf-8")
        with pytest.raises(CorpusError):
            build_index(tmp_path / "a.txt", tmp_path / "index")

    def test_a_folder_with_nothing_readable_is_refused_and_keeps_the_old_index(self, index, tmp_path):
        docs = folder_of(tmp_path, empty=b"", binary=bytes(range(256)) * 8)
        with pytest.raises(CorpusError):
            build_index(docs, index)
        assert ChatBot.from_index(index).ask(ASKED).short == ANSWER

    @pytest.mark.parametrize("odd", [b"", b" \r\n\t", bytes(range(256)) * 8, b"\x89PNG\r\n\x1a\n" + bytes(500)])
    def test_a_file_without_text_leaves_the_others_readable(self, tmp_path, odd, capsys):
        docs = folder_of(tmp_path, port=PORT, odd=odd)
        assert main(["build", str(docs), "--index", str(tmp_path / "index")]) == 0
        shown = "".join(capsys.readouterr())
        assert "odd.txt" in shown
        assert ChatBot.from_index(tmp_path / "index").ask(ASKED).short == ANSWER

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
    def test_a_file_in_another_encoding_is_read_and_cited_by_its_characters(self, tmp_path, encoding):
        text = f"港口要闻\n\n{PORT}港口方面表示，全年货物吞吐量也创下了历史新高。\n" * 1
        mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
        docs = folder_of(tmp_path, port=(mark + text).encode(encoding))
        build_index(docs, tmp_path / "index")
        reply = ChatBot.from_index(tmp_path / "index").ask(ASKED)
        assert reply.short == ANSWER
        quoted = reply.citations[0]
        decoded = docs.joinpath("port.txt").read_bytes().decode(encoding)
        assert quoted.quote in (decoded[quoted.start : quoted.end], (mark and decoded[1:])[quoted.start : quoted.end])

    def test_a_text_without_a_full_stop_is_searched_and_quoted(self, tmp_path):
        text = "，".join(f"第{n}号泊位的水深是{n + 10}.5米" for n in range(1, 400))
        docs = folder_of(tmp_path, berths=text)
        build_index(docs, tmp_path / "index")
        bot = ChatBot.from_index(tmp_path / "index")
        assert bot.search("第77号泊位的水深", 1)[0].chunk.text in text
        reply = bot.ask("第77号泊位的水深是多少")
        assert reply.answered or is_sentence(reply.reason)
        assert all(citation.quote == text[citation.start : citation.end] for citation in reply.citations)

    def test_the_second_of_two_equal_files_is_left_out_and_named(self, tmp_path, capsys):
        docs = folder_of(tmp_path, one=PORT, two=PORT)
        assert main(["build", str(docs), "--index", str(tmp_path / "index")]) == 0
        shown = "".join(capsys.readouterr())
        assert "two.txt" in shown
        assert "one.txt" in shown
        bot = ChatBot.from_index(tmp_path / "index")
        assert [hit.chunk.source for hit in bot.search(ASKED, 5)] == ["one.txt"]
        assert bot.ask(ASKED).short == ANSWER

    def test_two_documents_with_an_equal_sentence_keep_their_passages_apart(self, tmp_path):
        docs = folder_of(tmp_path, one=PORT, two=PORT + "港口方面表示，全年货物吞吐量也创下了历史新高。")
        build_index(docs, tmp_path / "index")
        hits = ChatBot.from_index(tmp_path / "index").search(ASKED, 5)
        assert sorted(hit.chunk.source for hit in hits) == ["one.txt", "two.txt"]
        assert len({hit.chunk.id for hit in hits}) == 2


class TestIndexes:
    """An index that cannot be used is refused with the way out; questions go on while it is rebuilt."""

    def changed_manifest(self, index, **values):
        file = index / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | values), encoding="utf-8")

    def refusal(self, index, capsys):
        assert main(["ask", ASKED, "--index", str(index)]) == 1
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1
        return shown.err

    def test_a_missing_index_says_how_to_build_one(self, tmp_path, capsys):
        with pytest.raises(IndexMissing):
            ChatBot.from_index(tmp_path / "none")
        assert "wenju build" in self.refusal(tmp_path / "none", capsys)

    def test_an_index_of_another_format_is_refused(self, index, capsys):
        self.changed_manifest(index, format=10_000)
        with pytest.raises(IndexOutdated):
            ChatBot.from_index(index)
        assert "wenju build" in self.refusal(index, capsys)

    def test_an_index_of_another_setting_is_refused(self, index, monkeypatch, capsys):
        monkeypatch.setenv("RAG_TERMS", "words")
        with pytest.raises(IndexOutdated):
            ChatBot.from_index(index)
        assert "wenju build" in self.refusal(index, capsys)

    def test_an_index_of_another_model_is_refused(self, index, monkeypatch, capsys):
        monkeypatch.setenv("RAG_MODEL", "somebody/other-model")
        with pytest.raises(StoreError):
            ChatBot.from_index(index)
        assert "somebody/other-model" in self.refusal(index, capsys)

    def test_every_file_of_an_index_is_needed_whole(self, index, tmp_path, capsys):
        files = sorted(
            path.relative_to(index) for path in index.rglob("*") if path.is_file() and path.name != "README.md"
        )
        assert len(files) >= 4
        for number, name in enumerate(files):
            for half in (True, False):
                copy = tmp_path / f"copy{number}{half}"
                shutil.copytree(index, copy)
                if half:
                    data = (copy / name).read_bytes()
                    (copy / name).write_bytes(data[: len(data) // 2])
                else:
                    (copy / name).unlink()
                with pytest.raises((IndexDamaged, IndexMissing, IndexOutdated)):
                    ChatBot.from_index(copy)
                assert is_sentence(self.refusal(copy, capsys).strip())

    def test_a_folder_of_other_things_is_never_overwritten(self, corpus, tmp_path):
        (tmp_path / "letters").mkdir()
        (tmp_path / "letters" / "letter.doc").write_text("keep me", encoding="utf-8")
        with pytest.raises(RagError):
            build_index(corpus, tmp_path / "letters")
        assert (tmp_path / "letters" / "letter.doc").read_text(encoding="utf-8") == "keep me"

    def test_questions_are_answered_while_the_index_is_rebuilt(self, corpus, index):
        bot, stop, wrong = ChatBot.from_index(index), threading.Event(), []

        def ask_on():
            while not stop.is_set():
                given = [asked.ask(ASKED).short for asked in (bot, ChatBot.from_index(index))]
                wrong.extend(short for short in given if short != ANSWER)

        def caught():
            try:
                ask_on()
            except RagError as error:
                wrong.append(error)

        thread = threading.Thread(target=caught)
        thread.start()
        try:
            for number in range(5):
                (corpus / f"{number}.txt").write_text(f"第{number}座灯塔高{number + 20}米。\n", encoding="utf-8")
                build_index(corpus, index)
        finally:
            stop.set()
            thread.join()
        assert wrong == []
        assert "24米" in ChatBot.from_index(index).ask("第4座灯塔有多高").text

    def test_settings_that_do_not_exist_are_one_sentence(self, index, monkeypatch, capsys):
        monkeypatch.setenv("RAG_CHUNKS", "3")
        assert "chunk_chars" in self.refusal(index, capsys)
        assert Settings().chunk_chars
