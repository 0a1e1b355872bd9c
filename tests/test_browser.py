"""The page in a real Chromium: ask, follow up, look at the sources, and that nothing else is contacted or run."""

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from langchain_core.documents import Document

from rag import ChatBot
from rag.render import footnotes

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SWITCHES += ["--disable-component-update", "--disable-sync"]
PART = "这是先写出来的部分"
ASKED, ANSWER, QUOTE = "2024年武汉服务外包执行额是多少", "568.3亿元", "到2024年，这个数字已经达到568.3亿元"
OTHER = "累计认定的技术先进型服务企业有多少家"
HOSTILE = (
    '<script>window.ran = 1</script>2024年，东港完成<img src=x onerror="window.ran = 1">货物吞吐量123万吨，'
    "`{{7*7}}` ${window.ran = 1} [链](javascript:window.ran=1)。"
)


class Held:
    """The bot, its answers held back between a first part and the rest until `go` is set, as a slow model's are."""

    def __init__(self, bot):
        self.bot, self.index, self.go = bot, bot.index, threading.Event()

    def stream(self, question, history):
        reply = self.bot.ask(question, history)
        yield replace(reply, short="", text=PART, citations=())
        self.go.wait(20)
        yield reply


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        missing = f"{CHROMIUM} is not installed (apt-get install chromium fonts-noto-cjk)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def seeds_url(serve, seeds_bot):
    return serve(seeds_bot)


@pytest.fixture
def open_page(browser):
    """Opens an address and waits until it can be asked; whatever goes wrong in the page fails the test at its end."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(15_000)
    wrong = []

    def start(url, **size):
        page = context.new_page()
        if size:
            page.set_viewport_size(size)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(url)
        page.locator(".wj-welcome").wait_for()
        return page

    yield start
    context.close()
    assert wrong == []


def ask(page, question):
    """Type a question, send it, and wait until its answer is whole."""
    box = page.locator("#wj-box textarea")
    earlier = page.locator(".wj-copy").count()
    box.fill(question)
    box.press("Enter")
    page.locator(".wj-copy").nth(earlier).wait_for()
    return page.locator(".wj-exchange").last


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def test_a_question_and_its_follow_up_are_answered_with_the_marked_sentence(open_page, seeds_url):
    page = open_page(seeds_url)
    assert ANSWER in ask(page, ASKED).inner_text()
    assert QUOTE in page.locator("#wj-sources mark").first.inner_text()
    assert "003_b9536d189dd28fc0.txt · 字符 " in page.locator(".wj-place").first.inner_text()
    second = ask(page, "那2025年呢？")
    assert "92.1亿美元" in second.inner_text()
    assert "理解为：" in second.inner_text()
    assert "92.1亿美元" in page.locator("#wj-sources mark").first.inner_text()


def test_an_answer_or_its_marker_brings_back_its_sources(open_page, seeds_url, seeds_bot):
    page = open_page(seeds_url)
    first, second = (seeds_bot.ask(question).citations[0].quote for question in (ASKED, OTHER))
    ask(page, ASKED)
    ask(page, OTHER)
    assert first not in page.locator("#wj-sources").inner_text()
    page.locator(".wj-exchange").first.locator(".wj-ref").first.click()
    page.locator("#wj-sources .wj-active mark", has_text=first).wait_for()
    page.locator(".wj-exchange").last.locator(".wj-answer").click(position={"x": 3, "y": 3})
    page.locator("#wj-sources mark", has_text=second).first.wait_for()


def test_the_page_asks_no_other_host(browser, seeds_url):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(seeds_url)
    page.locator(".wj-welcome").wait_for()
    ask(page, ASKED)
    page.wait_for_timeout(500)
    page.close()
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(seeds_url).netloc}


def test_markup_of_documents_and_questions_is_shown_and_never_run(open_page, serve):
    metadata = {"source": "<b>港口</b>.txt", "title": "<i>东港</i>", "published": "2025-01-01"}
    page = open_page(serve(ChatBot.from_documents([Document(HOSTILE, metadata=metadata)])))
    exchange = ask(page, "2024年东港完成货物吞吐量多少**万吨**？<img src=x onerror='window.ran=1'>")
    assert "**万吨**？<img src=x onerror='window.ran=1'>" in exchange.locator(".wj-question").inner_text()
    panel = page.locator("#wj-sources")
    for text in ("<script>window.ran = 1</script>", "`{{7*7}}` ${window.ran = 1}", "<b>港口</b>.txt", "<i>东港</i>"):
        assert text in panel.inner_text()
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    shown = "#wj-thread :is(script, img, a, em, i, b, code), #wj-sources :is(script, img, a, em, i, b, code)"
    assert page.locator(shown).count() == 0


def test_enter_that_confirms_a_pinyin_candidate_does_not_send(open_page, seeds_url):
    page = open_page(seeds_url)
    box = page.locator("#wj-box textarea")
    box.fill(ASKED)
    press = """(box, [during, keyCode]) => {
        if (during) box.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
        for (const type of ["keydown", "keypress"]) {
            const about = { key: "Enter", bubbles: true, cancelable: true, isComposing: during };
            const event = new KeyboardEvent(type, about);
            Object.defineProperty(event, "keyCode", { get: () => keyCode });
            box.dispatchEvent(event);
        }
        if (during) box.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    }"""
    box.evaluate(press, [True, 229])
    box.evaluate(press, [True, 13])
    box.evaluate(press, [False, 229])  # Safari: the composition has ended by then
    page.wait_for_timeout(600)
    assert box.input_value() == ASKED
    assert page.locator(".wj-exchange").count() == 0
    box.evaluate(press, [False, 13])
    page.locator(".wj-copy").wait_for()


def test_an_example_is_asked_when_clicked(open_page, seeds_url, seeds_bot):
    page = open_page(seeds_url)
    page.locator(".wj-example", has_text=OTHER).click()
    page.locator(".wj-short", has_text=seeds_bot.ask(OTHER).short).wait_for()
    assert page.locator(".wj-question").inner_text() == OTHER


def test_copy_puts_the_answer_and_its_footnotes_on_the_clipboard(open_page, seeds_url, seeds_bot):
    page = open_page(seeds_url)
    ask(page, OTHER).locator(".wj-copy").click()
    page.get_by_text("已复制").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == footnotes(seeds_bot.ask(OTHER), seeds_bot.index.sources)
    assert "\n[1] 《" in copied


def test_retry_asks_again_and_clear_starts_over(open_page, seeds_url):
    page = open_page(seeds_url)
    assert button(page, "重试").is_disabled()
    ask(page, ASKED)
    ask(page, "那2025年呢？")
    button(page, "重试").click()
    page.wait_for_timeout(300)
    page.locator(".wj-copy").nth(1).wait_for()
    assert page.locator(".wj-exchange").count() == 2
    assert "理解为：" in page.locator(".wj-exchange").last.inner_text()
    button(page, "清空").click()
    page.locator(".wj-welcome").wait_for()
    assert page.locator(".wj-exchange").count() == 0
    assert "理解为" not in ask(page, ASKED).inner_text()


def test_stop_keeps_what_was_answered_so_far(open_page, serve, seeds_bot):
    bot = Held(seeds_bot)
    page = open_page(serve(bot))
    page.locator("#wj-box textarea").fill(ASKED)
    button(page, "发送").click()
    page.locator(".wj-text", has_text=PART).wait_for()
    box = page.locator("#wj-box textarea")
    box.fill("下一个问题")
    box.press("Enter")  # one at a time: what is asked meanwhile waits in the box
    button(page, "停止").click()
    page.get_by_text("已停止").wait_for()
    bot.go.set()
    page.wait_for_timeout(500)
    assert PART in page.locator(".wj-thread").inner_text()
    assert page.locator(".wj-exchange").count() == 1
    assert box.input_value() == "下一个问题"
    assert seeds_bot.ask(ASKED).short in ask(page, ASKED).inner_text()


def test_a_refusal_says_why(open_page, seeds_url):
    exchange = ask(open_page(seeds_url), "？！……")
    assert exchange.locator(".wj-refusal").count() == 1
    assert exchange.locator(".wj-reason").inner_text()


def test_a_narrow_window_needs_no_sideways_scrolling(open_page, seeds_url):
    page = open_page(seeds_url, width=390, height=844)
    ask(page, ASKED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".wj-ref").first.click()
    page.wait_for_timeout(900)
    box = page.locator("#wj-box textarea").bounding_box()
    assert 0 < box["y"] < 844
    assert page.locator("#wj-sources mark").first.is_visible()
