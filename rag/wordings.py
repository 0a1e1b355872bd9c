"""A question in the words of its documents: `understood(question, history, index)`. Before retrieval.

    question, history -> [spelled -> parse -> synonyms] -> retrieve, read

Documents tell their own short names (中国国际服务外包交易博览会（以下简称“服博会”）, 业务流程外包（BPO）); where one form is
asked with, the other says the same. Verbs and measures have a table of their own (assets/synonyms.txt).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path

from rag.english import HINT, glossed, is_english
from rag.names import shortens
from rag.question import Question, parse
from rag.spelling import spelled, which
from rag.store import Index
from rag.tokens import cut, fold, tagged, terms
from rag.types import Answer, Turn

_SYNONYMS = Path(__file__).with_name("assets") / "synonyms.txt"
_PASSAGES = 100  # how many are looked at for what they say of the names in a question
_TELLING = ["简称", "下称", "全称", "缩写"]
_LONGEST = 40  # a full name in characters

# 全称（以下简称“短”）, 全称（下称短）: what stands before the bracket is searched for the beginning of the name.
_SHORT = re.compile(
    r"[”》」]?[（(](?:以下|下文|下|又|亦|也)?(?:简称|统称|称|称为|缩写)?(?:为|作|是)?[：:]?[“《「\"]?"
    r"(?P<short>[\w·]{2,16})[”》」\"]?[）)]"
)
_FULL = re.compile(
    r"(?P<short>[\w·]{2,16})[”》」]?[（(]全[称名](?:为|是)?[：:]?[“《「\"]?(?P<full>[\w·]{3,40})[”》」\"]?[）)]"
)
_BRACKET = re.compile("[（(](?:[^（()）]{0,3}[称写]|[A-Z])|[A-Z][（(]")
_SAYS_SO = re.compile("简称|统称|下称|又称|亦称|也称|缩写")
_LATIN = re.compile(r"[A-Z][A-Za-z&+-]{0,8}[A-Z]")
_QUOTED = re.compile(r"[“《「]([^“”《》「」]{2,40})[”》」]$")
_TAIL = re.compile(r"[（(][^（()）]*[)）]$")
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]+$")


def aliases(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each name that `texts` give in two forms the other forms, both folded.

    >>> aliases(["业务流程外包（BPO）快速增长"])
    {'业务流程外包': ('bpo',), 'bpo': ('业务流程外包',)}
    """
    made: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for text in texts:
        for one, other in _pairs(text):
            one, other = fold(one), fold(other)
            if one != other:
                made[one][other] = made[other][one] = None
    return {name: tuple(others) for name, others in made.items()}


@lru_cache(maxsize=4096)
def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of names in `text`; passages are asked about again and again."""
    return tuple(_found(text)) if _BRACKET.search(text) else ()


def _found(text: str) -> Iterator[tuple[str, str]]:
    if "全称" in text or "全名" in text:
        yield from ((match["full"], match["short"]) for match in _FULL.finditer(text))
    for match in _SHORT.finditer(text):
        before, short = text[max(0, match.start() - _LONGEST) : match.start() + 1], match["short"]
        before = before if before[-1] in "”》」" else before[:-1]
        quoted = _QUOTED.search(before)
        if _SAYS_SO.search(match.group()):
            full = quoted[1] if quoted else _named(before.rstrip("”》」"), short)
        elif _LATIN.fullmatch(short):
            full = quoted[1] if quoted else _phrase(before.rstrip("”》」"), len(short))
        elif _LATIN.search(before) and (latin := re.search(_LATIN.pattern + "$", before)):
            full, short = (short, latin.group()) if len(short) >= len(latin.group()) else ("", "")
            full = full if _HAN_WORD.fullmatch(full) else ""
        else:
            continue
        if (
            full and not set("是由各") & set(full) and not _TAIL.sub("", full).endswith(short)
        ):  # 《…的通知》（简称《通知》）
            yield full, short


def _named(before: str, short: str) -> str:
    """The end of `before` that `short` is made of, character by character; "" where it is not."""
    run = re.split(r"[，。、；：！？\s（）()“”《》]", before)[-1]
    at = len(run)
    for char in reversed(short):
        at = run.rfind(char, 0, at)
        if at < 0:
            return ""
    return run[at:]


def _phrase(before: str, letters: int) -> str:
    """The words at the end of `before` that an abbreviation of so many letters stands for, "" where that is not clear.

    A letter stands for a word, which mostly has two characters; a name does not begin after an "and".
    """
    run = _HAN_WORD.search(before)
    made, found = "", [""]
    for word in reversed(cut(run.group()) if run else []):
        if len(word) > 1 and tagged(word) == "v" and len(made) >= 2 * letters - 1:
            break
        if tagged(word)[:1] in ("c", "p", "u", "r"):
            return ""
        made = word + made
        found.append(made)
    full = min(found, key=lambda name: (abs(len(name) - 2 * letters), len(name)))
    return full if letters < len(full) < 4 * letters and not before.endswith("、" + full) else ""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[str, ...]]:
    """For each word of assets/synonyms.txt what documents write for it."""
    made: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for line in _SYNONYMS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        written, _, spoken = line.partition("|")
        for word in (*written.split(), *spoken.split()):
            made[word].update(dict.fromkeys(other for other in written.split() if other != word))
    return {word: tuple(others) for word, others in made.items()}


def understood(question: str, history: Sequence[Turn], index: Index) -> Question:
    """The question as values, in words that the documents of `index` use; `typed` stays what was typed."""
    typed = " ".join(question.split())
    passages = cache(partial(_passages, index))
    read = [replace(turn, text=_read(turn.text, index, passages)) if turn.role == "user" else turn for turn in history]
    parsed = parse(_read(typed if history else which(typed), index, passages), read)
    named = _named_forms(parsed.text, passages(parsed.text))
    names = tuple(other for name, other in named if _held(other, index) > _held(name, index))
    return replace(parsed, typed=typed, synonyms=(*named, *_said(parsed.text, index)), names=names)


def _passages(index: Index, text: str) -> tuple[str, ...]:
    """The passages that may tell what the words of `text` are; where few hold any of them, the first ones too."""
    rows = index.sparse.search(terms(text, index.settings.terms) + _TELLING, _PASSAGES)[0].tolist()
    found = set(rows)
    rows += [row for row in range(min(len(index.chunks), _PASSAGES)) if row not in found][: _PASSAGES - len(rows)]
    return tuple(index.chunks[row].text for row in rows)


def _read(text: str, index: Index, passages: Callable[[str], tuple[str, ...]]) -> str:
    """`text` with what is misspelt read as the passages it may be about have it."""

    @cache
    def folded() -> str:
        return "\n".join(map(fold, passages(text)))

    @cache
    def frequency(pair: str) -> int:
        return folded().count(pair) if index.sparse.frequency(pair) else 0

    if is_english(text):
        return glossed(text, lambda term: index.sparse.frequency(fold(term)))

    def short(pair: str) -> bool:
        return pair in _table() or shortens(pair, folded())

    return text if index.settings.terms == "words" else spelled(text, frequency, short)


def _held(name: str, index: Index) -> int:
    """At most how many passages hold `name`."""
    return min((index.sparse.frequency(term) for term in terms(name, "bigrams")), default=0)


def _named_forms(text: str, passages: Iterable[str]) -> list[tuple[str, str]]:
    """The names in `text` with the other forms that `passages` give for them."""
    folded, known = fold(text), aliases(passages)
    names = [name for name in known if _stands(name, folded)]
    names = [name for name in names if not any(name != other and name in other for other in names)]
    return [(name, other) for name in names for other in known[name] if other not in folded.replace(name, "")]


def _stands(name: str, text: str) -> bool:
    """Whether `name` stands in `text`, a Latin one not as a part of a longer word."""
    if not name.isascii():
        return name in text
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None


def _said(text: str, index: Index) -> Iterator[tuple[str, str]]:
    """The words of `text` that the table knows, with what the documents of `index` write for them."""
    folded, table = fold(text), _table()
    ends = [0]
    for word in cut(folded):
        ends.append(ends[-1] + len(word))
    found = [folded[a:b] for i, a in enumerate(ends) for b in ends[i + 1 : i + 5] if folded[a:b] in table]
    for word in dict.fromkeys(found):
        if not any(word != longer and word in longer for longer in found):
            for other in table[word]:
                if other not in folded and _held(other, index):
                    yield word, other


def hinted(answer: Answer, question: Question) -> Answer:
    """`answer`; the reason of a refusal says where the words of an English question are not understood."""
    if answer.answered or not is_english(question.typed):
        return answer
    return replace(answer, reason=f"{answer.reason}{HINT}")
