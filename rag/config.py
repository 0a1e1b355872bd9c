"""Settings: code defaults < `rag.toml` < `RAG_*` environment variables, checked in one place.

Nothing else in the package reads the environment or a settings file.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs

from rag.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parents[1]
Terms = Literal["bigrams", "words", "both"]
Unsupported = Literal["withhold", "flag"]


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "chunk_chars": (50, 2000), "dense_weight": (0, 1), "hits": (1, 100), "llm_tokens": (1000, 1_000_000),
    "llm_answer_tokens": (50, 100_000), "llm_wait_seconds": (0.1, 3600), "llm_total_seconds": (0.1, 36_000),
    "llm_retries": (0, 10), "llm_price_in": (0, 1e6), "llm_price_out": (0, 1e6),
}  # fmt: skip


def variable(name: str) -> str:
    """The environment variable `name`, "" where it is not set; for what must not stand in settings: keys."""
    return os.environ.get(name, "")


def in_checkout() -> bool:
    """Whether the package runs from a source checkout (and so has `seeds/` and `index/` beside it)."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "seeds").is_dir()


def default_corpus() -> Path | None:
    """The folder that is indexed when none is named: `seeds/` of a checkout, otherwise none."""
    return CHECKOUT / "seeds" if in_checkout() else None


def default_index() -> Path:
    """The index folder used when none is named: `index/` of a checkout, otherwise in the user's data folder."""
    return CHECKOUT / "index" if in_checkout() else Path(platformdirs.user_data_dir("wenju", appauthor=False)) / "index"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may set. A changed setting of the first group asks for a rebuilt index."""

    # built into the index
    model: str = ""
    """A sentence-transformers model, by local path or hub name; "" is the model shipped with the package."""
    passage_prefix: str = ""
    """Put before each passage when it is embedded (some models want "passage: ")."""
    terms: Terms = "bigrams"
    """The terms of the BM25 index: character bigrams, jieba words, or both."""
    chunk_chars: int = 300
    """The length a chunk aims at, in characters."""

    # used when a question is asked
    query_prefix: str = ""
    """Put before each question when it is embedded (some models want "query: ")."""
    dense_weight: float = 0.4
    """The weight of the dense score against the sparse one, in [0, 1]; measured in benchmarks/README.md."""
    hits: int = 12
    """How many chunks are read for a question."""

    # the language model, which is optional
    llm: str = ""
    """The model, as "provider:name" (ollama:qwen3:8b, openai:gpt-5-mini, dashscope:qwen-plus); "" is none."""
    llm_url: str = ""
    """The address of an OpenAI-compatible server (vLLM, llama.cpp) or of another than the provider's own."""
    llm_key_file: str = ""
    """A file that holds the key; otherwise it stands in the provider's environment variable."""
    llm_tokens: int = 4000
    """The most tokens a request may have: instructions, history, passages and question."""
    llm_answer_tokens: int = 1000
    """The most tokens an answer may have."""
    llm_tokenizer: str = ""
    """The model's tokenizer.json, to count tokens exactly; "" estimates them from above."""
    llm_wait_seconds: float = 30.0
    """How long the next piece of an answer is waited for."""
    llm_total_seconds: float = 120.0
    """How long a whole answer may take."""
    llm_retries: int = 2
    """How often a request that was refused for the moment (429, 5xx) is made again."""
    llm_unsupported: Unsupported = "withhold"
    """What happens to a sentence that its sources do not bear out: withheld, or told as unsupported beside the answer."""
    llm_cache: str = ""
    """A folder of earlier answers: an equal request is answered from it; "" keeps none."""
    llm_prompts: str = ""
    """A folder whose answer.md and rewrite.md take the place of the shipped prompts."""
    llm_price_in: float = 0.0
    """The price of a million tokens of a request, in any currency."""
    llm_price_out: float = 0.0
    """The price of a million tokens of an answer."""

    @classmethod
    def load(cls, file: Path | None = None, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings from `file` (`rag.toml` of the working folder where it exists) and `RAG_*` variables.

        Raises:
            SettingsError: the file is not TOML, or a key or value is not one that exists.
        """
        path = Path("rag.toml") if file is None else file
        values = _from_file(path) if file is not None or path.is_file() else {}
        variables = os.environ if environment is None else environment
        values |= {key[4:].lower(): value for key, value in variables.items() if key.startswith("RAG_")}
        return cls().changed(values)

    def changed(self, values: Mapping[str, object]) -> "Settings":
        """These settings with `values` (strings are converted) in place of the old ones.

        Raises:
            SettingsError: a key or value is not one that exists.
        """
        known = {field.name: field.type for field in fields(self)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise SettingsError(f"未知的设置：{'、'.join(unknown)}。可用的设置：{'、'.join(known)}。")
        converted: dict[str, Any] = {key: _converted(key, value, getattr(self, key)) for key, value in values.items()}
        made = replace(self, **converted)
        made._check()
        return made

    def _check(self) -> None:
        if self.terms not in get_args(Terms):
            raise SettingsError(f"terms 应为 {'、'.join(get_args(Terms))} 之一，而不是 {self.terms!r}。")
        if self.llm_unsupported not in get_args(Unsupported):
            raise SettingsError(
                f"llm_unsupported 应为 {'、'.join(get_args(Unsupported))} 之一，而不是 {self.llm_unsupported!r}。"
            )
        for name, (low, high) in _BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise SettingsError(f"{name} 应在 {low} 到 {high} 之间，而不是 {getattr(self, name)}。")


def _from_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"无法读取设置文件 {path}：{error}") from error


_CONVERT: dict[type, Callable[[str | int], object]] = {str: str, int: int, float: float}


def _converted(key: str, value: object, default: object) -> object:
    """`value` as the type of the setting's default; TOML values must have that type already."""
    kind = type(default)
    try:
        if isinstance(value, (str, int)) and (isinstance(value, str) or kind is float):
            return _CONVERT[kind](value)
    except ValueError:
        pass
    else:
        if type(value) is kind:
            return value
    raise SettingsError(f"{key} 应为 {kind.__name__}，而不是 {value!r}。")
