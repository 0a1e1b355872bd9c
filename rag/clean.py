"""raw text -> clean text with the way back to the raw one, and its articles: the second step of the build.

Cleaning only ever leaves characters out, folds a character's width, or turns a line break into a space: each clean
character is one raw character, so the way back is exact. `layout` says where lines go on, `articles` where articles
begin; this module applies both until nothing changes, which makes cleaning idempotent.
"""

import re
from dataclasses import dataclass

from rag.articles import find_articles, repeated_paragraphs
from rag.layout import HAN, Line, goes_on, read_lines
from rag.types import Article, OffsetMap

_DROP = "\u200b"
_FOLD: dict[int, str] = {
    **{
        code: chr(code - 0xFEE0)
        for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05)
    },
    **dict.fromkeys([9, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys([0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029], "\n"),
    **dict.fromkeys([*range(9), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0)], _DROP),
    **dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, 0xFEFF], _DROP),
}
_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in _FOLD) + "．]")
_POINT = re.compile(r"(?<=[0-9])．(?=[0-9])")
_STRONG = re.compile(r"(?<!\*)\*\*(?=[^\s*，、。；：])([^*\n]{1,300})(?<=[^\s*，、。；：])\*\*(?!\*)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*|\*\*\*|__)(?=[^\s*_])([^*_\n]{1,300})(?<=[^\s*_])\1(?![\w*])")
_MARKUP = "\u3001-\u3004\u3006\u3008-\u3020\uff01-\uff04\uff06-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_QUOTE = "“”‘’…—·"
_SPACES = re.compile(r"(?<=[^\n ]) +(?= )")
_WIDE_GAP = re.compile(r"(?<=[^\n ]) (?= {2,}[^ ])")
_FLATTENED = 150  # a line longer than this with wide gaps in it was several lines once; a shorter one may be a table's
# A space that is layout: beside Chinese punctuation, between Han and digits or Latin, between letter-spaced Han.
_LAYOUT_SPACE = re.compile(
    rf" (?<![\n #>*+•-] )(?:(?<=[{_MARKUP}] )|(?=[{_MARKUP}])"
    rf"|(?<=[{HAN}] )(?=[0-9A-Za-z%{_QUOTE}])|(?<=[0-9A-Za-z%{_QUOTE}] )(?=[{HAN}])"
    rf"|(?<=[{_QUOTE}] )(?=[{_QUOTE}])"
    rf"|(?<=^[{HAN}] )(?=[{HAN}](?![{HAN}]))|(?<=[^{HAN}][{HAN}] )(?=[{HAN}](?![{HAN}])))",
    re.MULTILINE,
)
_HAN = re.compile(f"[{HAN}]")
_NAMES = re.compile(rf"[（(][^）)]*(?:记者|通讯员)[^）)]* [{HAN}]{{3}}\Z")
_MAX_PASSES = 20


@dataclass(frozen=True, slots=True)
class CleanText:
    """Clean text, one paragraph a line; its articles in order; and the offsets of each character in the raw text."""

    text: str
    articles: tuple[Article, ...]
    offsets: OffsetMap


@dataclass(frozen=True, slots=True)
class _Draft:
    """Text on its way: `text` and the runs that lead back to the raw text."""

    text: str
    starts: list[int]
    raws: list[int]

    def raw(self) -> OffsetMap:
        return OffsetMap(tuple(self.starts), tuple(self.raws))

    def keep(self, spans: list[tuple[int, int]], text: str) -> "_Draft":
        """The draft with only `spans` (ascending, disjoint, not empty) left; `text` is what stands there now."""
        starts: list[int] = []
        raws: list[int] = []
        at, run, last = 0, 0, len(self.starts)
        for start, end in spans:
            while run + 1 < last and self.starts[run + 1] <= start:
                run += 1
            raw = self.raws[run] + start - self.starts[run]
            if not starts or raw != raws[-1] + at - starts[-1]:
                starts.append(at)
                raws.append(raw)
            while run + 1 < last and self.starts[run + 1] < end:
                run += 1
                starts.append(at + self.starts[run] - start)
                raws.append(self.raws[run])
            at += end - start
        return _Draft(text, starts, raws)

    def without(self, spans: list[tuple[int, int]]) -> "_Draft":
        """The draft with `spans` (ascending, disjoint) left out."""
        if not spans:
            return self
        kept: list[tuple[int, int]] = []
        at = 0
        for start, end in spans:
            if start > at:
                kept.append((at, start))
            at = end
        if at < len(self.text):
            kept.append((at, len(self.text)))
        return self.keep(kept, "".join([self.text[start:end] for start, end in kept]))


def clean(raw: str) -> CleanText:
    """The text without its layout, its articles, and the way back from every character to `raw`.

    Time is linear in the length; a text without line breaks takes a short way.
    """
    draft = _Draft(raw, [0], [0]) if raw else _Draft("", [], [])
    known: dict[int, Line] = {}
    for _ in range(_MAX_PASSES):
        before = draft.text
        draft = _characters(draft)
        if (
            "\n" in draft.text
            or draft.text[:1] in ("#", ">", " ")
            or draft.text[-1:] in ("-", "*", "_", "=", " ", "─", "—")
        ):
            draft = _paragraphs(draft, known)
        if draft.text == before:
            break
    offsets = draft.raw()
    if not draft.text:
        return CleanText("", (), OffsetMap((), ()))
    if "\n" not in draft.text:
        return CleanText(draft.text, (Article(0, len(draft.text), ""),), offsets)
    return CleanText(draft.text, find_articles(_known_lines(draft, known)), offsets)


def _characters(draft: _Draft) -> _Draft:
    """The draft with widths folded and invisible characters, emphasis marks and layout spaces left out."""
    text = draft.text
    if _ODD.search(text):
        text = text.replace("\r\n", _DROP + "\n").translate(_FOLD)
        text = _POINT.sub(".", text)
        draft = _Draft(text, draft.starts, draft.raws)
        if _DROP in text:
            draft = draft.without([match.span() for match in re.finditer(f"{_DROP}+", text)])
    if "*" in draft.text or "__" in draft.text:
        for pattern in (_STRONG, _EMPHASIS):
            matches = [match for match in pattern.finditer(draft.text) if match[1] != "__" or _HAN.search(match[0])]
            draft = draft.without([span for match in matches for span in _around(match)])
    if " " in draft.text:
        if "  " in draft.text:
            draft = _Draft(_unflattened(draft.text), draft.starts, draft.raws)
            draft = draft.without([match.span() for match in _SPACES.finditer(draft.text)])
        draft = draft.without([match.span() for match in _LAYOUT_SPACE.finditer(draft.text)])
    return draft


def _unflattened(text: str) -> str:
    """The text with the first space of every wide gap in a long line turned into the line break it once was."""
    if "   " not in text:
        return text
    return "\n".join([_WIDE_GAP.sub("\n", line) if len(line) > _FLATTENED else line for line in text.split("\n")])


def _around(match: re.Match[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    """The ranges of the marks before and after what a match emphasises."""
    start, end = match.span(match.lastindex or 0)
    return (match.start(), start), (end, match.end())


def _paragraphs(draft: _Draft, known: dict[int, Line]) -> _Draft:
    """The draft with lines joined to paragraphs and repeated ones left out; `known` keeps lines by raw offset."""
    page = draft.text
    lines = read_lines(page)
    if not lines:
        return _Draft("", [], [])
    offsets = draft.raw()
    for line in lines:
        known.setdefault(offsets.raw(line.start), line)
    joined = [*goes_on(lines), False]
    spans: list[tuple[int, int]] = []
    parts: list[str] = []
    paragraphs: list[tuple[int, int]] = []  # first and last piece of each paragraph
    first = 0
    for i, line in enumerate(lines):
        spans.append((line.start, line.end))
        parts.append(line.text)
        if not joined[i]:
            paragraphs.append((first, len(parts)))
            first = len(parts) + 1
        if i + 1 < len(lines) and not (joined[i] and not _spaced(line.text, lines[i + 1].text)):
            gap = page.index("\n", line.end)
            spans.append((gap, gap + 1))
            parts.append(" " if joined[i] else "\n")
    dropped = repeated_paragraphs(["".join(parts[a:b]) for a, b in paragraphs])
    if dropped:
        keep = [k for p, (a, b) in enumerate(paragraphs) if p not in dropped for k in range(a, b + 1) if k < len(parts)]
        if keep and parts[keep[-1]] == "\n":
            keep.pop()
        spans, parts = [spans[k] for k in keep], [parts[k] for k in keep]
    return draft.keep(spans, "".join(parts))


def _spaced(above: str, below: str) -> bool:
    """Whether two joined lines need a space between them, as two Latin words or two names of reporters do."""
    if _NAMES.search(above):
        return True
    if not (above[-1].isascii() and below[0].isascii()):
        return False
    if above[-1].isalpha() and below[0].isalpha():
        return True
    return not _HAN.search(above + below) and above[-1] != "-"


def _known_lines(draft: _Draft, known: dict[int, Line]) -> list[tuple[int, Line]]:
    """The paragraphs of the finished text, each with its offset and the line that it began as in the raw text."""
    offsets = draft.raw()
    found: list[tuple[int, Line]] = []
    for line in read_lines(draft.text):
        origin = known.get(offsets.raw(line.start), line)
        found.append(
            (
                line.start,
                Line(
                    line.text,
                    line.start,
                    line.end,
                    origin.kind,
                    origin.level,
                    line.width,
                    origin.indent,
                    origin.gap,
                    origin.ruled,
                ),
            )
        )
    return found
