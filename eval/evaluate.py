"""One set evaluated on one system. The asking may be stopped anywhere, and go on later."""

from __future__ import annotations

import hashlib
import platform
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval import runs, tables
from eval.corpus import merged, open_corpus
from eval.errors import BadSet, Invalid, NothingToEvaluate
from eval.places import Places, Relevant, placed
from eval.questions import checked
from eval.schema import Document, Question, QuestionSet, Reading
from eval.scoring import score, summary
from eval.systems import GivenPassage, OpenBook, SearchOnly, System, reader_fingerprint, turns
from eval.verification import SourceFiles
from index.embed import Embedder
from index.writer import Progress
from qa.abstain import load_decision
from qa.pipeline import Pipeline
from qa.reading.readers import Reader

if TYPE_CHECKING:
    from index import Index
    from index.postgres import PostgresIndex

Json = dict[str, Any]

BATCH = 16  # questions asked together; also what a kill can cost
N_LATENCY = 40  # questions asked one by one for the percentiles, drawn from the set's middle
_PACKAGES = ("torch", "transformers", "sentence-transformers", "onnxruntime", "faiss-cpu", "numpy")


@dataclass(frozen=True, slots=True)
class Models:
    """What is loaded once for all sets."""

    embedder: Embedder
    reader: Reader


@dataclass(frozen=True, slots=True)
class Setting:
    """How a set is to be evaluated."""

    reading: Reading
    noise: float = 0.0
    seed: int = 0
    abstain_threshold: float | None = None  # None: the fitted one
    skip_invalid: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A set that is valid on its index, with what will answer it."""

    questions: tuple[Question, ...]
    relevant: tuple[Relevant, ...]
    system: System
    single: Callable[[Question], dict[str, float]] | None  # timings of one question asked alone
    manifest: Json
    invalid: tuple[Invalid, ...]


def prepare(
    found: QuestionSet,
    setting: Setting,
    models: Models,
    *,
    index: Index | PostgresIndex | None,
    sources: Sequence[Path],
    distractors: Sequence[Sequence[Document]] = (),
    progress: Callable[[Progress], None],
) -> Prepared:
    """Check a set against its index and build what answers it.

    Args:
        index: None: the set's own documents are indexed.
        sources: folders in which the files that the index names are looked for.

    Raises:
        BadSet: something is invalid, and that is not to be skipped.
        NothingToEvaluate: nothing valid is left.
    """
    relevant: tuple[Relevant, ...] = ()
    single = None
    noise_share = None
    if setting.reading == "given":
        documents = merged(found.documents, distractors)
        _valid(found, {}, setting)
        found = _unanswerable(found) if setting.noise == 1.0 else found
        all_answerable = all(question.answerable for question in found.questions)
        threshold = setting.abstain_threshold
        alone = GivenPassage(
            models.reader,
            documents,
            noise=setting.noise,
            seed=setting.seed,
            abstain_threshold=0.0 if all_answerable else 0.5 if threshold is None else threshold,
        )
        noise_share = alone.noise_share(found.questions) if setting.noise else None
        system: System = alone
        digest = hashlib.sha256(repr(documents).encode()).hexdigest()
        told: Json = {"path": None, "fingerprint": digest, "n_articles": len(documents)}
    else:
        if index is None:
            documents = merged(found.documents, distractors)
            index, root = open_corpus(documents, models.embedder, progress)
            sources = [*sources, root]
        places = Places(index)
        found, wrong = placed(found, places)
        _valid(found, wrong, setting)
        found = checked(found, lambda question: wrong.get(question.id))
        relevant = tuple(
            need
            for question in found.questions
            if question.answerable
            for need in places.relevant(question)
        )
        told = _index_told(index)
        if setting.reading == "search":
            system = SearchOnly(index)
        else:
            pipeline = Pipeline(index, models.reader, abstain_threshold=setting.abstain_threshold)
            system = OpenBook(pipeline, index, SourceFiles(sources))
            single = _asked_alone(pipeline)
    return Prepared(
        questions=found.questions,
        relevant=relevant,
        system=system,
        single=single,
        manifest=_manifest(found, setting, models, told, sources, noise_share),
        invalid=found.invalid,
    )


def evaluate(prepared: Prepared, out: Path, *, watch: Callable[[int, int], None]) -> Json:
    """Ask what is not asked yet, then score; returns the run's JSON and leaves it in `out`.

    Args:
        watch: told how many questions are done, and of how many: first what an
            earlier sitting asked, then after each batch.

    Raises:
        RunUnusable: `out` holds something else.
    """
    writer = runs.Writer(out, prepared.manifest, prepared.questions, prepared.relevant)
    left = [question for question in prepared.questions if question.id not in writer.done]
    watch(len(writer.done), len(prepared.questions))
    if left:
        began = time.perf_counter()
        for start in range(0, len(left), BATCH):
            batch = left[start : start + BATCH]
            writer.add(prepared.system.answer(batch))
            watch(len(writer.done), len(prepared.questions))
        writer.add_usage(_usage(len(left), time.perf_counter() - began))
    if prepared.single is not None:
        for question in latency_sample(prepared.questions)[writer.n_latency :]:
            writer.add_latency([prepared.single(question)])
    run = runs.read_run(out)
    runs.export(run)
    found = summary(run, score(run))
    runs.write_json(out / "metrics.json", found)
    runs.write_text(out / "summary.md", tables.summary(found) + "\n")
    return found


def latency_sample(questions: Sequence[Question]) -> list[Question]:
    """Evenly spaced over the set."""
    n = min(N_LATENCY, len(questions))
    return [questions[(2 * k + 1) * len(questions) // (2 * n)] for k in range(n)]


def _asked_alone(pipeline: Pipeline) -> Callable[[Question], dict[str, float]]:
    def ask(question: Question) -> dict[str, float]:
        began = time.perf_counter()
        answer = pipeline.ask(question.text, history=turns(question.history))
        total = (time.perf_counter() - began) * 1e3
        return {**answer.timings_ms, "total": total}

    return ask


def _valid(found: QuestionSet, wrong: dict[str, tuple[str, str]], setting: Setting) -> None:
    all_found = checked(found, lambda question: wrong.get(question.id))
    if not all_found.questions:
        raise NothingToEvaluate(found.path, all_found.invalid)
    if all_found.invalid and not setting.skip_invalid:
        raise BadSet(found.path, all_found.invalid)


def _unanswerable(found: QuestionSet) -> QuestionSet:
    """The same questions where no passage given answers them."""
    return replace(
        found,
        questions=tuple(replace(q, answerable=False, answers=(), gold=()) for q in found.questions),
    )


def _index_told(index: Index | PostgresIndex) -> Json:
    stats = index.stats()
    names = [each.article_id for each in index.summaries()]
    digest = hashlib.sha256(
        "\n".join([*names, stats.splitter, index.embedder.fingerprint]).encode()
    )
    return {
        "path": str(index.path),
        "fingerprint": digest.hexdigest(),
        "n_articles": stats.n_articles,
        "n_passages": stats.n_passages,
        "n_embedded": stats.n_embedded,
        "embedding": stats.embedding,
        "splitter": stats.splitter,
    }


def _manifest(
    found: QuestionSet,
    setting: Setting,
    models: Models,
    index: Json,
    sources: Sequence[Path],
    noise_share: float | None,
) -> Json:
    identity: Json = {
        "set": found.sha256,
        "n": len(found.questions),
        "index": index["fingerprint"],
        "sources": [str(path) for path in sources],  # what citations are verified against
        "n_embedded": index.get("n_embedded"),
        "embedder": models.embedder.fingerprint,
        "reader": reader_fingerprint(models.reader),
        "decision": repr(load_decision(models.reader.name)),
        "reading": setting.reading,
        "noise": setting.noise,
        "seed": setting.seed,
        "abstain_threshold": setting.abstain_threshold,
    }
    if setting.noise:
        identity["noise_share"] = noise_share  # as drawn, which `noise` is on average
    return {
        "format": runs.FORMAT,
        "identity": identity,
        "set": {
            "name": found.name,
            "path": found.path,
            "form": found.form,
            "sha256": found.sha256,
            "invalid": [str(each) for each in found.invalid],
        },
        "index": index,
        "models": {
            "embedder": {
                "name": models.embedder.name,
                "fingerprint": models.embedder.fingerprint,
            },
            "reader": {
                "name": models.reader.name,
                "fingerprint": reader_fingerprint(models.reader),
            },
        },
        "environment": environment(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def environment() -> Json:
    """The machine and the versions that numbers depend on."""
    packages: dict[str, str] = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": len(_processors()),
        "packages": packages,
    }


def _processors() -> Sequence[int]:
    import os

    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return range(os.cpu_count() or 1)


def _usage(n: int, seconds: float) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB here
    return {"n": n, "seconds": seconds, "peak_rss_mb": peak * unit / 1e6}
