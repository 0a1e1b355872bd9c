"""Building, saving, loading and swapping indexes. The embedder is a stand-in whose vectors count character bigrams."""

import json
import shutil
import subprocess
import sys
import threading
from datetime import date
from zlib import crc32

import numpy as np
import pytest
from langchain_core.documents import Document

from rag import store, swap
from rag.config import Settings
from rag.embed import Embedder
from rag.errors import CorpusError, IndexDamaged, IndexMissing, IndexOutdated, StoreError
from rag.load import from_document
from rag.store import build_index, built_elsewhere, index_sources, is_current, is_settled, load_index, read_manifest

SETTINGS = Settings()


class Bigrams(Embedder):
    """Unit vectors of hashed bigram counts: texts that share characters in order are near each other."""

    def __init__(self, name="bigrams", dimension=64, salt=""):
        self.name, self.dimension, self._salt, self.encoded = name, dimension, salt, []

    def encode(self, texts, prefix=""):
        made = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            self.encoded.append(text)
            for at in range(len(prefix + text) - 1):
                made[row, crc32((self._salt + (prefix + text)[at : at + 2]).encode()) % self.dimension] += 1
        return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)


@pytest.fixture(autouse=True)
def embedder(monkeypatch):
    """The stand-in; `use` replaces it by another."""
    models = {"": Bigrams()}
    monkeypatch.setattr(store, "load_embedder", lambda model: models.setdefault(model, Bigrams(model)))
    return models


@pytest.fixture
def built(corpus, tmp_path):
    build_index(corpus, tmp_path / "index", SETTINGS)
    return tmp_path / "index"


def found(index, question="集装箱吞吐量"):
    rows, _ = index.sparse.search([question[:2]], 5)
    return [index.chunks[row].source for row in rows]


class TestSavedAndLoaded:
    def test_the_loaded_index_is_the_built_one(self, corpus, tmp_path):
        made = build_index(corpus, tmp_path / "index", SETTINGS)
        loaded = load_index(tmp_path / "index", SETTINGS)
        assert list(loaded.chunks) == list(made.chunks)
        assert dict(loaded.sources) == dict(made.sources)
        assert loaded.manifest == made.manifest
        np.testing.assert_array_equal(loaded.dense.vectors(), made.dense.vectors())
        assert found(loaded) == found(made) == ["港口.txt"]

    def test_every_chunk_is_where_its_source_says(self, built):
        index = load_index(built, SETTINGS)
        for chunk in index.chunks:
            assert index.sources[chunk.source].text[chunk.start : chunk.end] == chunk.text

    def test_dates_and_headings_survive(self, tmp_path):
        source = from_document(
            Document(
                "港口公报\n\n宁波港去年完成了许多工作，集装箱吞吐量增长。",
                metadata={"source": "a", "published": "2024-05-01"},
            )
        )
        index = index_sources([source], SETTINGS)
        store._save(index, tmp_path, store._silent)
        loaded = load_index(tmp_path, SETTINGS)
        assert loaded.sources["a"].published == date(2024, 5, 1)
        assert loaded.chunks[0] == index.chunks[0]

    def test_the_manifest_says_what_was_built(self, built):
        manifest = read_manifest(built)
        assert manifest["model"]["name"] == "bigrams"
        assert manifest["counts"]["sources"] == 2
        assert manifest["settings"] == {"model": "", "passage_prefix": "", "terms": "bigrams", "chunk_chars": 300}
        assert {"faiss-cpu", "numpy", "Python"} <= set(manifest["versions"])

    def test_files_that_were_left_out_are_in_the_manifest_with_the_reason(self, corpus, tmp_path):
        (corpus / "空.txt").write_bytes(b"")
        manifest = build_index(corpus, tmp_path / "index", SETTINGS).manifest
        ((path, reason),) = manifest["skipped"]
        assert path == "空.txt"
        assert reason

    def test_no_file_is_a_pickle(self, built):
        for path in built.rglob("*.npy"):
            np.load(path, allow_pickle=False)
        assert {path.suffix for path in built.rglob("*") if path.is_file()} == {
            ".json",
            ".jsonl",
            ".npy",
            ".txt",
            ".faiss",
        }

    def test_progress_ends_where_each_stage_ends(self, corpus, tmp_path):
        seen = {}
        build_index(corpus, tmp_path / "index", SETTINGS, progress=lambda *step: seen.update({step[0]: step[1:]}))
        assert set(seen) == {"load", "embed", "sparse", "save"}
        assert all(done == total for done, total in seen.values())


class TestInMemory:
    def sources(self, *texts, name="a"):
        return [from_document(Document(text, metadata={"source": name})) for text in texts]

    def test_no_sources_make_an_empty_index(self):
        index = index_sources([], SETTINGS)
        assert (len(index.chunks), len(index.dense), len(index.sparse)) == (0, 0, 0)

    def test_sources_of_one_name_are_told_apart_and_the_same_one_again_is_left_out(self):
        index = index_sources(self.sources("宁波港很大。", "宁波港很忙。", "宁波港很大。"), SETTINGS)
        assert list(index.sources) == ["a", "a#2"]
        assert [chunk.source for chunk in index.chunks] == ["a", "a#2"]

    def test_building_twice_gives_the_same(self):
        first, second = (index_sources(self.sources("宁波港很大。", "上海港很忙。"), SETTINGS) for _ in range(2))
        assert first.chunks == second.chunks
        np.testing.assert_array_equal(first.dense.vectors(), second.dense.vectors())


class TestRefused:
    def change(self, folder, **values):
        path = folder / "manifest.json"
        path.write_text(json.dumps(read_manifest(folder) | values), encoding="utf-8")

    def test_no_index(self, tmp_path):
        with pytest.raises(IndexMissing, match="wenju build"):
            load_index(tmp_path / "none", SETTINGS)

    def test_another_format(self, built):
        self.change(built, format=99)
        with pytest.raises(IndexOutdated, match="99"):
            load_index(built, SETTINGS)

    def test_another_model_names_both(self, built):
        with pytest.raises(IndexOutdated, match=r"bigrams（64 维）.*other.*wenju build"):
            load_index(built, SETTINGS.changed({"model": "other"}))

    def test_another_dimension_names_both(self, built, embedder):
        embedder[""] = Bigrams(dimension=32)
        with pytest.raises(IndexOutdated, match=r"64 维.*32 维"):
            load_index(built, SETTINGS)

    def test_other_weights_of_the_same_name(self, built, embedder):
        embedder[""] = Bigrams(salt="x")
        with pytest.raises(IndexOutdated, match="另一个版本"):
            load_index(built, SETTINGS)

    @pytest.mark.parametrize(("name", "value"), [("terms", "both"), ("chunk_chars", 200), ("passage_prefix", "p: ")])
    def test_another_setting_names_both_values(self, built, name, value):
        with pytest.raises(IndexOutdated, match=f"{name}.*{value}"):
            load_index(built, SETTINGS.changed({name: value}))

    def test_a_setting_of_the_question_does_not_matter(self, built):
        assert load_index(built, SETTINGS.changed({"hits": 3, "query_prefix": "q: "})).settings.hits == 3

    @pytest.mark.parametrize("damage", ["cut", "lost", "changed"])
    def test_every_file_is_needed_as_it_was(self, built, tmp_path, damage):
        names = [path.relative_to(built) for path in built.rglob("*") if path.is_file()]
        assert len(names) > 8
        for number, name in enumerate(names):
            copy = tmp_path / f"copy{number}"
            shutil.copytree(built, copy)
            data = (copy / name).read_bytes()
            if damage == "lost":
                (copy / name).unlink()
            else:
                (copy / name).write_bytes(data[:-1] if damage == "cut" else data[:-2] + b"\xff" + data[-1:])
            if damage == "cut" and name.name == "manifest.json":
                continue  # its last byte is a line break
            with pytest.raises((IndexDamaged, IndexMissing)):
                load_index(copy, SETTINGS)
            assert not is_current(tmp_path / "corpus", copy, SETTINGS)

    def test_a_manifest_that_is_something_else(self, built):
        for text in ("[]", "{}", '{"format": 1}', "\udcff"):
            (built / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
            with pytest.raises(IndexDamaged):
                load_index(built, SETTINGS)

    def test_a_folder_of_other_things_and_a_file_are_left_alone(self, corpus, tmp_path):
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "letter.txt").write_text("x", encoding="utf-8")
        for place in (tmp_path / "home", tmp_path / "home" / "letter.txt"):
            with pytest.raises(StoreError):
                build_index(corpus, place, SETTINGS)
        assert (tmp_path / "home" / "letter.txt").read_text(encoding="utf-8") == "x"

    def test_an_index_inside_the_documents(self, corpus):
        for place in (corpus, corpus / "index"):
            with pytest.raises(StoreError):
                build_index(corpus, place, SETTINGS)
        assert sorted(path.name for path in corpus.iterdir()) == ["港口.txt", "铁路.txt"]

    def test_documents_that_are_missing_or_hold_nothing(self, tmp_path):
        with pytest.raises(CorpusError):
            build_index(tmp_path / "none", tmp_path / "index", SETTINGS)
        (tmp_path / "empty").mkdir()
        with pytest.raises(CorpusError):
            build_index(tmp_path / "empty", tmp_path / "index", SETTINGS)


class TestCurrent:
    def test_until_a_document_changes(self, corpus, built):
        assert is_current(corpus, built, SETTINGS)
        (corpus / "港口.txt").write_text("上海港也很大。", encoding="utf-8")
        assert not is_current(corpus, built, SETTINGS)

    def test_until_a_document_or_its_catalogue_is_added(self, corpus, built):
        (corpus / "sources.toml").write_text('["港口.txt"]\ntitle = "港"\n', encoding="utf-8")
        assert not is_current(corpus, built, SETTINGS)

    def test_until_a_document_is_renamed(self, corpus, built):
        (corpus / "港口.txt").rename(corpus / "海港.txt")
        assert not is_current(corpus, built, SETTINGS)

    def test_until_settings_model_or_code_change(self, corpus, built, embedder, monkeypatch):
        assert not is_current(corpus, built, SETTINGS.changed({"terms": "both"}))
        monkeypatch.setattr("rag.manifest.code_digest", lambda: "other")
        assert not is_current(corpus, built, SETTINGS)
        monkeypatch.undo()
        embedder[""] = Bigrams(salt="x")
        assert not is_current(corpus, built, SETTINGS)

    def test_not_without_index_or_documents(self, corpus, built, tmp_path):
        assert not is_current(corpus, tmp_path / "none", SETTINGS)
        assert not is_current(tmp_path / "none", built, SETTINGS)


class TestRebuilt:
    def test_vectors_of_unchanged_chunks_are_kept(self, corpus, built, embedder):
        embedder[""].encoded.clear()
        (corpus / "机场.txt").write_text("大兴机场于2019年9月25日投运。", encoding="utf-8")
        index = build_index(corpus, built, SETTINGS)
        assert sum("机场" in text for text in embedder[""].encoded) == 1
        assert not any("兰新铁路" in text for text in embedder[""].encoded)
        wanted = embedder[""].encode([store.passage(chunk) for chunk in index.chunks])
        np.testing.assert_allclose(index.dense.vectors(), wanted, atol=1e-6)

    def test_a_failing_build_changes_nothing(self, corpus, built, monkeypatch):
        before = {path: path.read_bytes() for path in built.rglob("*") if path.is_file()}

        def fail(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(store.SparseIndex, "save", fail)
        with pytest.raises(StoreError, match="没有改变"):
            build_index(corpus, built, SETTINGS)
        assert {path: path.read_bytes() for path in built.rglob("*") if path.is_file()} == before
        assert found(load_index(built, SETTINGS)) == ["港口.txt"]

    def test_an_interrupted_build_changes_nothing_and_its_rest_is_removed_by_the_next(self, corpus, built, monkeypatch):
        monkeypatch.setattr(swap.shutil, "rmtree", lambda *_, **__: None)  # as if the process had been killed

        def stop(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(store.SparseIndex, "save", stop)
            with pytest.raises(KeyboardInterrupt):
                build_index(corpus, built, SETTINGS)
        assert len(list(built.glob("data-*"))) == 2
        assert found(load_index(built, SETTINGS)) == ["港口.txt"]
        monkeypatch.undo()
        monkeypatch.setattr(store, "load_embedder", lambda _: Bigrams())
        build_index(corpus, built, SETTINGS)
        assert [path.name for path in built.glob("data-*")] == [read_manifest(built)["data"]]

    def test_a_readme_in_the_folder_stays(self, corpus, built):
        (built / "README.md").write_text("x", encoding="utf-8")
        build_index(corpus, built, SETTINGS)
        assert (built / "README.md").exists()

    def test_an_open_index_answers_on_after_it_was_replaced(self, corpus, built):
        old = load_index(built, SETTINGS)
        (corpus / "港口.txt").unlink()
        build_index(corpus, built, SETTINGS)
        assert found(old) == ["港口.txt"]
        assert found(load_index(built, SETTINGS)) == []

    def test_a_reader_gets_the_old_index_or_the_new_one(self, corpus, built):
        stop, wrong, loads = threading.Event(), [], []

        def read():
            while not stop.is_set():
                index = load_index(built, SETTINGS)
                loads.append(len(index.sources))
                if (
                    not len(index.sources)
                    == index.manifest["counts"]["sources"]
                    == len({c.source for c in index.chunks})
                ):
                    wrong.append(index.manifest)

        thread = threading.Thread(target=read)
        thread.start()
        for number in range(15):
            (corpus / f"{number}.txt").write_text(f"第{number}座灯塔高{number + 20}米。", encoding="utf-8")
            build_index(corpus, built, SETTINGS)
        stop.set()
        thread.join()
        assert wrong == []
        assert loads
        assert len(load_index(built, SETTINGS).sources) == 17

    def test_builders_at_the_same_time_come_one_after_the_other(self, corpus, built):
        threads = [threading.Thread(target=build_index, args=(corpus, built, SETTINGS)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found(load_index(built, SETTINGS)) == ["港口.txt"]
        assert len(list(built.glob("data-*"))) == 1

    def test_a_builder_that_waited_too_long_says_who_is_in_the_way(self, corpus, built, monkeypatch):
        monkeypatch.setattr(store, "WAIT_SECONDS", 0.0)
        with swap.only_builder(built, 0.0), pytest.raises(StoreError, match="另一个进程"):
            build_index(corpus, built, SETTINGS)
        build_index(corpus, built, SETTINGS)

    def test_the_lock_of_a_killed_process_is_free(self, built):
        script = (
            "import os, sys; from pathlib import Path; from rag import swap\n"
            "with swap.only_builder(Path(sys.argv[1]), 0.0): os._exit(1)"
        )
        subprocess.run([sys.executable, "-c", script, built], check=False)
        assert (built / ".lock").exists()
        with swap.only_builder(built, 0.0):
            pass
        assert not (built / ".lock").exists()


def test_an_index_of_another_folder_is_known_as_its_users_choice(tmp_path):
    for name in ("own", "seeds"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(f"{name}的文件，讲的是一件事情。", encoding="utf-8")
    build_index(tmp_path / "own", tmp_path / "index")
    assert built_elsewhere(tmp_path / "seeds", tmp_path / "index")
    assert not built_elsewhere(tmp_path / "own", tmp_path / "index")
    assert not built_elsewhere(tmp_path / "own", tmp_path / "nothing")
    assert is_settled(tmp_path / "seeds", tmp_path / "index", SETTINGS, keep_other=True)
    assert not is_settled(tmp_path / "seeds", tmp_path / "index", SETTINGS, keep_other=False)
    assert not is_settled(tmp_path / "own", tmp_path / "nothing", SETTINGS, keep_other=True)
