"""The `run` command's path: sets read, models loaded once, each set evaluated in its folder."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.errors import SetMissing
from eval.evaluate import Models, Setting, evaluate, prepare
from eval.progress import ProgressBar
from eval.questions import read_set
from eval.schema import QuestionSet, Reading
from index.embed import load_embedder
from index.places import open_index
from index.writer import Progress
from qa.home import bundled_articles, default_index
from qa.reading.readers import Reader, load_reader

if TYPE_CHECKING:
    from index import Index
    from index.postgres import PostgresIndex

Json = dict[str, Any]


def run_sets(args: argparse.Namespace, *, default_out: Callable[[str], Path]) -> list[Json]:
    """Evaluate each set; every one is read before the first is asked.

    Raises:
        SetMissing, BadSet, IndexUnusable and others of the families: as they say.
    """
    sets = [read_set(path, contexts=args.contexts) for path in args.sets]
    distractors = [read_set(path).documents for path in args.distractors]
    for found in sets:
        _refuse_unfit(found, args)
    embedder = load_embedder(args.embedding)
    models = Models(embedder, load_reader(embedder))
    opened: Index | PostgresIndex | None = None
    results: list[Json] = []
    for found in sets:
        reading: Reading = "search" if found.form == "beir" else args.reading
        index = None
        sources = list(args.sources)
        if args.index is not None or not found.documents:
            if opened is None:
                path = args.index or default_index(embedder)
                opened = open_index(path, embedder=embedder)
            index = opened
            sources += [] if args.index is not None else [bundled_articles()]
        prepared = prepare(
            found,
            Setting(
                reading=reading,
                noise=args.noise,
                seed=args.seed,
                abstain_threshold=args.abstain_threshold,
                skip_invalid=args.skip_invalid,
            ),
            models,
            index=index,
            sources=sources,
            distractors=distractors,
            progress=_indexing(found.name),
        )
        out = _out(args.out, found, sets, default_out)
        print(f"{found.name}: run in {out}", file=sys.stderr)
        results.append(evaluate(prepared, out, watch=_watch(found.name)))
    return results


def evaluate_on(
    found: QuestionSet,
    index: Index,
    reader: Reader,
    out: Path,
    *,
    sources: Sequence[Path],
    abstain_threshold: float,
    watch: Callable[[int, int], None],
) -> Json:
    """One set on models that are loaded already; invalid questions are left out.

    Args:
        index: asked where the set brings no texts; its embedder indexes those of others.

    Raises:
        NothingToEvaluate: no question of the set is valid there.
    """
    prepared = prepare(
        found,
        Setting(reading="open", abstain_threshold=abstain_threshold, skip_invalid=True),
        Models(index.embedder, reader),
        index=None if found.documents else index,
        sources=sources,
        progress=lambda _: None,
    )
    return evaluate(prepared, out, watch=watch)


def _refuse_unfit(found: QuestionSet, args: argparse.Namespace) -> None:
    """Raises SetMissing when the set cannot be read as asked."""
    if args.reading == "given" and found.form != "squad":
        raise SetMissing(Path(found.path), "--reading given needs a set with its own contexts")
    if args.noise and args.reading != "given":
        raise SetMissing(Path(found.path), "--noise needs --reading given")


def _out(
    given: Path | None,
    found: QuestionSet,
    sets: Sequence[QuestionSet],
    default_out: Callable[[str], Path],
) -> Path:
    """The folder of one set's run: a subfolder of its own where there are several."""
    name = re.sub(r"[^\w.-]+", "-", found.name)
    if given is None:
        return default_out(name)
    return given if len(sets) == 1 else given / name


def _indexing(name: str) -> Callable[[Progress], None]:
    """Shows the passages of a set's own texts being embedded."""
    bar: ProgressBar | None = None
    shown = 0

    def show(progress: Progress) -> None:
        nonlocal bar, shown
        if progress.stage == "embed" and progress.total:
            if bar is None:
                bar = ProgressBar(f"{name}: indexing", progress.total, done=progress.done)
                shown = progress.done
            bar.advance(progress.done - shown)
            shown = progress.done

    return show


def _watch(name: str) -> Callable[[int, int], None]:
    """Shows the questions being asked; told (done, total) each time, first when it starts."""
    bar: ProgressBar | None = None
    shown = 0

    def show(done: int, total: int) -> None:
        nonlocal bar, shown
        if bar is None:
            bar = ProgressBar(f"{name}: asking", total, done=done)
            shown = done
        bar.advance(done - shown)
        shown = done

    return show
