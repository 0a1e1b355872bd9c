"""files -> cleaned sources with title, publisher and publication date: the first step of the build.

An encoding is never guessed silently: a file is UTF-8, says itself that it is UTF-16, or is told apart by
charset-normalizer and then decodes without a single error. Anything else is left out, with the reason.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.clean import CleanText, clean
from rag.errors import CorpusError
from rag.types import SourceText

if TYPE_CHECKING:
    from langchain_core.documents import Document

CATALOGUE = "sources.toml"
_READABLE = frozenset({".txt", ".md", ".text", ".markdown", ""})
_KNOWN_ELSEWHERE = frozenset(
    {".html", ".htm", ".pdf", ".doc", ".docx", ".ppt", ".pptx", ".xls", ".xlsx", ".epub", ".rtf", ".wps"}
)
_FIELDS = frozenset({"title", "publisher", "published", "published_from"})
_ENCODINGS = ("gb18030", "big5", "big5hkscs", "utf_16", "utf_16_le", "utf_16_be", "utf_32")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_SAMPLE_BYTES, _SAMPLE_CHARS = 64_000, 5_000
_DAY = r"((?:19|20)\d\d) ?[年./-] ?(1[0-2]|0?[1-9]) ?[月./-] ?(3[01]|[12]\d|0?[1-9])(?!\d) ?日?"
_TIME = r"(?: ?\d{1,2}:\d\d(?::\d\d)?)?"
_DATELINE = re.compile(rf"^{_DAY}{_TIME} ?(?:星期.|周.)?$", re.MULTILINE)
_LABELLED = re.compile(
    rf"(?:发布|发表|刊发|更新|发稿)(?:时间|日期|于)[：: ]{{0,2}}{_DAY}"
    rf"|(?<!数据)(?<!图片)来源[：:][^\n。，]{{0,30}}?{_DAY}|^时间[：:] ?{_DAY}",
    re.MULTILINE,
)
_TOP_CHARS = 400  # a dateline stands near the top; further down a date on a line of its own may be anything


def load_folder(folder: Path, skipped: list[tuple[str, str]] | None = None) -> Iterator[SourceText]:
    """The sources of every readable file under `folder`, in the order of their paths.

    Hidden files, `sources.toml` and README files are no documents. A file that cannot be read, is empty or equals an
    earlier one is left out and added to `skipped` as (path under the folder, reason).

    Raises:
        CorpusError: the folder is missing, its catalogue is wrong, or nothing in it can be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CorpusError(f"文档文件夹不存在：{folder}。")
    left_out: list[tuple[str, str]] = [] if skipped is None else skipped
    first_left_out = len(left_out)
    catalogue = _catalogue(folder)
    seen: dict[bytes, str] = {}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            raw = _read(path)
        except CorpusError as error:
            left_out.append((name, str(error)))
            continue
        digest = sha256(raw.encode("utf-8", "surrogatepass")).digest()
        if digest in seen:
            left_out.append((name, f"内容与 {seen[digest]} 相同。"))
            continue
        source = _source(name, raw, catalogue.get(name, {}))
        if not source.text:
            left_out.append((name, "文件是空的。"))
            continue
        seen[digest] = name
        yield source
    if not seen:
        reasons = "；".join(f"{name}：{reason.rstrip('。')}" for name, reason in left_out[first_left_out:][:5])
        raise CorpusError(f"文件夹 {folder} 中没有可读的文档" + (f"（{reasons}）。" if reasons else "。"))


def load_file(path: Path, root: Path) -> SourceText:
    """The source of one file; its name is the path under `root`.

    Raises:
        CorpusError: the file cannot be read as text, or `sources.toml` of `root` is wrong.
    """
    path, root = Path(path), Path(root)
    name = path.relative_to(root).as_posix()
    return _source(name, _read(path), _catalogue(root).get(name, {}))


def from_document(document: "Document") -> SourceText:
    """The source of a LangChain document; its metadata may hold `source`, `published` (ISO), `title`, `publisher`."""
    metadata = {key: value for key, value in document.metadata.items() if key in _FIELDS and value}
    return _source(str(document.metadata.get("source") or document.id or ""), document.page_content, metadata)


def _source(name: str, raw: str, entry: Mapping[str, Any]) -> SourceText:
    cleaned = clean(raw)
    published = _day(entry["published"], name) if "published" in entry else stated_date(cleaned.text)
    return SourceText(
        source=name,
        title=str(entry.get("title") or _headline(cleaned) or Path(name).stem),
        publisher=str(entry.get("publisher") or ""),
        published=published,
        text=cleaned.text,
        articles=cleaned.articles,
        offsets=cleaned.offsets,
    )


def _headline(cleaned: CleanText) -> str:
    """The headline of the first article, "" where it has none."""
    return cleaned.articles[0].headline if cleaned.articles else ""


def stated_date(text: str) -> date | None:
    """The publication date a clean text states: a dateline near its top or a day after a label, else None."""
    match = _DATELINE.search(text, 0, _TOP_CHARS) if "\n" in text[:_TOP_CHARS] else None
    match = match or _LABELLED.search(text)
    if not match:
        return None
    year, month, day = (int(group) for group in match.groups() if group)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day(value: object, name: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError as error:
        raise CorpusError(f"{name} 的发布日期应写作 2025-07-24 这样的形式，而不是 {value!r}。") from error


def _files(folder: Path) -> list[Path]:
    """The files that may be documents, in a fixed order; those in hidden folders are left out."""
    found = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        parts = path.relative_to(folder).parts
        own = path.name == CATALOGUE or path.stem.upper() == "README" or path.name.endswith("~")
        if not own and not any(part.startswith(".") for part in parts) and path.is_file():
            found.append(path)
    return found


def _catalogue(root: Path) -> dict[str, dict[str, Any]]:
    """The entries of `sources.toml`, by path under the root; empty where there is no such file."""
    path = root / CATALOGUE
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"无法读取 {path}：{error}") from error
    for name, entry in entries.items():
        if not isinstance(entry, dict) or set(entry) - _FIELDS:
            raise CorpusError(f"{path} 中 {name} 一项有误：每个文件可写 {'、'.join(sorted(_FIELDS))}。")
    return entries


def _read(path: Path) -> str:
    """The characters of a file.

    Raises:
        CorpusError: the file cannot be opened, is empty, is of a kind that is not supported, or is not text.
    """
    suffix = path.suffix.lower()
    if suffix in _KNOWN_ELSEWHERE:
        raise CorpusError(f"暂不支持 {suffix} 文件，请先转成纯文本或 Markdown。")
    if suffix not in _READABLE and not re.fullmatch(r"\.[^A-Za-z]*\d[^A-Za-z]*", suffix):
        raise CorpusError(f"不是文本文件（扩展名 {suffix}）。")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"无法读取文件：{error.strerror or error}。") from error
    text = decode(content)
    if not text.strip():
        raise CorpusError("文件是空的。")
    return text


def decode(content: bytes) -> str:
    """The text of `content`: UTF-8, UTF-16 with its mark, or what charset-normalizer tells it to be without any error.

    Raises:
        CorpusError: the bytes are not text, or their encoding cannot be told.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding)
    if b"\x00" not in content:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return _detected(content)
        if len(_CONTROL.findall(text)) * 100 <= len(text):  # a stray control character is left to cleaning
            return text
    return _detected(content)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise CorpusError(f"文件标明为 {encoding.upper()}，但第 {error.start} 字节起无法解码。") from error


def _detected(content: bytes) -> str:
    """The text in the first encoding charset-normalizer names that decodes strictly and reads as Chinese or Latin."""
    from charset_normalizer import from_bytes

    for guess in from_bytes(content[:_SAMPLE_BYTES], cp_isolation=list(_ENCODINGS)):
        for encoding in ("gb18030", guess.encoding) if guess.encoding.startswith(("gb", "big5")) else (guess.encoding,):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if _reads(text):
                return text
    raise CorpusError("不是文本文件，或编码无法识别（可用 UTF-8、UTF-16、GB18030）。")


def _reads(text: str) -> bool:
    """Whether decoded characters look like writing: nine in ten are common ones, none is a control character."""
    sample = text[:_SAMPLE_CHARS]
    if _CONTROL.search(sample):
        return False
    common = _common_characters()
    return sum(char in common for char in sample) * 10 >= len(sample) * 9


@lru_cache(maxsize=1)
def _common_characters() -> frozenset[str]:
    """ASCII, Chinese punctuation, and the first planes of GB 2312 and Big5, which hold the Han characters in use."""
    simplified = bytes(byte for lead in range(0xB0, 0xD8) for tail in range(0xA1, 0xFF) for byte in (lead, tail))
    tails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = bytes(byte for lead in range(0xA4, 0xC7) for tail in tails for byte in (lead, tail))
    marks = "".join(map(chr, (*range(9, 14), *range(32, 127), *range(0x2010, 0x2040), *range(0x3000, 0x3020))))
    wide = "".join(map(chr, range(0xFF01, 0xFF5F)))
    han = simplified.decode("gb2312", "ignore") + traditional.decode("big5", "ignore")
    return frozenset(marks + wide + "·\xa0" + han)
