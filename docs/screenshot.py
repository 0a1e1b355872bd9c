"""Takes the READMEs' screenshot: the page over the seeds after a question and a follow-up.

python docs/screenshot.py    writes docs/screenshot.png; wants Debian's chromium, a CJK font and the dev extra
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import rag
import ui

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ("2024年武汉服务外包执行额是多少", "那2025年呢？")
PORT = 7861


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        rag.build_index(ROOT / "seeds", folder)
        blocks = ui.build(rag.ChatBot.from_index(folder))
        url = ui.serve(blocks, port=PORT)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 760}, locale="zh-CN")
            page.goto(url)
            for number, question in enumerate(QUESTIONS):
                box = page.locator("#wj-box textarea")
                box.fill(question)
                box.press("Enter")
                page.locator(".wj-copy").nth(number).wait_for()
            page.screenshot(path=Path(__file__).with_suffix(".png"))
            browser.close()
        blocks.close(verbose=False)


if __name__ == "__main__":
    main()
