"""The wheel holds all that is needed and works without a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this project."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder into which the wheel was unpacked, as an installation would."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_the_package_its_data_and_the_page(installed):
    kept = subprocess.run(["git", "ls-files", "rag", "ui.py"], cwd=ROOT, check=True, capture_output=True, text=True)
    missing = [name for name in kept.stdout.splitlines() if not (installed / name).is_file()]
    assert missing == []
    assert list((installed / "rag" / "model").glob("*.safetensors"))


def test_the_wheel_holds_nothing_else(installed):
    assert sorted(path.name.split("-")[0] for path in installed.iterdir()) == ["rag", "ui.py", "wenju"]
    assert not list(installed.rglob("__pycache__"))


def test_an_installed_package_answers_over_a_folder_of_the_user(installed, run_python, corpus, tmp_path):
    def wenju(*arguments):
        return run_python(
            "-m", "rag.cli", *arguments, cwd=tmp_path, PYTHONPATH=str(installed), XDG_DATA_HOME=str(tmp_path)
        )

    before = wenju("ask", "宁波港2023年的集装箱吞吐量是多少")
    assert (before.returncode, before.stdout) == (1, "")
    assert "wenju build" in before.stderr
    nameless = wenju("build")
    assert (nameless.returncode, nameless.stderr.count("\n")) == (1, 1)
    built = wenju("build", corpus)
    assert (built.returncode, built.stderr) == (0, "")
    assert str(tmp_path / "wenju" / "index") in built.stdout
    after = wenju("ask", "宁波港2023年的集装箱吞吐量是多少")
    assert (after.returncode, after.stderr) == (0, "")
    assert after.stdout.startswith("3530万标箱\n")
