import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document

from rag.errors import CorpusError
from rag.load import decode, from_document, load_file, load_folder, stated_date

ROOT = Path(__file__).parents[1]
TEXT = "2024年，武汉服务外包执行额达到568.3亿元，比前一年又增长了近一半。离岸业务覆盖82个国家和地区。"


def loaded(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    skipped: list[tuple[str, str]] = []
    return {source.source: source.text for source in load_folder(folder, skipped)}, dict(skipped)


def test_every_seed_is_loaded_with_what_the_catalogue_says() -> None:
    sources = list(load_folder(ROOT / "seeds"))
    assert [source.source[:3] for source in sources] == ["000", "001", "002", "003", "004"]
    assert all(source.title and source.publisher and source.published for source in sources)
    assert sources[4].published == date(2026, 1, 30)
    assert sources[3].published == date(2025, 7, 24)


def test_folders_are_walked_in_order_and_other_files_left_alone(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b.text", "noext", ".hidden", ".git/x.txt", "README.md", "sources.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("" if name == "sources.toml" else f"{name}：{TEXT}", encoding="utf-8")
    texts, skipped = loaded(tmp_path)
    assert list(texts) == ["a/b.text", "a/z.md", "b.txt", "noext"]
    assert not skipped


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_encodings_of_chinese_files_are_read_exactly(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes((TEXT * 5).encode(encoding))
    texts, skipped = loaded(tmp_path)
    assert texts == {"a.txt": TEXT * 5}
    assert not skipped


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"\xff\xfe\x00",
        TEXT.encode() + b"\xff\xfe\xff",
        b"\x00" * 64,
    ],
    ids=["all bytes", "image", "half a character", "damaged utf-8", "zeros"],
)
def test_what_is_not_text_is_left_out_with_a_reason(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    (tmp_path / "good.txt").write_text(TEXT, encoding="utf-8")
    texts, skipped = loaded(tmp_path)
    assert list(texts) == ["good.txt"]
    assert skipped["bad.txt"].endswith("。")


def test_empty_equal_and_unsupported_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "copy.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "copy-gbk.txt").write_bytes(TEXT.encode("gb18030"))
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "blank.txt").write_text(" \n\u3000", encoding="utf-8")
    (tmp_path / "marks.txt").write_text("\u200b\n---\n", encoding="utf-8")
    (tmp_path / "page.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    texts, skipped = loaded(tmp_path)
    assert list(texts) == ["a.txt"]
    assert "a.txt 相同" in skipped["copy.txt"]
    assert "a.txt 相同" in skipped["copy-gbk.txt"]
    assert skipped["empty.txt"] == skipped["blank.txt"] == skipped["marks.txt"] == "文件是空的。"
    assert "暂不支持 .html" in skipped["page.html"]
    assert "暂不支持 .pdf" in skipped["scan.pdf"]
    assert "photo.jpg" in skipped


def test_a_missing_or_unreadable_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="不存在"):
        list(load_folder(tmp_path / "nowhere"))
    with pytest.raises(CorpusError, match="没有可读的文档"):
        list(load_folder(tmp_path))
    (tmp_path / "e.txt").touch()
    with pytest.raises(CorpusError, match=r"e\.txt"):
        list(load_folder(tmp_path))


def test_offsets_count_characters_of_the_decoded_file(tmp_path: Path) -> None:
    raw = "  标题在此\r\n\r\n武汉执行额达 568.3 亿元，\r\n增长近一半。"
    (tmp_path / "a.txt").write_bytes(raw.encode("utf-8-sig"))
    source = load_file(tmp_path / "a.txt", tmp_path)
    start = source.text.index("568.3亿元")
    first, last = source.offsets.raw_span(start, start + len("568.3亿元"))
    assert raw[first:last] == "568.3 亿元"


def test_a_catalogue_entry_wins_over_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("某某会议召开\n2020年1月2日\n" + TEXT, encoding="utf-8")
    source = load_file(tmp_path / "a.txt", tmp_path)
    assert (source.title, source.published, source.publisher) == ("某某会议召开", date(2020, 1, 2), "")
    entry = '["a.txt"]\ntitle = "别题"\npublisher = "某报"\npublished = 2021-03-04\n'
    (tmp_path / "sources.toml").write_text(entry, encoding="utf-8")
    source = load_file(tmp_path / "a.txt", tmp_path)
    assert (source.title, source.published, source.publisher) == ("别题", date(2021, 3, 4), "某报")


@pytest.mark.parametrize("entry", ["[", '["a.txt"]\nauthor = "x"', "a = 1", '["a.txt"]\npublished = "昨天"'])
def test_a_wrong_catalogue_is_an_error(tmp_path: Path, entry: str) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "sources.toml").write_text(entry, encoding="utf-8")
    with pytest.raises(CorpusError):
        list(load_folder(tmp_path))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("简报\n2026年1月30日\n正文。", date(2026, 1, 30)),
        ("发布时间：2021-12-29 14:58\n正文", date(2021, 12, 29)),
        ("时间：2021-12-29 14:58:03 来源：海外网", date(2021, 12, 29)),
        ("来源：新华网 2023-08-01 10:00", date(2023, 8, 1)),
        ("2026年1月30日，会议在京召开。", None),
        ("会议于2024年5月1日召开\n结束。", None),
        ("编号\n2023-02-31\n正文", None),
        (TEXT + "\n" + "正文。" * 200 + "\n2026年1月30日\n", None),
        ("", None),
    ],
)
def test_only_a_stated_publication_date_counts(text: str, day: date | None) -> None:
    assert stated_date(text) == day


def test_a_document_keeps_its_metadata() -> None:
    metadata = {"source": "n/1", "published": "2023-08-01 10:00", "title": "题", "publisher": "报", "other": 1}
    source = from_document(Document(TEXT, metadata=metadata))
    assert (source.source, source.title, source.publisher, source.published) == ("n/1", "题", "报", date(2023, 8, 1))
    assert source.text == TEXT


@pytest.mark.parametrize("published", ["昨天", "2023-13-01"])
def test_a_document_with_a_wrong_date_is_refused(published: str) -> None:
    with pytest.raises(CorpusError, match="发布日期"):
        from_document(Document(TEXT, metadata={"source": "a", "published": published}))


def test_a_document_without_metadata_has_no_date_and_no_publisher() -> None:
    source = from_document(Document(TEXT))
    assert (source.published, source.publisher) == (None, "")


@pytest.mark.parametrize("text", ["武汉", "你好，世界", TEXT])
def test_a_short_simplified_file_is_not_taken_for_another_encoding(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


def test_traditional_files_in_big5_are_read() -> None:
    text = "臺灣國立大學今天宣布新的研究成果，預計明年推出。"
    assert decode(text.encode("big5")) == text


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        text = decode(content)
    except CorpusError:
        return
    encodings = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "big5hkscs", "utf-16-le", "utf-16-be")
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    assert marked or any(text.encode(encoding, "replace") == content for encoding in encodings)


def test_decoding_never_replaces_a_character() -> None:
    with pytest.raises(CorpusError):
        decode(b"\xef\xbb\xbf" + "武汉".encode() + b"\xff")


def test_a_passage_is_made_ready_in_half_a_millisecond() -> None:
    document = Document(TEXT * 6, metadata={"source": "a", "published": "2023-08-01"})
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        from_document(document)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.0005
