"""Misspelt words of a question, read as what its documents hold: `spelled(text, frequency)`. Part of `wordings`.

Most misspellings are another character of the same sound. A character is read as another one only where the documents
hold nothing like what was typed and often hold what it sounds like.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path

from rag.tokens import cut, dictionary, fold

_PINYIN = Path(__file__).with_name("assets") / "pinyin.txt"
_ENOUGH = 2  # times that what is read instead occurs
_OFTEN = 4  # the same where the neighbours say little
_CLEARLY = 4  # times as many as hold what was typed
_COMMON = 9500  # how often jieba's dictionary counted what is a word by itself
_DATED = re.compile("\\d+[年月日号时点届]")  # 月台 is no word of 8月台风
_RUN = re.compile("[\u4e00-\u9fff]+")
# Characters that ask, count or link are never misread: they stand beside anything.
_PLAIN = frozenset(
    "的了在是有和与及或为被把从向到对于几多少哪谁何怎啥什么吗呢那这年月日号时点分一二三四五六七八九十百千万亿个家名位次某"
)
_RANK = re.compile("(?<=第)([\\d一二三四五六七八九十百]+)界|(?<=[十百\\d])([一二三四五六七八九\\d])界")
_THAT = re.compile("那(?=一?[年天届里些个家位座条部款本种项所名场])")
_ASKS = re.compile("什么|啥|谁|哪|多少|几|吗|何|怎|咋|干嘛|干啥|是不是|有没有|多[大高长远久]|率|额|量|数")
Frequency = Callable[[str], int]


def spelled(text: str, frequency: Frequency, short: Callable[[str], bool] = lambda _: False) -> str:
    """`text` with its misspelt characters replaced; the length is kept.

    `frequency` counts a pair of characters; `short` tells whether one is short for something (营收), and so no misspelling.
    """
    text = _RANK.sub(lambda rank: rank.group()[:-1] + "届", text)  # 第十五界
    made = list(text)
    for run in _RUN.finditer(_DATED.sub(lambda date: " " * len(date.group()), fold(text))):
        for at, char in _corrections(run.group(), frequency, short):
            made[run.start() + at] = char
    return "".join(made)


def which(text: str) -> str:
    """`text` with 那 read as 哪 where nothing else asks (武汉是那一年获批的)."""
    return text if _ASKS.search(text) or " " in text.strip() else _THAT.sub("哪", text, count=1)


def _corrections(run: str, frequency: Frequency, short: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """The places in `run` that are misspelt, with the characters meant."""
    words = cut(run)
    loose = [len(word) == 1 and word not in _PLAIN for word in words for _ in word]
    for at in range(len(run)):
        if not loose[at] or _is_common(run[at]):
            continue
        near = [k for k in (at - 1, at + 1) if 0 <= k < len(run) and loose[k]]
        meant = _single(run, at, near, frequency)
        if not meant and at + 1 in near and not _is_common(run[at + 1]):
            meant = _pair(run[at : at + 2], frequency)
        if meant and any(short(run[k : k + 2]) for k in (at - 1, at) if 0 <= k < len(run) - 1):
            continue
        yield from ((at + k, char) for k, char in enumerate(meant) if run[at + k] != char)
        run = run[:at] + meant + run[at + len(meant) :]


def _single(run: str, at: int, near: list[int], frequency: Frequency) -> str:
    """What the character at `at` is meant to be, "" where it may be what it is; `near` are the loose ones beside it."""
    beside = [k for k in (at - 1, at + 1) if 0 <= k < len(run) and run[k] not in _PLAIN]

    def pair(char: str, k: int) -> str:
        return run[k] + char if k < at else char + run[k]

    typed = [frequency(pair(run[at], k)) for k in beside]
    if not typed or min(typed) or max(typed) >= _ENOUGH:
        return ""

    def support(char: str) -> int:
        held = {k: frequency(pair(char, k)) for k in beside}
        words = [n for k, n in held.items() if k in near and _is_word(pair(char, k)) and n >= _ENOUGH]
        both = [min(held.values())] if len(held) == 2 and min(held.values()) >= _ENOUGH else []
        # 执行鹅: 行额 goes with most of 执行
        apart = [(k, n) for k, n in held.items() if n >= _OFTEN and (k in near or not _is_word(pair(char, k)))]
        known = [n for k, n in apart if 0 < frequency(run[at - 2 : at] if k < at else run[at + 1 : at + 3]) <= 3 * n]
        return max([*words, *both, *known], default=0)

    best = max(_like(run[at]), key=support, default="")
    return best if best and support(best) > _CLEARLY * max(typed) else ""


def _pair(typed: str, frequency: Frequency) -> str:
    """The word that two loose characters are meant to be, "" where there is none."""
    if frequency(typed):
        return ""
    pairs = ("".join(pair) for pair in product(*(_like(char) + char for char in typed)))
    found = max(((frequency(pair), pair) for pair in pairs if _is_word(pair)), default=(0, ""))
    return found[1] if found[0] >= _OFTEN else ""


def _is_common(char: str) -> bool:
    """Whether `char` often is a word by itself."""
    return bool(dictionary().FREQ.get(char, 0) >= _COMMON)


def _is_word(text: str) -> bool:
    return bool(dictionary().FREQ.get(text, 0))


def _like(char: str) -> str:
    """The other characters that sound like `char`."""
    sounds, chars = _sounds()
    return "".join(dict.fromkeys(other for sound in sounds.get(char, ()) for other in chars[sound] if other != char))


@lru_cache(maxsize=1)
def _sounds() -> tuple[dict[str, list[str]], dict[str, str]]:
    """How each character sounds, and the characters of each sound; what many speakers do not tell apart is one sound."""
    chars: defaultdict[str, str] = defaultdict(str)
    sounds: defaultdict[str, list[str]] = defaultdict(list)
    for reading, read in _readings():
        sound = re.sub("^([zcs])h", r"\1", re.sub("^n", "l", re.sub("(?<=[aei])ng$", "n", reading)))
        chars[sound] += read
        for char in read:
            sounds[char].append(sound)
    return dict(sounds), dict(chars)


@lru_cache(maxsize=1)
def _readings() -> list[tuple[str, str]]:
    """The readings in pinyin with the characters that have them."""
    lines = _PINYIN.read_text(encoding="utf-8").splitlines()
    return [(reading, read) for line in lines if line[0] != "#" for reading, read in [line.split(" ")]]


@lru_cache(maxsize=4096)
def readings(char: str) -> list[str]:
    """How `char` is read, in pinyin without tones."""
    return [reading for reading, read in _readings() if char in read]
