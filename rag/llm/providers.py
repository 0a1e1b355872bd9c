"""The names of models that a user may write, and what LangChain is given for them: `arguments(settings)`. Part of `rag.llm`.

`openai:qwen3-8b` with `llm_url` is any OpenAI-compatible server (vLLM, llama.cpp, LM Studio). Chinese services speak the same
protocol; their names stand here with their addresses, so that one line in the settings is enough.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.config import Settings, variable
from rag.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: the one LangChain knows it by, the variable its key stands in, its address, the extra to install."""

    known_as: str
    key: str = ""
    url: str = ""
    extra: str = "llm"


PROVIDERS = {
    "openai": Provider("openai", "OPENAI_API_KEY"),
    "dashscope": Provider("openai", "DASHSCOPE_API_KEY", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    "deepseek": Provider("openai", "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1"),
    "zhipu": Provider("openai", "ZHIPUAI_API_KEY", "https://open.bigmodel.cn/api/paas/v4"),
    "moonshot": Provider("openai", "MOONSHOT_API_KEY", "https://api.moonshot.cn/v1"),
    "ollama": Provider("ollama", extra="ollama"),
    "anthropic": Provider("anthropic", "ANTHROPIC_API_KEY", extra="anthropic"),
}


def named(settings: Settings) -> tuple[Provider, str]:
    """The provider and the model's name in `settings.llm` ("ollama:qwen3:8b").

    Raises:
        SettingsError: no model is named, or not in the form provider:model.
    """
    prefix, colon, name = settings.llm.partition(":")
    if not colon or not name:
        raise SettingsError(f"llm 应写成“提供方:模型”，例如 ollama:qwen3:8b，而不是 {settings.llm!r}。")
    return PROVIDERS.get(prefix) or Provider(prefix), name


def arguments(settings: Settings) -> dict[str, Any]:
    """The keyword arguments of LangChain's `init_chat_model` for `settings`."""
    provider, name = named(settings)
    made: dict[str, Any] = {"model": name, "model_provider": provider.known_as, "temperature": 0}
    url = settings.llm_url or provider.url
    if url:
        made["base_url"] = _checked(url)
    if provider.known_as == "ollama":
        window = settings.llm_tokens + settings.llm_answer_tokens
        wait = {"timeout": settings.llm_wait_seconds}
        # thinking aloud costs a laptop minutes, and nothing of it is shown
        made |= {"num_ctx": window, "num_predict": settings.llm_answer_tokens, "reasoning": False}
        return made | {"client_kwargs": wait}
    made |= {"max_tokens": settings.llm_answer_tokens, "max_retries": settings.llm_retries}
    made |= {"timeout": settings.llm_wait_seconds}
    key = _key(settings, provider, local=bool(settings.llm_url))
    if key:
        made["api_key"] = key
    if provider.known_as == "openai":
        made["stream_usage"] = True
    return made


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return url
    except ValueError:
        pass
    raise SettingsError("llm_url 应为 http:// 或 https:// 开头的完整地址。")  # it may hold a password: not repeated


def _key(settings: Settings, provider: Provider, *, local: bool) -> str:
    """The key: of the file that the settings name, else of the provider's variable; a local server needs none."""
    if settings.llm_key_file:
        try:
            key = Path(settings.llm_key_file).expanduser().read_text(encoding="utf-8-sig").strip()
        except (OSError, ValueError) as error:  # the setting is not repeated: some write the key itself there
            raise SettingsError(f"无法读取 llm_key_file 指明的密钥文件（{type(error).__name__}）。") from None
        if not key or not key.isascii() or len(key.split()) > 1:
            raise SettingsError("llm_key_file 指明的密钥文件应只有密钥这一行。")
        return key
    key = variable(provider.key) if provider.key else ""
    if not key and not local and provider.key:
        raise SettingsError(f"没有找到模型的密钥：请设置环境变量 {provider.key}，或用 llm_key_file 指明密钥文件。")
    return key or ("none" if provider.known_as == "openai" else "")
