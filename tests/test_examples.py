"""The Python examples of both READMEs run and print what stands beside them."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from rag import Settings

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh.md")


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)


def printed(code):
    """What the comments behind `print(...)` promise, None where a comment tells something else."""
    promises = re.findall(r"^print\(.*\)\s+# (.*)$", code, re.MULTILINE)
    return [
        re.split(r"[:：]", promise)[0] if promise.startswith(("False", "True")) else promise for promise in promises
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_an_example_prints_what_its_comments_say(number, checkout, run_python):
    code = blocks("README.md", "python")[number]
    done = run_python("-c", code, cwd=checkout)
    assert (done.returncode, done.stderr) == (0, "")
    lines, promises = done.stdout.splitlines(), printed(code)
    assert len(lines) == len(promises) > 1
    for line, promise in zip(lines, promises, strict=True):
        if re.fullmatch(r"\d+ \d+", line):
            start, end = map(int, line.split())
            source = (checkout / "seeds" / lines[1]).read_bytes().decode("utf-8")
            assert re.sub(r"\s", "", source[start:end]) == lines[2]
        else:
            assert line == promise


def test_the_twins_show_the_same_commands_and_code():
    bare = [[re.sub(r"\s*#.*", "", block) for block in blocks(name, "(?:python|console)")] for name in READMES]
    assert bare[0] == bare[1]


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_documented_with_its_default(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    for setting in fields(Settings):
        default = f'"{setting.default}"' if isinstance(setting.default, str) else setting.default
        assert f"| `{setting.name}` | `{default}` |" in text


@pytest.mark.parametrize("readme", READMES)
def test_every_dependency_has_its_reason(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for dependency in project["dependencies"]:
        assert f"`{re.split('[<>=]', dependency)[0]}`" in text


@pytest.mark.parametrize("readme", READMES)
def test_every_file_a_readme_links_to_exists(readme):
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []
