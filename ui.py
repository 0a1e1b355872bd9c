"""The chat in a browser: `python ui.py` builds the index where needed and opens the page.

    click or Enter -> Page -> ChatBot.stream -> Reply -> Conversation -> rag.render -> gr.HTML (thread | sources)

The page shows HTML that `rag.render` escaped, not gradio's Chatbot, which would read a document's text as Markdown.
Nothing but this server is contacted: no analytics, no CDN, no web fonts.
"""

import argparse
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Read by gradio: nothing is reported anywhere, and its own statistics of this page, which nobody looks at and which
# it works out with pandas after every event, are left out.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)

import gradio as gr
from gradio.events import api

import rag
from rag import RagError, cli
from rag.config import default_corpus, default_index
from rag.conversation import Conversation, as_json, from_messages
from rag.render import heading, panel, thread

if TYPE_CHECKING:
    from rag import ChatBot

EXAMPLES = (
    ("2024年武汉服务外包执行额是多少", "003_b9536d189dd28fc0.txt"),
    ("2026年前4个月武汉服务外包执行额同比增长多少", "001_eb52445a1c06fbcb.txt"),
    ("2025年武汉服务外包合同执行额是多少", "001_eb52445a1c06fbcb.txt"),
    ("累计认定的技术先进型服务企业有多少家", "002_b2a6d463218f33b3.txt"),
)
"""Questions the seed documents answer, each with the file that does: shown only where that file is indexed."""

ASSETS = Path(rag.__file__).resolve().parent / "assets"
UNEXPECTED = "内部错误，这个问题没有答成。可以重试；详情见运行窗口里的日志。"

Shown = tuple[Any, ...]
_log = logging.getLogger("wenju")


class Page:
    """What the page's buttons do. Each method returns or yields the values of `OUTPUTS`, in that order."""

    OUTPUTS = ("state", "thread", "panel", "retry", "stop", "clear")

    def __init__(self, bot: "ChatBot") -> None:
        self.bot = bot
        self.sources = bot.index.sources
        self.examples = [question for question, source in EXAMPLES if source in self.sources]

    def shown(self, conversation: Conversation) -> Shown:
        """The page of a conversation."""
        running, some = conversation.running, bool(conversation.exchanges)
        return (
            conversation,
            thread(conversation, self.sources, self.examples),
            panel(conversation, self.sources),
            gr.update(interactive=some and not running),
            gr.update(interactive=running),
            gr.update(interactive=some),
        )

    def answer(self, question: str, before: Conversation) -> Iterator[Shown]:
        """The page while a question is answered, as often as there is more to show."""
        conversation = before.asked(question)
        exchange = conversation.exchanges[-1]
        yield self.shown(conversation)
        try:
            for reply in self.bot.stream(question, before.turns()):
                exchange = replace(exchange, reply=reply)
                yield self.shown(conversation.with_last(exchange))
        except RagError as error:
            exchange = replace(exchange, error=str(error))
        except Exception:  # noqa: BLE001 the edge: whatever went wrong belongs in the log, not on the user's page
            _log.exception("failed to answer %r", question)
            exchange = replace(exchange, error=UNEXPECTED)
        yield self.shown(conversation.with_last(replace(exchange, running=False)))

    def send(self, question: str, conversation: Conversation) -> Iterator[Shown]:
        """The question box, then the page; a blank question, or one while another is answered, stays in the box."""
        if not question.strip() or conversation.running:
            yield (gr.skip(),) * (1 + len(self.OUTPUTS))
            return
        text: Any = ""
        for values in self.answer(question.strip(), conversation):
            yield (text, *values)
            text = gr.skip()  # emptied once: what is typed while the answer grows stays

    def example(self, conversation: Conversation, event: gr.EventData) -> Iterator[Shown]:
        """The page while a clicked example is answered."""
        yield from self.answer(str(event.question), conversation)

    def retry(self, conversation: Conversation) -> Iterator[Shown]:
        """The page while the last question is answered anew."""
        yield from self.answer(conversation.exchanges[-1].question, conversation.without_last())

    def stop(self, conversation: Conversation) -> Shown:
        """The page with what had been answered so far."""
        if conversation.running:
            conversation = conversation.with_last(replace(conversation.exchanges[-1], running=False, stopped=True))
        return self.shown(conversation)

    def clear(self) -> Shown:
        """The page before any question."""
        return self.shown(Conversation())

    def choose(self, conversation: Conversation, event: gr.EventData) -> Shown:
        """The page with the sources of the clicked answer; `number` is the clicked source, 0 for none."""
        turn, number = event.turn, event.number
        known = isinstance(turn, int) and isinstance(number, int) and 0 <= turn < len(conversation.exchanges)
        # While an answer grows, a choice made on an older state would undo it.
        if conversation.running or not known:
            return (gr.skip(),) * len(self.OUTPUTS)
        return self.shown(replace(conversation, chosen=turn, number=number))

    def chat(self, question: str, history: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """The reply to a question, for programs; `history` is a list of {"role", "content"}."""
        try:
            reply = self.bot.ask(question, from_messages(history or []))
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return as_json(reply)

    def chat_stream(self, question: str, history: list[dict[str, Any]] | None = None) -> Iterator[dict[str, Any]]:
        """The growing replies to a question, for programs: what was read, then what a language model makes of it."""
        try:
            for reply in self.bot.stream(question, from_messages(history or [])):
                yield as_json(reply)
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error


def build(bot: "ChatBot") -> gr.Blocks:
    """The page of a bot; `serve` opens it with its look."""
    page = Page(bot)
    made: gr.Blocks
    with gr.Blocks(title="问据", analytics_enabled=False) as made:
        gr.HTML(heading(page.sources), elem_id="wj-header", apply_default_css=False)
        state = gr.State(Conversation())
        start = page.shown(Conversation())
        with gr.Row(elem_id="wj-main"):
            with gr.Column(scale=7, elem_id="wj-chat"):
                chat = _html(start[1], "wj-thread", "thread.js")
                with gr.Column(elem_id="wj-composer"):
                    with gr.Row(elem_id="wj-ask-row"):
                        box = _question_box()
                        send = gr.Button("发送", elem_id="wj-send", scale=0)
                    with gr.Row(elem_id="wj-tools"):
                        tools = [gr.Button(label, interactive=False) for label in ("重试", "停止", "清空")]
            with gr.Column(scale=5, elem_id="wj-side"):
                side = _html(start[2], "wj-sources", "panel.js")
        retry, stop, clear = tools
        outputs = [state, chat, side, *tools]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asking = [
            gr.on([box.submit, send.click], page.send, [box, state], [box, *outputs], **quiet),
            chat.example(page.example, state, outputs, **quiet),
            retry.click(page.retry, state, outputs, **quiet),
        ]
        stop.click(page.stop, state, outputs, queue=False, cancels=asking, **quiet)
        clear.click(page.clear, None, outputs, queue=False, cancels=asking, **quiet)
        chat.choose(page.choose, state, outputs, queue=False, **quiet)
        api(page.chat, api_name="chat")
        api(page.chat_stream, api_name="chat_stream")
    return made


def serve(blocks: gr.Blocks, host: str = "127.0.0.1", port: int = 7860, *, open_browser: bool = False) -> str:
    """The address at which the page is now served, in the background.

    Raises:
        OSError: the port is taken.
    """
    # Asked first: gradio reports a taken port in English, leaving the socket it tried open.
    socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    blocks.queue(default_concurrency_limit=4)
    _, url, _ = blocks.launch(
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        # Named fonts are looked for on the user's machine only; gradio's own themes fetch theirs.
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        # Given as `css`, rules inside @media would be rewritten to apply within gradio's container only.
        head=f"<style>{_asset('chat.css')}</style><script>{_asset('chat.js')}</script>",
    )
    return str(url)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 after the server was stopped, 1 after a sentence on stderr, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    # An index named without its documents is opened as it is: building the default ones there would replace it.
    corpus = options.corpus or (None if options.index else default_corpus())
    index = options.index or default_index()
    if corpus is not None:
        named = [str(options.corpus)] if options.corpus else []
        status = cli.main(["build", *named, "--index", str(index), "--if-changed"])
        if status:
            return status
    try:
        bot = rag.ChatBot.from_index(index)
        url = serve(build(bot), options.host, options.port, open_browser=options.browser)
        sys.stdout.write(f"问据已启动：{url} （按 Ctrl+C 停止）\n")
        sys.stdout.flush()
        replace(bot, writer=None).ask(
            "预热"
        )  # loads the dictionaries while the user types, a second that the first question would wait for
        threading.Event().wait()
    except KeyboardInterrupt:
        sys.stdout.write("\n已停止。\n")
    except RagError as error:
        return _failed(str(error))
    except OSError:
        return _failed(f"无法使用 {options.host} 的端口 {options.port}，可能已被占用；请用 --port 换一个。")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ui.py", description="在浏览器里向文档提问。", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1", metavar="地址", help="监听的地址（默认 127.0.0.1，仅本机可用）")
    parser.add_argument("--port", type=int, default=7860, metavar="端口", help="监听的端口（默认 7860）")
    parser.add_argument("--corpus", type=Path, metavar="文件夹", help="文档所在的文件夹（默认 seeds/）")
    parser.add_argument("--index", type=Path, metavar="文件夹", help="索引所在的文件夹")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="不自动打开浏览器")
    return parser


def _failed(message: str) -> int:
    sys.stderr.write(f"问据：{message}\n")
    return 1


def _html(value: str, element: str, script: str) -> gr.HTML:
    return gr.HTML(value, elem_id=element, js_on_load=_asset(script), apply_default_css=False)


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        placeholder="输入问题，回车发送",
        label="问题",
        show_label=False,
        lines=1,
        max_lines=6,
        autofocus=True,
        container=False,
        elem_id="wj-box",
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
