"""One answer from those to the parts of a question: `answered(plan, ask)`. Between plan and verify.

    plan -> [ask: parse -> retrieve -> read -> verify] for each part -> one Answer

Each part keeps its own evidence; what no part could be answered with is named, not passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.apposition import described, holder, speaker
from rag.derive import Read, apart, of_the_part
from rag.periods import periods
from rag.plan import Part, Plan
from rag.quantities import numeral, quantities
from rag.question import parse
from rag.read.quote import clauses_around
from rag.types import RELATED, Answer, Evidence, Statement
from rag.verify import strange

STATEMENT_CHARS = 130  # of all statements together, where clauses can be left out
_MOST_RELATED = 3


def answered(plan: Plan, ask: Read) -> Answer | None:
    """The answers to all parts in one; None where the question is better asked as a whole.

    That is where no part has an answer, and where an unsure plan's parts do not have different ones.
    """
    answers: list[Answer] = []
    for part in plan.parts:
        before = answers[-1] if answers else None
        if part.follows and before and not before.answered:
            answers.append(before)
            continue
        answers.append(_following(before.short, part, ask) if part.follows and before else _asked(part, ask))
    read, answers = answers, told_apart(plan.parts, answers)
    if plan.sure and not any(one.answered for one in answers) and any(one.answered for one in read):
        return answers[0]  # what was read is of none of them, and would not be of the whole
    distinct = {one.short for one in answers if one.answered}
    if not distinct or (not plan.sure and len(distinct) < len(plan.parts)):
        return None
    return joined(plan.parts, answers)


def _asked(part: Part, ask: Read) -> Answer:
    """The answer to a part; to one for a person, who said what it quotes or the name behind the office that it names."""
    answer, hits = ask(part.text)
    if not answer.answered and _reworded(part.text) != part.text:
        answer, hits = ask(_reworded(part.text))
    asked = parse(part.text).asked
    if asked == "number" and part.label and not part.role:
        return of_the_part(part.text, part.label, answer, hits)
    if asked != "person":
        return answer
    return speaker(part.text, hits) or holder(part.text, hits) or answer


def _reworded(text: str) -> str:
    """A part in other words: 第12届 as 第十二届, a bare 时间 or 地点 as a question."""
    text = re.sub(r"第(\d{1,2})(?=[届次期季])", lambda match: f"第{numeral(int(match[1]))}", text)
    return re.sub("的?时间$", "是什么时候", re.sub("的?地点$", "在哪里", text))


def _following(name: str, part: Part, ask: Read) -> Answer:
    """What is asked of the answer before: what stands before the name, or else what is read of it."""
    answer, hits = ask(f"{name} {part.text}")
    return described(name, part.text, hits) or answer


def told_apart(parts: Sequence[Part], answers: Sequence[Answer]) -> list[Answer]:
    """The answers, those taken back that are of another kind than asked for, or that belong to another part.

    Where several parts got the same words of the same sentence, it answers those that the sentence names; if it names
    none, it answers none but roles (主编, 作者), which one and the same may have.
    """
    made = [one if _of_kind(part, one) else _withdrawn(one) for part, one in zip(parts, answers, strict=True)]
    for k, (part, one) in enumerate(zip(parts, answers, strict=True)):
        rivals = [other for i, other in enumerate(answers) if i != k and _same(one, other)]
        clause = clipped(one.statements[0][0], one.short, len(one.short)) if one.statements else ""
        named = [other.label in clause for other in parts]
        if one.answered and rivals and part.label and not named[k] and (any(named) or not part.role):
            made[k] = _withdrawn(one)
    return made


def _same(a: Answer, b: Answer) -> bool:
    return a.answered and b.answered and a.short == b.short and a.statements[0] == b.statements[0]


def _of_kind(part: Part, answer: Answer) -> bool:
    """Whether an answer is a date where one is asked for, holds a number where one is, and is neither where none is."""
    asked, short = parse(part.text).asked, answer.short
    dated = any(p.end - p.start >= len(short) - 1 for p in periods(short))
    if asked == "date":
        return bool(periods(short))
    if asked == "number":
        return bool(quantities(short))
    counted = any(q.end - q.start == len(short) for q in quantities(short))
    return asked not in ("person", "place", "organisation", "title") or not (dated or counted)


def _withdrawn(answer: Answer) -> Answer:
    return replace(answer, answered=False, short="", reason="资料中没有能直接回答这个问题的内容。")


def joined(parts: Sequence[Part], answers: Sequence[Answer]) -> Answer:
    """One answer of several, at least one of which is answered; `reason` names the parts that are not."""
    found = [(part, one) for part, one in zip(parts, answers, strict=True) if one.answered]
    missing = [part.label or part.text for part, one in zip(parts, answers, strict=True) if not one.answered]
    statements = _statements([one for _, one in found])
    return Answer(
        True,
        _short(found),
        statements,
        f"资料中没有找到：{'；'.join(missing)}。" if missing else "",
        min(one.confidence for _, one in found),
        tuple(formula for _, one in found for formula in one.formulas),
    )


def _short(found: Sequence[tuple[Part, Answer]]) -> str:
    """The short answers, each named by what tells its part from the others, where they are of one kind.

    A name that the evidence does not bear out is left away: a year that its sentence does not name.
    """
    shorts = list(dict.fromkeys(one.short for _, one in found))
    alike = len({parse(part.text).asked for part, _ in found}) == 1 and all(part.label for part, _ in found)
    if not alike:
        together = any(all(short in one.quote for short in shorts) for _, answer in found for one in _evidence(answer))
        return ("，" if together else "；").join(shorts)
    named = [f"{part.label}：{one.short}" for part, one in found]
    borne = (not strange(name, _evidence(one)) for name, (_, one) in zip(named, found, strict=True))
    return "；".join(named if all(borne) else shorts)


def _evidence(answer: Answer) -> tuple[Evidence, ...]:
    return answer.statements[0][1]


def _statements(found: Sequence[Answer]) -> tuple[Statement, ...]:
    """What is shown of each, once, and where else to look."""
    made: dict[str, tuple[Evidence, ...]] = {}
    related: list[Evidence] = []
    for one in found:
        for text, evidence in one.statements:
            if text == RELATED:
                related += evidence
            else:
                shown = clipped(text, one.short, STATEMENT_CHARS // len(found))
                made[shown] = tuple(dict.fromkeys((*made.get(shown, ()), *evidence)))
    quoted = {evidence for held in made.values() for evidence in held}
    others = apart(related, quoted)
    see = ((RELATED, others[:_MOST_RELATED]),) if others else ()
    return (*made.items(), *see)


def clipped(text: str, short: str, longest: int) -> str:
    """The whole clauses of `text` around `short` that fit into `longest` characters; all of it if `short` is not in it."""
    at = text.find(short)
    if len(text) <= longest or at < 0:
        return text
    start, end = clauses_around(text, (0, len(text)), (at, at + len(short)), longest)
    return text[start:end].rstrip("，；：,;")
