"""The command `wenju`: ask, search, build, eval and info from the shell. An edge: the only place that prints.

    wenju ask QUESTION      the answer, then the numbered sources
    wenju search TERMS...   the passages found, with scores and stages
    wenju build [FOLDER]    the index of a folder of documents
    wenju eval FILE         accuracy, citations, refusals and latency on questions with known answers
    wenju info              what is indexed, with which model, versions and sizes

Exit status: 0 done (a refusal is an answer), 1 a `RagError` (one sentence on stderr), 2 wrong usage,
130 interrupted, 141 the reader of a pipe went away. Libraries are imported by the command that needs them.
"""

import argparse
import codecs
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rag.config import Settings, default_corpus, default_index
from rag.errors import RagError
from rag.types import Citation, Hit, Reply

if TYPE_CHECKING:
    from rag.chat import ChatBot
    from rag.evaluate import Report

STAGES = {
    "load": "读取文档",
    "embed": "计算向量",
    "sparse": "提取词项",
    "save": "写入索引",
    "ask": "逐题提问",
}

FOUND_BY = {"dense": "向量", "sparse": "词项", "fused": "向量与词项"}


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status after running the command line `argv` (that of the process when None)."""
    _make_output_safe()
    try:
        arguments = _parser().parse_args([_decoded(a) for a in (sys.argv[1:] if argv is None else argv)])
        arguments.run(arguments)
        sys.stdout.flush()
    except RagError as error:
        print(f"wenju：{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断。", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Python flushes stdout once more at exit; with nowhere to go that would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def ask(arguments: argparse.Namespace) -> None:
    """Print the reply to a question."""
    question = _asked(arguments, arguments.question)
    reply = _bot(arguments.index).ask(question)
    print(_json(reply) if arguments.json else _reply_text(reply))


def search(arguments: argparse.Namespace) -> None:
    """Print the passages found for some terms, best first."""
    terms = _asked(arguments, arguments.terms)
    hits = _bot(arguments.index).search(terms, arguments.k)
    if arguments.json:
        print(_json(hits))
    else:
        print("\n\n".join(_hit_text(hit) for hit in hits) or "没有找到相关的段落。")


def build(arguments: argparse.Namespace) -> None:
    """Build an index and print what it holds and which files it had to leave out."""
    corpus, index = arguments.folder or default_corpus(), arguments.index or default_index()
    if corpus is None:
        raise RagError("请指明文档所在的文件夹：wenju build 文件夹。")
    start = time.perf_counter()
    unasked = arguments.if_changed and arguments.folder is None
    manifest = _built(corpus, index, only_if_changed=arguments.if_changed, keep_other=unasked)
    if manifest is None:
        return
    seconds, counts = time.perf_counter() - start, manifest["counts"]
    print(f"已为 {corpus} 建立索引：{_counted(counts)}，用时 {seconds:.1f} 秒。")
    print(f"索引位于 {index}。")
    if manifest["skipped"]:
        print(f"有 {len(manifest['skipped'])} 个文件没有收入：")
        for name, reason in manifest["skipped"]:
            print(f"  {name}：{reason}")


def evaluate(arguments: argparse.Namespace) -> None:
    """Ask every question of a file and print how the replies did."""
    from rag.evaluate import Report, read_rows
    from rag.evaluate import evaluate as run

    rows = read_rows(arguments.questions)
    earlier = Report.from_dict(_read_json(arguments.compare)) if arguments.compare else None
    bot = _bot(arguments.index)
    with _Progress() as progress:
        report = run(bot, rows, progress=progress)
    print(_json(report.as_dict()) if arguments.json else _report_text(report, earlier))


def info(arguments: argparse.Namespace) -> None:
    """Print what is indexed, with which model, and the versions of what works on it."""
    from rag.manifest import read_manifest

    index = arguments.index or default_index()
    manifest = read_manifest(index)
    manifest["bytes"] = sum(size for size, _ in manifest.pop("files").values())
    values = {"index": str(index), **manifest, "running": _versions()}
    print(_json(values) if arguments.json else _info_text(values))


def _bot(index: Path | None) -> "ChatBot":
    """The bot over `index`, or over the default index, which a checkout builds from its seeds where that is needed."""
    from rag.chat import ChatBot

    if index is None and (corpus := default_corpus()):
        _built(corpus, default_index(), only_if_changed=True, keep_other=True)
    return ChatBot.from_index(index or default_index())


def _built(corpus: Path, index: Path, *, only_if_changed: bool, keep_other: bool) -> Mapping[str, Any] | None:
    """The manifest of the index that was built, None where it was left as it is.

    With `keep_other` the index of another folder, which the user built there, is left alone.
    """
    from rag.store import build_index, built_elsewhere, is_current

    settings = Settings.load()
    if keep_other and built_elsewhere(corpus, index):
        return None
    if only_if_changed and is_current(corpus, index, settings):
        return None
    with _Progress() as progress:
        return build_index(corpus, index, settings, progress=progress).manifest


def _info_text(values: Mapping[str, Any]) -> str:
    model, settings, running = values["model"], values["settings"], values["running"]
    lines = [
        f"索引    {values['index']}（{values['bytes'] / 1e6:.1f} MB，格式 {values['format']}）",
        f"内容    {_counted(values['counts'])}，{values['counts']['characters']} 字",
        f"模型    {model['name']}（{model['dimension']} 维）",
        f"设置    {'，'.join(f'{name} = {value!r}' for name, value in settings.items())}",
        f"建立    {values.get('built', '')}，用时 {values.get('seconds', 0)} 秒",
        f"建立时  {_listed(values.get('versions', {}))}",
        f"现在    {_listed(running)}",
    ]
    return "\n".join([*lines, *(f"未收入  {name}：{reason}" for name, reason in values.get("skipped", ()))])


def _counted(counts: Mapping[str, int]) -> str:
    return f"{counts['sources']} 份文档，{counts['chunks']} 个段落"


def _listed(versions: Mapping[str, str]) -> str:
    return "，".join(f"{name} {version}" for name, version in versions.items())


def _asked(arguments: argparse.Namespace, words: Sequence[str]) -> str:
    """The words as one text; wrong usage where there is no letter, digit or character to look for."""
    text = " ".join(words)
    if not any(character.isalnum() for character in text):
        arguments.parser.error("请输入要问的内容，而不只是空格或标点")
    return text


def _reply_text(reply: Reply) -> str:
    """The reply as a user reads it: the short answer, the sentences it rests on, the numbered sources."""
    parts = []
    if reply.standalone_question != reply.question:
        parts.append(f"（理解为：{reply.standalone_question}）")
    if reply.answered:
        parts.append(reply.short)
    parts.append(reply.text or reply.reason)
    if reply.citations:
        parts.append("\n".join(["来源", *(_citation_text(citation) for citation in reply.citations)]))
    return "\n\n".join(parts)


def _citation_text(citation: Citation) -> str:
    place = f"{citation.source} 第 {citation.start + 1}–{citation.end} 字"
    return f"[{citation.number}] {_titled(citation.title, citation.published)}{place}\n    {citation.quote}"


def _hit_text(hit: Hit) -> str:
    chunk = hit.chunk
    head = f"{hit.rank}. {hit.score:.4f}  {FOUND_BY[hit.stage]}  {_titled(chunk.title, chunk.published)}{chunk.source}"
    return f"{head}\n    {' '.join(chunk.text.split())}"


def _titled(title: str, published: date | None) -> str:
    day = f"（{published.isoformat()}）" if published else ""
    return f"{title}{day}  " if title or day else ""


def _report_text(report: "Report", earlier: "Report | None") -> str:
    from rag.evaluate import changes, table

    lines = [table(report, earlier), ""]
    lines.append(
        f"每题耗时：中位数 {report.milliseconds(50):.1f} 毫秒，95% 在 {report.milliseconds(95):.1f} 毫秒以内。"
    )
    if earlier:
        for label, judgements in zip(("新答对", "新答错"), changes(report, earlier), strict=True):
            lines.append(f"{label} {len(judgements)} 题")
            lines += [f"  {one.id} {one.question} → {one.given or '（拒答）'}" for one in judgements]
    return "\n".join(lines)


def _json(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    """`value` with dataclasses, mappings, tuples, dates and paths as what JSON knows."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise RagError(f"无法读取 {path}：{error}") from error


class _Progress:
    """A bar on stderr while something long runs; silent where stderr is not a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` of a stage are done."""
        if self._shown:
            filled = 30 * done // max(total, 1)
            bar = "█" * filled + "░" * (30 - filled)
            print(f"\r\033[K{STAGES.get(stage, stage)} {bar} {done}/{total}", end="", file=sys.stderr, flush=True)


def _make_output_safe() -> None:
    """Let every character be printed: UTF-8 where the locale offers ASCII only, escapes where it lacks a character."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if ascii_only else None, errors="backslashreplace")


def _decoded(argument: str) -> str:
    """A command-line argument as UTF-8, also where the locale made Python read it as something else."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks Chinese."""

    MESSAGES = (
        (r"the following arguments are required: (.*)", r"缺少参数：\1"),
        (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
        (r"argument (.*?): expected (?:at least )?one argument", r"\1 后面缺少一个值"),
        (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", r"\1 不能是 \2，可用的有 \3"),
        (r"argument (.*?): invalid .*? value: (.*)", r"\1 的值 \2 无效"),
        (r"argument (.*?): (.*)", r"\1 \2"),
    )

    def __init__(self, prog: str, description: str, **keywords: Any) -> None:
        super().__init__(
            prog=prog, description=description, add_help=False, allow_abbrev=False, formatter_class=_Help, **keywords
        )
        self.values = self.add_argument_group("参数")
        self.options = self.add_argument_group("选项")
        self.options.add_argument("-h", "--help", action="help", help="显示这份帮助")

    def error(self, message: str) -> NoReturn:
        """End with status 2 and a sentence on stderr."""
        for english, chinese in self.MESSAGES:
            message = re.sub(f"^{english}$", chinese, message)
        self.exit(2, f"{self.format_usage()}{self.prog}：{message}。\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help that opens with 用法."""

    def add_usage(
        self, usage: str | None, actions: Iterable[Any], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


def _parser() -> _Parser:
    parser = _Parser(prog="wenju", description="问据：就一批中文文档提问，每个回答都附上原文出处。")
    parser.options.add_argument("--version", action="version", version=f"wenju {_version('wenju')}", help="显示版本")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)

    def command(name: str, run: Any, about: str, json_help: str = "") -> _Parser:
        made: _Parser = commands.add_parser(name, help=about, description=about)
        made.set_defaults(run=run, parser=made)
        made.options.add_argument("--index", type=Path, metavar="文件夹", help="索引所在的文件夹")
        if json_help:
            made.options.add_argument("--json", action="store_true", help=json_help)
        return made

    asking = command("ask", ask, "回答一个问题，并列出来源", "以 JSON 输出完整的回答")
    asking.values.add_argument("question", nargs="+", metavar="问题", help="要问的问题")
    searching = command("search", search, "查找相关段落，附得分与检索阶段", "以 JSON 输出")
    searching.values.add_argument("terms", nargs="+", metavar="词语", help="要找的词语或问题")
    searching.options.add_argument("-k", type=_count, default=10, metavar="个数", help="最多列出多少段（默认 10）")
    building = command("build", build, "为一个文件夹的文档建立索引")
    building.values.add_argument(
        "folder", nargs="?", type=Path, metavar="文件夹", help="文档所在的文件夹（默认 seeds/）"
    )
    building.options.add_argument("--if-changed", action="store_true", help="文档、设置和模型都没有变化时不重建")
    measuring = command("eval", evaluate, "用已知答案的问题检验回答", "以 JSON 输出报告，可供 --compare 使用")
    measuring.values.add_argument("questions", type=Path, metavar="问题文件", help="每行一道题的 JSON Lines 文件")
    measuring.options.add_argument("--compare", type=Path, metavar="报告", help="与先前的 --json 报告比较")
    command("info", info, "显示索引的内容、模型、版本与大小", "以 JSON 输出")
    return parser


def _count(text: str) -> int:
    """A whole number from 1 to 1000."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"应为 1 到 1000 的整数，而不是 {text}")
    return int(text)


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "未安装"


LIBRARIES = ("torch", "sentence-transformers", "faiss-cpu", "langchain-core", "gradio", "numpy")


def _versions() -> dict[str, str]:
    """The versions of Wenju, Python and the libraries whose behaviour an index or an answer depends on."""
    return {name: _version(name) for name in ("wenju",)} | {
        "Python": ".".join(map(str, sys.version_info[:3])),
        **{name: _version(name) for name in LIBRARIES},
    }


if __name__ == "__main__":
    sys.exit(main())
