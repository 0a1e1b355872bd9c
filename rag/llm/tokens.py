"""How many tokens a text takes: `counter(settings)`. Part of `rag.llm`.

A tokenizer file of the model counts exactly. Without one the count is an estimate from above: current multilingual tokenizers
take .6 to .8 tokens for a Chinese character, one for each digit or mark, and no more than one for three letters.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from rag.config import Settings
from rag.errors import SettingsError

_WORD = re.compile(r"[A-Za-z]+|\s+|.", re.DOTALL)
_LETTERS = 3  # of one token
MESSAGE_TOKENS = 6  # what a message's role and its ends take besides its text


def estimate(text: str) -> int:
    """The tokens of `text`, rather too many than too few."""
    return sum(
        -(-len(word) // _LETTERS) if word[0].isascii() and word[0].isalpha() else 1 for word in _WORD.findall(text)
    )


def counter(settings: Settings) -> Callable[[str], int]:
    """What counts the tokens of a text: the model's own tokenizer where `llm_tokenizer` names its file, else the estimate.

    Raises:
        SettingsError: there is no such file, or it is no tokenizer.
    """
    return _exact(settings.llm_tokenizer) if settings.llm_tokenizer else estimate


@lru_cache(maxsize=2)
def _exact(file: str) -> Callable[[str], int]:
    from tokenizers import Tokenizer

    path = Path(file).expanduser()
    try:
        tokenizer = Tokenizer.from_file(str(path / "tokenizer.json" if path.is_dir() else path))
    except Exception as error:  # tokenizers raises plain Exception
        raise SettingsError(f"无法读取分词器 {file}：应为模型的 tokenizer.json。") from error
    return lambda text: len(tokenizer.encode(text).ids)
