"""A follow-up made whole: `standalone(question, history)`. Part of `question`.

What a follow-up names takes the place of its like in the earlier question (那2025年呢, 离岸的呢, 总经理呢); what points
back (它, 这家公司) stands for what the reply named, or else for what the earlier question was about; a question that names
nothing itself takes that along (什么时候通车). Any other stands alone.
"""

import re
from collections.abc import Sequence

from rag.asked import FILLER, INTERROGATIVE, Asked, asking, kind_of, naming
from rag.coordinate import counterpart
from rag.named import named_person, named_thing
from rag.periods import periods
from rag.quantities import numeral, quantities
from rag.tokens import cut, tagged
from rag.types import Turn

_POINTER = re.compile(
    "(?P<person>他们?|她们?|此人|(?:这|那|该)位?(?:先生|女士|专家|老人|人))|(?P<place>那里|那儿|那边|这里|这儿|当地)|它们?|"
    "(?:这|那|该|此|上述)(?!么|样|时|些|年|天|届|期|次|季|月|占|比|额|率|量)一?(?:[个本款座所件篇首台种]|家(?!庭)|位(?!置)|部(?!门)|项(?!目)|条(?![例件])|场(?!馆))?(?P<noun>[\u4e00-\u9fff]{1,4})?"
)
_PART = re.compile(
    "其中|这些|那些|同比|环比|同期|占|比重|比例|增速|增幅|涨|跌|增长|下降|上年|折合|相当于|人均|平均|排名|排第|第几"
)
_RELATIVE_RANK = re.compile("(上|下|前|后)一?(届|期|次|季|集|年|轮)")
_ENDS_SUBJECT = frozenset(
    "的 了 是 有 为 在 由 到 达 被 把 将 与 和 ， , 又 还 都 共 一共 总共 到底 具体 大概 叫 叫做 做 占".split()
)
_THINGS = ("organisation", "title", "place", "what")
_WHOLES = ("全国", "我国", "全省", "全市", "全区", "全县", "全球")
_NAMES = ("nr", "ns", "nt", "nz", "x", "eng", "")


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leaves out filled in from the earlier questions and the last reply."""
    asked = [turn for turn in history if turn.role == "user"]
    if not asked:
        return question
    at = max(i for i, turn in enumerate(history) if turn.role == "user")
    before = FILLER.sub("", standalone(asked[-1].text, history[:at]))
    reply = history[at + 1].text if at + 1 < len(history) else ""
    core = FILLER.sub("", question).strip("，, ")
    if not core or not before:
        return before or question
    named = core.removesuffix("的")
    if (len(core) <= 14 and not INTERROGATIVE.search(core)) or _only_named(before, core):
        return _replaced(before, _bare(named), named != core)
    rank = _RELATIVE_RANK.search(core)
    if rank and (shifted := _shifted(before, rank)):
        asked_now = core.replace(rank.group() + "的", "").replace(rank.group(), "")
        return f"{_without(_subject(shifted, core, whole=False), asked_now)} {asked_now}"
    pointer = _POINTER.search(core)
    if pointer:
        return _resolved(before, reply, core, pointer)
    acts = _begins_with_its_verb(core)
    if (_PART.search(core) and len(core) <= 16) or acts or _incomplete(core):
        kind, (start, _) = asking(before)
        named = "" if start else named_person(reply) if kind == "person" else named_thing(reply)  # 谁当选了会长
        figures = acts and kind == asking(core)[0] == "number"  # 投了多少个科创类项目? 带动了多少社会资本?
        return f"{named or _subject(before, core, whole=figures or bool(_PART.search(core)))} {core}".strip()
    return question


def _without(subject: str, core: str) -> str:
    """`subject` without what it ends with if `core` says it again."""
    return next((subject[:-n] for n in range(6, 1, -1) if len(subject) > n and subject[-n:] in core), subject)


def _only_named(before: str, core: str) -> bool:
    """Whether a question asks the same of another period or place (到2024年变成多少了, 广东有多少)."""
    if asking(core)[0] != asking(before)[0]:
        return False
    told = _told(_bare(core, asked=True))
    return len(core) <= 16 and (all(map(_is_place, told)) if told else bool(periods(core)))


def _bare(core: str, asked: bool = False) -> str:
    """What `core` names, without the words around it; with `asked` without periods and what asks, too."""
    if not asked and INTERROGATIVE.search(core):
        return next((period.text for period in periods(core)), "") or "".join(_told(_bare(core, asked=True)))
    if asked:
        start, end = asking(core)[1]
        core = core[:start] + " " + core[end:]
        for period in reversed(periods(core)):
            core = core[: period.start] + " " + core[period.end :]
    return re.sub("^(?:换成|要是|如果是|至于|说到|那|到|在|对)", "", core)


def _replaced(before: str, core: str, narrows: bool) -> str:
    """`before` with `core` in the place of its like: a period, a rank, a place, a role, a measure, or another name.

    What has no like there is a measure of its subject, or with `narrows` (离岸的) a part of it.
    """
    new, old = periods(core), periods(before)
    if new:
        year = (
            re.match(r"\d{4}年", old[0].text)
            if old and not re.search("年(?!级)|\\d{4}", core.replace("半年", ""))
            else None
        )
        if old:
            return before[: old[0].start] + (year.group() if year else "") + new[0].text + before[old[0].end :]
        return new[0].text + before
    shift = _RELATIVE_RANK.fullmatch(core)
    if shift and (shifted := _shifted(before, shift)):
        return shifted
    ranks, old_ranks = ([q for q in quantities(text) if q.kind == "rank"] for text in (core, before))
    if ranks and old_ranks:
        return before[: old_ranks[0].start] + core + before[old_ranks[0].end :]
    like = "" if _PART.search(core) else _sibling(before, core) or _like(before, core) or _named_alike(before, core)
    if like:
        return core.join(before.rsplit(like, 1)) if like != before else core
    kind, (start, end) = asking(before)
    if narrows:
        at = old[0].end if old else 0
        return before[:at] + core + before[at:]
    return f"{_subject(before, core, whole=bool(_PART.search(core)))}{core}{before[start:end] or '多少' * (kind == 'number')}"


def _sibling(before: str, core: str) -> str:
    """The part of `before` that `core` contrasts with: of equal length and differing in one character (线上, 线下)."""
    size = len(core)
    parts = (before[i : i + size] for i in range(len(before) - size + 1)) if size > 1 else ()
    return next((part for part in parts if sum(a != b for a, b in zip(part, core, strict=True)) == 1), "")


def _named_alike(before: str, core: str) -> str:
    """The part of `before` that ends as `core` does (集中式 for 分布式, 信息技术外包 for 知识流程外包), "" where none does."""
    found = counterpart(before[: asking(before)[1][0]] or before, core)
    part = before[slice(*found)] if found else ""
    alike = part[-2:] == core[-2:] or (len(part) == len(core) > 2 and part[-1:] == core[-1:])
    return part if alike and len(core) > 2 else ""


def _like(before: str, core: str) -> str:
    """The part of `before` that names the same kind of thing as `core`, "" where none does."""
    words = cut(before[: asking(before)[1][0]] or before)
    places = [word for word in words if tagged(word) == "ns" or word in _WHOLES] if _is_place(core) else []
    if places:
        return next((places[0][:n] for n in (2, 3) if tagged(places[0][:n]) == "ns"), places[0])  # 南京 of 南京长江大桥
    quoted = re.search("《.*?》|“.*?”", before)
    if quoted and core[0] == quoted.group()[0]:
        return quoted.group()
    kind = kind_of(core)
    if kind:
        parts = [part for word in reversed(words) for part in (naming(word) if kind == "number" else word, word[:2])]
        return next((part for part in parts if len(part) > 1 and kind_of(part) == kind), "")
    if any(tagged(word)[:2] in _NAMES for word in cut(core)):  # a name for the name that the question began with
        ends = [p.start for p in periods(before)] + [before.find("的"), len(_subject(before, core, whole=False))]
        return before[: min((end for end in ends if end > 0), default=0)]
    return ""


def _is_place(text: str) -> bool:
    return all(tagged(word) == "ns" for word in cut(text))


def _shifted(before: str, shift: re.Match[str]) -> str:
    """`before` with its rank or year counted on or back, "" where it has none."""
    ranks = [q for q in quantities(before) if q.kind == "rank"]
    if not ranks:
        return ""
    number = int(ranks[0].value) + (1 if shift[1] in "下后" else -1)
    return before[: ranks[0].start] + f"第{numeral(number)}{ranks[0].text[-1]}" + before[ranks[0].end :]


def _resolved(before: str, reply: str, core: str, pointer: re.Match[str]) -> str:
    """`core` with what points back replaced by what it points to."""
    noun = pointer["noun"] or ""
    wanted: Asked | None = "person" if pointer["person"] else "place" if pointer["place"] else None
    first = next(iter(cut(noun)), "")
    size = len(first) if kind_of(first) else 0  # 公司 of 公司哪年
    wanted = wanted or kind_of(noun[:size])
    answered = asking(before)[0]
    if _PART.search(core) and wanted in (None, "number"):
        return f"{_subject(before, core, whole=True)} {core}"
    thing = re.search(f"(?:《[^》]*》|“[^”]*”){re.escape(first)}", before) if size else None
    if thing:
        named = thing.group()
    elif wanted == "person":
        named = named_person(reply) if answered == "person" or not re.search(r"\d", reply) else ""
    else:
        same = answered == wanted or (wanted in (None, "title") and answered in _THINGS)
        named = named_thing(reply) if same or (wanted and kind_of(named_thing(reply)) == wanted) else ""
    named = named or _subject(before, core, whole=False)
    end = pointer.start("noun") + size if noun else pointer.end()
    return f"{core[: pointer.start()]}{named}{' ' if named[-1:].isascii() else ''}{core[end:]}".strip()


def _subject(before: str, core: str, whole: bool) -> str:
    """What `before` is about: what stands before its asking words; with `whole` all but these.

    Its measure or predicate gives way to the one that `core` has, its period to one that `core` names.
    """
    start, end = asking(before)[1]
    left, right = before[:start], re.sub("^[家个名位座条所项件次人台]", "", before[end:])
    if periods(core) or (not whole and asking(core)[0] not in ("number", "list", "what")):
        for period in reversed(periods(left)):
            left = left[: period.start] + left[period.end :]
    words = [word for word in cut(left) if word.strip() and tagged(word)[:1] not in ("u", "y", "r")]
    while words and (last := _ending(words, whole)):
        words = cut("".join(words)[: -len(last)])
    made = "".join(words)
    return made + right if whole or not made else made


def _ending(words: Sequence[str], whole: bool) -> str:
    """What at the end of `words` is no part of what they are about: a link, or a verb or a measure of it."""
    last, noun = words[-1], naming("".join(words[-3:]))
    if last in _ENDS_SUBJECT or whole or len(words) == 1:
        return last if last in _ENDS_SUBJECT else ""
    if kind_of(noun) in ("number", "date", "person") and noun != "".join(words):
        return noun
    if len(last) == 1:  # a loose character may be the end of a name (外包)
        return last if last in "做载招办建开拍写卖买总均" else ""
    return last if tagged(last) in ("v", "vn", "vi", "d") else ""


def _told(core: str) -> list[str]:
    """The words of `core` that tell something."""
    return [
        w for w in cut(core) if len(w) > 1 and (tagged(w) or "x")[0] not in "uprcdmty" and w not in ("变成", "怎样")
    ]


def _begins_with_its_verb(core: str) -> bool:
    """Whether a question leaves out who or what does it: 带动了多少社会资本."""
    first = next(iter(cut(core)), "")
    return tagged(first) == "v" and bool(re.match("(?:了|过|到|出)?(?:多少|几|哪|什么)", core[len(first) :]))


def _incomplete(core: str) -> bool:
    """Whether a question names too little to stand alone: no name, number or quotation, and few words of content."""
    start, end = asking(core)[1]
    told = _told(core[:start] + " " + core[end:])
    named = any((tagged(w) or "x") in ("nr", "ns", "nt", "nz", "x") and not kind_of(w) for w in told)
    thing = any(len(w) > 2 and not kind_of(w) and tagged(w)[:1] == "n" for w in told)
    defined = re.match("什么是|何谓|什么叫", core)
    return len(told) <= 2 and not (named or thing or defined or "《" in core or "“" in core)
