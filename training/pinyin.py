"""Makes rag/assets/pinyin.txt: the characters of jieba's dictionary by their sounds. Needs the package pypinyin (MIT).

    python -m training.pinyin

A reading counts where a character has it in a tenth of the phrases that pypinyin lists, or is its first one.
"""

import json
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

from rag.tokens import dictionary

HEAD = """# Characters of jieba's dictionary by how they are read, without tones, the frequent ones first.
# Readings: pypinyin and pinyin-data, MIT License, Copyright (c) 2016 mozillazg, 闲耘. Made by training/pinyin.py.
"""


def main() -> None:
    """Writes the file."""
    import pypinyin

    data = Path(pypinyin.__file__).parent
    readings = json.loads((data / "pinyin_dict.json").read_text(encoding="utf-8"))
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, read in json.loads((data / "phrases_dict.json").read_text(encoding="utf-8")).items():
        for char, sound in zip(phrase, read, strict=False):
            used[char][toneless(sound[0])] += 1
    frequent: Counter[str] = Counter()
    for word, count in dictionary().FREQ.items():
        frequent.update(dict.fromkeys(word, count))
    by_sound: defaultdict[str, str] = defaultdict(str)
    for char, count in frequent.most_common():
        if count > 2 and str(ord(char)) in readings:
            first = toneless(readings[str(ord(char))].split(",")[0])
            often = [sound for sound, n in used[char].items() if n * 10 >= used[char].total()]
            for sound in dict.fromkeys([first, *often]):
                by_sound[sound] += char
    lines = (f"{sound} {chars}\n" for sound, chars in sorted(by_sound.items()))
    Path("rag/assets/pinyin.txt").write_text(HEAD + "".join(lines), encoding="utf-8", newline="\n")


def toneless(sound: str) -> str:
    """`sound` without its tone, ü as v."""
    plain = unicodedata.normalize("NFD", sound).replace("u\u0308", "v")
    return "".join(char for char in plain if char.isascii() and char.isalpha())


if __name__ == "__main__":
    main()
