"""What is told as done though it was planned, or as so though it was denied: `turned(text, quotes)`. Part of `rag.llm`.

到2027年提高到15%         is not 已经达到15%
公司没有下调费率          is not 公司下调了费率
计划新建场馆不超过5个     is not 已新建5个
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.tokens import cut, fold, tagged

_DONE = re.compile("已(?!有?望)|(?<!之|以|目|此)(?:完成|建成|投产|完工|竣工)了|达到了|通过了|实现了")
_PLANNED = re.compile(
    "(?<!原)计划|规划|拟(?!合|定)|打算|争取|力争|预计|预期|有望|将(?!近|士|军)|目标|届时|尚需|尚待|仍需|尚未|准备|正筹|筹建|展望|离[^，。；]{1,8}还有|到20\\d\\d年[^，。；]{0,30}(?:到|达)"
)
_PAST = re.compile("已|曾|原计划")
_ASIDE = re.compile("计划|规划|拟|打算|争取|力争|预计|预期|有望|将|目标|届时|尚|还|待|可能|力图|要|准备|筹")
_NOT = re.compile("没有|并?未(?!来|成年|必)|并?不(?!到|足|超|少|同|断|仅|但|动|良)|并非|而非|不再|无需|不是")
_DENIED = re.compile("[没无不非未否免缺少]")
_CLAUSE = re.compile("[，。；！？：,;:!?]")
_RIGHT_BEHIND = 6  # characters
_ENOUGH = 0.5  # of a clause's words that tell which clause of the source it is about


def turned(text: str, quotes: Sequence[str]) -> str:
    """The clause of `text` that the quotes plan where it is told as done, or deny where it is told as so; "" for none."""
    clauses = [one for quote in quotes for _, one in _clauses(fold(quote))]
    for clause, told in _clauses(fold(text)):
        words = told.words
        if not words:
            continue
        best = max((len(words & one.words) for one in clauses), default=0)
        like = [one for one in clauses if len(words & one.words) == best] if best >= _ENOUGH * len(words) else []
        if like and _DONE.search(clause) and not _ASIDE.search(clause) and all(one.planned for one in like):
            return clause
        if like and not _DENIED.search(clause) and all(one.denied & words for one in like):
            return clause
    return ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a source: its words, whether it tells of the future, and the words that it denies."""

    words: frozenset[str]
    planned: bool
    denied: frozenset[str]


def _clauses(text: str) -> Iterator[tuple[str, Clause]]:
    """The clauses of a text; what is planned goes on to the end of its sentence, or to what is told as done."""
    for sentence in re.split("[。！？\n；]", text):
        planned = False
        for clause in _CLAUSE.split(sentence):
            planned = bool(_PLANNED.search(clause)) or (planned and not _PAST.search(clause))
            yield clause, Clause(_words(clause), planned and "已" not in clause, _behind(clause))


def _behind(clause: str) -> frozenset[str]:
    """The words right behind the first word of a clause that denies."""
    denying = _NOT.search(clause)
    return _words(clause[denying.end() :][:_RIGHT_BEHIND]) if denying else frozenset()


def _words(clause: str) -> frozenset[str]:
    bare = _ASIDE.sub(" ", _NOT.sub(" ", _DONE.sub(" ", clause)))
    return frozenset(
        word for word in cut(bare) if len(word) > 1 and tagged(word)[:1] not in ("d", "c", "p", "r", "u", "t", "m")
    )
