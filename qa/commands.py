"""`python -m qa`: ask a question, or search, from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from index.errors import BadRequest, Error
from index.places import place
from qa.asking.conversation import turns_of
from qa.asking.question import checked
from qa.notes import notes_of
from qa.pipeline import Pipeline
from qa.schema import Answer, Citation, Turn
from qa.settings import load_settings
from qa.to_json import answer_to_json, hits_to_json
from qa.writing.writers import configured_pipeline


def ask(args: argparse.Namespace) -> int:
    question = checked(args.question)
    history = read_history(args.history) if args.history else ()
    answer = _pipeline(args).ask(question, history=history, top_k=args.top_k)
    _print(answer_to_json(answer) if args.json else render_answer(answer))
    return 0


def search(args: argparse.Namespace) -> int:
    query = checked(args.query)
    pipeline = _pipeline(args)
    hits = pipeline.search(query, top_k=args.top_k)
    titles = [pipeline.index.article(hit.passage.article_id).title for hit in hits]
    if args.json:
        _print({"query": query, "passages": hits_to_json(hits, titles)})
        return 0
    for number, (hit, title) in enumerate(zip(hits, titles, strict=True), start=1):
        _print(f"{number}. {title or '（无标题）'}  {hit.score:.3f}\n   {hit.passage.text}")
    return 0


def render_answer(answer: Answer) -> str:
    """The answer, then each citation with its article, the answer marked by 【】."""
    if answer.text is None:
        lines = ["文章中没有说。 / The articles do not say."]
        if answer.hits:
            lines.append("最接近的段落 / Nearest passages:")
        lines += [
            f"  {title or '（无标题）'}：{hit.passage.text[:80]}…"
            for hit, title in list(zip(answer.hits, answer.titles, strict=True))[:3]
        ]
        return "\n".join(lines)
    lines = [answer.text, ""]
    lines += [render_citation(citation) for citation in answer.citations]
    lines += [f"注意：{said}" for said in notes_of(answer, chinese=True)]
    lines += [f"Note: {said}" for said in notes_of(answer, chinese=False)]
    return "\n".join(lines)


def render_citation(citation: Citation) -> str:
    start = citation.answer.start - citation.span.start
    end = citation.answer.end - citation.span.start
    quote = citation.quote
    article = citation.article
    named = "、".join(article.authors)
    return (
        f"[{citation.marker}] {article.title or '（无标题）'}"
        f"{f'（{named}）' if named else ''}  {article.source.path}\n"
        f"    {quote[:start]}【{quote[start:end]}】{quote[end:]}"
    )


def read_history(path: Path) -> tuple[Turn, ...]:
    """The turns in a JSON file: strings, user and assistant in turn, or role and content.

    Raises:
        BadRequest: not to be read, or not such a file.
    """
    try:
        return turns_of(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadRequest(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadRequest(f"{path} is not a history: {error}") from error


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="python -m qa", description="Ask newspaper articles, answered in their own words."
    )
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    for name, run, word, top_k in (("ask", ask, "question", 5), ("search", search, "query", 10)):
        command = commands.add_parser(name, help="one answer" if run is ask else "passages only")
        command.set_defaults(run=run, history=None)
        command.add_argument(word, metavar=word.upper())
        command.add_argument(
            "--index", type=place, metavar="DIR", help="default: over the bundled articles"
        )
        command.add_argument("--top-k", type=int, default=top_k, metavar="N", help="passages given")
        command.add_argument("--json", action="store_true", help="as JSON, like HTTP")
        command.add_argument(
            "--embedding",
            metavar="NAME",
            help="the one the index was built with",
        )
        command.add_argument("--debug", action="store_true", help="show tracebacks")
        if run is ask:
            command.add_argument(
                "--history", type=Path, metavar="FILE", help="JSON list of the turns before"
            )
    return root


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except Error as error:
        if args.debug:
            raise
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of the pipe has gone
        sys.stderr.close()
        return 0
    except Exception as error:
        if args.debug:
            raise
        print(f"an error of ours: {error!r}; --debug shows where", file=sys.stderr)
        return 1


def _pipeline(args: argparse.Namespace) -> Pipeline:
    settings = load_settings({"index": args.index, "embedding": args.embedding})
    return configured_pipeline(settings)


def _print(what: str | dict[str, Any]) -> None:
    print(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False, indent=2))
