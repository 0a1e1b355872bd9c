"""Passages and answers for the tests of `rag.llm`."""

from datetime import date

from rag.config import Settings
from rag.llm.pack import Passage
from rag.question import parse
from rag.types import Answer, Article, Chunk, Evidence, Hit, OffsetMap, SourceText

TEXT = (
    "服务贸易已成为推动经济发展的重要力量。2024年，武汉服务外包执行额达568.3亿元，同比增长近一半。"
    "其中，离岸外包执行额为127.5亿元，同比增长17%。平台负责人李尚松介绍，平台去年9月上线，深度服务企业超1500家。"
)
OTHER = "2023年，武汉服务外包执行额为386.3亿元。全国共有37个服务外包示范城市，武汉名列其中。"


def chunk(text=TEXT, source="a.txt", title="武汉服务外包提质", published=date(2025, 7, 24)):
    return Chunk(f"{source}-{len(text)}", source, title, published, (), text, 0, len(text))


def passages(*texts):
    return tuple(Passage(n, chunk(text, f"{n}.txt")) for n, text in enumerate(texts or (TEXT, OTHER), start=1))


def source(one):
    offsets = OffsetMap((0,), (0,))
    return SourceText(one.source, one.title, "", one.published, one.text, (Article(0, len(one.text), ""),), offsets)


def evidence(one, quote):
    start = one.text.index(quote)
    return Evidence.of(one, start, start + len(quote))


def read(short="568.3亿元", confidence=0.8, one=None, quote="2024年，武汉服务外包执行额达568.3亿元，同比增长近一半。"):
    one = one or chunk()
    return Answer(True, short, ((quote, (evidence(one, quote),)),), "", confidence)


def hits(*chunks):
    return [Hit(one, 1.0, rank) for rank, one in enumerate(chunks, start=1)]


QUESTION = parse("2024年武汉服务外包执行额是多少")
SETTINGS = Settings(llm="openai:scripted")
