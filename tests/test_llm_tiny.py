"""A model that really generates, behind a real server that keeps its connections: what it says is nonsense, and harmless.

The server answers one request after the other, so a request that is still generated holds up the next one.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import pytest
from langchain_core.documents import Document

from rag import ChatBot
from rag.config import Settings
from rag.llm.failure import ModelFailed
from rag.llm.writer import Writer
from rag.report import reply_text

pytest_plugins = ["tiny_model"]

TEXT = "2023年，宁波港完成集装箱吞吐量3530万标箱，同比增长5.9%。"
QUESTION = "2023年宁波港集装箱吞吐量是多少"
GREETING = [("user", "你好")]
PROMPTLY = 3.0  # seconds; to generate what is asked for here to its end would take minutes


@pytest.fixture(scope="module")
def reader():
    """The chatbot without a model."""
    return ChatBot.from_documents([Document(TEXT, metadata={"source": "港口.txt"})], Settings())


@pytest.fixture
def writer(tiny_model_url):
    """Makes a writer over the tiny model."""

    def make(tokens=60, **settings):
        chosen = {"llm": "openai:tiny", "llm_url": tiny_model_url, "llm_retries": 0, "llm_answer_tokens": tokens}
        return Writer.load(Settings().changed(chosen | settings))

    return make


def test_nonsense_never_reaches_the_user(reader, writer):
    model = writer()
    first, *_, last = replace(reader, writer=model).stream(QUESTION)
    said = "".join(piece.text for piece in model.model.stream(GREETING))
    assert len(said) == 60
    assert (last.text, last.short, last.citations) == (first.text, first.short, first.citations)
    assert last.short == "3530万标箱"
    assert last.generation.lines() == ("模型的回答没有通过与原文的核对，未采用。",)
    assert reply_text(last).count("（") == reply_text(reader.ask(QUESTION)).count("（") + 1  # the one line
    assert last.generation.withheld
    assert not any(sentence in reply_text(last) for sentence in last.generation.withheld)
    assert last.generation.output_tokens == 60
    assert last.generation.input_tokens > 100


def test_an_answer_comes_in_many_pieces(writer):
    pieces, times = zip(*((piece, time.monotonic()) for piece in writer(200).model.stream(GREETING)), strict=True)
    assert len([piece for piece in pieces if piece.text]) > 100
    assert len(set(times)) > 50  # as it is generated, not all at once
    assert pieces[-1].cut


def test_one_question_after_another_is_answered(reader, writer):
    bot = replace(reader, writer=writer())
    notes = [bot.ask(QUESTION).generation.note for _ in range(3)]
    assert notes == ["模型的回答没有通过与原文的核对，未采用。"] * 3  # and not: the connection cannot be used


def test_questions_at_once_are_all_answered(reader, writer):
    bot = replace(reader, writer=writer())
    with ThreadPoolExecutor(4) as pool:
        notes = [reply.generation.note for reply in pool.map(bot.ask, [QUESTION] * 4)]
    assert notes == ["模型的回答没有通过与原文的核对，未采用。"] * 4


def test_leaving_in_mid_stream_frees_the_server(writer):
    endless, short = writer(100_000).model, writer().model
    for pieces in range(10, 22):  # again and again, as a cancel may meet a piece that just came
        stream = endless.stream(GREETING)
        assert len(list(islice(stream, pieces))) == pieces
        start = time.monotonic()
        stream.close()
        assert time.monotonic() - start < 1
    start = time.monotonic()
    assert len("".join(piece.text for piece in short.stream(GREETING))) == 60
    assert time.monotonic() - start < PROMPTLY


def test_leaving_the_chatbot_frees_the_server(reader, writer):
    bot = replace(reader, writer=writer(100_000, llm_total_seconds=0.5))
    replies = bot.stream(QUESTION)
    next(replies)
    replies.close()
    start = time.monotonic()
    assert replace(reader, writer=writer()).ask(QUESTION).generation.output_tokens == 60
    assert time.monotonic() - start < PROMPTLY


def test_endless_generation_ends_with_the_total_time_and_frees_the_server(reader, writer):
    start = time.monotonic()
    reply = replace(reader, writer=writer(100_000, llm_total_seconds=1)).ask(QUESTION)
    assert 1 <= time.monotonic() - start < 1 + PROMPTLY
    assert reply.generation.note == "模型作答的总时间已到，这里是不用模型的回答。"
    assert reply.text == reader.ask(QUESTION).text
    start = time.monotonic()
    assert replace(reader, writer=writer()).ask(QUESTION).generation.output_tokens == 60
    assert time.monotonic() - start < PROMPTLY


def test_a_server_that_is_busy_is_waited_for_so_long_and_no_longer(writer):
    busy = writer(100_000).model.stream(GREETING)
    assert len(list(islice(busy, 5))) == 5
    start = time.monotonic()
    with pytest.raises(ModelFailed, match="没有及时"):
        list(writer(llm_wait_seconds=0.5).model.stream(GREETING))
    assert time.monotonic() - start < PROMPTLY
    busy.close()
    assert len(list(writer().model.stream(GREETING))) > 30
