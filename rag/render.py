"""Replies -> HTML for the browser and plain text for the clipboard; the last step before `ui.py`.

    sources      -> heading  the name and what is indexed
    Conversation -> thread   the questions and answers, with [n] markers
                 -> panel    the sources of the chosen answer, the cited sentence marked
    Reply        -> footnotes   the answer with its numbered sources, as plain text

Every string of a document, a question or a model passes through `html.escape` here and nowhere is Markdown read:
what a document contains is shown, never run. No gradio, so all of it is tested without a browser.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from rag.conversation import Conversation, Exchange
from rag.types import Citation, Hit, Reply, SourceText

Sources = Mapping[str, SourceText]

_BLANK_LINES = re.compile(r"\n\s*\n")
_MARKER = re.compile(r"\[(\d+)\]")
# A longer "shortest answer" is a sentence or a list already: it reads better in the text than as a headline above it.
_HEADLINE_CHARS = 40
_NEAREST = 3
_LISTED = 8


def thread(conversation: Conversation, sources: Sources, examples: Sequence[str] = ()) -> str:
    """HTML of the questions and answers, oldest first; before the first question, what can be asked about."""
    if not conversation.exchanges:
        return _welcome(sources, examples)
    items = []
    for turn, exchange in enumerate(conversation.exchanges):
        chosen = " wj-chosen" if turn == conversation.chosen else ""
        state = " wj-running" if exchange.running else ""
        items.append(
            f'<li class="wj-exchange{chosen}{state}" data-turn="{turn}">'
            f'<p class="wj-question">{escape(exchange.question)}</p>{_answer(exchange, sources)}</li>'
        )
    return f'<ol class="wj-thread" aria-live="polite">{"".join(items)}</ol>'


def heading(sources: Sources) -> str:
    """HTML of the top of the page: the name, and what is indexed."""
    days = sorted(source.published for source in sources.values() if source.published)
    span = [f"{day.year}年{day.month}月" for day in (days[:1] + days[-1:])]
    corpus = " · ".join([f"{len(sources)} 份文件", *(["–".join(dict.fromkeys(span))] if span else [])])
    return f'<header><h1>问据</h1><p>每一句回答都有出处</p><p class="wj-corpus">{corpus}</p></header>'


def panel(conversation: Conversation, sources: Sources) -> str:
    """HTML of the sources of the chosen answer."""
    exchange = conversation.exchanges[conversation.chosen] if conversation.exchanges else None
    reply = exchange.reply if exchange else None
    if reply is None:
        return _panel("来源", '<p class="wj-hint">提问后，这里显示答案引自哪份文件的哪一句。</p>')
    if reply.citations:
        title = "来源" if reply.answered else "相近的内容"
        cards = "".join(_card(citation, reply, sources, conversation.number) for citation in reply.citations)
        return _panel(title, f'<ol class="wj-sources">{cards}</ol>', reply.standalone_question)
    if reply.hits:
        cards = "".join(_hit_card(hit, sources) for hit in reply.hits[:_NEAREST])
        return _panel("检索到的段落（未引用）", f'<ol class="wj-sources">{cards}</ol>', reply.standalone_question)
    return _panel("来源", '<p class="wj-hint">这条回答没有引用来源。</p>', reply.standalone_question)


def footnotes(reply: Reply, sources: Sources) -> str:
    """The answer as plain text, followed by its numbered sources: what 复制 puts on the clipboard."""
    head = reply.short if _headline(reply) else ""
    body = "\n".join(part for part in (head, "" if reply.answered else reply.reason, _text(reply)) if part)
    notes = [
        f"[{citation.number}] {'，'.join([f'《{citation.title}》', *_origin(citation, sources)])}，"
        f"{citation.source}，字符 {citation.start}–{citation.end}：“{citation.quote}”"
        for citation in reply.citations
    ]
    return "\n\n".join(part for part in (body, "\n".join(notes)) if part)


def located_quote(citation: Citation, source: SourceText) -> tuple[int, int] | None:
    """The clean range of the quote whose raw range is the citation's; None where the source does not hold it.

    The same sentence may stand in a file twice: the raw offsets say which one is meant.
    """
    position = source.text.find(citation.quote) if citation.quote else -1
    while position >= 0:
        end = position + len(citation.quote)
        if source.offsets.raw_span(position, end) == (citation.start, citation.end):
            return position, end
        position = source.text.find(citation.quote, position + 1)
    return None


def spoken_date(day: date | None) -> str:
    """`day` as 2025年7月23日, "" where unknown."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _welcome(sources: Sources, examples: Sequence[str]) -> str:
    titles = [source.title or source.source for source in sources.values()]
    files = "".join(f"<li>{escape(title)}</li>" for title in titles[:_LISTED])
    more = f'<li class="wj-more">……共 {len(titles)} 份文件</li>' if len(titles) > _LISTED else ""
    buttons = "".join(f'<li><button type="button" class="wj-example">{escape(text)}</button></li>' for text in examples)
    asks = f'<h3>可以这样问</h3><ul class="wj-examples">{buttons}</ul>' if examples else ""
    return (
        '<div class="wj-welcome"><h2>向文件提问</h2>'
        "<p>回答逐句标明出处，点角标即可看到原文。文件里没有的，会直说没有。</p>"
        f'{asks}<h3>文件</h3><ul class="wj-files">{files}{more}</ul></div>'
    )


def _answer(exchange: Exchange, sources: Sources) -> str:
    reply = exchange.reply
    if exchange.error:
        said = f'<p class="wj-label">出错了</p><p>{escape(exchange.error)}</p>'
        return f'<div class="wj-answer wj-error" role="alert">{said}</div>'
    if reply is None:
        said = "已停止。" if exchange.stopped else "正在查找…"
        return f'<div class="wj-answer wj-waiting"><p>{said}</p></div>'
    parts = []
    if reply.standalone_question and _bare(reply.standalone_question) != _bare(exchange.question):
        parts.append(f'<p class="wj-understood">理解为：{escape(reply.standalone_question)}</p>')
    if not reply.answered:
        label = "没有找到答案" if reply.hits else "无法回答"
        parts.append(f'<p class="wj-label">{label}</p><p class="wj-reason">{escape(reply.reason)}</p>')
    if _headline(reply):
        parts.append(f'<p class="wj-short">{escape(reply.short)}</p>')
    if _text(reply):
        parts.append(f'<p class="wj-text">{_with_markers(reply)}</p>')
    if reply.generation and not exchange.running:
        parts += [f'<p class="wj-understood">{escape(line)}</p>' for line in reply.generation.lines()]
    if exchange.stopped:
        parts.append('<p class="wj-understood">已停止，以上内容可能不完整。</p>')
    kind = "" if reply.answered else " wj-refusal"
    return f'<div class="wj-answer{kind}">{"".join(parts)}{_footer(exchange, reply, sources)}</div>'


def _footer(exchange: Exchange, reply: Reply, sources: Sources) -> str:
    if exchange.running:
        return '<p class="wj-foot"><span class="wj-dots" aria-label="正在回答"></span></p>'
    shown = f"来源 {len(reply.citations)}" if reply.citations else "检索结果" if reply.hits else ""
    show = f'<button type="button" class="wj-button wj-show">{shown}</button>' if shown else ""
    copy = (
        f'<button type="button" class="wj-button wj-copy" data-copy="{escape(footnotes(reply, sources))}">复制</button>'
    )
    return f'<p class="wj-foot">{show}{copy}<span class="wj-time">{_made_by(reply)}{_seconds(reply)}</span></p>'


def _made_by(reply: Reply) -> str:
    """The language model that worded the reply and what it took, "" where none did or none was asked."""
    made = reply.generation
    if made is None or made.note or not made.seconds:
        return ""
    tokens = f" · {made.input_tokens + made.output_tokens} 词元" if made.input_tokens else ""
    return f"{escape(made.model)}{tokens} · "


def _seconds(reply: Reply) -> str:
    total = reply.seconds.get("total", sum(reply.seconds.values()))
    if not total:
        return ""
    return f"{total:.1f} 秒" if total >= 1 else f"{max(1, round(total * 1000))} 毫秒"


def _headline(reply: Reply) -> bool:
    """Whether the short answer is shown above the text: not where it is the text, or as long as one."""
    bare = _MARKER.sub("", reply.text).strip().rstrip("。")
    return bool(reply.short) and len(reply.short) <= _HEADLINE_CHARS and bare != reply.short.strip().rstrip("。")


def _with_markers(reply: Reply) -> str:
    """The text with each [n] that names a citation as a button; other brackets are the document's own."""
    numbers = {citation.number for citation in reply.citations}

    def marker(match: re.Match[str]) -> str:
        number = int(match[1])
        if number not in numbers:
            return match[0]
        return (
            f'<button type="button" class="wj-ref" data-number="{number}" aria-label="来源 {number}">{number}</button>'
        )

    return _MARKER.sub(marker, escape(_text(reply)))


def _text(reply: Reply) -> str:
    """The text, without the reason that opens the text of a refusal: that is shown by itself."""
    return reply.text if reply.answered else reply.text.removeprefix(reply.reason).strip()


def _bare(question: str) -> str:
    """A question without its spaces and closing marks, to tell whether it was understood as it was typed."""
    return re.sub(r"[\s？?。！!]+", "", question)


def _panel(title: str, body: str, question: str = "") -> str:
    about = f'<p class="wj-about">{escape(question)}</p>' if question else ""
    return f'<section class="wj-panel" aria-label="来源"><h2>{title}</h2>{about}{body}</section>'


def _card(citation: Citation, reply: Reply, sources: Sources, chosen: int) -> str:
    source = sources.get(citation.source)
    found = located_quote(citation, source) if source else None
    if source and found:
        start, end = min(citation.chunk.start, found[0]), max(citation.chunk.end, found[1])
        before, quote, after = source.text[start : found[0]], source.text[slice(*found)], source.text[found[1] : end]
    else:  # a reply of an earlier index: its own quote is still what was cited
        before, quote, after = "", citation.quote, ""
    marked = f"{_passage(before)}<mark>{_emphasised(quote, reply.short)}</mark>{_passage(after)}"
    active = " wj-active" if citation.number == chosen else ""
    place = f"{escape(citation.source)} · 字符 {citation.start}–{citation.end}"
    return (
        f'<li class="wj-source{active}" data-number="{citation.number}">'
        f'<header><span class="wj-number">{citation.number}</span><div><h3>{escape(citation.title)}</h3>'
        f'<p class="wj-meta">{escape(" · ".join(_origin(citation, sources)))}</p></div></header>'
        f"{_headings(citation.chunk.headings, citation.title)}"
        f'<blockquote class="wj-passage">{marked}</blockquote><p class="wj-place">{place}</p></li>'
    )


def _hit_card(hit: Hit, sources: Sources) -> str:
    chunk, source = hit.chunk, sources.get(hit.chunk.source)
    meta = " · ".join(part for part in (source.publisher if source else "", spoken_date(chunk.published)) if part)
    raw = source.offsets.raw_span(chunk.start, chunk.end) if source else None
    place = escape(chunk.source) + (f" · 字符 {raw[0]}–{raw[1]}" if raw else "")
    return (
        f'<li class="wj-source"><header><span class="wj-number wj-plain">{hit.rank}</span><div>'
        f'<h3>{escape(chunk.title)}</h3><p class="wj-meta">{escape(meta)}</p></div></header>'
        f"{_headings(chunk.headings, chunk.title)}"
        f'<blockquote class="wj-passage">{_passage(chunk.text)}</blockquote><p class="wj-place">{place}</p></li>'
    )


def _origin(citation: Citation, sources: Sources) -> list[str]:
    """Publisher and date of a citation, where known."""
    source = sources.get(citation.source)
    return [part for part in (source.publisher if source else "", spoken_date(citation.published)) if part]


def _headings(headings: tuple[str, ...], title: str) -> str:
    shown = [heading for heading in headings if heading and heading != title]
    return f'<p class="wj-headings">{escape(" › ".join(shown))}</p>' if shown else ""


def _passage(text: str) -> str:
    """Text around a quote, its blank lines closed up: paragraphs are set apart by line breaks alone."""
    return _BLANK_LINES.sub("\n", escape(text))


def _emphasised(quote: str, short: str) -> str:
    """The quote with the short answer in it set strong, so that the eye finds the figure at once."""
    if not short or len(short) >= len(quote) or short not in quote:
        return escape(quote)
    before, _, after = quote.partition(short)
    return f"{escape(before)}<strong>{escape(short)}</strong>{escape(after)}"
