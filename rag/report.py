"""What the command prints, as text or as JSON; between what the stages give and `rag.cli`, which prints it."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from rag.types import Citation, Hit, Reply

if TYPE_CHECKING:
    from rag.evaluate import Both, Report

FOUND_BY = {"dense": "向量", "sparse": "词项", "fused": "向量与词项"}


def reply_text(reply: Reply) -> str:
    """The reply as a user reads it: the short answer, the sentences it rests on, the numbered sources."""
    parts = []
    if reply.standalone_question != reply.question:
        parts.append(f"（理解为：{reply.standalone_question}）")
    if reply.answered:
        parts.append(reply.short)
    parts.append(reply.text or reply.reason)
    if reply.generation and not reply.generation.running:
        parts += ["\n".join(f"（{line}）" for line in reply.generation.lines())] if reply.generation.lines() else []
    if reply.citations:
        parts.append("\n".join(["来源", *(_citation_text(citation) for citation in reply.citations)]))
    return "\n\n".join(parts)


def _citation_text(citation: Citation) -> str:
    place = f"{citation.source} 第 {citation.start + 1}–{citation.end} 字"
    return f"[{citation.number}] {_titled(citation.title, citation.published)}{place}\n    {citation.quote}"


def hit_text(hit: Hit) -> str:
    """A hit: rank, score, the stage that found it, its document and its text."""
    chunk = hit.chunk
    head = f"{hit.rank}. {hit.score:.4f}  {FOUND_BY[hit.stage]}  {_titled(chunk.title, chunk.published)}{chunk.source}"
    return f"{head}\n    {' '.join(chunk.text.split())}"


def _titled(title: str, published: date | None) -> str:
    day = f"（{published.isoformat()}）" if published else ""
    return f"{title}{day}  " if title or day else ""


def report_text(report: "Report", earlier: "Report | None") -> str:
    """The table of an evaluation, how long questions took, and with `earlier` what came out otherwise then."""
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


def beside_text(both: "Both") -> str:
    """The table without and with a language model, what it took, and the questions it did not answer."""
    from rag.evaluate import beside

    reports = (both.without, both.with_model)
    times = " / ".join(f"{report.milliseconds(50):.0f}" for report in reports)
    lines = [
        "每格：不用模型 / 用模型", "", beside(both), "",
        f"每题耗时的中位数：{times} 毫秒。词元：输入 {both.input_tokens}，输出 {both.output_tokens}。",
        f"没有通过核对而略去的句子：{both.withheld}。",
    ]  # fmt: skip
    lines += [f"还没有回答的请求 {len(both.missing)} 题：{'、'.join(both.missing)}"] if both.missing else []
    lines += [f"没有采用模型的回答 {len(both.failed)} 题"] if both.failed else []
    return "\n".join([*lines, *(f"  {one} {reason}" for one, reason in both.failed)])


def json_text(value: object) -> str:
    """`value`, which may hold dataclasses, dates and paths, as indented JSON."""
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


def info_text(values: Mapping[str, Any]) -> str:
    """What an index holds: `values` are its manifest with "index", "bytes" and the versions "running" now."""
    model, settings, running = values["model"], values["settings"], values["running"]
    lines = [
        f"索引    {values['index']}（{values['bytes'] / 1e6:.1f} MB，格式 {values['format']}）",
        f"内容    {counted(values['counts'])}，{values['counts']['characters']} 字",
        f"模型    {model['name']}（{model['dimension']} 维）",
        f"设置    {'，'.join(f'{name} = {value!r}' for name, value in settings.items())}",
        f"建立    {values.get('built', '')}，用时 {values.get('seconds', 0)} 秒",
        f"建立时  {_listed(values.get('versions', {}))}",
        f"现在    {_listed(running)}",
    ]
    return "\n".join([*lines, *(f"未收入  {name}：{reason}" for name, reason in values.get("skipped", ()))])


def counted(counts: Mapping[str, int]) -> str:
    """How many documents and passages there are."""
    return f"{counts['sources']} 份文档，{counts['chunks']} 个段落"


def _listed(versions: Mapping[str, str]) -> str:
    return "，".join(f"{name} {version}" for name, version in versions.items())
