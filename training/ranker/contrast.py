"""Passages that say the same of something else: `Contrasts.passage(...)`. Used by `pools`.

Documents of users give the same figure for several years, places and companies, those of the question sets seldom do. So
that the ranker learns to compare what a question fixes, the sentence that answers it is copied with one thing that the question
names changed (another year, session, place, name) and with another answer in place of its own.
"""

import random
import re
from dataclasses import dataclass, replace

from rag.periods import Period, periods
from rag.question import Question, parse
from rag.read.cues import cues
from rag.tokens import sentences
from rag.types import Hit
from training.ranker.sets import Example

_WEIGHT = 1.2  # a rarer word than this names something
_YEAR, _MONTH, _RANK = re.compile(r"(?:19|20)\d\d"), re.compile(r"\d{1,2}(?=月)"), re.compile(r"(?<=第)\d+")
_DIGIT = re.compile(r"\d")
_DATED = re.compile(r"\d+(?P<of>[年月日号时点]?)")
_UP_TO = {"月": 12, "日": 28, "号": 28, "时": 23, "点": 23}


@dataclass(frozen=True, slots=True)
class Contrasts:
    """What may stand in place of another: places and names that questions hold, and answers by the kind of question."""

    places: tuple[str, ...]
    names: tuple[str, ...]
    answers: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, examples: list[Example]) -> "Contrasts":
        """Those of a set."""
        places: set[str] = set()
        names: set[str] = set()
        answers: dict[str, set[str]] = {}
        for example in examples:
            looked = cues(parse(example.question))
            for term, located, weight in zip(looked.terms, looked.located, looked.weights, strict=False):
                if weight >= _WEIGHT and not _DIGIT.search(term):
                    (places if located else names).add(term)
            if example.answers and example.kind != "span":
                answers.setdefault(example.kind, set()).add(example.answers[0])
        kinds = {kind: tuple(sorted(found)) for kind, found in answers.items()}
        return cls(tuple(sorted(places)), tuple(sorted(names)), kinds)

    def passage(self, question: Question, hits: list[Hit], example: Example, rng: random.Random) -> Hit | None:
        """A passage of another document that says of something else what answers the question; None where that cannot be made."""
        for hit in hits:
            if hit.chunk.source != example.document:
                continue
            for start, end in sentences(hit.chunk.text):
                sentence = hit.chunk.text[start:end]
                answer = next((a for a in example.answers if a in sentence), "")
                if answer:
                    return self._changed(question, hit, sentence, answer, example, rng)
        return None

    def _changed(
        self, question: Question, hit: Hit, sentence: str, answer: str, example: Example, rng: random.Random
    ) -> Hit | None:
        other = self._answer(answer, example, rng)
        before, _, after = sentence.partition(answer)
        options = [o for o in self._options(question, before + "\n" + after, rng) if o]
        if not other or not options:
            return None
        before, _, after = rng.choice(options).partition("\n")
        text = before + other + after
        if any(a in text for a in example.answers):
            return None
        heading = () if rng.random() < 0.5 else hit.chunk.headings
        chunk = replace(hit.chunk, id=f"{hit.chunk.id}~", source=f"{example.document}~", text=text, headings=heading)
        return replace(hit, chunk=chunk)

    def _options(self, question: Question, text: str, rng: random.Random) -> list[str]:
        """`text` with one thing that the question names changed, in each way that applies."""
        looked = cues(question)
        asked = [p for p in question.periods if p.first and p.last]
        made = [_shifted(text, p, rng) for p in periods(text) if any(p.overlaps(a) for a in asked)]
        made += [text.replace(q.text, _RANK.sub(_moved(rng, 1, 40), q.text)) for q in question.quantities
                 if q.kind == "rank" and _RANK.search(q.text) and q.text in text]  # fmt: skip
        for term, located, weight in zip(looked.terms, looked.located, looked.weights, strict=False):
            pool = self.places if located else self.names
            if weight >= _WEIGHT and term in text and not _DIGIT.search(term) and pool:
                made.append(text.replace(term, rng.choice(pool)))
        return [m for m in made if m != text]

    def _answer(self, answer: str, example: Example, rng: random.Random) -> str:
        """Another answer of the kind, "" where none is known."""
        if _DIGIT.search(answer):
            return _DATED.sub(lambda m: _other_number(m, rng), answer)
        return rng.choice(self.answers.get(example.kind, ("",)))


def _other_number(match: re.Match[str], rng: random.Random) -> str:
    """Another number of as many digits; a part of a date stays one."""
    digits, of = match.group().removesuffix(match["of"]), match["of"]
    if of == "年" and len(digits) == 4:
        return f"{int(digits) + rng.choice((-3, -2, -1, 1, 2, 3))}年"
    if of in _UP_TO:
        return f"{rng.randint(1, _UP_TO[of])}{of}"
    return "".join(str(rng.randint(1, 9)) for _ in digits) + of


def _shifted(text: str, period: Period, rng: random.Random) -> str:
    """`text` with the year, or the month where it has no year, of the period moved."""
    moved = _YEAR.sub(_moved(rng, 1950, 2030), period.text)
    if moved == period.text:
        moved = _MONTH.sub(_moved(rng, 1, 12), period.text)
    return text[: period.start] + moved + text[period.end :]


def _moved(rng: random.Random, low: int, high: int) -> object:
    def move(match: re.Match[str]) -> str:
        value = int(match.group())
        return str(rng.choice([v for v in range(max(low, value - 3), max(high, value) + 1) if v != value][:6]))

    return move
