"""A follow-up made whole: `standalone(question, history)`. Part of `question`."""

import re
from collections.abc import Sequence

from rag.asked import FILLER, INTERROGATIVE, asking
from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import cut, tagged
from rag.types import Turn

_NAMED = re.compile(r"它|他|她|这家|那家|这位|那位|这本|那本|该(?:公司|企业|机构|项目|平台|人)")
_POINTING = re.compile(rf"{_NAMED.pattern}|该|此|这个|那个|其(?!他|实|余)|上述|同期|同比|环比")
_RELATIVE_RANK = re.compile(r"(上|下|前|后)一?(届|期|次|季|集|年|轮)")


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leaves out filled in from the user's earlier questions.

    A question that only names another period or scope ("那2025年呢", "离岸的呢") is the earlier one with that replaced.
    One that points back ("它", "这家公司") or is too short to stand alone takes the earlier subject along. Any other
    stands alone.
    """
    asked = [turn for turn in history if turn.role == "user"]
    if not asked:
        return question
    at = max(i for i, turn in enumerate(history) if turn.role == "user")
    before = standalone(asked[-1].text, history[:at])
    reply = history[at + 1].text if at + 1 < len(history) else ""
    core = FILLER.sub("", question).strip("，, 的")
    if not core:
        return before
    if not INTERROGATIVE.search(core) and len(core) <= 12:
        return _replaced(before, core)
    if _POINTING.search(core) or _RELATIVE_RANK.search(core) or _incomplete(core):
        return _inherited(before, reply, core)
    return question


def _replaced(before: str, core: str) -> str:
    """`before` with its period, rank or sibling term replaced by `core`."""
    new = periods(core)
    if new:
        old = periods(before)
        if old:
            return before[: old[0].start] + new[0].text + before[old[0].end :]
        return new[0].text + before
    ranks = [q for q in quantities(core) if q.kind == "rank"]
    old_ranks = [q for q in quantities(before) if q.kind == "rank"]
    if ranks and old_ranks:
        return before[: old_ranks[0].start] + core + before[old_ranks[0].end :]
    sibling = _sibling(before, core)
    if sibling:
        return before.replace(sibling, core, 1)
    asked, cue = asking(before)
    found = periods(before)
    at = found[0].end if found else 0
    return before[:at] + core + before[at:] if asked != "what" or cue else core + before


def _sibling(before: str, core: str) -> str:
    """The part of `before` that `core` contrasts with: of equal length and differing in one character (线上, 线下)."""
    size = len(core)
    parts = (before[i : i + size] for i in range(len(before) - size + 1)) if size > 1 else ()
    return next((part for part in parts if sum(a != b for a, b in zip(part, core, strict=True)) == 1), "")


def _incomplete(core: str) -> bool:
    """Whether a question names too little to stand alone: no name, number or quotation, and few words of content."""
    told = [w for w in cut(_cueless(core)) if len(w) > 1 and (tagged(w) or "x")[0] not in "uprcdmty"]
    named = any((tagged(w) or "x") in ("nr", "ns", "nt", "nz", "x") for w in told) or "《" in core or "“" in core
    return len(told) <= 2 and not named


def _cueless(text: str) -> str:
    _, (start, end) = asking(text)
    return text[:start] + " " + text[end:]


def _inherited(before: str, reply: str, core: str) -> str:
    """`core` with the subject of `before` put in front; its period gives way to one that `core` names."""
    told = _told(reply) if _NAMED.search(core) else ""
    if told:
        return f"{told} {core}"
    subject = _cueless(FILLER.sub("", before))
    shift = _RELATIVE_RANK.search(core)
    ranks = [q for q in quantities(subject) if q.kind == "rank"]
    if shift and ranks:
        next_rank = int(ranks[0].value) + (1 if shift[1] in "下后" else -1)
        subject = subject[: ranks[0].start] + f"第{_numeral(next_rank)}{shift[2]}" + subject[ranks[0].end :]
        core = core.replace(shift.group() + "的", "").replace(shift.group(), "")
    elif periods(core):
        for old in reversed(periods(subject)):
            subject = subject[: old.start] + subject[old.end :]
    words = [w for w in cut(subject) if w.strip() and w not in core and (tagged(w) or "x")[0] not in "uyr"]
    return ("".join(words) + " " + core).strip()


def _told(reply: str) -> str:
    """What an earlier reply named: its first sentence without source markers, "" where it holds only a figure."""
    first = re.split(r"[。！？\n]", re.sub(r"\[\d+\]", "", reply).strip(), maxsplit=1)[0]
    first = first.removeprefix("是").removeprefix("叫")
    return "" if any(q.start == 0 and q.end == len(first) for q in quantities(first)) else first


def _numeral(n: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(n, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
