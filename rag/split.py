"""source -> chunks of about `chunk_chars` characters: the second step of the build, after `load`.

A chunk lies inside one article and ends where a sentence ends; a sentence too long for a chunk is cut at a comma, in
need anywhere but inside a number, a date or a quotation. Every character of an article that is not white space is in
exactly one chunk, headings included, since they can be cited too.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

from rag.layout import ended, is_headline
from rag.tokens import sentences
from rag.types import Article, Chunk, SourceText

_TAIL = 0.3  # a last chunk shorter than this share joins the one before it
_LONGEST = 1.35  # how far a chunk may exceed its length to keep a paragraph, a quotation or a tail whole
_COMMA = re.compile(r"[，、；：,;][”’」』）)》】]*")
_WHOLE = re.compile(
    r"[0-9A-Za-z][0-9A-Za-z.,:%％/~—_+-]*(?:[ ]?[年月日号时分秒十百千万亿多余个][0-9.]*)*[^\s，。、；：！？“”（）《》]?"
    r"|[零〇一二三四五六七八九十百千万亿]{2,}[年月日号]?|“[^“”]{0,80}”|《[^《》]{0,60}》|（[^（）]{0,60}）|\([^()]{0,60}\)"
)


def split(source: SourceText, chunk_chars: int) -> list[Chunk]:
    """The chunks of a source, in order; each aims at `chunk_chars` characters and knows the headings above it."""
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for article in source.articles:
        sections = _sections(source.text, article)
        for start, end in _passages(source.text, article, chunk_chars):
            text = source.text[start:end]
            chunks.append(
                Chunk(
                    id=_id(source.source, text, seen[text]),
                    source=source.source,
                    title=source.title,
                    published=source.published,
                    headings=_headings(article, sections, start),
                    text=text,
                    start=start,
                    end=end,
                )
            )
            seen[text] += 1
    return chunks


def _id(source: str, text: str, ordinal: int) -> str:
    """A name that depends on the content alone: 16 hexadecimal digits."""
    return blake2b(f"{source}\0{ordinal}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _sections(text: str, article: Article) -> list[tuple[int, str]]:
    """The section headings of an article, each with the offset where its section begins, headings of a row as one."""
    if "\n" not in text[article.start : article.end]:
        return []
    found: list[tuple[int, str]] = []
    row: list[tuple[int, str]] = []
    at, above = article.start, ""
    for line in text[article.start : article.end].split("\n"):
        if is_headline(line):
            row.append((at, line))
        elif row:
            # A heading in mid-sentence is the title of a chart that the text flows around.
            flowing = len(above) >= 25 and not ended(above) and above[-1] not in "）)》"
            if len(line) >= 25 and not flowing and row[0][0] > article.start and row[-1][1] not in article.headline:
                found.append((row[0][0], " ".join(heading for _, heading in row[-2:])))
            row = []
        above = above if row else line
        at += len(line) + 1
    return found


def _headings(article: Article, sections: list[tuple[int, str]], start: int) -> tuple[str, ...]:
    above = bisect_right(sections, start, key=lambda section: section[0]) - 1
    headings = (article.headline, sections[above][1] if above >= 0 else "")
    return tuple(heading for heading in headings if heading)


def _passages(text: str, article: Article, chunk_chars: int) -> Iterator[tuple[int, int]]:
    """The ranges of the chunks of an article: pieces taken until the length is reached, then balanced at the tail."""
    pieces = _pieces(text, article, chunk_chars)
    if not pieces:
        return
    longest = chunk_chars * _LONGEST
    start, end = pieces[0]
    for k in range(1, len(pieces)):
        piece_start, piece_end = pieces[k]
        rest = pieces[-1][1] - piece_start
        fits = piece_end - start <= chunk_chars
        tail = rest < chunk_chars * _TAIL and pieces[-1][1] - start <= longest
        headed = piece_end - start <= longest and is_headline(text[start:end])
        if tail or headed or (fits and not _better_here(text, pieces, k, start, chunk_chars)):
            end = piece_end
        else:
            yield start, end
            start, end = piece_start, piece_end
    yield start, end


def _better_here(text: str, pieces: list[tuple[int, int]], k: int, start: int, chunk_chars: int) -> bool:
    """Whether a chunk of fair length should stop before piece `k`: at a heading, or at a paragraph it would cut."""
    before = pieces[k - 1][1]
    if before - start < chunk_chars * 0.5 or text[before : pieces[k][0]].find("\n") < 0:
        return False
    line_end = text.find("\n", pieces[k][0])
    line_end = pieces[-1][1] if line_end < 0 else min(line_end, pieces[-1][1])
    if is_headline(text[pieces[k][0] : line_end]):
        return pieces[-1][1] - pieces[k][0] >= chunk_chars * _TAIL
    return before - start >= chunk_chars * 0.7 and line_end - start > chunk_chars * _LONGEST


def _pieces(text: str, article: Article, chunk_chars: int) -> list[tuple[int, int]]:
    """The ranges that are not cut further: sentences, those inside one quotation together, long ones in parts."""
    base = article.start
    pieces: list[tuple[int, int]] = []
    opened = 0
    for first, last in sentences(text[article.start : article.end]):
        start, end = base + first, base + last
        if pieces and _belongs(text, pieces[-1], start, end, opened, chunk_chars):
            start = pieces.pop()[0]
        opened = text.count("“", start, end) - text.count("”", start, end)
        if end - start <= chunk_chars * _LONGEST:
            pieces.append((start, end))
        else:
            pieces.extend(_parts(text, start, end, chunk_chars))
    return pieces


def _belongs(text: str, above: tuple[int, int], start: int, end: int, opened: int, chunk_chars: int) -> bool:
    """Whether a sentence belongs to the piece above: in one quotation with it, or saying whose quotation it was."""
    if opened > 0:
        return end - above[0] <= chunk_chars
    return text[start - 1] == "”" and end - above[0] <= chunk_chars * 0.6


def _parts(text: str, start: int, end: int, chunk_chars: int) -> Iterator[tuple[int, int]]:
    """The ranges of a sentence that is longer than a chunk, none inside a number, a date or a short quotation."""
    while end - start > chunk_chars * _LONGEST:
        cut = _cut(text, start, start + chunk_chars)
        stop = cut
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        if stop > start:
            yield start, stop
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _cut(text: str, start: int, limit: int) -> int:
    """The best place to cut in the second half of `[start, limit)`."""
    middle = start + (limit - start) // 2
    whole = [match.span() for match in _WHOLE.finditer(text, max(start, middle - 100), limit + 100)]
    commas = [match.end() for match in _COMMA.finditer(text, middle, limit)]
    for place in reversed(commas):
        if not any(a < place < b for a, b in whole):
            return place
    inside = next((a for a, b in whole if a < limit < b), limit)
    return inside if inside > middle else limit
