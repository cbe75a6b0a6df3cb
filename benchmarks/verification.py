"""What the check of generated sentences lets through and what it drops.

    python -m benchmarks.verification ../shared/corpus/news_2k.jsonl.xz
    python -m benchmarks.verification --page     paraphrases and English over the bundled page

Sentences are made from the corpus: true ones (as they stand, shortened, with a
lead-in, numbers spelled otherwise, Traditional, two run together) and false
ones (numbers and names replaced, moved within the passage, negated, wrong or
missing citations, invented). Names to replace are found by jieba's tagger,
which the check itself does not use. Five passages are offered each time, the
four others taken from the same corpus. Seeded.
"""

from __future__ import annotations

import argparse
import json
import lzma
import platform
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import jieba
import jieba.posseg

from index.passages import sentences
from qa.writing.supporting import Evidence
from qa.writing.verify import check

PAGE = Path(__file__).with_name("verification_page.jsonl")
NAME_TAGS = {"nr", "ns", "nt", "nz", "nrt", "nrfg"}
LEADS = (
    "据报道，",
    "文章指出，",
    "根据报道，",
    "此外，",
    "报道称，",
    "据了解，",
    "其中，",
    "同时，",
)
DIGITS = "零一二三四五六七八九"


def passages_of(path: Path, n: int, rng: random.Random) -> list[str]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    rng.shuffle(texts)
    found: list[str] = []
    for text in texts:
        spans = sentences(text)
        start = rng.randrange(max(1, len(spans) - 4))
        passage = "".join(span.of(text) for span in spans[start : start + 5])
        if 120 <= len(passage) <= 500:
            found.append(passage)
        if len(found) == n:
            break
    return found


def spell(number: str) -> str:
    """A whole number below 10,000 in Chinese, as 一千二百三十四."""
    value, out = int(number), ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            out += ("" if unit == 10 and digit == 1 and not out else DIGITS[digit]) + name
        elif out and value and not out.endswith("零"):
            out += "零"
    return out or "零"


def true_ones(sentence: str, nxt: str | None, rng: random.Random) -> Iterator[tuple[str, str]]:
    body = sentence.rstrip("。！？；")
    yield "verbatim", body
    yield "lead-in", rng.choice(LEADS) + body
    clauses = body.split("，")
    if len(clauses) > 2:
        yield "shortened", "，".join(clauses[:2])
        yield "clause left out", "，".join(clauses[:1] + clauses[2:])
    if re.search(r"(?<![\d.,])\d{2,3}(?=[人名个家项天])", body):
        yield (
            "number spelled",
            re.sub(r"(?<![\d.,])\d{2,3}(?=[人名个家项天])", lambda m: spell(m[0]), body),
        )
    if re.search(r"\d+(?:\.\d+)?%", body) and "“" not in body:
        yield "percent spelled", re.sub(r"(\d+(?:\.\d+)?)%", r"百分之\1", body)
    if nxt:
        yield "two together", body + "，" + nxt.rstrip("。！？；")


def names_in(text: str) -> list[str]:
    return [
        pair.word
        for pair in jieba.posseg.cut(text)
        if pair.flag in NAME_TAGS and len(pair.word) >= 2 and re.fullmatch(r"[㐀-鿿·]+", pair.word)
    ]


def false_ones(
    sentence: str, passage: str, names: list[str], rng: random.Random
) -> Iterator[tuple[str, str]]:
    body = sentence.rstrip("。！？；")
    numbers = list(re.finditer(r"\d+(?:\.\d+)?", body))
    if numbers:
        match = rng.choice(numbers)
        other = match[0]
        while float(other) == float(match[0]):
            other = str(rng.randrange(1, 10 ** max(1, len(match[0].split(".")[0]))))
            if "." in match[0]:
                other += "." + str(rng.randrange(1, 10))
        yield "false number", body[: match.start()] + other + body[match.end() :]
        inside = [n for n in re.findall(r"\d+(?:\.\d+)?", passage) if float(n) != float(match[0])]
        if inside:
            yield (
                "number of the passage moved",
                (body[: match.start()] + rng.choice(inside) + body[match.end() :]),
            )
    if match := re.search(r"[万亿]", body):
        other = "亿" if match[0] == "万" else "万"
        if re.search(r"[\d多余]$", body[: match.start()]):
            yield "magnitude", body[: match.start()] + other + body[match.end() :]
    mine = names_in(body)
    if mine:
        name = rng.choice(mine)
        other = rng.choice(names)
        while other in passage or other in name or name in other:
            other = rng.choice(names)
        yield "false name", body.replace(name, other, 1)
        inside = [n for n in names_in(passage) if n not in name and name not in n and n not in body]
        if inside:
            yield "name of the passage moved", body.replace(name, rng.choice(inside), 1)
    for word, other in (("增长", "下降"), ("上涨", "下跌"), ("增加", "减少"), ("超过", "不足")):
        if word in body:
            yield "direction", body.replace(word, other, 1)
    if match := re.search(r"(?<![不未])(?:将|已|能够|可以|允许|同意|支持)", body):
        yield "negated", body[: match.start()] + "不" + body[match.start() :]
    if match := re.search(r"(?:没有|并未|尚未|不会|不能|未(?!来))", body):
        yield "negation left out", body[: match.start()] + body[match.end() :]


def run(path: Path, n: int, seed: int, show: bool) -> int:
    jieba.setLogLevel("ERROR")
    rng = random.Random(seed)
    passages = passages_of(path, n, rng)
    names = sorted({name for passage in passages for name in names_in(passage)})
    total: Counter[tuple[bool, str]] = Counter()
    kept: Counter[tuple[bool, str]] = Counter()
    seconds = 0.0

    def judge(is_true: bool, kind: str, written: str, offered: dict[int, Evidence]) -> None:
        nonlocal seconds
        started = time.perf_counter()
        found = check(written, offered)
        seconds += time.perf_counter() - started
        total[is_true, kind] += 1
        kept[is_true, kind] += found.problem is None
        if show and is_true != (found.problem is None):
            print(kind, "|", written, "|", found.problem, found.detail, file=sys.stderr)
            print("   ", offered[1].text, file=sys.stderr)

    for at, passage in enumerate(passages):
        others = [passages[(at + step) % len(passages)] for step in (1, 2, 3, 4)]
        offered = {m: Evidence(text) for m, text in enumerate([passage, *others], start=1)}
        spans = [span.of(passage) for span in sentences(passage)]
        spans = [text for text in spans if 12 <= len(text) <= 150 and not text[0].isdigit()]
        if not spans:
            continue
        chosen = rng.randrange(len(spans))
        sentence = spans[chosen]
        nxt = spans[chosen + 1] if chosen + 1 < len(spans) else None
        for kind, text in true_ones(sentence, nxt, rng):
            judge(True, kind, f"{text}[1]。", offered)
        for kind, text in false_ones(sentence, passage, names, rng):
            judge(False, kind, f"{text}[1]。", offered)
        body = sentence.rstrip("。！？；")
        judge(False, "missing citation", f"{body}。", offered)
        judge(False, "false citation", f"{body}[{rng.randrange(2, 6)}]。", offered)
        judge(False, "citation out of range", f"{body}[{rng.randrange(6, 40)}]。", offered)
        foreign = sentences(others[0])[0].of(others[0]).rstrip("。！？；")
        judge(False, "sentence of another article", f"{foreign}[1]。", offered)
    print(f"{path}, {len(passages)} passages, seed {seed}; {platform.machine()}, "
          f"Python {platform.python_version()}")  # fmt: skip
    for is_true, heading in ((True, "true: kept"), (False, "planted: dropped")):
        of_kind: Callable[[str], int] = lambda kind: total[is_true, kind]  # noqa: B023, E731
        kinds = [kind for truth, kind in total if truth is is_true]
        for kind in kinds:
            good = kept[is_true, kind] if is_true else of_kind(kind) - kept[is_true, kind]
            n = of_kind(kind)
            print(f"  {heading:18} {kind:30} {good:5} of {n:5}  {good / n:.4f}")
        n_all = sum(map(of_kind, kinds))
        n_kept = sum(kept[is_true, kind] for kind in kinds)
        good = n_kept if is_true else n_all - n_kept
        print(f"  {heading:18} {'all':30} {good:5} of {n_all:5}  {good / n_all:.4f}")
    print(f"  {1000 * seconds / sum(total.values()):.2f} ms a sentence")
    return 0


def run_page(show: bool) -> int:
    """Sentences worded freely, in Chinese and in English, by hand, true and false.

    Each cites the passage that holds `said`; four others of the page are offered with it.
    """
    from qa import load_pipeline
    from qa.writing.writers import EmbedderSupport

    pipeline = load_pipeline()
    index = pipeline.index
    support = EmbedderSupport(index.embedder)  # type: ignore[attr-defined]
    passages = [p for each in index.article_ids() for p in index.passages(each)]
    good: Counter[tuple[str, bool]] = Counter()
    total: Counter[tuple[str, bool]] = Counter()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        (at,) = [n for n, p in enumerate(passages) if row["said"] in "".join(p.text.split())][:1]
        chosen = [
            passages[at],
            *(passages[(at + 5 * step) % len(passages)] for step in (1, 2, 3, 4)),
        ]
        offered = {m: Evidence(p.text, p.context) for m, p in enumerate(chosen, start=1)}
        found = check(f"{row['written']}[1]", offered, support=support)
        language = "English" if row["written"].isascii() else "Chinese"
        total[language, row["true"]] += 1
        good[language, row["true"]] += row["true"] == (found.problem is None)
        if show and row["true"] != (found.problem is None):
            print(f"{row['true']!s:5} {row['written']} | {found.problem} {found.detail}")
    for language, is_true in total:
        what = "true: kept" if is_true else "false: dropped"
        print(f"  {language} {what:16} {good[language, is_true]:3} of {total[language, is_true]:3}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "corpus", type=Path, nargs="?", default=Path("../shared/corpus/news_2k.jsonl.xz")
    )
    parser.add_argument("--passages", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--show", action="store_true", help="every wrong verdict, to standard error"
    )
    parser.add_argument(
        "--page", action="store_true", help="sentences worded by hand over the bundled page"
    )
    args = parser.parse_args()
    if args.page:
        sys.exit(run_page(args.show))
    sys.exit(run(args.corpus, args.passages, args.seed, args.show))
