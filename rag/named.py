"""What a reply names, for questions that point back to it: `named_thing(reply)`, `named_person(reply)`. Part of `followup`.

>>> named_person("是市博物馆修复师、钟表专家陆远。")
'陆远'
>>> named_thing("“问津”图书馆，由市文旅局建设。")
'“问津”图书馆'
"""

import re
from itertools import takewhile

from rag.articles import SURNAMES
from rag.asked import kind_of
from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import cut, tagged

_SURNAMES = SURNAMES | frozenset("常易乔赖文施洪辛柯庄康")
_AFTER = frozenset("说称道介表在为是任曾就从对向和与等的将已也又还由于以")


def _clause(reply: str) -> str:
    """The first clause of a reply without its source markers."""
    first = re.split(r"[。！？；\n]", re.sub(r"\[\d+\]", "", reply).strip(), maxsplit=1)[0]
    return re.sub("^(?:答案?[是：:]|是由|是|叫做?|由|名叫|名为|位于|在)+", "", first)


def named_thing(reply: str) -> str:
    """The name that a reply begins with: its words up to the first verb or link, "" where it is a figure."""
    first = re.split("[，,]", _clause(reply), maxsplit=1)[0]
    told = [(q.start, q.end) for q in quantities(first)] + [(p.start, p.end) for p in periods(first)]
    if (0, len(first)) in told:
        return ""
    made, whole, inside = "", "", False
    verb = False
    for word in cut(first):
        inside = (inside or word in "“《") and word not in "”》"
        if word in ("的", "是", "在", "由", "为", "位于", "了"):
            break
        verb = verb or bool(made and not inside and len(word) > 1 and tagged(word) == "v")
        made += word
        if not verb or kind_of(made) in ("organisation", "title"):  # 创新 of 创新中心 is no verb
            whole = made
    return whole


def named_person(reply: str) -> str:
    """The person that a reply names: the last name in its first clause, or all of a short one."""
    first = _clause(reply)
    foreign = re.findall(r"([\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)*·)([\u4e00-\u9fff]+)", first)
    if foreign:  # 阿里·拉赫曼当选
        last = takewhile(lambda word: tagged(word) not in ("v", "p", "uj"), cut(foreign[-1][1]))
        return str(foreign[-1][0]) + "".join(last)
    words = cut(first)
    names = [word for word in words if tagged(word).startswith("nr") and len(word) > 1 and word[0] in _SURNAMES]
    at = 0
    for i, word in enumerate(words):
        if word in _SURNAMES:
            given = words[i + 1 : i + 3] if all(len(w) == 1 for w in words[i + 1 : i + 3]) else words[i + 1 : i + 2]
            given = given[:1] if given[-1:] and given[-1] in _AFTER else given
            sure = at == 0 or kind_of(first[:at]) == "person" or at + len(word + "".join(given)) == len(first)
            if given and len("".join(given)) <= 2 and (sure or tagged(given[0]) not in ("v", "p", "n")):
                names.append(word + "".join(given))
        at += len(word)
    return names[-1] if names else first if len(first) <= 6 else ""
