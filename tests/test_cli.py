"""The command `wenju`: what it prints, where, and with which exit status."""

import json
import os
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from rag.report import FOUND_BY

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "2024年武汉服务外包执行额是多少"
COMMANDS = ("ask", "search", "build", "eval", "info")


def test_ask_shows_the_answer_and_its_source(wenju, seeds_index):
    status, out, err = wenju("ask", QUESTION, "--index", seeds_index)
    assert (status, err) == (0, "")
    assert out.startswith("568.3亿元\n")
    assert "[1]" in out
    assert "003_b9536d189dd28fc0.txt" in out
    assert "到2024年，这个数字已经达到568.3亿元，比前一年又增长了近一半。" in out


def test_ask_as_json_holds_the_whole_reply(wenju, seeds_index):
    status, out, _ = wenju("ask", QUESTION, "--index", seeds_index, "--json")
    reply = json.loads(out)
    assert status == 0
    assert (reply["answered"], reply["short"], reply["question"]) == (True, "568.3亿元", QUESTION)
    cited = reply["citations"][0]
    assert cited["source"] == "003_b9536d189dd28fc0.txt"
    assert cited["chunk"]["text"][:5] in (ROOT / "seeds" / cited["source"]).read_text(encoding="utf-8").replace(
        "\n", ""
    )
    assert cited["published"] == "2025-07-24"
    assert reply["hits"][0]["rank"] == 1


def test_words_of_a_question_need_no_quotes(wenju, seeds_index):
    apart = wenju("ask", "武汉", "2024", "离岸执行额", "--index", seeds_index)
    assert apart == wenju("ask", "武汉 2024 离岸执行额", "--index", seeds_index)


def test_a_refusal_is_no_failure_and_says_why(wenju, corpus, tmp_path):
    wenju("build", corpus, "--index", tmp_path / "index")
    status, out, err = wenju("ask", "火星上有多少座火山", "--index", tmp_path / "index")
    assert (status, err) == (0, "")
    assert out.strip()
    assert (
        json.loads(wenju("ask", "火星上有多少座火山", "--index", tmp_path / "index", "--json")[1])["answered"] is False
    )


def test_search_shows_ranks_scores_and_stages(wenju, seeds_index):
    status, out, _ = wenju("search", "知识产权", "出口基地", "-k", "3", "--index", seeds_index)
    hits = json.loads(wenju("search", "知识产权", "出口基地", "-k", "3", "--json", "--index", seeds_index)[1])
    assert status == 0
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    for hit in hits:
        assert f"{hit['rank']}. {hit['score']:.4f}  {FOUND_BY[hit['stage']]}  " in out
        assert hit["chunk"]["source"] in out


def test_search_without_a_hit_says_so(wenju, corpus, tmp_path):
    wenju("build", corpus, "--index", tmp_path / "index")
    status, out, _ = wenju("search", "qqq", "--index", tmp_path / "index", "--json")
    assert status == 0
    assert isinstance(json.loads(out), list)


def test_build_says_what_it_did_and_lists_what_it_skipped(wenju, corpus, tmp_path):
    (corpus / "图片.txt").write_bytes(bytes(range(256)) * 8)
    (corpus / "空.txt").write_bytes(b"")
    status, out, err = wenju("build", corpus, "--index", tmp_path / "index")
    assert status == 0
    assert "2 份文档" in out
    assert "秒" in out
    assert "图片.txt" in out + err
    assert "空.txt" in out + err
    assert wenju("ask", "宁波港集装箱吞吐量", "--index", tmp_path / "index")[1].startswith("3530万标箱\n")


def test_build_if_changed_leaves_a_current_index_alone(wenju, corpus, tmp_path):
    index = tmp_path / "index"
    wenju("build", corpus, "--index", index)
    before = {file: file.stat().st_mtime_ns for file in index.iterdir()}
    assert wenju("build", corpus, "--index", index, "--if-changed")[0] == 0
    assert {file: file.stat().st_mtime_ns for file in index.iterdir()} == before
    (corpus / "机场.txt").write_text("大兴机场于2019年9月25日投运。\n", encoding="utf-8")
    wenju("build", corpus, "--index", index, "--if-changed")
    assert "2019年9月25日" in wenju("ask", "大兴机场哪天投运", "--index", index)[1]


def test_info_tells_what_is_indexed(wenju, corpus, tmp_path):
    wenju("build", corpus, "--index", tmp_path / "index")
    status, out, _ = wenju("info", "--index", tmp_path / "index")
    assert status == 0
    assert "文档" in out
    told = json.loads(wenju("info", "--index", tmp_path / "index", "--json")[1])
    assert told["index"] == str(tmp_path / "index")
    assert told["counts"]["sources"] == 2
    data = (tmp_path / "index").glob("data-*/**/*")
    assert told["bytes"] == sum(file.stat().st_size for file in data if file.is_file())
    assert told["running"]["Python"] == ".".join(map(str, sys.version_info[:3]))


def questions_file(folder, rows):
    file = folder / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return file


def test_eval_reports_and_compares(wenju, corpus, tmp_path):
    wenju("build", corpus, "--index", tmp_path / "index")
    good = {"id": "a", "question": "宁波港2023年集装箱吞吐量是多少", "answer": "3530万标箱", "sources": ["港口.txt"]}
    other = {"id": "b", "question": "兰新铁路全长多少公里", "answer": "1903公里", "type": "number"}
    status, out, _ = wenju("eval", questions_file(tmp_path, [good, other]), "--index", tmp_path / "index")
    assert status == 0
    assert "| 全部 | 2 | 1.000 |" in out
    assert "毫秒" in out
    wrong = questions_file(tmp_path, [good | {"answer": "1标箱"}, other])
    earlier = tmp_path / "earlier.json"
    earlier.write_text(wenju("eval", wrong, "--index", tmp_path / "index", "--json")[1], encoding="utf-8")
    again = questions_file(tmp_path, [good, other])
    _, out, _ = wenju("eval", again, "--index", tmp_path / "index", "--compare", earlier)
    assert "1.000 (+0.500)" in out
    assert "新答对 1 题" in out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frage", "x"),
        ("ask",),
        ("ask", ""),
        ("ask", " 　\n"),
        ("ask", "？！……"),
        ("ask", "😀"),
        ("ask", "问题", "--jsn"),
        ("ask", "问题", "--index"),
        ("search",),
        ("search", "词", "-k", "0"),
        ("search", "词", "-k", "多"),
        ("eval",),
        ("info", "more"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_chinese(wenju, arguments):
    status, out, err = wenju(*arguments)
    assert (status, out) == (2, "")
    usage, said = err.strip().splitlines()[0], err.strip().splitlines()[-1]
    assert usage.startswith("用法：wenju")
    assert said.startswith("wenju")
    assert said.endswith("。")
    assert not any(word in said for word in ("argument", "required", "invalid", "expected"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "问题", "--index", "{folder}/none"),
        ("search", "词", "--index", "{folder}/none"),
        ("info", "--index", "{folder}/none"),
        ("build", "{folder}/none", "--index", "{folder}/index"),
        ("build", "{folder}", "--index", "{folder}/index"),
        ("eval", "{folder}/none.jsonl"),
        ("eval", "{folder}"),
        ("eval", "{questions}", "--compare", "{folder}/none.json"),
        ("eval", "{questions}", "--compare", "{questions}"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_on_stderr(wenju, tmp_path, arguments):
    folder = tmp_path / "empty"
    folder.mkdir()
    questions = questions_file(tmp_path, [{"question": "问题"}])
    status, out, err = wenju(*(a.format(folder=folder, questions=questions) for a in arguments))
    assert (status, out) == (1, "")
    assert err.startswith("wenju：")
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_chinese(wenju, command):
    status, out, _ = wenju(command, "--help")
    assert status == 0
    assert out.startswith(f"用法：wenju {command}")
    assert "选项" in out


def test_help_lists_every_command(wenju):
    out = wenju("--help")[1]
    assert all(f"    {command} " in out for command in COMMANDS)


def processor_seconds(run):
    """The processor time of the process that `run` starts: what it needs, however busy the machine is."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_and_info_come_at_once(run_python, seeds_index):
    for arguments in (["--help"], ["info", "--index", seeds_index]):
        done, seconds = processor_seconds(lambda arguments=arguments: run_python("-m", "rag.cli", *arguments))
        assert (done.returncode, done.stderr) == (0, "")
        assert seconds < 1.0


def test_a_cold_start_answers_within_three_seconds(run_python, seeds_index):
    done, seconds = processor_seconds(lambda: run_python("-m", "rag.cli", "ask", QUESTION, "--index", seeds_index))
    assert (done.returncode, done.stderr) == (0, "")
    assert seconds < 3.0


def test_the_first_question_in_a_checkout_builds_its_index(run_python, checkout):
    done = run_python("-m", "rag.cli", "ask", QUESTION, cwd=checkout)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("568.3亿元\n")
    assert (checkout / "index").is_dir()


@pytest.mark.parametrize(
    "locale",
    [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}],
)
def test_chinese_goes_in_and_out_whatever_the_locale(run_python, wenju, seeds_index, locale):
    arguments = ("search", "服务外包执行额", "-k", "1", "--index", seeds_index)
    done = run_python("-m", "rag.cli", *arguments, **locale)
    assert (done.returncode, done.stdout, done.stderr) == wenju(*arguments)
    assert "执行额" in done.stdout


def test_a_character_the_output_lacks_is_escaped(run_python, seeds_index):
    arguments = ("search", "服务外包执行额", "-k", "1", "--index", seeds_index)
    done = run_python("-m", "rag.cli", *arguments, PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u6267\\u884c\\u989d" in done.stdout


def started(*arguments, **keywords):
    """The command in a process of its own, where an interrupt counts even if the tests run in the background."""
    command = [sys.executable, "-m", "rag.cli", *map(str, arguments)]
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=heeding, **keywords)


def test_a_closed_pipe_ends_quietly(seeds_index):
    reader, writer = os.pipe()
    os.close(reader)
    with started("search", "武汉", "-k", "50", "--index", seeds_index, stdout=writer) as process:
        os.close(writer)
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_an_interrupt_ends_with_status_130(seeds_index, tmp_path):
    questions = tmp_path / "questions.jsonl"
    os.mkfifo(questions)
    evaluating = started("eval", questions, "--index", seeds_index, stdout=subprocess.DEVNULL)
    with (
        evaluating as process,
        questions.open("w"),
    ):  # which goes on when the command has opened it, and lets it wait for a line
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert said == "\n已中断。\n"
