"""The command `wenju`: ask, search, build, eval and info from the shell. An edge: the only place that prints.

    wenju ask QUESTION      the answer, then the numbered sources
    wenju search TERMS...   the passages found, with scores and stages
    wenju build [FOLDER]    the index of a folder of documents
    wenju eval FILE         accuracy, citations, refusals and latency on questions with known answers
    wenju info              what is indexed, with which model, versions and sizes
    wenju doctor --llm      whether the language model of the settings can be used

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
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rag.config import Settings, default_corpus, default_index
from rag.errors import RagError
from rag.report import beside_text, counted, hit_text, info_text, json_text, reply_text, report_text

if TYPE_CHECKING:
    from rag.chat import ChatBot

STAGES = {
    "load": "读取文档",
    "embed": "计算向量",
    "sparse": "提取词项",
    "save": "写入索引",
    "ask": "逐题提问",
}


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
    """Print the reply to a question; on a terminal what was read first, then what a language model makes of it."""
    question = _asked(arguments, arguments.question)
    bot = _bot(arguments, llm=not arguments.no_llm)
    if arguments.json or bot.writer is None or not sys.stdout.isatty():
        reply = bot.ask(question)
        print(json_text(reply) if arguments.json else reply_text(reply))
        return
    replies = bot.stream(question)
    print(reply_text(next(replies)), f"\n—— {bot.writer.model.name} ——\n", sep="\n", flush=True)
    for reply in replies:
        if reply.generation and reply.generation.running:
            print(f"\r\033[K已核对 {len(reply.citations)} 处出处……", end="", flush=True)
        else:
            print(f"\r\033[K{reply_text(reply)}")


def search(arguments: argparse.Namespace) -> None:
    """Print the passages found for some terms, best first."""
    terms = _asked(arguments, arguments.terms)
    hits = _bot(arguments).search(terms, arguments.k)
    if arguments.json:
        print(json_text(hits))
    else:
        print("\n\n".join(hit_text(hit) for hit in hits) or "没有找到相关的段落。")


def build(arguments: argparse.Namespace) -> None:
    """Build an index and print what it holds and which files it had to leave out."""
    corpus, index = arguments.folder or default_corpus(), arguments.index or default_index()
    if corpus is None:
        raise RagError("请指明文档所在的文件夹：wenju build 文件夹。")
    from rag.store import build_index, is_settled

    start, settings = time.perf_counter(), Settings.load()
    if arguments.if_changed and is_settled(corpus, index, settings, keep_other=arguments.folder is None):
        return
    with _Progress() as progress:
        manifest = build_index(corpus, index, settings, progress=progress).manifest
    seconds, counts = time.perf_counter() - start, manifest["counts"]
    print(f"已为 {corpus} 建立索引：{counted(counts)}，用时 {seconds:.1f} 秒。")
    print(f"索引位于 {index}。")
    if manifest["skipped"]:
        print(f"有 {len(manifest['skipped'])} 个文件没有收入：")
        for name, reason in manifest["skipped"]:
            print(f"  {name}：{reason}")


def evaluate(arguments: argparse.Namespace) -> None:
    """Ask every question of a file and print how the replies did, with a language model both ways."""
    from rag.evaluate import Report, evaluate_both, read_rows
    from rag.evaluate import evaluate as run

    rows = read_rows(arguments.questions)
    earlier = Report.from_dict(_read_json(arguments.compare)) if arguments.compare else None
    llm = bool(arguments.llm or arguments.record or arguments.replay)
    if llm and earlier:
        arguments.parser.error("--compare 不能与 --llm、--record、--replay 同用")
    bot = _bot(arguments, llm=llm)
    if llm and bot.writer is None:
        raise RagError("没有设置语言模型：请设置 RAG_LLM（例如 ollama:qwen3:8b），或用 --replay 指明录下的回答。")
    with _Progress() as progress:
        if llm:
            both = evaluate_both(bot, rows, progress=progress)
            print(json_text(both.as_dict()) if arguments.json else beside_text(both))
        else:
            report = run(bot, rows, progress=progress)
            print(json_text(report.as_dict()) if arguments.json else report_text(report, earlier))


def doctor(arguments: argparse.Namespace) -> None:
    """Print what works here: the index, and with `--llm` the language model of the settings."""
    settings = Settings.load()
    bot = _bot(arguments, llm=False)
    print(f"✓ 索引  {len(bot.index.sources)} 份文档，{len(bot.index.chunks)} 个段落。")
    if not arguments.llm:
        return
    if not settings.llm:
        raise RagError("没有设置语言模型：请设置 RAG_LLM 或 rag.toml 里的 llm，例如 ollama:qwen3:8b。")
    from rag.llm.doctor import examined

    connected = False
    for finding in examined(settings):
        print(f"{'✓' if finding.works else '✗'} {finding.what}  {finding.seen}", flush=True)
        connected = connected or finding.works
    if not connected:
        raise RagError(f"{settings.llm} 不可用；提问时仍会给出不用模型的回答。")


def info(arguments: argparse.Namespace) -> None:
    """Print what is indexed, with which model, and the versions of what works on it."""
    from rag.manifest import read_manifest

    index = arguments.index or default_index()
    manifest = read_manifest(index)
    manifest["bytes"] = sum(size for size, _ in manifest.pop("files").values())
    values = {"index": str(index), **manifest, "running": _versions()}
    print(json_text(values) if arguments.json else info_text(values))


def _bot(arguments: argparse.Namespace, *, llm: bool = False) -> "ChatBot":
    """The bot over the index named, or over the default one, which a checkout builds from its seeds where that is needed.

    With `llm` it has the language model of the settings, or the folder of recorded answers that is named.
    """
    from rag.chat import ChatBot, default_bot

    settings = Settings.load()
    without = settings.changed({"llm": ""})
    if arguments.index is not None:
        bot = ChatBot.from_index(arguments.index, without)
    else:
        with _Progress() as progress:
            bot = default_bot(progress, without)
    if not llm:
        return bot
    from rag.llm.writer import Writer

    folder = arguments.record or arguments.replay
    mode: Any = "record" if arguments.record else "replay" if arguments.replay else None
    return replace(bot, writer=Writer.load(settings, mode, folder))


def _asked(arguments: argparse.Namespace, words: Sequence[str]) -> str:
    """The words as one text; wrong usage where there is no letter, digit or character to look for."""
    text = " ".join(words)
    if not any(character.isalnum() for character in text):
        arguments.parser.error("请输入要问的内容，而不只是空格或标点")
    return text


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
    asking.options.add_argument("--no-llm", action="store_true", help="不用语言模型，即使设置了")
    _taping(asking)
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
    measuring.options.add_argument("--llm", action="store_true", help="不用模型与用模型各答一遍，并排列出")
    _taping(measuring)
    examining = command("doctor", doctor, "检查索引与语言模型是否可用")
    examining.options.add_argument("--llm", action="store_true", help="试一试设置里的语言模型")
    command("info", info, "显示索引的内容、模型、版本与大小", "以 JSON 输出")
    return parser


def _taping(parser: _Parser) -> None:
    """The options that keep a model's answers or take them from a folder."""
    group = parser.options.add_mutually_exclusive_group()
    group.add_argument(
        "--record", type=Path, metavar="文件夹", help="把给模型的请求与它的回答存到这里（没有模型时只存请求）"
    )
    group.add_argument("--replay", type=Path, metavar="文件夹", help="用这里存下的回答代替模型")


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
