"""What went wrong with a language model, in one line for the user: `failed(error)`. Part of `rag.llm`.

LangChain's errors (`langchain_core.exceptions.ModelError`) and those of the providers' own libraries are told apart by their HTTP
status or the names of their classes, so that no library need be imported here. Their messages are not passed on: they may
hold addresses and keys.
"""

_STATUS = {
    400: "模型服务不接受这次请求",
    401: "模型服务的密钥无效",
    402: "模型服务的账户余额不足",
    403: "模型服务拒绝访问",
    404: "模型服务上没有这个模型",
    408: "模型服务没有及时回应",
    429: "模型服务限流",
}
# parts of class names, the first that fits counts
_NAMES = (
    ("timeout", "模型服务没有及时回应"),
    ("jsondecode", "模型服务的回应无法解析"),
    ("authentication", _STATUS[401]),
    ("permission", _STATUS[403]),
    ("notfound", _STATUS[404]),
    ("ratelimit", _STATUS[429]),
    ("connect", "连不上模型服务，或连接中断"),
    ("protocol", "连不上模型服务，或连接中断"),
    ("readerror", "连不上模型服务，或连接中断"),
)
_TOO_LONG = "内容超出了模型的上下文长度"
_TOO_LONG_WORDS = ("context_length", "context length", "maximum context", "prompt is too long", "context window")


class ModelFailed(Exception):
    """The language model gave no usable answer; `reason` says why in one line.

    `too_long` says that a shorter request may do, `missing` that a recorded answer is not there yet.
    """

    def __init__(self, reason: str, *, too_long: bool = False, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.too_long, self.missing = reason, too_long, missing


def failed(error: Exception) -> ModelFailed:
    """`error`, whatever library raised it, as a `ModelFailed`."""
    if isinstance(error, ModelFailed):
        return error
    names = " ".join(kind.__name__ for kind in type(error).__mro__).lower()
    said = str(error).lower()
    if "contextoverflow" in names or any(words in said for words in _TOO_LONG_WORDS):
        return ModelFailed(_TOO_LONG, too_long=True)
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int) and status >= 400:
        return ModelFailed(_STATUS.get(status, f"模型服务出错（{status}）"))
    return ModelFailed(next((reason for part, reason in _NAMES if part in names), "模型服务的回应无法使用"))
