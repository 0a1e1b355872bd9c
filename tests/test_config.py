"""Settings come from defaults, a file and the environment, and are checked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings, default_corpus, default_index, in_checkout
from rag.errors import SettingsError


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "rag.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_file_and_variables_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Settings.load(environment={}) == Settings()


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path):
    file = settings_file(tmp_path, 'terms = "words"\nchunk_chars = 200\n')
    loaded = Settings.load(file, {"RAG_CHUNK_CHARS": "120", "UNRELATED": "1"})
    assert (loaded.terms, loaded.chunk_chars, loaded.hits) == ("words", 120, Settings().hits)


def test_the_file_of_the_working_folder_is_read(tmp_path, monkeypatch):
    settings_file(tmp_path, "hits = 3\n")
    monkeypatch.chdir(tmp_path)
    assert Settings.load(environment={}).hits == 3


def test_a_whole_number_serves_as_a_fraction(tmp_path):
    loaded = Settings.load(settings_file(tmp_path, "dense_weight = 1\n"), {})
    assert loaded.dense_weight == 1.0
    assert type(loaded.dense_weight) is float


def test_an_unknown_key_is_refused_with_the_known_ones_listed(tmp_path):
    with pytest.raises(SettingsError, match=r"chunk_size.*chunk_chars"):
        Settings.load(settings_file(tmp_path, "chunk_size = 3\n"), {})
    with pytest.raises(SettingsError, match="hit"):
        Settings.load(environment={"RAG_HIT": "3"})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('terms = "letters"', "terms"),
        ("chunk_chars = 10", "chunk_chars"),
        ("chunk_chars = 10.5", "chunk_chars"),
        ("chunk_chars = true", "chunk_chars"),
        ('chunk_chars = "many"', "chunk_chars"),
        ("dense_weight = 1.5", "dense_weight"),
        ("dense_weight = nan", "dense_weight"),
        ("hits = 0", "hits"),
        ("hits = [3]", "hits"),
        ("model = 3", "model"),
    ],
)
def test_a_value_a_setting_cannot_have_is_refused(tmp_path, text, named):
    with pytest.raises(SettingsError, match=named):
        Settings.load(settings_file(tmp_path, text), {})


def test_a_file_that_is_not_toml_is_refused(tmp_path):
    for content in (b"hits 3", "模型".encode("gb18030")):
        (tmp_path / "rag.toml").write_bytes(content)
        with pytest.raises(SettingsError, match="无法读取设置文件"):
            Settings.load(tmp_path / "rag.toml", {})
    with pytest.raises(SettingsError, match="无法读取设置文件"):
        Settings.load(tmp_path / "none.toml", {})


@given(st.integers(1, 100), st.floats(0, 1), st.sampled_from(["bigrams", "words", "both"]))
def test_what_a_variable_says_is_what_is_set(hits, weight, terms):
    loaded = Settings().changed({"hits": str(hits), "dense_weight": str(weight), "terms": terms})
    assert (loaded.hits, loaded.dense_weight, loaded.terms) == (hits, weight, terms)


def test_settings_are_never_changed_in_place():
    before = Settings()
    assert before.changed({"hits": 3}).hits == 3
    assert before == Settings()


def test_a_checkout_has_its_corpus_and_index_beside_the_package():
    assert in_checkout()
    assert default_corpus() is not None
    assert default_corpus().name == "seeds"
    assert default_index() == default_corpus().parent / "index"


def test_without_a_checkout_the_index_lies_in_the_users_data(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.config.CHECKOUT", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_corpus() is None
    assert default_index().parts[-2:] == ("wenju", "index")
    assert tmp_path / "data" in default_index().parents
