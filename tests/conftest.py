"""What several test files share: a bot over the seeds, and the rule that CI skips no browser test."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "seeds"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """No proxy of the machine's stands between a test and its server on loopback."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory) -> Path:
    """An index folder built from the seeds."""
    from rag import build_index

    folder = tmp_path_factory.mktemp("seeds") / "index"
    build_index(SEEDS, folder)
    return folder


@pytest.fixture(scope="session")
def seeds_bot(seeds_index):
    """A bot over the seeds."""
    from rag import ChatBot

    return ChatBot.from_index(seeds_index)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Path:
    """A checkout of its own, where nothing is indexed yet: what a first use may write goes there."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("rag", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "ui.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def run_python():
    """Runs a fresh Python on the package of the folder `cwd` (this checkout by default); what it printed is text."""

    def run(*arguments, cwd=ROOT, timeout=60, **environment):
        merged = os.environ | {"PYTHONPATH": str(cwd), "PYTHONWARNINGS": "ignore"} | environment
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(
            command, cwd=cwd, env=merged, timeout=timeout, check=False, capture_output=True, text=True, encoding="utf-8"
        )

    return run


@pytest.fixture
def corpus(tmp_path) -> Path:
    """A folder of two short documents."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "港口.txt").write_text("2023年，宁波港完成集装箱吞吐量3530万标箱，同比增长5.9%。\n", encoding="utf-8")
    (folder / "铁路.txt").write_text("兰新铁路于1962年全线通车，全长1903公里。\n", encoding="utf-8")
    return folder


def pytest_collection_modifyitems(items):
    """Where CI asks for browser tests, at least one must have been found."""
    if os.environ.get("REQUIRE_BROWSER") and not any(item.get_closest_marker("browser") for item in items):
        raise pytest.UsageError("REQUIRE_BROWSER is set and no browser test was collected")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Where CI asks for browser tests, a skipped one has failed."""
    report = yield
    if os.environ.get("REQUIRE_BROWSER") and report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"skipped although REQUIRE_BROWSER is set: {report.longrepr}"
    return report


@pytest.fixture
def wenju(capsys):
    """Runs a command line in this process: (exit status, stdout, stderr)."""

    from rag.cli import main

    def run(*arguments):
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run


@contextmanager
def serving():
    """Gives a function that serves the page of a bot and returns its address, until the block ends."""
    import ui

    made = []

    def serve(bot):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        made.append(ui.build(bot))
        return ui.serve(made[-1], port=port)

    yield serve
    for blocks in made:
        blocks.close(verbose=False)


@pytest.fixture
def served():
    """Serves a bot's page until the test ends."""
    with serving() as serve:
        yield serve


@pytest.fixture(scope="module")
def serve():
    """Serves the page of a bot until the module's tests have run; its address."""
    with serving() as start:
        yield start
