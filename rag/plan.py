"""The questions that a question asks at once: `plan(question) -> Plan`. Between question and retrieve.

    谁说的？什么职务              clauses that ask for themselves
    2021年和2022年的产量是多少     parallel items, what stands around them shared
    A和B差多少, A占B的比例         figures to find and what to work out of them: see `rag.reckon`

A question is taken apart only where its form says so. Where only its words suggest it (X和Y的Z without 分别) the plan
is not `sure`, and the parts count only if they have different answers.
"""

import re
from dataclasses import dataclass

from rag.coordinate import JOINERS, PARALLEL, Coordination, coordinations
from rag.question import Question, parse
from rag.several import EACH, several
from rag.types import Turn

# What is asked of all together: it is one question however many are named.
_JOINT = re.compile(
    "之间|共同|联合|联手|携手|一起|一同|合作|合[办写编著并称开建]|(?<![成首古旧故京新])都|均|总共|一共|合计|共[有计]|加起来|总和|之和|相[加比差]|两[者年届国地家人个方]|"
    "二者|同时|结合|组成|交界|关系|区别|差[异别距]|不同|异同|相同|对[阵战决]|比[赛较]|何者|哪[一]?[个家方边者](?:更|比较|最)|又称|统称|合称"
)
_FIXED_PAIRS = frozenset({("国家", "地区"), ("国家", "城市"), ("企业", "个人")})
_RANGE_AFTER = re.compile("之间|期间|以来|之后|之前|以后|以前|以[上下]|年?间|相比|比|等")
_CUE_AT_END = re.compile(
    r"(?:的?(?:是|有|为|叫|在)?(?:谁|什么(?:人|时候|时间|地方)?|啥|多少.{0,3}|哪.{0,3}|几.{0,2}))?(?:呢|啊|呀)?[？?。！!\s]*$"
)
_INTERROGATIVE = re.compile("[什甚]么|啥|谁|哪|多少|几[号点岁月时成]|何[时处地人]|百分之几|多[大高长久远重]")
_STARTS_ANOTHER = re.compile("而|故|但|却|以|为|并|使|且|从而|导致")
_SIZE_ASKED = re.compile("(?:增长|上涨|下降|涨|跌|降|增加|减少|上升)了?(?:多少|百分之几|几.{0,2})$")
_BEGINS = re.compile(r"(?:^|[的在,，：:\s]|[年月日届])$")
_OF_PERSON = re.compile(
    r"^的?(?:.{0,2}(?:是|在|任|担任|来自))?(?:哪|什么|啥)?[一]?[个所家种]?的?(?:单位|职务|职位|学校|大学|身份|头衔|国籍|公司|机构|部门|岗位|国家|人)"
)
_CLAUSE = re.compile(r"[？?。；;！!，,]|(?<=[^A-Za-z0-9])\s|\s(?=[^A-Za-z0-9])")
_QUOTED = re.compile("“[^”]*”|《[^》]*》|「[^」]*」")
_TITLE = re.compile("《[^》]*》")
_PRONOUN = re.compile("它|他|她|其(?!他|它|余|实)|这[本部首篇]|该[书片剧歌]")
_SEVERAL = re.compile("(?:这|那|各|近|历|前后)(?:几|些|两|三)?(?:届|年|次|期|季|个)的?")
_LEFT_OVER = re.compile("(?:帮我|给我|请)?(?:捋|列|查|说|讲|梳理|介绍)一?下|(?:都|各)?(?:告诉|给)我")
_LONGEST_CLAUSE = 14
_LONGEST_SHARED = 12  # of what is asked of each of several names
_EVENTS = 2.0  # how parallel events must be whose dates are asked for
_UNSURE = 2.5  # how parallel names must be that no 分别 sets apart


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions: `text` stands alone, `label` is what tells it from the others.

    Where it `follows`, it is asked of what the part before it answers (谁说的？什么职务). `role` is true where the parts ask
    for different things of one subject (导演和主演), which may have one answer.
    """

    text: str
    label: str = ""
    follows: bool = False
    role: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """`parts` in the order they are asked, at least two; `sure` where the form of the question sets them apart."""

    parts: tuple[Part, ...]
    sure: bool = True


def plan(question: Question) -> Plan | None:
    """The parts of a question, None for a question that asks for one thing."""
    if question.asked == "explain":
        return None
    return _clauses(question.text) or _coordinated(question)


def _clauses(text: str) -> Plan | None:
    """The clauses with a question word of their own; what stands before one is its context."""
    bare = _QUOTED.sub(lambda quote: "“" * len(quote[0]), text)
    ends = [m.start() for m in _CLAUSE.finditer(bare)] + [len(text)]
    asking: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        if _INTERROGATIVE.search(bare, start, end):
            asking.append((start, end))
        start = end + 1
    if len(asking) < 2 or any(end - start > _LONGEST_CLAUSE for start, end in asking[1:]):
        return None
    first = text[: asking[0][1]].strip()
    before = parse(first)
    parts = [Part(first)]
    for start, end in asking[1:]:
        clause = text[start:end].strip()
        own = parse(clause)
        if own.asked == "explain" or _STARTS_ANOTHER.match(clause) or not _asks_more(before, own):
            return None
        follows = before.asked in ("person", "organisation") and bool(_OF_PERSON.search(clause))
        parts.append(Part(clause if follows else _whole(first, clause), "", follows))
    return Plan(tuple(parts))


def _whole(first: str, clause: str) -> str:
    """A clause with what it leaves out: the title it calls 它, or the subject of the first one."""
    title = _TITLE.search(first)
    if title and _PRONOUN.match(clause):
        return _PRONOUN.sub(title[0], clause, count=1)
    return parse(clause, [Turn("user", first)]).text


def _asks_more(before: Question, own: Question) -> bool:
    """Whether a clause asks for something else than the one before it, not for the same more exactly (具体是多少)."""
    if before.asked in ("explain", "list"):
        return False
    told = re.sub("[具体大概大约到底究竟分别是了的有准确被又还也总共一]", "", own.text[: own.cue[0]])
    acts = own.asked == "number" and told not in before.text  # 逃税多少钱，被罚了多少钱
    return own.asked != before.asked or (len(told) > 0 and (acts or own.head not in ("", before.head)))


def _coordinated(question: Question) -> Plan | None:
    """The items that the question puts side by side, each with all that is said of them together."""
    text = question.text
    each = bool(EACH.search(text))
    for found in coordinations(text):
        if found.items[:2] in _FIXED_PAIRS or found.items[-1].startswith(("以上", "以下", "其他", "其它")):
            continue
        sure = _set_apart(question, found, each)
        if sure is not None:
            return Plan(_parts(text, found), sure)
    named = several(text)
    return Plan(_parts(text, named)) if named and not _JOINT.search(text[named.end :]) else None


def _set_apart(question: Question, found: Coordination, each: bool) -> bool | None:
    """Whether the items surely are asked for one by one; None where they are asked for as one."""
    before, after = question.text[: found.start], question.text[found.end :]
    if each:
        between = EACH.split(after)
        listed = len(between) > 1 and bool(JOINERS & set(between[-1]))  # 分别是A、B和哪一个
        set_out = not listed and (len(between) > 1 or question.text.startswith(("分别", "各")))
        return True if found.score >= PARALLEL and set_out and not _CLAUSE.search(after.rstrip("？?。！! ")) else None
    asked_before = bool(_INTERROGATIVE.search(_QUOTED.sub("", before)))
    if _JOINT.search(_QUOTED.sub("", question.text)) or _RANGE_AFTER.match(after) or asked_before:
        return None
    if found.kind.startswith(("period", "rank")):
        return True
    named = found.kind in ("name", "latin") or found.kind.startswith("quoted")
    if _CUE_AT_END.match(after):
        kinds = [parse(f"{item}是").asked for item in found.items]
        if before and set(kinds) != {"what"} and found.score >= PARALLEL:
            return True
        return False if named and after.strip("？?。 ") and found.score >= _UNSURE else None
    attribute = _CUE_AT_END.sub("", after)
    asked = "number" if _SIZE_ASKED.search(after.rstrip("？?。！! ")) else parse(f"{attribute}是").asked
    shared = 0 < len(attribute) <= _LONGEST_SHARED and asked in ("number", "date", "person")
    begins = named or (_BEGINS.search(before) and not _INTERROGATIVE.search(attribute))
    if attribute.endswith(("时间", "日期")) and not begins:  # 宣誓仪式及首次会议的时间
        return False if shared and found.score >= _EVENTS and not _CLAUSE.search(attribute) else None
    return False if shared and begins and found.score >= _UNSURE and not _CLAUSE.search(attribute) else None


def _parts(text: str, found: Coordination) -> tuple[Part, ...]:
    before, after = text[: found.start], text[found.end :]
    if before.rstrip().endswith(("：", ":")) and not after.strip("？?。！! "):  # 历届主题：第12届、第14届
        several = _SEVERAL.search(before)
        at = several.span() if several else (0, 0)
        told = [before[: at[0]] + item + before[at[1] :].rstrip("：: ") for item in found.items]
    else:
        told = list(found.spread(text))
    kinds = [parse(f"{item}是").asked for item in found.items]
    return tuple(
        Part(item, item, follows=True, role=True)
        if k and kinds[0] == "person" and kinds[k] != "person" and _OF_PERSON.search(item)
        else Part(
            _LEFT_OVER.sub("", EACH.sub("", one)).strip(" ？?。"),
            item,
            role=bool(_CUE_AT_END.match(after)) and not found.fixed,
        )
        for k, (item, one) in enumerate(zip(found.items, told, strict=True))
    )
