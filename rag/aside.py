"""What a question says beside what it asks: `aside(text) -> (text, excluded)`. Part of `question`.

执行了多少亿，不是签的合同额      what is not meant: no word to look for, and a figure of it gives way
年均增幅，7月的报道里怎么说       who says so, and when, is not when it happened
"""

import re

from rag.tokens import cut, fold, tagged

_QUOTED = re.compile("[“「《](?P<inside>[^”」》]*)[”」》]")
_NOT = re.compile(
    r"[，,；;（(\s—]+(?:我?[要问指]的?)?(?:而|可|但|并)?(?:不是|不要|不用|不问|不看|不算|并非|而非|别)(?P<what>[^，,；;）)？?。]{2,16})[）)]?(?=[，,；;？?。\s]|$)"
)
_EITHER = re.compile(
    r"[，,]?(?:不分|不论|无论|不管)(?:是)?(?P<what>[^，,。？?的]{2,10})(?:[，,]|都|均|(?=合计|总共|一共|共))"
)
_SAID = re.compile(
    r"[，,\s（(]+[^，,（(]{0,16}(?:报道|文章|稿件?|材料|文中|新闻|报纸|资料)(?:[里中上]|当中)?(?:面|头)?(?:是|又)?(?:(?:怎么|如何)(?:说|写|讲|提)的?|的?(?:说法|口径|提法))[）)]?(?=[？?。\s]|$)"
    r"|[，,（(？?][^，,（(]{0,12}(?:的说法|的口径|的提法|的报道)[）)]?(?=[？?。\s]|$)"
)
_ASKS = re.compile("[什甚]么|谁|哪|多少|几|何|怎|吗$|为啥")
_SHORTEST = 6  # what is left must still be a question


def aside(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` without its asides, and the folded words of what it says is not meant.

    >>> aside("2022年实际执行了多少亿，不是签的合同额")
    ('2022年实际执行了多少亿', ('签的', '合同额'))
    """
    said = _SAID.search(text)
    kept = text[: said.start()] + text[said.end() :] if said and said.start() >= _SHORTEST else text
    excluded: list[str] = []
    for pattern in (_NOT, _EITHER):
        found = pattern.search(kept)
        rest = kept[: found.start()] + kept[found.end() :] if found else ""
        if found and len(rest) >= _SHORTEST and not _ASKS.search(_QUOTED.sub("", found["what"])):
            excluded += _told(found["what"], rest)
            kept = rest
    return kept.strip(), tuple(excluded)


def _told(what: str, rest: str) -> list[str]:
    """The words that name what is not meant, and are not meant elsewhere; neighbours of one character joined (在岸)."""
    quoted = _QUOTED.search(what)
    made: list[str] = []
    run = ""
    for word in [*cut(quoted["inside"] if quoted else what), ""]:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        made += [run] if len(run) == 2 else []
        run = ""
        made += [word] if len(word) > 1 and tagged(word)[:1] not in ("r", "m", "d", "c", "u", "p") else []
    return [word for word in dict.fromkeys(map(fold, made)) if word not in fold(rest)]
