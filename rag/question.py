"""What a question asks for: `parse(question, history)`. First stage of asking.

>>> parse("武汉2024年离岸外包做了多少").asked
'number'
>>> history = [Turn("user", "武汉2024年服务外包执行额是多少"), Turn("assistant", "568.3亿元")]
>>> parse("那2025年呢？", history).text
'武汉2025年服务外包执行额是多少'
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import category

from rag.aside import aside
from rag.asked import ASKED, Asked, asking
from rag.clean import clean
from rag.followup import standalone
from rag.periods import Period, periods
from rag.quantities import Quantity, quantities
from rag.tokens import cut, fold, tagged
from rag.types import Turn

__all__ = ["ASKED", "Asked", "Question", "parse"]

_RANK = re.compile(
    "(?<![第连续历共近前过去这一二三四五六七八九十百\\d])(?:\\d{2,3}|[二三四五六七八九]?十[一二三四五六七八九]?)(?=届)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question made whole. `text` stands alone; `typed` is what the user wrote.

    `asked` is the kind of answer wanted, `cue` the words that say so (offsets in `text`), `head` the noun it is asked of
    ("" if none), `periods` and `quantities` what the question itself fixes. `synonyms` are pairs (term, other form), both
    folded: the first stands in `text`, and a passage that holds the second says the same (服博会, its full name). `names` are other forms that documents use more. `excluded` are folded words
    of what the user says is not meant (不是合同额), which `text` leaves out.
    """

    typed: str
    text: str
    asked: Asked
    cue: tuple[int, int]
    head: str
    periods: tuple[Period, ...]
    quantities: tuple[Quantity, ...]
    synonyms: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """What is searched for: the question and the names that its documents rather use."""
        return " ".join((self.text, *self.names))


def parse(question: str, history: Sequence[Turn] = (), today: date | None = None) -> Question:
    """The question as values; a follow-up takes from `history` what it leaves out."""
    typed = " ".join(question.split())
    whole = standalone(_ranked(_plain(typed)), [Turn(turn.role, _plain(turn.text)) for turn in history])
    text, excluded = aside(whole)
    asked, cue = asking(text)
    dated = periods(text, today)
    counted = tuple(q for q in quantities(text) if not any(p.start <= q.start < p.end for p in dated))
    return Question(typed, text, asked, cue, _head(text, cue), dated, counted, excluded=excluded)


def _ranked(text: str) -> str:
    """`text` with 第 before a number that can only be a rank (十五届)."""
    return _RANK.sub(lambda rank: "第" + rank.group(), text)


def _plain(text: str) -> str:
    """`text` in half width and simplified characters, without the layout that a page put into it (武 汉) and without emoji.

    Case is kept; one question mark says as much as three.
    """
    cleaned = clean("".join(c for c in text if category(c) != "So")).text.replace("\n", " ")
    cleaned = re.sub("([？?！!。])[？?！!。]+", r"\1", cleaned)
    return "".join(c if c.isascii() else folded for c, folded in zip(cleaned, fold(cleaned), strict=True))


def _head(text: str, cue: tuple[int, int]) -> str:
    """The noun right after the cue (多少企业), or else the last noun before it (执行额是多少); "" where there is none."""
    after = _nouns(text[cue[1] : cue[1] + 6])
    return after[0] if after else next(iter(reversed(_nouns(text[: cue[0]]))), "")


def _nouns(text: str) -> list[str]:
    """The nouns of `text`, a single character after a word taken as its suffix (执行额)."""
    joined: list[str] = []
    for word in cut(text):
        suffix = len(word) == 1 and joined and len(joined[-1]) > 1 and (tagged(word) or "x")[0] == "n"
        if suffix:
            joined[-1] += word
        else:
            joined.append(word)
    return [word for word in joined if len(word) > 1 and (tagged(word) or "n")[0] in "nlvj" and word.isalpha()]
